"""Layers that hold another layer, in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.wrapper import SpectralNormalization, TimeDistributed
from specc.targets.keras.arguments import Writer


def time_distributed(node: Node, write: Writer) -> Expression:
    """keras.layers.TimeDistributed."""
    return write.layer("TimeDistributed", node, 1)


def spectral_normalization(node: Node, write: Writer) -> Expression:
    """keras.layers.SpectralNormalization."""
    return write.layer("SpectralNormalization", node, 1)


LAYERS = {TimeDistributed: time_distributed, SpectralNormalization: spectral_normalization}
