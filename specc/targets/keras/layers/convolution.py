"""Convolutions in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.convolution import Conv2D
from specc.targets.keras.arguments import Writer


def conv2d(node: Node, write: Writer) -> Expression:
    """keras.layers.Conv2D."""
    return write.layer("Conv2D", node, 2)


LAYERS = {Conv2D: conv2d}
