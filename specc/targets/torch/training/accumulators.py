"""Keras' metrics that are no means over samples, in PyTorch (docs/semantics.md, section 10).

Each is an object that takes batches and gives the figure of an epoch: of torchmetrics where its
class is equal, else a short class of the program. Not equal are, measured on 1.9.0: areas under
curves, as an output of 1 counts as above the last threshold (0.5 for 0.625); R2Score, which takes
sums of squares below 1e-4 for 0; MulticlassF1Score, whose mean leaves out absent classes; and
MulticlassJaccardIndex, where some classes count alone or one of them is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from specc.expressions import Call, Code, call, literal
from specc.program import Fit, Program, final_activation
from specc.spec import statistics as words
from specc.spec.word import Metric
from specc.targets.torch.ends import Ends
from specc.targets.view import Part, Section, Text


class ThresholdMetric(Section):
    """The class of metrics over thresholds, with what those that are there need.

    Attributes:
        labels: Whether there are several labels for one of them.
        weights: Whether a batch gives weights to one of them.
        plain: Whether there is neither.
        unbounded: Whether one gets outputs that are not all from 0 to 1.
    """

    template = "torch/training/threshold_metric.py.jinja"
    labels: bool
    weights: bool
    plain: bool
    unbounded: bool


class BestAt(Section):
    """A class of the best share where another one is large enough."""

    template = "torch/training/best_at.py.jinja"
    class_name: str
    best: str
    other: str
    counts: str
    shares: tuple[str, ...]


class AreaUnder(Section):
    """A class of an area under a curve."""

    template = "torch/training/area_under.py.jinja"
    class_name: str
    title: str
    roc: bool
    pr: bool
    gain: bool
    interpolated: bool
    area: str
    labels: bool
    edges: bool
    label_weights: bool


class FScore(Section):
    """A class of a mean of F-scores for targets that are any numbers."""

    template = "torch/training/f_score.py.jinja"
    class_name: str
    title: str
    micro: bool
    macro: bool
    weighted: bool


class IoU(Section):
    """The class of overlaps of chosen classes."""

    template = "torch/training/iou.py.jinja"
    any_outputs: bool
    ignores: bool


class R2Score(Section):
    """A class of R2."""

    template = "torch/training/r2_score.py.jinja"
    class_name: str
    weighted: bool
    mean: str


Own = BestAt | AreaUnder | FScore | IoU | R2Score


@dataclass(frozen=True, slots=True)
class Accumulator:
    """One metric that accumulates.

    Attributes:
        value: Makes the object.
        inputs: What a batch gives it.
        own: Its class, where that is of the program, not of torchmetrics.
        function: Whether `inputs` call the program's function `largest`.
        of_logits: Whether `inputs` are made of logits, where the model gives those.
        thresholds: What its class needs of that of metrics over thresholds, where it is one.
    """

    value: Call
    inputs: tuple[str, ...]
    own: Own | None = None
    function: bool = False
    of_logits: bool = False
    thresholds: ThresholdMetric | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch gives to metrics.

    Attributes:
        ends: The model's end; `outputs` are what Keras' model gives.
        units: Length of the output's last axis.
        bounded: Whether outputs are from 0 to 1.
        integers: Whether targets are integers in place of the output's last axis.
        hard: Whether targets are 0 or 1.
        ignored: The class that the loss ignores, or None.
    """

    ends: Ends
    units: int
    bounded: bool
    integers: bool
    hard: bool
    ignored: int | None

    def entry(self, value: str, class_id: int | None) -> str:
        """Return one entry of the last axis, or all."""
        if class_id is None:
            return value
        last = self.ends.dim == self.ends.rank and self.ends.rank > 1
        return f"{value}[{'...' if last else ':'}, {class_id}]"


def batch_of(program: Program, fit: Fit, ends: Ends) -> Batch:
    """Return what a batch of a program gives to metrics."""
    loss = fit.head.loss
    return Batch(
        ends=ends,
        units=program.graph.output.shape[-1],
        bounded=final_activation(program.last) is not None,
        integers=fit.head.integers,
        hard="crossentropy" in loss.word,
        ignored=getattr(loss, "ignore_class", None),
    )


def accumulator(metric: Metric, batch: Batch) -> Accumulator:
    """Return how PyTorch accumulates a metric that is no mean."""
    assert isinstance(metric, words.Statistic)
    return _ACCUMULATORS[type(metric)](metric, batch)


