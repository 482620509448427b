"""Notes on a layer at its place: what changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Node
from specc.unsure import where_sure
from specc.validate import Places


def layer_notes(node: Node, places: Places) -> Iterator[Diagnostic]:
    """Yield the notes on a layer."""
    with where_sure:
        for inner in (n.work.layer for n in node.walk() if n.layer.drops_activity):
            if getattr(inner, "activity_regularizer", None) is not None:
                message = "a penalty on the output changes nothing within Keras' time_distributed"
                place = places.of(inner, "activity_regularizer")
                yield Diagnostic("N103", message, place, None, "note")
