"""Normalization layers in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from specc.targets.keras.arguments import Writer


def batch_normalization(node: Node, write: Writer) -> Expression:
    """keras.layers.BatchNormalization."""
    return write.layer("BatchNormalization", node)


def layer_normalization(node: Node, write: Writer) -> Expression:
    """keras.layers.LayerNormalization."""
    return write.layer("LayerNormalization", node)


def group_normalization(node: Node, write: Writer) -> Expression:
    """keras.layers.GroupNormalization."""
    return write.layer("GroupNormalization", node)


def rms_normalization(node: Node, write: Writer) -> Expression:
    """keras.layers.RMSNormalization."""
    return write.layer("RMSNormalization", node)


def unit_normalization(node: Node, write: Writer) -> Expression:
    """keras.layers.UnitNormalization."""
    return write.layer("UnitNormalization", node)


LAYERS = {
    BatchNormalization: batch_normalization,
    LayerNormalization: layer_normalization,
    GroupNormalization: group_normalization,
    RMSNormalization: rms_normalization,
    UnitNormalization: unit_normalization,
}