def own_sections(found: list[Accumulator]) -> tuple[Part, ...]:
    """Return the program's own functions and classes of metrics, in order."""
    first: list[Part] = [Text(_LARGEST)] if any(a.function for a in found) else []
    needs = [a.thresholds for a in found if a.thresholds is not None]
    if needs:
        labels, weights = any(n.labels for n in needs), any(n.weights for n in needs)
        unbounded = any(n.unbounded for n in needs)
        first.append(ThresholdMetric(labels, weights, not labels and not weights, unbounded))
    every = [a.own for a in found if a.own is not None]
    unique = {a.value.function: a.own for a in found if a.own is not None}
    return (*first, *(_with_all(unique[name], every) for name in sorted(unique)))


_LARGEST = "torch/training/largest.py.jinja"


def _with_all(own: Own, others: Sequence[Own]) -> Own:
    """Return a class with the parts that those of its kind need, so that they are alike."""
    if isinstance(own, AreaUnder):
        kind = [other for other in others if isinstance(other, AreaUnder)]
        return replace(
            own,
            labels=any(other.labels for other in kind),
            edges=any(other.edges for other in kind),
            label_weights=any(other.label_weights for other in kind),
        )
    if isinstance(own, IoU):
        kinds = [other for other in others if isinstance(other, IoU)]
        return replace(
            own,
            any_outputs=any(other.any_outputs for other in kinds),
            ignores=any(other.ignores for other in kinds),
        )
    return own


_Counted = words.TruePositives | words.FalsePositives | words.TrueNegatives | words.FalseNegatives
_MOST_LISTED = 1000  # classes that a program names one by one


def _above(threshold: float | None, outputs: str = "outputs") -> str:
    return f"{outputs} > {literal(0.5 if threshold is None else threshold)}"


def _count(metric: _Counted, batch: Batch) -> Accumulator:
    """torchmetrics.SumMetric: BinaryStatScores gives all four counts in one tensor."""
    sign = ">" if "positives" in metric.word else "<="
    right = metric.word in ("true_positives", "false_negatives")
    threshold = literal(0.5 if metric.thresholds is None else metric.thresholds)
    targets = "targets.bool()" if right else "~targets.bool()"
    return Accumulator(call("SumMetric"), (f"((outputs {sign} {threshold}) & {targets}).sum()",))


def _share(metric: words.Precision | words.Recall, batch: Batch) -> Accumulator:
    """torchmetrics.classification.BinaryPrecision and BinaryRecall over all entries."""
    name = f"Binary{type(metric).__name__}"
    dim, threshold, entry = batch.ends.dim, metric.thresholds, metric.class_id
    targets = f"{batch.entry('targets', entry)}.bool()"
    if metric.top_k is not None:
        said = batch.entry(f"largest(outputs, {metric.top_k}, dim={dim})", entry)
        if threshold is not None:
            said += f" & ({batch.entry('outputs', entry)} > {literal(threshold)})"
        return Accumulator(call(name), (said, targets), function=True)
    outputs = batch.entry("outputs", entry)
    if not batch.bounded:
        # torchmetrics would put a sigmoid behind outputs that are not all from 0 to 1.
        return Accumulator(call(name), (_above(threshold, outputs), targets))
    given = None if threshold in (None, 0.5) else literal(threshold)
    return Accumulator(call(name, threshold=given), (outputs, targets))


def _score(metric: words.FScore, batch: Batch) -> Accumulator:
    """torchmetrics.classification.MultilabelF1Score and the like, of answers as Keras has them.

    MulticlassF1Score is another mean, without the classes that are absent. Targets that may be
    other numbers than 0 and 1 need a class, as torchmetrics takes none.
    """
    dim, beta = batch.ends.dim, getattr(metric, "beta", None)
    if metric.threshold is not None:
        said = _above(metric.threshold)
    else:
        said = f"outputs == outputs.amax(dim={dim}, keepdim=True)"
        if not (batch.ends.logits and batch.ends.softmax):
            said = f"({said}) & (outputs.abs() > 1e-9)"
    given = None if beta in (None, 1) else literal(beta)
    if not batch.hard:
        name = {"micro": "MicroFScore", "macro": "FScore", "weighted": "WeightedFScore"}
        class_name = name[str(metric.average)]
        own = FScore(
            class_name,
            title=f"{metric.average} mean",
            micro=metric.average == "micro",
            macro=metric.average == "macro",
            weighted=metric.average == "weighted",
        )
        value = call(class_name, literal(batch.units), beta=given)
        return Accumulator(value, (said, "targets"), own)
    inputs = (said, "targets.bool()")
    kind = "F1Score" if given is None else "FBetaScore"
    if batch.units == 1:
        return Accumulator(call(f"Binary{kind}", beta=given), inputs)
    average = None if metric.average == "macro" else literal(metric.average)
    labels = literal(batch.units)
    return Accumulator(
        call(f"Multilabel{kind}", beta=given, num_labels=labels, average=average), inputs
    )


