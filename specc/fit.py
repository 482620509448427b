"""How a model is trained, resolved: targets against outputs, figures, monitors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from math import prod
from string import Formatter

from specc.diagnostics import Diagnostic, Span, has_errors, nearest
from specc.program import AnyOptimizer, Figure, Fit, Watch
from specc.shapes import UNKNOWN, Shape, ShapeError, UnknownSizeError, text
from specc.source import shortened
from specc.spec import metrics as metric_words
from specc.spec.activations import Linear, Softmax
from specc.spec.callbacks import EarlyStopping, ModelCheckpoint, Monitor
from specc.spec.catalogue import CATALOGUE
from specc.spec.data import Csv
from specc.spec.document import Spec, Training
from specc.spec.metrics import Accuracy
from specc.spec.optimizers import SGD
from specc.spec.word import Loss, Metric, Schedule
from specc.validate import Places

_FORMAT = re.compile(r"0?\d{0,2}(\.\d{1,2})?[deEfFgG]?")
# What prose calls the targets that metrics can take.
_TARGETS = {"values": "targets of the output's shape", "classes": "integer classes as targets"}

# Targets that are numbers of the output's last axis.
_CLASSES = ("classes", "sequences")

_OTHER_TOP_K = {
    "top_k_categorical_accuracy": "sparse_top_k_categorical_accuracy",
    "sparse_top_k_categorical_accuracy": "top_k_categorical_accuracy",
}


def resolve_fit(
    spec: Spec, places: Places, output: Shape, masked: bool
) -> tuple[Fit | None, list[Diagnostic]]:
    """Return how to train a model whose output has the shape `output`, and what was found.

    `masked` tells whether a mask comes with the output.

    None where the spec leaves out the optimizer, the loss or the training: it then builds a model
    alone, and a note names the keys that serve nothing.
    """
    resolver = _FitResolver(spec, places, output, masked)
    return resolver.fit(), resolver.diagnostics


class _FitResolver:
    def __init__(self, spec: Spec, places: Places, output: Shape, masked: bool) -> None:
        self.spec, self.places, self.output, self.masked = spec, places, output, masked
        self.diagnostics: list[Diagnostic] = []

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, hint))

    def note(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, hint, "note"))

    def fit(self) -> Fit | None:
        spec = self.spec
        if spec.optimizer is None or spec.loss is None or spec.training is None:
            self._note_unused()
            return None
        if not isinstance(spec.optimizer, AnyOptimizer):
            raise TypeError(f"no checks for {spec.optimizer.word}")
        self._check_optimizer(spec.optimizer)
        self._check_data(spec)
        shapes = self._target_shapes(spec.loss)
        if isinstance(spec.data, Csv) and not has_errors(self.diagnostics):
            self._check_columns(spec.data, shapes[0])
        figures = self._figures(spec.loss, spec.metrics)
        watches = self._watches(spec.training, figures)
        if spec.training.class_weight is not None:
            self._check_class_weight(spec.training, spec.loss)
        if has_errors(self.diagnostics):
            return None
        self._note_logits(spec.loss)
        return Fit(
            optimizer=spec.optimizer,
            loss=spec.loss,
            training=spec.training,
            data=spec.data,
            figures=figures,
            watches=watches,
            target_shapes=shapes,
            integers=spec.loss.targets != "values",
            classes=self.output[-1] if spec.loss.targets in _CLASSES else None,
            span=self.places.of(spec.optimizer),
        )

    def _note_unused(self) -> None:
        spec = self.spec
        needed = {"optimizer": spec.optimizer, "loss": spec.loss, "training": spec.training}
        missing = " and no ".join(name for name, value in needed.items() if value is None)
        unused = [name for name in (*needed, "metrics", "data") if getattr(spec, name)]
        if unused:
            message = f"the spec has no {missing}, so the program builds the model alone"
            places = sorted((self.places.of(spec, name) for name in unused), key=_line)
            self.note("N101", message, places[0], f"unused: {', '.join(unused)}")

    def _check_optimizer(self, optimizer: AnyOptimizer) -> None:
        clips = [n for n in ("clipnorm", "clipvalue", "global_clipnorm") if getattr(optimizer, n)]
        if len(clips) > 1:
            message = f"expected one way of clipping, found {' and '.join(clips)}"
            self.error("E504", message, self.places.of(optimizer, clips[1]))
        if not optimizer.use_ema:
            for name in ("ema_momentum", "ema_overwrite_frequency"):
                if name in optimizer.model_fields_set:
                    message = f"{name} changes nothing without use_ema: true"
                    self.note("N103", message, self.places.of(optimizer, name))
        if isinstance(optimizer.learning_rate, Schedule):
            self._check_schedule(optimizer, optimizer.learning_rate)
        if optimizer.word in ("adafactor", "lamb", "lion"):
            self._note_biases(optimizer)
        if optimizer.word == "ftrl" and not optimizer.learning_rate:
            message = "ftrl divides by the learning rate, found 0"
            self.error("E510", message, self.places.of(optimizer, "learning_rate"))
        if optimizer.word == "adafactor" and not getattr(optimizer, "relative_step", True):
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
        csv = spec.data.word == "csv"
        if csv and UNKNOWN in (*spec.input.shape, *self.output):
            message = (
                "a table has rows of one length, so its inputs and targets have known sizes; "
                f"found an input {text(spec.input.shape)} and an output {text(self.output)}"
            )
            self.error("E509", message, self.places.of(spec.data), "give each size, or use npz")
        if csv and spec.loss and spec.loss.targets == "sequences":
            message = f"a table has rows of one length, the targets of {spec.loss.word} have any"
            self.error("E509", message, self.places.of(spec.data), "use npz")

    def _check_columns(self, data: Csv, target: Shape) -> None:
        place, found = self.places.of(data, "target"), data.target or ()
        count, size = len(found or "1"), prod(target)
        last = prod(self.spec.input.shape) + size - 1
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
        # A flatten gives each entry a mean of its own, which takes the bias off as well.
        layers = [layer for layer in self.spec.layers if layer.word not in ("identity", "flatten")]
        for layer, following in pairwise(layers):
            plain = getattr(layer, "activation", None) is None and layer.trainable
            normalized = following.word == "batch_normalization" and following.trainable
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
        if optimizer.word == "ftrl" and schedule.reaches_zero():
            message = f"ftrl divides by the learning rate, but {schedule.word} lets it become 0"
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
        if "categorical" in loss.word and output[-1] is UNKNOWN:
            message = f"{loss.word} expects a known number of classes, found {text(output)}"
            self.error("E501", message, place)
            return ()
        if "categorical" in loss.word and output[-1] == 1:
            message = f"{loss.word} expects one unit for each class, found an output of 1 unit"
            two = "hinge" if "hinge" in loss.word else "binary_crossentropy"
            self.error("E501", message, place, f"use {two} for two classes")
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

    def _note_logits(self, loss: Loss) -> None:
        activation = getattr(self.spec.layers[-1], "activation", False)
        plain = activation is None or isinstance(activation, Linear)
        if loss.word == "ctc" and isinstance(activation, Softmax):
            message = "ctc takes logits, but the last layer has a softmax"
            self.note("N105", message, self.places.of(loss), "leave out the activation")
        if plain and loss.end and not getattr(loss, "from_logits", False):
            end = loss.end if self.output[-1] > 1 else "sigmoid"
            message = f"{loss.word} takes probabilities, but the last layer has no {end}"
            hint = f"add activation: {end}"
            if "from_logits" in type(loss).model_fields:
                hint += ", or set from_logits: true in the loss"
            self.note("N105", message, self.places.of(loss), hint)

    def _figures(self, loss: Loss, metrics: tuple[Metric, ...]) -> tuple[Figure, ...]:
        figures: list[Figure] = []
        counts: dict[str, int] = {}
        for written in metrics:
            metric = (
                self._accuracy(loss, written.name) if isinstance(written, Accuracy) else written
            )
            self._check_metric(loss, metric, written)
            name = written.name or written.word
            # Keras numbers metrics of one name: `mse`, `mse_1`.
            number, counts[name] = counts.get(name, 0), counts.get(name, 0) + 1
            figures.append(Figure(f"{name}_{number}" if number else name, metric, written))
        # `val_` before a name is what the validation reports.
        taken = {"loss", "val_loss", *(f"val_{figure.name}" for figure in figures)}
        for figure in figures:
            if figure.name in taken:
                message = f"expected for a metric a name of its own, found {figure.name!r}"
                self.error("E302", message, self.places.of(figure.written, "name"))
            taken.add(figure.name)
        return tuple(figures)

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
            hint = "write accuracy, which fits every loss" if "accuracy" in metric.word else None
            if "top_k" in metric.word:
                hint = f"use {_OTHER_TOP_K[metric.word]}"
            self.error("E502", message, place, hint)
        else:
            self._check_output(loss, metric, written)
        if self.masked:
            self._check_mask(metric, written)

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
        rising: dict[str, bool | None] = {"loss": False}
        for figure in figures:
            # Keras finds no direction of a figure that it has numbered.
            known = figure.metric.direction and figure.name == (
                figure.written.name or figure.written.word
            )
            rising[figure.name] = figure.metric.direction == "up" if known else None
        if training.validation_split:
            rising |= {f"val_{name}": up for name, up in rising.items()}
        return tuple(
            Watch(callback, self._rises(callback, rising), self.places.of(callback))
            for callback in training.callbacks
            if isinstance(callback, Monitor)
        )

    def _rises(self, callback: Monitor, rising: dict[str, bool | None]) -> bool:
        needed = not isinstance(callback, ModelCheckpoint) or callback.save_best_only
        if callback.monitor not in rising and needed:
            known = ", ".join(rising)
            found = shortened(callback.monitor)
            message = f"expected a figure of this training ({known}), found {found}"
            hint = _monitor_hint(callback.monitor, rising)
            self.error("E503", message, self.places.of(callback, "monitor"), hint)
        elif callback.mode == "auto" and rising.get(callback.monitor, False) is None:
            message = f"Keras cannot tell whether {callback.monitor} is to rise or to fall"
            place = self.places.of(callback, "monitor")
            self.error("E503", message, place, "set mode: max or mode: min")
        if isinstance(callback, ModelCheckpoint):
            self._check_path(callback, rising)
        if isinstance(callback, EarlyStopping) and callback.mode != "auto":
            return callback.mode == "max"
        return callback.mode == "max" or (
            callback.mode == "auto" and bool(rising.get(callback.monitor, False))
        )

    def _check_path(self, checkpoint: ModelCheckpoint, rising: Mapping[str, object]) -> None:
        place = self.places.of(checkpoint, "filepath")
        ends = (".weights.h5",) if checkpoint.save_weights_only else (".keras", ".h5")
        if not checkpoint.filepath.endswith(ends):
            found = shortened(checkpoint.filepath)
            message = f"expected a filepath that ends in {' or '.join(ends)}, found {found}"
            self.error("E506", message, place, "the PyTorch program ends it in .pt by itself")
        elif not self._can_format(checkpoint.filepath, {"epoch": 1, **dict.fromkeys(rising, 0.5)}):
            names = ", ".join(("epoch", *rising))
            message = (
                f"expected in the braces of filepath one of {names}, with a format as in "
                f"{{epoch:02d}} and {{loss:.3f}}, found {shortened(checkpoint.filepath)}"
            )
            self.error("E506", message, place, "write {{ and }} for braces in the name")

    def _can_format(self, path: str, figures: dict[str, float]) -> bool:
        try:
            fields = [part for part in Formatter().parse(path) if part[1] is not None]
            plain = all(
                name in figures and not conversion and _FORMAT.fullmatch(form or "")
                for _, name, form, conversion in fields
            )
            return plain and bool(path.format(**figures))
        except ValueError:
            return False

    def _check_class_weight(self, training: Training, loss: Loss) -> None:
        place = self.places.of(training, "class_weight")
        classes = self.output[-1] if len(self.output) == 1 else 0
        binary = loss.word.startswith("binary") and classes == 1
        crossentropy = "categorical" in loss.word and "crossentropy" in loss.word
        of_classes = crossentropy or loss.targets == "classes"
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


def _line(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _monitor_hint(monitor: str, figures: Mapping[str, object]) -> str | None:
    base = monitor.removeprefix("val_")
    if base in CATALOGUE["metric"] and base not in figures:
        return f"add {base} to metrics"
    if base in figures:
        return "set validation_split in training"
    found = nearest(monitor, {*figures, *(f"val_{name}" for name in figures)})
    needs = ", which needs validation_split" if found and found not in figures else ""
    return f"did you mean {found!r}{needs}?" if found else None
