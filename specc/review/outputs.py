"""The model's end: last activation, loss, labels and metrics that do not fit one another."""

from __future__ import annotations

from collections.abc import Iterator

from specc.program import activation_of
from specc.review.subject import Found, Look, Subject, applied, is_written
from specc.shapes import UNKNOWN, positive_axis
from specc.spec.activations import Linear, Softmax
from specc.spec.layers.core import Dense
from specc.spec.metrics import BinaryAccuracy, CategoricalAccuracy
from specc.spec.word import Loss

# What gives numbers from 0 to 1, or the logits that W314 speaks of.
_PROBABILITIES = (*("linear", "softmax", "sigmoid", "hard_sigmoid", "sparse_sigmoid", "sparsemax"),)
_FROM_0 = ("relu", "relu6", "softplus", "sparse_plus", "squareplus", "exponential")
_BOTH_SIGNS = ("linear", "tanh", "elu", "selu", "leaky_relu", "gelu", "silu", "mish", "prelu")


def _loss(subject: Subject, *kinds: str) -> Loss | None:
    """Return the loss where it is of one of these kinds."""
    loss = subject.fit.head.loss if subject.fit else None
    return loss if loss is not None and loss.kind in kinds else None


def _takes_logits(loss: Loss) -> bool:
    return bool(getattr(loss, "from_logits", False))


def _units(subject: Subject) -> int:
    units = subject.program.graph.output.shape[-1] if subject.program.graph.output.shape else 1
    return 0 if units is UNKNOWN else units


def probabilities_as_logits(subject: Subject) -> Iterator[Found]:
    """Find a softmax or sigmoid before a loss that is told `from_logits`."""
    loss = _loss(subject, "multiclass", "multilabel")
    if loss is not None and _takes_logits(loss) and subject.end in ("softmax", "sigmoid"):
        message = f"{loss.word} has from_logits: true, but the model ends in a {subject.end}"
        hint = f"leave out from_logits, or the {subject.end}"
        yield Found(subject.place(loss, "from_logits"), message, hint)


def sigmoid_over_classes(subject: Subject) -> Iterator[Found]:
    """Find independent probabilities before a loss of one class out of several."""
    loss, units = _loss(subject, "multiclass"), _units(subject)
    if loss is not None and subject.end == "sigmoid" and units > 1 and not _takes_logits(loss):
        message = (
            f"{loss.word} takes the probabilities of one class out of {units}, but a sigmoid gives "
            f"{units} that do not sum to 1"
        )
        hint = "use softmax, or binary_crossentropy where several labels may be right"
        yield Found(subject.place(loss), message, hint)


def softmax_of_labels(subject: Subject) -> Iterator[Found]:
    """Find probabilities that sum to 1 before a loss of independent labels."""
    loss, units = _loss(subject, "multilabel"), _units(subject)
    if loss is not None and subject.end == "softmax" and units > 2 and not _takes_logits(loss):
        message = (
            f"{loss.word} takes {units} labels that may all be right, but a softmax gives "
            "probabilities that sum to 1"
        )
        hint = "use categorical_crossentropy, or sigmoid where several labels may be right"
        yield Found(subject.place(loss), message, hint)


def softmax_of_numbers(subject: Subject) -> Iterator[Found]:
    """Find a softmax before a loss of numbers."""
    loss = _loss(subject, "regression")
    if loss is not None and subject.end == "softmax" and _units(subject) > 1:
        message = f"{loss.word} after a softmax has almost no gradient where the model is wrong"
        yield Found(subject.place(loss), message, "use categorical_crossentropy")


def no_probabilities(subject: Subject) -> Iterator[Found]:
    """Find an activation whose values are no probabilities before a loss that takes some."""
    loss = _loss(subject, "multiclass", "multilabel", "distribution")
    if loss is None or _takes_logits(loss) or subject.end in _PROBABILITIES:
        return
    wanted = loss.end if _units(subject) > 1 else "sigmoid"
    layer = subject.last.layer
    message = f"{loss.word} takes probabilities, but the model ends in {subject.end}"
    yield Found(subject.place(layer, "activation"), message, f"use {wanted} there")


def one_sided_regression(subject: Subject) -> Iterator[Found]:
    """Find a relu as the last layer of a regression."""
    loss = _loss(subject, "regression")
    if loss is not None and subject.end in ("relu", "relu6"):
        message = (
            f"the model ends in {subject.end}, whose gradient is 0 wherever its output is: an "
            "output that is 0 for all samples stays so"
        )
        hint = "leave out the last activation, or use softplus where targets are above 0"
        yield Found(subject.place(subject.last.layer, "activation"), message, hint)


def hinge_of_probabilities(subject: Subject) -> Iterator[Found]:
    """Find outputs from 0 on before a loss whose targets are -1 and 1."""
    loss = _loss(subject, "hinge")
    if loss is not None and subject.end in ("sigmoid", "softmax", *_FROM_0):
        message = f"{loss.word} has targets -1 and 1, but {subject.end} is never negative"
        hint = "leave out the last activation or use tanh, or use binary_crossentropy"
        yield Found(subject.place(loss), message, hint)