def _overlap(metric: words.Overlap, batch: Batch) -> Accumulator:
    """torchmetrics.classification.MulticlassJaccardIndex where all classes count, else a class."""
    number, dim = metric.number(), batch.ends.dim
    of_logits = not getattr(metric, "sparse_y_pred", False)
    if not of_logits:
        said, targets = "outputs.long()", "targets.long()"
    else:
        said = f"{batch.ends.outputs}.argmax(dim={dim})"
        targets = "targets" if batch.integers else f"targets.argmax(dim={dim})"
    ignored = {getattr(metric, "ignore_class", None)}
    if batch.integers and batch.ignored is not None and not 0 <= batch.ignored < number:
        ignored.add(batch.ignored)  # which Keras leaves out as no class
    known = sorted(ignored - {None})  # type: ignore[type-var]
    outside = all(not 0 <= label < number for label in known)  # type: ignore[operator]
    every = _all_classes(metric) and number > 1
    if every and of_logits and outside and len(known) < 2:
        index = literal(known[0]) if known else None
        value = call("MulticlassJaccardIndex", num_classes=literal(number), ignore_index=index)
        return Accumulator(value, (said, targets), of_logits=True)
    return _own_overlap(metric, (said, targets), of_logits)


def _all_classes(metric: words.Overlap) -> bool:
    classes = metric.classes()
    return isinstance(classes, range) or len(set(classes)) == metric.number()


def _classes(metric: words.Overlap) -> Code:
    classes = metric.classes()
    if isinstance(classes, range) and len(classes) > _MOST_LISTED:
        return Code(f"list(range({len(classes)}))")
    return literal(list(classes))


def _own_overlap(metric: words.Overlap, inputs: tuple[str, ...], of_logits: bool) -> Accumulator:
    ignore: int | None = getattr(metric, "ignore_class", None)
    value = call(
        "IoU",
        literal(metric.number()),
        classes=_classes(metric),
        ignore_class=None if ignore is None else literal(ignore),
    )
    own = IoU(any_outputs=not of_logits, ignores=ignore is not None)
    return Accumulator(value, inputs, own, of_logits=of_logits)


def _binary_overlap(metric: words.BinaryIoU, batch: Batch) -> Accumulator:
    """torchmetrics.classification.BinaryJaccardIndex of the class, or MulticlassJaccardIndex."""
    threshold, classes = literal(metric.threshold), set(metric.target_class_ids)
    if classes == {1}:
        inputs = (f"outputs >= {threshold}", "targets.bool()")
        return Accumulator(call("BinaryJaccardIndex"), inputs)
    if classes == {0}:
        inputs = (f"outputs < {threshold}", "~targets.bool()")
        return Accumulator(call("BinaryJaccardIndex"), inputs)
    value = call("MulticlassJaccardIndex", num_classes=literal(2))
    return Accumulator(value, (f"(outputs >= {threshold}).long()", "targets.long()"))


def _root(metric: words.RootMeanSquaredError, batch: Batch) -> Accumulator:
    """torchmetrics.MeanSquaredError, which wants images in one run of memory."""
    flat = ".flatten()" if batch.ends.rank > 2 else ""
    value = call("MeanSquaredError", squared=literal(False))
    return Accumulator(value, (f"outputs{flat}", f"targets{flat}"))


def _r2(metric: words.R2Score, batch: Batch) -> Accumulator:
    """A class: torchmetrics takes sums of squares below 1e-4 for 0."""
    weighted = metric.class_aggregation == "variance_weighted_average"
    name = "WeightedR2Score" if weighted else "R2Score"
    own = R2Score(name, weighted, "their mean by variance" if weighted else "their mean")
    return Accumulator(call(name, literal(batch.units)), ("outputs", "targets"), own)


