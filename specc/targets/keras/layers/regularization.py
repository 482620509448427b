"""Layers that act in training alone, in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.regularization import Dropout
from specc.targets.keras.arguments import Writer


def dropout(node: Node, write: Writer) -> Expression:
    """keras.layers.Dropout."""
    return write.layer("Dropout", node, 1)


LAYERS = {Dropout: dropout}
