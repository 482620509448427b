"""Masks that a module alone does not hold, as only the loss uses them."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Program
from specc.validate import Places


def note_masks(program: Program, places: Places) -> Iterator[Diagnostic]:
    """Yield notes on masks that reach the end of a model that is not trained, and serve nothing."""
    if program.fit is not None:
        return
    for node in program.graph.nodes:
        mask = node.made_mask
        if mask is None or all(value.mask is not mask for value in program.graph.outputs):
            continue
        if not any(taker.layer.uses_mask() for taker in program.graph.users(mask)):
            message = (
                f"the loss of the Keras model skips the steps that {node.name} masks; "
                "the PyTorch module does not hold the mask"
            )
            place = places.of(node.layer, "mask_zero")
            yield Diagnostic("N208", message, place, None, "note")
