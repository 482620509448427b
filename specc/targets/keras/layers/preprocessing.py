"""Layers that prepare inputs, in Keras."""

from __future__ import annotations

from typing import cast

from specc.expressions import Expression, literal
from specc.program import Node
from specc.spec.layers.preprocessing import (
    CategoryEncoding,
    Discretization,
    IntegerLookup,
    Normalization,
    Rescaling,
)
from specc.targets.keras.arguments import Writer


def rescaling(node: Node, write: Writer) -> Expression:
    """keras.layers.Rescaling."""
    return write.layer("Rescaling", node, 1)


def normalization(node: Node, write: Writer) -> Expression:
    """keras.layers.Normalization."""
    layer = cast(Normalization, node.layer)
    mean, variance = literal(_lists(layer.mean)), literal(_lists(layer.variance))
    return write.layer("Normalization", node, mean=mean, variance=variance)


def category_encoding(node: Node, write: Writer) -> Expression:
    """keras.layers.CategoryEncoding."""
    return write.layer("CategoryEncoding", node, 1)


def discretization(node: Node, write: Writer) -> Expression:
    """keras.layers.Discretization."""
    boundaries = literal(_lists(cast(Discretization, node.layer).bin_boundaries))
    return write.layer("Discretization", node, 1, bin_boundaries=boundaries)


def integer_lookup(node: Node, write: Writer) -> Expression:
    """keras.layers.IntegerLookup."""
    vocabulary = literal(_lists(cast(IntegerLookup, node.layer).vocabulary))
    return write.layer("IntegerLookup", node, vocabulary=vocabulary)


def _lists(value: object) -> object:
    return [_lists(v) for v in value] if isinstance(value, tuple) else value


LAYERS = {
    Rescaling: rescaling,
    Normalization: normalization,
    CategoryEncoding: category_encoding,
    Discretization: discretization,
    IntegerLookup: integer_lookup,
}
