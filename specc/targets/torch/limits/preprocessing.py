"""Limits of layers that prepare numbers."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Node
from specc.spec.layers.preprocessing import IntegerLookup
from specc.validate import Places


def refuse(node: Node, places: Places) -> Iterator[Diagnostic]:
    """Yield an error about unknown integers that are spread by a hash."""
    layer = node.layer
    if not isinstance(layer, IntegerLookup):
        return
    if layer.oov_method == "farmhash" and layer.num_oov_indices > 1:
        message = "farmhash has no equal in PyTorch, whose tensors do not hash"
        yield Diagnostic("E401", message, places.of(layer, "oov_method"), "use floormod")
