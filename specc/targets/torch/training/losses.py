"""Keras' losses and metrics in PyTorch.

Each is the body of a small function of `outputs` and `targets` (docs/semantics.md, sections 9, 10).
Targets have the program's own shape: integers without a class axis, everything else shaped as the
output and, for images, channels first.
"""

from __future__ import annotations

from dataclasses import replace

from specc.expressions import Code, Expression, literal
from specc.program import Fit
from specc.spec import losses as words
from specc.spec import metrics
from specc.spec.word import Loss, Metric
from specc.targets.torch.ends import EPSILON, Ends, Values
from specc.targets.torch.training.batch_losses import OVERALL
from specc.targets.torch.training.crossentropies import crossentropy
from specc.targets.torch.training.distances import distance

_SHORT = 58  # what fits into a call in a return


def loss_body(fit: Fit, ends: Ends, weighted: bool) -> tuple[list[str], Expression]:
    """Return the statements and the value of the loss.

    Arguments:
        weighted: Whether each sample counts with its class' weight.
    """
    loss = fit.head.loss
    reduction = loss.reduction if isinstance(loss, words.KerasLoss) else "sum_over_batch_size"
    values = _values(loss, ends)
    before = list(values.before)
    if weighted:
        weights = f"weights = {_class_weights(fit, ends)}"
        before = [weights, *before, f"losses = {values.samples(ends.dim)}"]
        return before, _weighted(reduction, ends.masked)
    if ends.masked:
        return _masked(before, values, ends, reduction)
    return before, values.total(ends.dim) if reduction == "sum" else values.mean(ends.dim)


def _masked(
    before: list[str], values: Values, ends: Ends, reduction: str = "mean"
) -> tuple[list[str], Expression]:
    """Return the mean of the values that count, as statements and a value."""
    if values.counts is not None:
        before = [*before, f"mask = mask & ({values.counts})"]
    each = values.samples(ends.dim)
    if reduction == "sum":
        return before, Code(f"({each} * mask).sum()")
    if len(each) <= _SHORT:
        return before, Code(f"masked_mean({each}, mask)")
    return [*before, f"values = {each}"], Code("masked_mean(values, mask)")


def _weighted(reduction: str, masked: bool) -> Code:
    if masked:
        return _weighted_and_masked(reduction)
    if reduction == "sum":
        return Code("(weights * losses).sum()")
    if reduction == "mean_with_sample_weight":
        total = f"weights.sum().clamp(min={EPSILON})"
        return Code(f"(weights * losses).sum() / {total}")
    return Code("(weights * losses).mean()")


def _weighted_and_masked(reduction: str) -> Code:
    if reduction == "sum":
        return Code("(mask * weights * losses).sum()")
    if reduction == "mean_with_sample_weight":
        total = f"(mask * weights).sum().clamp(min={EPSILON})"
        return Code(f"(mask * weights * losses).sum() / {total}")
    return Code("masked_mean(weights * losses, mask)")


def _class_weights(fit: Fit, ends: Ends) -> str:
    table = f"CLASS_WEIGHT.to({ends.outputs}.device)"
    if fit.head.classes is not None:
        return f"{table}[targets]"
    if fit.head.loss.word.startswith("categorical"):
        return f"{table}[targets.argmax(dim=1)]"
    return f"{table}[targets.squeeze(1).round().long()]"


def _values(loss: Loss | Metric, ends: Ends) -> Values:
    if "crossentropy" in loss.word:
        return crossentropy(loss, ends)
    if loss.word in OVERALL:
        return OVERALL[loss.word](loss, ends)
    return distance(loss, Code(ends.outputs), ends.dim)


def metric_body(metric: Metric, ends: Ends) -> tuple[list[str], Expression]:
    """Return the statements and the value of a metric, the mean over a batch."""
    before: list[str] = []
    if isinstance(metric, _ACCURACIES):
        values = Values(Code(f"({_right(metric, ends)}).float()"), by_sample=_by_class(metric))
    elif isinstance(metric, _TOP_K):
        before = [f"outputs = {ends.probabilities()}"] if ends.logits else []
        values = _top_k(metric, ends)
    elif isinstance(metric, (metrics.MeanSquaredError, metrics.MeanAbsoluteError)):
        values = distance(metric, Code(ends.probabilities()), ends.dim)
    else:
        if ends.logits and "crossentropy" not in metric.word:
            before, ends = [f"outputs = {ends.probabilities()}"], replace(ends, logits=False)
        values = _values(metric, ends)
    before += values.before
    return _masked(before, values, ends) if ends.masked else (before, values.mean(ends.dim))


_ACCURACIES = (
    metrics.SparseCategoricalAccuracy,
    metrics.CategoricalAccuracy,
    metrics.BinaryAccuracy,
)


_TOP_K = (metrics.TopKCategoricalAccuracy, metrics.SparseTopKCategoricalAccuracy)


def _top_k(
    metric: metrics.TopKCategoricalAccuracy | metrics.SparseTopKCategoricalAccuracy, ends: Ends
) -> Values:
    """Return whether fewer than k outputs are above the right one."""
    dim = ends.dim
    places = f"targets.unsqueeze({dim})"
    if "sparse" not in metric.word:
        places = f"targets.argmax(dim={dim}, keepdim=True)"
    before = (
        f"right = outputs.gather({dim}, {places})",
        f"above = (outputs > right).sum(dim={dim})",
    )
    return Values(Code(f"(above < {metric.k}).float()"), before, by_sample=True)


def _by_class(metric: Metric) -> bool:
    return not isinstance(metric, metrics.BinaryAccuracy)


def _right(metric: Metric, ends: Ends) -> str:
    """Return the comparison of outputs and targets that an accuracy counts."""
    if isinstance(metric, metrics.BinaryAccuracy):
        above = f"{ends.probabilities()} > {literal(metric.threshold)}"
        if ends.logits and not ends.softmax and metric.threshold == 0.5:
            above = "logits > 0"
        return f"({above}) == targets"
    sparse = isinstance(metric, metrics.SparseCategoricalAccuracy)
    found = _argmax(ends.outputs, ends)
    return f"{found} == {'targets' if sparse else _argmax('targets', ends)}"


def _argmax(value: str, ends: Ends) -> str:
    return f"{value}.argmax(dim={ends.dim})"
