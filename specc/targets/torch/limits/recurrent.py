"""Limits of recurrent layers."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Node
from specc.spec.initializers import Identity
from specc.spec.layers.recurrent import GRUGates
from specc.unsure import where_sure
from specc.validate import Places


def refuse(node: Node, places: Places) -> Iterator[Diagnostic]:
    """Yield errors about initial weights that depend on the order of a GRU's gates."""
    if not isinstance(node.layer, GRUGates):
        return
    for variable in node.variables:
        with where_sure:
            rows = variable.name == "bias" and len(variable.shape) == 2
            if isinstance(variable.initializer, Identity) and not rows:
                message = "a gru cannot begin with the identity, as PyTorch has other gates first"
                place = places.of(node.layer, f"{variable.stem}_initializer")
                yield Diagnostic("E403", message, place)
