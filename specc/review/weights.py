"""Weights: how they begin, and what draws them to 0."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from types import NoneType

from specc.program import Node
from specc.review.subject import Found, Look, Subject, is_written
from specc.spec.initializers import Constant, Ones, Scaled, Zeros
from specc.spec.word import Initializer, Regularizer

_FADED = 0.01  # of the signal's deviation, which is where training hardly begins
_DEEP_RELU, _DEEP_SIGMOID = 5, 3
_RELU = ("relu", "relu6", "leaky_relu", "prelu")
_DROWNS = 1.0
_EQUAL = (Zeros, Ones, Constant)  # what gives equal entries


def faded_signal(subject: Subject) -> Iterator[Found]:
    """Find relu layers with glorot initializers through which the signal fades.

    He et al. (2015): a relu halves the second moment, which `he` makes up for and `glorot`, whose
    variance is 2 / (fan_in + fan_out), does not.
    """
    if subject.normalizes():
        return
    layers = [node for node, activation in subject.hidden() if activation in _RELU]
    layers = [node for node in layers if _kernel(node).startswith("glorot")]
    kept = 1.0
    for node in layers:
        initializer = getattr(node.layer, "kernel_initializer", None)
        assert isinstance(initializer, Scaled), "Glorot's are"
        inputs, outputs = initializer.fans(node.variables[0].shape)
        kept *= inputs / (inputs + outputs)
    if len(layers) >= _DEEP_RELU and sqrt(kept) < _FADED:
        word = _kernel(layers[0])
        message = (
            f"through {len(layers)} relu layers with {word} the signal fades to "
            f"{sqrt(kept):.1g} of what he initializers keep"
        )
        hint = f"set kernel_initializer: {word.replace('glorot', 'he')} in them, or normalize"
        yield Found(layers[0].span, message, hint)


def _kernel(node: Node) -> str:
    """Return the word of the kernel's initializer."""
    initializer: Initializer | None = getattr(node.layer, "kernel_initializer", None)
    return initializer.word if initializer else ""


def large_start(subject: Subject) -> Iterator[Found]:
    """Find a saturating activation in a hidden layer whose weights begin for a relu."""
    for node, activation in subject.hidden():
        if _kernel(node).startswith("he_") and activation in ("tanh", "sigmoid"):
            message = (
                f"{_kernel(node)} makes up for what relu cuts off, but {node.name} ends in "
                f"{activation}, which it saturates"
            )
            place = subject.place(node.layer, "kernel_initializer")
            yield Found(place, message, f"use {_kernel(node).replace('he', 'glorot')}")


def selu_start(subject: Subject) -> Iterator[Found]:
    """Find a selu whose weights do not begin as its theory asks."""
    for node, activation in subject.hidden():
        if activation == "selu" and not _kernel(node).startswith(("lecun", "variance")):
            message = (
                f"selu normalizes itself with lecun_normal alone, but {node.name} has "
                f"{_kernel(node)}"
            )
            place = subject.place(node.layer, "kernel_initializer")
            yield Found(place, message, "set kernel_initializer: lecun_normal")


def selu_dropout(subject: Subject) -> Iterator[Found]:
    """Find a dropout that takes the mean and variance from a selu that it keeps."""
    for node, following in subject.pairs:
        if subject.activation_behind(node) == "selu" and following.layer.word == "dropout":
            message = f"{following.name} shifts the mean and variance that selu keeps"
            yield Found(following.span, message, "use alpha_dropout")


def equal_units(subject: Subject) -> Iterator[Found]:
    """Find a hidden kernel that begins with equal entries."""
    for node, _ in subject.hidden():
        kernel = getattr(node.layer, "kernel_initializer", None)
        bias = getattr(node.layer, "bias_initializer", None)
        alike = isinstance(kernel, _EQUAL) and isinstance(bias, (*_EQUAL, NoneType))
        if alike and node.output_shape[-1] != 1 and node.layer.trainable:
            message = (
                f"all units of {node.name} begin alike, get the same gradient, and so stay one unit"
            )
            place = subject.place(node.layer, "kernel_initializer")
            yield Found(place, message, "use he_normal or glorot_uniform")


def deep_sigmoid(subject: Subject) -> Iterator[Found]:
    """Find several hidden sigmoids, through which gradients vanish."""
    if subject.normalizes():
        return
    layers = [node for node, word in subject.hidden() if word in ("sigmoid", "hard_sigmoid")]
    if len(layers) >= _DEEP_SIGMOID:
        message = (
            f"each of {len(layers)} hidden sigmoids takes three quarters or more of the gradient"
        )
        hint = "use relu or tanh in hidden layers"
        yield Found(subject.place(layers[0].layer, "activation"), message, hint)


def _strength(penalty: Regularizer | None, *names: str) -> float:
    return max((getattr(penalty, name, 0.0) for name in names), default=0.0) if penalty else 0.0


def penalized_bias(subject: Subject) -> Iterator[Found]:
    """Find a penalty on biases, or on the scale or offset of a normalization."""
    for node in subject.program.graph.walk():
        for field in ("bias_regularizer", "beta_regularizer", "gamma_regularizer"):
            penalty: Regularizer | None = getattr(node.layer, field, None)
            if penalty is not None and _strength(penalty, "l1", "l2") > 0:
                what = field.removesuffix("_regularizer")
                message = (
                    f"a penalty on {what} of {node.name} costs fit and prevents no overfitting"
                )
                yield Found(subject.place(node.layer, field), message, "penalize kernels alone")


def decayed_twice(subject: Subject) -> Iterator[Found]:
    """Find an L2 penalty beside an optimizer that decays weights by itself."""
    decay = getattr(subject.fit.optimizer, "weight_decay", None) if subject.fit else None
    if not decay or subject.fit is None:
        return
    for node in subject.program.graph.walk():
        for field in ("kernel_regularizer", "recurrent_regularizer", "embeddings_regularizer"):
            penalty = getattr(node.layer, field, None)
            if _strength(penalty, "l2") > 0:
                message = (
                    f"{subject.fit.optimizer.word} decays each weight by itself "
                    f"(weight_decay {decay:g}), and {node.name} has an L2 penalty besides"
                )
                hint = "leave out one of them"
                yield Found(subject.place(node.layer, field), message, hint)
                return


def drowned_loss(subject: Subject) -> Iterator[Found]:
    """Find a penalty so strong that training fits little else."""
    for node in subject.program.graph.walk():
        for field in ("kernel", "recurrent", "embeddings", "activity", "depthwise", "pointwise"):
            penalty = getattr(node.layer, f"{field}_regularizer", None)
            strength = _strength(penalty, "l1", "l2")
            if strength >= _DROWNS and is_written(node.layer, f"{field}_regularizer"):
                message = (
                    f"the penalty of {strength:g} on {node.name} outweighs the loss; usual are "
                    "1e-5 to 1e-2"
                )
                place = subject.place(node.layer, f"{field}_regularizer")
                yield Found(place, message, "use a smaller factor")


FINDINGS: dict[str, Look] = {
    "W340": faded_signal,
    "W341": large_start,
    "W342": selu_start,
    "W343": selu_dropout,
    "W344": equal_units,
    "W345": deep_sigmoid,
    "W346": penalized_bias,
    "W347": decayed_twice,
    "W348": drowned_loss,
}
