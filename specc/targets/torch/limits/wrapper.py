"""Limits of layers that hold another layer."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Node
from specc.spec.layers.wrapper import SpectralNormalization
from specc.unsure import hidden
from specc.validate import Places


def refuse(node: Node, places: Places) -> Iterator[Diagnostic]:
    """Yield an error about a depthwise kernel that is divided by its singular value."""
    if not isinstance(node.layer, SpectralNormalization) or hidden(node.nested):
        return
    if getattr(node.layer.layer, "depth_multiplier", 1) > 1:
        message = (
            f"spectral_normalization of a {node.layer.layer.word} with a depth_multiplier above 1 "
            "is not translated: PyTorch holds its kernel as another matrix"
        )
        yield Diagnostic("E401", message, places.of(node.layer, "layer"))
