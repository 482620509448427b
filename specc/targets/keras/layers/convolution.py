"""Convolutions in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.convolution import Conv1D, Conv2D, Conv3D
from specc.targets.keras.arguments import Writer


def convolution(node: Node, write: Writer) -> Expression:
    """keras.layers.Conv1D, Conv2D or Conv3D."""
    return write.layer(type(node.layer).__name__, node, 2)


LAYERS = dict.fromkeys((Conv1D, Conv2D, Conv3D), convolution)
