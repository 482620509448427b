"""Keras' losses and metrics in PyTorch.

Each is the body of a small function of `outputs` and `targets` (semantics.md, sections 9, 10).
Targets have the program's own shape: integers without a class axis, everything else shaped as the
output and, for images, channels first.
"""

from __future__ import annotations

from dataclasses import dataclass

from specc.expressions import Code, Expression, call, literal
from specc.program import Fit, Program
from specc.spec import losses as words
from specc.spec import metrics
from specc.spec.activations import Softmax
from specc.spec.word import Loss, Metric
from specc.targets.torch.layout import Layout

_EPSILON = "1e-7"


@dataclass(frozen=True, slots=True)
class Ends:
    """The model's end.

    Attributes:
        dim: PyTorch's dimension of the last Keras axis, the classes'.
        rank: Axes of the output without the batch.
        logits: Whether the model gives logits.
        softmax: Whether they are those of a softmax, not of a sigmoid.
        softmax_dim: PyTorch's dimension along which that softmax works, mostly `dim`.
    """

    dim: int
    rank: int
    logits: bool
    softmax: bool
    softmax_dim: int

    @property
    def outputs(self) -> str:
        """What the program calls the model's output."""
        return "logits" if self.logits else "outputs"

    def probabilities(self) -> str:
        """Return the expression of what Keras' model gives."""
        if not self.logits:
            return "outputs"
        return (
            f"F.softmax(logits, dim={self.softmax_dim})"
            if self.softmax
            else "torch.sigmoid(logits)"
        )


def model_end(program: Program, layout: Layout) -> Ends:
    """Return how a model ends whose output has the layout `layout`."""
    rank = len(program.output_shape)
    logits, last = program.logits, layout.dim(-1, rank)
    softmax = isinstance(logits, Softmax)
    along = layout.dim(logits.axis, rank) if isinstance(logits, Softmax) else last
    return Ends(last, rank, logits is not None, softmax, along)


def takes_logits(loss: Loss | Metric, ends: Ends) -> bool:
    """Tell whether Keras computes a crossentropy from logits.

    It does so after a softmax or sigmoid whatever `from_logits` says (measured on TensorFlow).
    """
    return ends.logits or bool(getattr(loss, "from_logits", False))


def loss_body(fit: Fit, ends: Ends, weighted: bool) -> tuple[list[str], Expression]:
    """Return the statements and the value of the loss.

    Arguments:
        weighted: Whether each sample counts with its class' weight.
    """
    loss = fit.loss
    reduction = loss.reduction if isinstance(loss, words._Common) else "sum_over_batch_size"
    ignored: int | None = getattr(loss, "ignore_class", None)
    if not weighted and ignored is None and reduction != "sum":
        return _mean(loss, ends)
    before, values = _values(loss, ends)
    if ignored is not None:
        count = f"(targets != {literal(ignored)}).sum().clamp(min=1)"
        total = str(values).replace('reduction="none"', 'reduction="sum"')
        return before, Code(total if reduction == "sum" else f"{total} / {count}")
    if not weighted and str(values).startswith("F.cross_entropy("):
        return before, Code(str(values).replace('reduction="none"', 'reduction="sum"'))
    if not weighted:
        return before, Code(f"{values}.sum()")
    before = [f"weights = {_class_weights(fit, ends)}", *before, f"losses = {values}"]
    if reduction == "sum":
        return before, Code("(weights * losses).sum()")
    if reduction == "mean_with_sample_weight":
        return before, Code("(weights * losses).sum() / weights.sum()")
    return before, Code("(weights * losses).mean()")


def _class_weights(fit: Fit, ends: Ends) -> str:
    table = f"CLASS_WEIGHT.to({ends.outputs}.device)"
    if fit.classes is not None:
        return f"{table}[targets]"
    if isinstance(fit.loss, words.CategoricalCrossentropy):
        return f"{table}[targets.argmax(dim=1)]"
    return f"{table}[targets.squeeze(1).round().long()]"


def _mean(loss: Loss | Metric, ends: Ends) -> tuple[list[str], Expression]:
    """Return the mean over all values, by PyTorch's own function where it has one."""
    outputs, targets = Code(ends.outputs), Code("targets")
    if isinstance(loss, words.MeanSquaredError):
        return [], call("F.mse_loss", outputs, targets)
    if isinstance(loss, words.MeanAbsoluteError):
        return [], call("F.l1_loss", outputs, targets)
    if isinstance(loss, words.Huber):
        delta = None if loss.delta == 1 else literal(loss.delta)
        return [], call("F.huber_loss", outputs, targets, delta=delta)
    return _crossentropy(loss, ends, None)


