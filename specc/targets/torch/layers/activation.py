"""Activation layers in PyTorch: the module where torch.nn has one, else the function."""

from __future__ import annotations

import math
from typing import cast

from specc.expressions import Call, Code, call, literal
from specc.program import Node
from specc.spec.layers.activation import (
    ActivationLayer,
    EluLayer,
    LeakyReluLayer,
    PRelu,
    ReluLayer,
    SoftmaxLayer,
)
from specc.spec.regularizers import OrthogonalRegularizer
from specc.spec.variables import Variable
from specc.targets.torch.activations import AT_ZERO, MODULES, activate
from specc.targets.torch.lowered import At, Attribute, Lowered
from specc.targets.torch.weights import Transform, Weight, image_order


def activation(node: Node, at: At) -> Lowered:
    """The module of the function's name, without weights."""
    function = node.layer.function()
    assert function is not None
    value, helpers = activate(function, at.x, at.layout, len(node.input_shape))
    if isinstance(value, Call) and value.function in MODULES:
        module = Call(MODULES[value.function], value.args[1:], value.kwargs)
        return Lowered((call(f"self.{node.name}", at.x),), (Attribute(node.name, module),))
    return Lowered(() if value is None else (value,), helpers=helpers)


def softmax(node: Node, at: At) -> Lowered:
    """torch.nn.Softmax along one axis; along several, Keras' own formula."""
    layer, rank = cast(SoftmaxLayer, node.layer), len(node.input_shape)
    if layer.function() is not None:
        return activation(node, at)
    dims = literal(tuple(sorted(at.layout.dim(axis, rank) for axis in layer.axes(rank))))
    return Lowered((Code(f"torch.exp({at.x} - {at.x}.logsumexp(dim={dims}, keepdim=True))"),))


def prelu(node: Node, at: At) -> Lowered:
    """torch.nn.PReLU where `alpha` varies along the axis after the batch alone, else a class.

    At exactly 0 Keras' gradient is 0, that of torch.nn.PReLU is `alpha`; the class has Keras'.
    """
    (alpha,) = node.variables
    shape = at.layout.shape(alpha.shape)
    step = call(f"self.{node.name}", at.x)
    if not at.exact and _is_vector(alpha) and math.prod(shape[1:]) == 1:
        count = math.prod(shape)
        module = call("nn.PReLU", *((literal(count),) if count > 1 else ()))
        order = _order(at, alpha) if len(alpha.shape) == 1 else Transform(merge=(count,))
        weight = Weight(node.name, alpha, "weight", order)
        return Lowered(
            (step,), (Attribute(node.name, module),), weights=(weight,), notes=(AT_ZERO,)
        )
    weight = Weight(node.name, alpha, "weight", _order(at, alpha), "zeros")
    module = call("PReLU", *map(literal, shape))
    return Lowered((step,), (Attribute(node.name, module),), weights=(weight,), helpers=("prelu",))


def _is_vector(alpha: Variable) -> bool:
    """Tell whether `alpha` can be held as a vector; what works on matrices needs its axes."""
    matrix = isinstance(alpha.regularizer, OrthogonalRegularizer)
    return alpha.initializer.minimum_rank < 2 and not matrix


def _order(at: At, alpha: Variable) -> Transform:
    last = len(alpha.shape) - 1
    if at.layout.flat is not None and alpha.shape != (1,):
        return image_order(at.layout.flat)
    return Transform(axes=(last, *range(last))) if at.layout.first else Transform()


LAYERS = {
    ActivationLayer: activation,
    ReluLayer: activation,
    LeakyReluLayer: activation,
    EluLayer: activation,
    SoftmaxLayer: softmax,
    PRelu: prelu,
}
