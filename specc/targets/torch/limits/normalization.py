"""Limits of normalizations."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Node
from specc.shapes import text
from specc.spec.layers.normalization import BatchNormalization
from specc.validate import Places


def refuse(node: Node, places: Places) -> Iterator[Diagnostic]:
    """Yield an error where there is no `nn.BatchNorm` of so many axes."""
    if isinstance(node.layer, BatchNormalization) and len(node.input_shape) > 4:
        message = (
            "batch_normalization expects at most 4 axes, as PyTorch's modules do, "
            f"found {text(node.input_shape)}"
        )
        yield Diagnostic("E401", message, node.span, "put a reshape before and after it")
