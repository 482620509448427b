"""Pooling layers in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.pooling import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from specc.targets.keras.arguments import Writer


def pooling(node: Node, write: Writer) -> Expression:
    """keras.layers.MaxPooling2D and the others that take their arguments by name."""
    return write.layer(type(node.layer).__name__, node)


def average_pooling(node: Node, write: Writer) -> Expression:
    """keras.layers.AveragePooling1D, 2D or 3D, which have no default size."""
    return write.layer(type(node.layer).__name__, node, 1)


def adaptive_pooling(node: Node, write: Writer) -> Expression:
    """keras.layers.AdaptiveAveragePooling2D and the others that begin with the output size."""
    return write.layer(type(node.layer).__name__, node, 1)


LAYERS = {
    AdaptiveAveragePooling1D: adaptive_pooling,
    AdaptiveAveragePooling2D: adaptive_pooling,
    AdaptiveAveragePooling3D: adaptive_pooling,
    AdaptiveMaxPooling1D: adaptive_pooling,
    AdaptiveMaxPooling2D: adaptive_pooling,
    AdaptiveMaxPooling3D: adaptive_pooling,
    MaxPooling1D: pooling,
    MaxPooling2D: pooling,
    MaxPooling3D: pooling,
    AveragePooling1D: average_pooling,
    AveragePooling2D: average_pooling,
    AveragePooling3D: average_pooling,
    GlobalAveragePooling1D: pooling,
    GlobalAveragePooling2D: pooling,
    GlobalAveragePooling3D: pooling,
    GlobalMaxPooling1D: pooling,
    GlobalMaxPooling2D: pooling,
    GlobalMaxPooling3D: pooling,
}
