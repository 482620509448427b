"""What becomes of masks, resolved: layers that cannot take one, masks that serve nothing."""

from __future__ import annotations

from specc.diagnostics import Diagnostic
from specc.program import Node, Program
from specc.shapes import ShapeError, text
from specc.spec.layers.core import Custom
from specc.validate import Places


def check_mask(node: Node, places: Places) -> list[Diagnostic]:
    """Return what is wrong with the mask that comes with a layer's input, if one does."""
    if not node.input.masked:
        return []
    if isinstance(node.layer, Custom):
        message = (
            f"{node.name} gets a mask; specc assumes that it ends there, as where a "
            "class of Keras does not say supports_masking"
        )
        return [Diagnostic("N108", message, node.span, None, "note")]
    try:
        node.layer.check_mask(node.input_shape)
        _check_output(node)
    except ShapeError as error:
        place = places.of(node.layer, error.field)
        return [Diagnostic("E406", error.message, place, error.hint)]
    return []


def _check_output(node: Node) -> None:
    """Check that the mask fits the output that it goes on with."""
    passed = node.layer.gives_mask(True) and not node.layer.gives_mask(False)
    mask = node.input_shape[:-1]
    if passed and node.output_shape[:-1] != mask:
        message = f"{node.layer.word} would pass on a mask of {text(mask)}, which does not fit its"
        raise ShapeError(f"{message} output {text(node.output_shape)}")


def note_masks(program: Program, places: Places) -> list[Diagnostic]:
    """Return notes of masks that serve nothing."""
    notes = []
    for node in program.graph.nodes:
        mask = node.made_mask
        if mask is None:
            continue
        takers = program.graph.users(mask)
        if any(taker.layer.uses_mask() for taker in takers):
            continue
        last = takers[-1] if takers else node
        if isinstance(last.layer, Custom):
            continue
        if all(value.mask is not mask for value in program.graph.outputs):
            message = f"the mask of {node.name} ends at {last.name}, and nothing before uses it"
            place = places.of(node.layer, "mask_zero")
            notes.append(Diagnostic("N103", message, place, None, "note"))
    return notes
