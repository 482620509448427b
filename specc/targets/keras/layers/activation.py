"""Activation layers in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.activation import ActivationLayer
from specc.targets.keras.arguments import Writer


def activation(node: Node, write: Writer) -> Expression:
    """keras.layers.Activation."""
    return write.layer("Activation", node, 1)


LAYERS = {ActivationLayer: activation}