def _best(metric: words.BestAt, batch: Batch) -> Accumulator:
    """A class: torchmetrics counts an output on a threshold as above it."""
    best, _, other = metric.word.partition("_at_")
    name = type(metric).__name__
    shares = {
        "sensitivity": "sensitivity = (hits / (hits + misses)).nan_to_num()",
        "recall": "recall = (hits / (hits + misses)).nan_to_num()",
        "specificity": "specificity = (passes / (passes + alarms)).nan_to_num()",
        "precision": "precision = (hits / (hits + alarms)).nan_to_num()",
    }
    own = BestAt(name, best, other, _counts(best, other), (shares[best], shares[other]))
    needs = ThresholdMetric(False, False, True, unbounded=not batch.bounded)
    number: int = getattr(metric, "num_thresholds", 200)
    given = None if number == 200 else literal(number)
    class_id: int | None = getattr(metric, "class_id", None)
    inputs = (batch.entry("outputs", class_id), batch.entry("targets", class_id))
    value = call(name, literal(metric.least), thresholds=given)
    return Accumulator(value, inputs, own, thresholds=needs)


def _counts(*shares: str) -> str:
    """Return the names of the counts that shares need, `_` for the others."""
    used = {"hits", "alarms"} if "precision" in shares else {"hits"}
    if {"sensitivity", "recall"} & {*shares}:
        used |= {"hits", "misses"}
    if "specificity" in shares:
        used |= {"passes", "alarms"}
    return ", ".join(n if n in used else "_" for n in ("hits", "alarms", "misses", "passes"))


def _area(metric: words.AUC, batch: Batch) -> Accumulator:
    """A class: torchmetrics has other thresholds at both ends, and exact ones elsewhere."""
    curve, method = metric.curve.upper(), metric.summation_method.lower()
    ends = {"interpolation": "", "minoring": "Below", "majoring": "Above"}
    curves = {"ROC": "ROC", "PR": "PR", "PRGAIN": "PRGain"}
    name = f"AreaUnder{curves[curve]}{ends[method]}"
    edges = metric.edges()
    number = len(metric.thresholds) + 2 if metric.thresholds is not None else metric.num_thresholds
    several = metric.multi_label
    weights = metric.label_weights
    value = call(
        name,
        thresholds=None if number == 200 or edges else literal(number),
        edges=literal(list(edges)) if edges else None,
        labels=literal(batch.units) if several else None,
        label_weights=literal(list(weights)) if several and weights is not None else None,
    )
    outputs = "torch.sigmoid(outputs)" if metric.from_logits else "outputs"
    inputs: tuple[str, ...] = (outputs, "targets")
    if weights is not None and not several:
        inputs += (f"torch.tensor({literal(list(weights))}, device=outputs.device)",)
    interpolated = curve == "PR" and method == "interpolation"
    own = AreaUnder(
        class_name=name,
        title=_CURVES[curve] + " curve" + _HOW[method],
        roc=curve == "ROC",
        pr=curve == "PR" and not interpolated,
        gain=curve == "PRGAIN",
        interpolated=interpolated,
        area="parts.nan_to_num().sum(dim=0)" if interpolated else _AREAS[method],
        labels=several,
        edges=bool(edges),
        label_weights=several and weights is not None,
    )
    weighs, unbounded = len(inputs) > 2, not batch.bounded and not metric.from_logits
    needs = ThresholdMetric(several, weighs, not several and not weighs, unbounded)
    return Accumulator(value, inputs, own, thresholds=needs)


_CURVES = {"ROC": "ROC", "PR": "precision-recall", "PRGAIN": "precision-recall-gain"}
_HOW = {"interpolation": "", "minoring": ", from below", "majoring": ", from above"}
_AREAS = {
    "interpolation": "-torch.trapezoid(y, x, dim=0)",
    "minoring": "(-x.diff(dim=0) * torch.minimum(y[:-1], y[1:])).sum(dim=0)",
    "majoring": "(-x.diff(dim=0) * torch.maximum(y[:-1], y[1:])).sum(dim=0)",
}

_ACCUMULATORS: dict[type[words.Statistic], Callable[..., Accumulator]] = {
    words.TruePositives: _count,
    words.FalsePositives: _count,
    words.TrueNegatives: _count,
    words.FalseNegatives: _count,
    words.Precision: _share,
    words.Recall: _share,
    words.SensitivityAtSpecificity: _best,
    words.SpecificityAtSensitivity: _best,
    words.PrecisionAtRecall: _best,
    words.RecallAtPrecision: _best,
    words.AUC: _area,
    words.F1Score: _score,
    words.FBetaScore: _score,
    words.IoU: _overlap,
    words.MeanIoU: _overlap,
    words.OneHotIoU: _overlap,
    words.OneHotMeanIoU: _overlap,
    words.BinaryIoU: _binary_overlap,
    words.RootMeanSquaredError: _root,
    words.R2Score: _r2,
}
