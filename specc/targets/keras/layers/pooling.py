"""Pooling layers in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)
from specc.targets.keras.arguments import Writer


def max_pooling2d(node: Node, write: Writer) -> Expression:
    """keras.layers.MaxPooling2D."""
    return write.layer("MaxPooling2D", node)


def average_pooling2d(node: Node, write: Writer) -> Expression:
    """keras.layers.AveragePooling2D."""
    return write.layer("AveragePooling2D", node, 1)


def global_average_pooling2d(node: Node, write: Writer) -> Expression:
    """keras.layers.GlobalAveragePooling2D."""
    return write.layer("GlobalAveragePooling2D", node)


def global_max_pooling2d(node: Node, write: Writer) -> Expression:
    """keras.layers.GlobalMaxPooling2D."""
    return write.layer("GlobalMaxPooling2D", node)


LAYERS = {
    MaxPooling2D: max_pooling2d,
    AveragePooling2D: average_pooling2d,
    GlobalAveragePooling2D: global_average_pooling2d,
    GlobalMaxPooling2D: global_max_pooling2d,
}
