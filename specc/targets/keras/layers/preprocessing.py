"""Layers that prepare inputs, in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.preprocessing import Rescaling
from specc.targets.keras.arguments import Writer


def rescaling(node: Node, write: Writer) -> Expression:
    """keras.layers.Rescaling."""
    return write.layer("Rescaling", node, 1)


LAYERS = {Rescaling: rescaling}