def negative_counts(subject: Subject) -> Iterator[Found]:
    """Find outputs below 0 before a loss that takes their logarithm."""
    loss = _loss(subject, "counts")
    if loss is not None and subject.end in _BOTH_SIGNS:
        message = (
            "poisson takes the logarithm of the output, which is below 0 for some samples after "
            f"{'a layer without activation' if subject.end == 'linear' else subject.end}"
        )
        yield Found(subject.place(loss), message, "use activation: softplus or exponential")


def accuracy_of_numbers(subject: Subject) -> Iterator[Found]:
    """Find the accuracy of a regression."""
    loss = _loss(subject, "regression")
    if loss is None or subject.fit is None or subject.end not in ("linear", "relu", "softplus"):
        return
    for figure in subject.fit.figures:
        if figure.metric.kind == "accuracy":
            message = (
                f"{figure.written.word} counts outputs that equal a class, but {loss.word} fits "
                "numbers"
            )
            place = subject.place(figure.written)
            yield Found(place, message, "use mean_absolute_error or r2_score")


def accuracy_of_labels(subject: Subject) -> Iterator[Found]:
    """Find an accuracy that looks at the largest of several independent labels."""
    loss = _loss(subject, "multilabel")
    if loss is None or subject.fit is None or subject.end == "softmax" or _units(subject) < 2:
        return
    for figure in subject.fit.figures:
        if isinstance(figure.metric, CategoricalAccuracy):
            message = (
                f"{figure.written.word} compares which of the {_units(subject)} outputs is the "
                f"largest, but {loss.word} takes each as a label of its own"
            )
            yield Found(subject.place(figure.written), message, "use binary_accuracy")


def accuracy_of_entries(subject: Subject) -> Iterator[Found]:
    """Find an accuracy that counts each entry of one-hot rows."""
    loss, units = _loss(subject, "multiclass"), _units(subject)
    if loss is None or subject.fit is None or units < 3:
        return
    for figure in subject.fit.figures:
        if isinstance(figure.metric, BinaryAccuracy):
            message = (
                f"binary_accuracy counts each of {units} entries, so that a model that says no to "
                f"all has {(units - 1) / units:.0%}"
            )
            yield Found(subject.place(figure.written), message, "use accuracy")


def equal_class_weights(subject: Subject) -> Iterator[Found]:
    """Find class weights that are the same for all classes."""
    given = subject.fit.training.class_weight if subject.fit else None
    if not given or subject.fit is None:
        return
    classes = 2 if _units(subject) == 1 else _units(subject)
    weights = {given.get(label, 1.0) for label in range(classes)}
    if len(weights) == 1:
        weight = f"{weights.pop():g}"
        message = f"class_weight is {weight} for every class, so it only scales the loss"
        hint = "leave it out, or give rare classes larger weights"
        yield Found(subject.place(subject.fit.training, "class_weight"), message, hint)


def softmax_within(subject: Subject) -> Iterator[Found]:
    """Find a softmax over features in the middle of a model."""
    for node, following in subject.pairs:
        if applied(node) != "softmax" or len(node.output_shape) != 1 or node.output_shape[0] == 1:
            continue
        if isinstance(following.layer, Dense):
            message = (
                "a softmax between layers lets its units share a sum of 1, and its gradient fades "
                "where one wins"
            )
            place = subject.place(node.layer, "activation")
            if is_written(node.layer, "activation") or node.layer.is_function:
                yield Found(place, message, "use relu there, and softmax at the end alone")


def logits_for_probabilities(subject: Subject) -> Iterator[Found]:
    """Find logits before a loss that takes probabilities, and the other way around."""
    if subject.fit is None:
        return
    loss, activation = subject.fit.head.loss, getattr(
        subject.program.last.layer, "activation", False
    )
    plain = activation is None or isinstance(activation, Linear)
    if loss.targets == "sequences" and isinstance(activation, Softmax):
        message = "ctc takes logits, but the last layer has a softmax"
        yield Found(subject.place(loss), message, "leave out the activation")
    if plain and loss.end and not _takes_logits(loss):
        end = loss.end if _units(subject) != 1 else "sigmoid"
        message = f"{loss.word} takes probabilities, but the last layer has no {end}"
        hint = f"add activation: {end}"
        if "from_logits" in type(loss).model_fields:
            hint += ", or set from_logits: true in the loss"
        yield Found(subject.place(loss), message, hint)


def softmax_of_one_value(subject: Subject) -> Iterator[Found]:
    """Find a softmax along an axis of one entry."""
    for node in (node.work for node in subject.nodes):
        activation, shape = activation_of(node.layer), node.output_shape
        if not isinstance(activation, Softmax):
            continue
        if shape[positive_axis(activation.axis, len(shape)) - 1] == 1:
            written = getattr(node.layer, "activation", node.layer)
            message = "softmax over a single value is always 1"
            yield Found(subject.place(written), message, "did you mean sigmoid?")


FINDINGS: dict[str, Look] = {
    "W301": probabilities_as_logits,
    "W302": sigmoid_over_classes,
    "W303": softmax_of_labels,
    "W304": softmax_of_numbers,
    "W305": no_probabilities,
    "W306": one_sided_regression,
    "W307": hinge_of_probabilities,
    "W308": negative_counts,
    "W309": accuracy_of_numbers,
    "W310": accuracy_of_labels,
    "W311": accuracy_of_entries,
    "W312": equal_class_weights,
    "W313": softmax_within,
    "W314": logits_for_probabilities,
    "W315": softmax_of_one_value,
}
