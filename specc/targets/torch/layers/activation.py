"""Activation layers in PyTorch: the module where torch.nn has one, else the function."""

from __future__ import annotations

from typing import cast

from specc.expressions import Call, call
from specc.program import Node
from specc.spec.layers.activation import ActivationLayer
from specc.targets.torch.activations import MODULES, activate
from specc.targets.torch.lowered import At, Lowered, Module, X


def activation(node: Node, at: At) -> Lowered:
    """The module of the function's name, without weights."""
    layer = cast(ActivationLayer, node.layer)
    steps, helpers = activate(layer.activation, at.layout, len(node.input_shape))
    value = steps[-1] if steps else X
    if len(steps) == 1 and isinstance(value, Call) and value.function in MODULES:
        module = Call(MODULES[value.function], value.args[1:], value.kwargs)
        return Lowered((call(f"self.{node.name}", X),), (Module(node.name, module),))
    return Lowered(steps, helpers=helpers)


LAYERS = {ActivationLayer: activation}
