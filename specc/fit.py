"""How a model is trained, resolved: targets against outputs, figures, monitors."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from specc.diagnostics import Diagnostic, Span
from specc.program import AnyOptimizer, Figure, Fit, Head, Value, Watch
from specc.shapes import UNKNOWN, Shape, ShapeError, UnknownSizeError, text
from specc.source import shortened
from specc.spec import metrics as metric_words
from specc.spec.callbacks import EarlyStopping, ModelCheckpoint, Monitor
from specc.spec.data import Csv
from specc.spec.document import Spec, Training
from specc.spec.metrics import Accuracy
from specc.spec.optimizers import SGD
from specc.spec.word import Activation, Loss, Metric, Schedule
from specc.unsure import hidden, sure, where_sure
from specc.validate import Places

# What prose calls the targets that metrics can take.
_TARGETS = {"values": "targets of the output's shape", "classes": "integer classes as targets"}

# Targets that are numbers of the output's last axis.
_CLASSES = ("classes", "sequences")


def resolve_fit(
    spec: Spec, places: Places, output: Value, end: Activation | None
) -> tuple[Fit | None, list[Diagnostic]]:
    """Return how to train a model of an output, and what was found.

    What mistakes hide is unsure in the result.

    None where the spec leaves out the optimizer or the loss: it then builds a model alone, and a
    note names the keys that serve nothing. Training that is left out has the defaults of `fit`.

    Args:
        end: The softmax or sigmoid at the output's end, or None.
    """
    resolver = _FitResolver(spec, places, output, end)
    return resolver.fit(), resolver.diagnostics


def unused_keys(spec: Spec, places: Places) -> tuple[str, Span, str] | None:
    """Return message, place and hint on keys that serve nothing, as optimizer or loss is missing.

    None where the spec trains, or says nothing of training.
    """
    needed = {"optimizer": spec.optimizer, "loss": spec.loss}
    missing = " and no ".join(name for name, value in needed.items() if value is None)
    unused = [name for name in _OF_TRAINING if getattr(spec, name)]
    if not missing or not unused:
        return None
    place = min((places.of(spec, name) for name in unused), key=_line)
    message = f"the spec has no {missing}, so the program builds the model alone"
    return message, place, f"unused: {', '.join(unused)}"


_OF_TRAINING = ("optimizer", "loss", "training", "metrics", "data")


class _FitResolver:
    def __init__(self, spec: Spec, places: Places, output: Value, end: Activation | None) -> None:
        self.spec, self.places, self.value, self.end = spec, places, output, end
        self.output = sure(lambda: output.shape)
        self.masked = sure(lambda: output.masked)
        self.diagnostics: list[Diagnostic] = []

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, hint))

    def note(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, hint, "note"))

    def fit(self) -> Fit | None:
        spec, output = self.spec, self.output
        optimizer, loss = sure(getattr, spec, "optimizer"), sure(getattr, spec, "loss")
        if optimizer is None or loss is None:
            with where_sure:
                unused = unused_keys(spec, self.places)
                if unused is not None:
                    self.note("N118", *unused)
            return None
        training = sure(lambda: Training() if spec.training is None else spec.training)
        sure(self._check_optimizer, optimizer)
        sure(self._check_data, spec)
        shapes = sure(self._target_shapes, loss)
        sure(self._check_columns, shapes)
        figures = sure(self._figures, loss)
        watches = sure(self._watches, training, figures)
        sure(self._check_class_weight, training, loss)
        head = Head(
            output=self.value,
            loss=loss,
            logits=sure(lambda: self.end if loss.sees_logits() else None),
            figures=figures,
            target_shapes=shapes,
            integers=sure(lambda: loss.targets != "values"),
            classes=sure(lambda: output[-1] if loss.targets in _CLASSES else None),
        )
        return Fit(
            optimizer=optimizer,
            training=training,
            data=sure(lambda: spec.data),
            heads=(head,),
            watches=watches,
            span=self.places.of(optimizer),
        )

    def _check_optimizer(self, optimizer: AnyOptimizer) -> None:
        if not isinstance(optimizer, AnyOptimizer):
            raise TypeError(f"no checks for {optimizer.word}")
        checks = (self._check_clipping, self._note_averages, self._check_rate, self._note_biases)
        for check in (*checks, self._note_serving_nothing):
            with where_sure:
                check(optimizer)

    def _check_clipping(self, optimizer: AnyOptimizer) -> None:
        ways = ("clipnorm", "clipvalue", "global_clipnorm")
        given = optimizer.model_fields_set
        clips = [name for name in ways if name in given and getattr(optimizer, name)]
        if len(clips) > 1:
            message = f"expected one way of clipping, found {' and '.join(clips)}"
            self.error("E504", message, self.places.of(optimizer, clips[1]))

    def _note_averages(self, optimizer: AnyOptimizer) -> None:
        if not optimizer.use_ema:
            for name in ("ema_momentum", "ema_overwrite_frequency"):
                if name in optimizer.model_fields_set:
                    message = f"{name} changes nothing without use_ema: true"
                    self.note("N103", message, self.places.of(optimizer, name))

    def _check_rate(self, optimizer: AnyOptimizer) -> None:
        if isinstance(optimizer.learning_rate, Schedule):
            self._check_schedule(optimizer, optimizer.learning_rate)
        if optimizer.divides_by_rate and not optimizer.learning_rate:
            message = f"{optimizer.word} divides by the learning rate, found 0"
            self.error("E510", message, self.places.of(optimizer, "learning_rate"))

    def _note_serving_nothing(self, optimizer: AnyOptimizer) -> None:
        if not getattr(optimizer, "relative_step", True):
            message = (
                "relative_step changes nothing: Keras limits the rate to 1 / sqrt(step) anyway"
            )
            self.note("N103", message, self.places.of(optimizer, "relative_step"))
        if isinstance(optimizer, SGD) and optimizer.nesterov and not optimizer.momentum:
            message = "nesterov changes nothing without momentum"
            self.note("N103", message, self.places.of(optimizer, "nesterov"))

    def _check_data(self, spec: Spec) -> None:
        if spec.data is None:
            return
        csv = isinstance(spec.data, Csv)
        if csv and UNKNOWN in (*spec.input.shape, *self.output):
            message = (
                "a table has rows of one length, so its inputs and targets have known sizes; "
                f"found an input {text(spec.input.shape)} and an output {text(self.output)}"
            )
            self.error("E509", message, self.places.of(spec.data), "give each size, or use npz")
        if csv and spec.loss and spec.loss.targets == "sequences":
            message = f"a table has rows of one length, the targets of {spec.loss.word} have any"
            self.error("E509", message, self.places.of(spec.data), "use npz")

    def _check_columns(self, targets: tuple[Shape, ...]) -> None:
        """Check the target columns of a table against the first of the targets' shapes."""
        data, inputs = self.spec.data, self.spec.input.shape
        if not isinstance(data, Csv) or not targets or UNKNOWN in (*inputs, *targets[0]):
            return
        place, found = self.places.of(data, "target"), data.target or ()
        target = targets[0]
        count, size = len(found or "1"), prod(target)
        last = prod(inputs) + size - 1
        if count != size:
            written = text(target) if target else "one number"
            message = f"expected {size} target columns, as a target is {written}, found {count}"
            self.error("E512", message, place, "write target: [...] with each of them")
        elif data.header and any(type(column) is int for column in found):
            message = f"expected names of columns, found {shortened(found[0])}"
            hint = "set header: false for a table without a line of names"
            self.error("E512", message, place, hint)
        elif not data.header and any(isinstance(column, str) for column in found):
            message = f"expected numbers of columns, 0 to {last}, as header: false says so"
            self.error("E512", f"{message}, found {shortened(found[0])}", place)
        elif not data.header and max(map(int, found), default=0) > last:
            message = f"expected columns 0 to {last}, as inputs and targets have them"
            self.error("E512", f"{message}, found {max(map(int, found))}", place)

    def _note_biases(self, optimizer: AnyOptimizer) -> None:
        """Note biases whose gradient is 0 but for rounding, which these optimizers take whole."""
        if not optimizer.whole_steps:
            return
        # A flatten gives each entry a mean of its own, which takes the bias off as well.
        layers = [layer for layer in self.spec.layers if not layer.keeps_bias]
        for layer, following in pairwise(layers):
            plain = getattr(layer, "activation", None) is None and layer.trainable
            normalized = following.batch_statistics and following.trainable
            if normalized and plain and getattr(layer, "use_bias", False):
                message = (
                    f"the normalization after this {layer.word} takes its bias off, so "
                    f"{optimizer.word} follows what rounding leaves of a gradient of 0, which is "
                    "not alike in both programs"
                )
                self.note("N110", message, self.places.of(layer), "set use_bias: false")

    def _check_schedule(self, optimizer: AnyOptimizer, schedule: Schedule) -> None:
        unused = "warmup_steps" in schedule.model_fields_set
        if unused and getattr(schedule, "warmup_target", None) is None:
            message = "warmup_steps changes nothing without warmup_target"
            self.note("N103", message, self.places.of(schedule, "warmup_steps"))
        if optimizer.divides_by_rate and schedule.reaches_zero():
            message = (
                f"{optimizer.word} divides by the learning rate, but {schedule.word} lets it "
                "become 0"
            )
            self.error("E510", message, self.places.of(optimizer, "learning_rate"))

    def _target_shapes(self, loss: Loss) -> tuple[Shape, ...]:
        place, output = self.places.of(loss), self.output
        if not output:
            self.error("E501", "a loss expects an output with an axis of features, found []", place)
            return ()
        try:
            loss.check(output)
        except ShapeError as error:
            code = "E507" if error.field == "axis" else "E501"
            self.error(code, error.message, self.places.of(loss, error.field), error.hint)
        if loss.of_classes and output[-1] is UNKNOWN:
            message = f"{loss.word} expects a known number of classes, found {text(output)}"
            self.error("E501", message, place)
            return ()
        if loss.of_classes and output[-1] == 1:
            message = f"{loss.word} expects one unit for each class, found an output of 1 unit"
            self.error("E501", message, place, f"use {loss.of_two} for two classes")
        if loss.targets == "sequences":
            return ((UNKNOWN,),)
        if loss.targets != "values":
            return output[:-1], (*output[:-1], 1)
        if self.masked and not loss.takes_mask:
            message = f"{loss.word} cannot leave out what the mask of the output leaves out"
            self.error("E407", message, place)
        # Keras fits no mask of several axes to targets without the last one.
        narrow = output[-1] == 1 and (len(output) == 1 or not self.masked)
        return (output, output[:-1]) if narrow else (output,)

    def _figures(self, loss: Loss) -> tuple[Figure, ...]:
        """Return the figures; of a metric that a mistake hides, UNSURE."""
        figures: list[Figure] = []
        counts: dict[str, int] = {}
        for written in self.spec.metrics:
            figures.append(sure(self._figure, loss, written, counts))
        # `val_` before a name is what the validation reports.
        named = [figure for figure in figures if not hidden(figure)]
        taken = {"loss", "val_loss", *(f"val_{figure.name}" for figure in named)}
        for figure in named:
            if figure.name in taken:
                message = f"expected for a metric a name of its own, found {figure.name!r}"
                self.error("E302", message, self.places.of(figure.written, "name"))
            taken.add(figure.name)
        return tuple(figures)

    def _figure(self, loss: Loss, written: Metric, counts: dict[str, int]) -> Figure:
        metric = written
        if isinstance(written, Accuracy):
            metric = sure(self._accuracy, loss, written.name)
        with where_sure:
            self._check_metric(loss, metric, written)
        with where_sure:
            if self.masked:
                self._check_mask(metric, written)
        name = written.name or written.word
        # Keras numbers metrics of one name: `mse`, `mse_1`.
        number, counts[name] = counts.get(name, 0), counts.get(name, 0) + 1
        return Figure(f"{name}_{number}" if number else name, metric, written)

    def _accuracy(self, loss: Loss, name: str | None) -> Metric:
        if self.output and self.output[-1] == 1:
            return metric_words.BinaryAccuracy(name=name)
        if loss.targets == "classes":
            return metric_words.SparseCategoricalAccuracy(name=name)
        return metric_words.CategoricalAccuracy(name=name)

    def _check_metric(self, loss: Loss, metric: Metric, written: Metric) -> None:
        place, kinds = self.places.of(written), _TARGETS
        if loss.targets not in kinds:
            message = (
                f"{written.word} compares the output with targets of its kind, which the "
                f"{loss.targets} of {loss.word} are not"
            )
            self.error("E502", message, place, "leave out the metrics")
        elif written is metric and loss.targets not in metric.takes():
            takes, has = kinds[metric.takes()[0]], kinds[loss.targets]
            message = f"{metric.word} expects {takes}, but {loss.word} takes {has}"
            self.error("E502", message, place, metric.instead or None)
        else:
            self._check_output(loss, metric, written)

    def _check_mask(self, metric: Metric, written: Metric) -> None:
        try:
            metric.check_mask()
        except ShapeError as error:
            self.error("E407", error.message, self.places.of(written, error.field), error.hint)
        if not metric.is_mean:
            message = f"{metric.word} counts also what the mask leaves out, as in Keras"
            self.note("N109", message, self.places.of(written))

    def _check_output(self, loss: Loss, metric: Metric, written: Metric) -> None:
        try:
            metric.check(self.output, loss.targets)
            slip = metric.slip(self.output)
        except ShapeError as error:
            code = "E507" if error.field == "axis" else "E502"
            place = self.places.of(written, error.field)
            self.error(code, error.message, place, error.hint)
        except UnknownSizeError:
            message = f"{metric.word} expects known sizes, found an output of {text(self.output)}"
            self.error("E502", message, self.places.of(written))
        else:
            if slip is not None:
                self.note("N109", slip[0], self.places.of(written), slip[1])

    def _watches(self, training: Training, figures: tuple[Figure, ...]) -> tuple[Watch, ...]:
        rising = sure(self._rising, training, figures)
        known = (callback for callback in training.callbacks if not hidden(callback))
        return tuple(
            Watch(callback, sure(self._rises, callback, rising, figures), self.places.of(callback))
            for callback in known
            if isinstance(callback, Monitor)
        )

    def _rising(self, training: Training, figures: tuple[Figure, ...]) -> dict[str, bool | None]:
        """Return what the training reports, each with whether it is to rise.

        None where Keras cannot tell. Figures that a mistake hides are not there.
        """
        rising: dict[str, bool | None] = {"loss": False}
        for figure in figures if not hidden(figures) else ():
            if not hidden(figure):
                rising[figure.name] = sure(_direction, figure)
        if training.validation_split:
            rising |= {f"val_{name}": up for name, up in rising.items()}
        return rising

    def _rises(
        self, callback: Monitor, rising: dict[str, bool | None], figures: tuple[Figure, ...]
    ) -> bool:
        with where_sure:
            self._check_monitor(callback, rising, figures)
        if isinstance(callback, EarlyStopping) and callback.mode != "auto":
            return callback.mode == "max"
        return callback.mode == "max" or (
            callback.mode == "auto" and bool(rising.get(callback.monitor, False))
        )

    def _check_monitor(
        self, callback: Monitor, rising: dict[str, bool | None], figures: tuple[Figure, ...]
    ) -> None:
        needed = not isinstance(callback, ModelCheckpoint) or callback.save_best_only
        if callback.monitor not in rising and needed:
            if callback.monitor.removeprefix("val_") != "loss" and any(map(hidden, figures)):
                return  # it may be the figure of the metric that is wrong
            known = ", ".join(rising)
            found = shortened(callback.monitor)
            message = f"expected a figure of this training ({known}), found {found}"
            hint = None
            with where_sure:
                hint = self._monitor_hint(callback.monitor, figures)
            self.error("E503", message, self.places.of(callback, "monitor"), hint)
        elif callback.mode == "auto" and rising.get(callback.monitor, False) is None:
            message = f"Keras cannot infer whether {callback.monitor} should rise or fall"
            place = self.places.of(callback, "monitor")
            self.error("E503", message, place, "set mode: max or mode: min")

    def _monitor_hint(self, monitor: str, figures: tuple[Figure, ...]) -> str | None:
        from specc.hints.figures import figure_meant

        known = {figure.name: figure.written for figure in figures if not hidden(figure)}
        training = self.spec.training
        return figure_meant(monitor, known, bool(training and training.validation_split))

    def _check_class_weight(self, training: Training, loss: Loss) -> None:
        if training.class_weight is None:
            return
        place = self.places.of(training, "class_weight")
        classes = self.output[-1] if len(self.output) == 1 else 0
        binary = loss.is_crossentropy and not loss.of_classes and classes == 1
        of_classes = (loss.is_crossentropy and loss.of_classes) or loss.targets == "classes"
        fits = binary or (of_classes and classes > 1)
        if not fits:
            message = (
                f"class_weight expects a crossentropy over the classes of a vector, "
                f"found {loss.word} and an output of {text(self.output)}"
            )
            self.error("E505", message, place)
            return
        if getattr(loss, "ignore_class", None) is not None:
            self.error("E505", "class_weight and ignore_class together are not translated", place)
        number = 2 if binary else classes
        beyond = [label for label in training.class_weight or () if label >= number]
        if beyond:
            message = f"expected classes 0 to {number - 1}, found {beyond[0]}"
            self.error("E505", message, place)


def _direction(figure: Figure) -> bool | None:
    """Tell whether a figure is to rise, None where Keras cannot tell."""
    if figure.name != (figure.written.name or figure.written.word):
        return None  # Keras finds no direction of a figure that it has numbered
    direction = figure.metric.direction
    return direction == "up" if direction else None


def _line(span: Span) -> tuple[int, int]:
    return span.line, span.column
