"""Normalization layers in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.normalization import BatchNormalization, LayerNormalization
from specc.targets.keras.arguments import Writer


def batch_normalization(node: Node, write: Writer) -> Expression:
    """keras.layers.BatchNormalization."""
    return write.layer("BatchNormalization", node)


def layer_normalization(node: Node, write: Writer) -> Expression:
    """keras.layers.LayerNormalization."""
    return write.layer("LayerNormalization", node)


LAYERS = {BatchNormalization: batch_normalization, LayerNormalization: layer_normalization}