def _values(loss: Loss, ends: Ends) -> tuple[list[str], Expression]:
    """Return one value for each sample and place, as Keras has them before the reduction."""
    none = literal("none")
    if isinstance(loss, words.BinaryCrossentropy) or "crossentropy" not in loss.word:
        before, value = _mean(loss, ends)
        assert not isinstance(value, Code)
        each = call(value.function, *value.args, **dict(value.kwargs), reduction=none)
        return before, Code(f"{each}.mean(dim={ends.dim})")
    return _crossentropy(loss, ends, none)


def _crossentropy(
    loss: Loss | Metric, ends: Ends, reduction: Code | None
) -> tuple[list[str], Expression]:
    smoothing: float = getattr(loss, "label_smoothing", 0.0)
    if loss.word == "binary_crossentropy":
        return _binary(loss, ends, smoothing)
    sparse = loss.word.startswith("sparse")
    outputs = _classes_second(Code(ends.outputs), ends)
    targets = Code("targets") if sparse else _classes_second(Code("targets"), ends)
    ignored: int | None = getattr(loss, "ignore_class", None)
    if not takes_logits(loss, ends):
        if not sparse:
            return _categorical_on_probabilities(ends, smoothing, reduction)
        outputs = Code(f"{outputs}.clamp({_EPSILON}, 1 - {_EPSILON}).log()")
    return [], call(
        "F.cross_entropy",
        outputs,
        targets,
        ignore_index=None if ignored is None else literal(ignored),
        label_smoothing=literal(smoothing) if smoothing else None,
        reduction=reduction,
    )


def _classes_second(value: Code, ends: Ends) -> Code:
    # F.cross_entropy wants the classes directly after the batch.
    return value if ends.dim == 1 else Code(f"{value}.movedim({ends.dim}, 1)")


def _binary(loss: Loss | Metric, ends: Ends, smoothing: float) -> tuple[list[str], Expression]:
    before = [f"targets = {_smooth(smoothing, '2')}"] if smoothing else []
    outputs, targets = Code(ends.outputs), Code("targets")
    if takes_logits(loss, ends):
        return before, call("F.binary_cross_entropy_with_logits", outputs, targets)
    clamped = Code(f"outputs.clamp({_EPSILON}, 1 - {_EPSILON})")
    return before, call("F.binary_cross_entropy", clamped, targets)


def _smooth(smoothing: float, classes: str) -> str:
    return f"targets * (1 - {literal(smoothing)}) + {literal(smoothing)} / {classes}"


def _categorical_on_probabilities(
    ends: Ends, smoothing: float, reduction: Code | None
) -> tuple[list[str], Expression]:
    dim = ends.dim
    before = [f"targets = {_smooth(smoothing, f'targets.size({dim})')}"] if smoothing else []
    before.append(f"outputs = outputs / outputs.sum(dim={dim}, keepdim=True)")
    before.append(f"outputs = outputs.clamp({_EPSILON}, 1 - {_EPSILON})")
    value = f"-(targets * outputs.log()).sum(dim={dim})"
    return before, Code(value if reduction is not None else f"{value}.mean()")


def metric_body(metric: Metric, ends: Ends) -> tuple[list[str], Expression]:
    """Return the statements and the value of a metric, the mean over a batch."""
    if isinstance(metric, metrics.SparseCategoricalAccuracy):
        return [], Code(f"({_argmax(ends.outputs, ends)} == targets).float().mean()")
    if isinstance(metric, metrics.CategoricalAccuracy):
        found, right = _argmax(ends.outputs, ends), _argmax("targets", ends)
        return [], Code(f"({found} == {right}).float().mean()")
    if isinstance(metric, metrics.BinaryAccuracy):
        above = f"{ends.probabilities()} > {literal(metric.threshold)}"
        if ends.logits and not ends.softmax and metric.threshold == 0.5:
            above = "logits > 0"
        return [], Code(f"(({above}) == targets).float().mean()")
    if isinstance(metric, metrics.MeanSquaredError):
        return [], call("F.mse_loss", Code(ends.probabilities()), Code("targets"))
    if isinstance(metric, metrics.MeanAbsoluteError):
        return [], call("F.l1_loss", Code(ends.probabilities()), Code("targets"))
    return _crossentropy(metric, ends, None)


def _argmax(value: str, ends: Ends) -> str:
    return f"{value}.argmax(dim={ends.dim})"
