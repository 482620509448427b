"""Limits of layers that bring images to another size."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Node
from specc.shapes import text
from specc.spec.layers.image import Resizing
from specc.unsure import hidden
from specc.validate import Places

_HINT = "use bilinear, or bicubic with antialias: true"


def refuse(node: Node, places: Places) -> Iterator[Diagnostic]:
    """Yield an error about an interpolation that PyTorch has not, or not alike."""
    if isinstance(node.layer, Resizing):
        found = _wrong(node.layer, node)
        if found is not None:
            message, hint = found
            yield Diagnostic("E401", message, places.of(node.layer, "interpolation"), hint)


def _wrong(layer: Resizing, node: Node) -> tuple[str, str] | None:
    """Return what is wrong with an interpolation and what to do, or None."""
    if layer.interpolation == "bicubic" and not layer.antialias:
        message = (
            "bicubic without antialias differs: measured up to 23 of 255, as PyTorch's "
            "kernel is another one"
        )
        return message, _HINT
    if layer.interpolation.startswith("lanczos"):
        return f"PyTorch has no {layer.interpolation} that works on every device", _HINT
    if layer.interpolation != "area":
        return None
    if hidden(node.output_shape):
        return None  # it takes no such input, which is told
    sides = layer.sides(node.input_shape)
    if sides[0] % layer.height or sides[1] % layer.width:
        message = (
            f"area differs where {text(sides)} is no multiple of "
            f"{text((layer.height, layer.width))}: measured up to 101 of 255, as PyTorch "
            "weighs a pixel on an edge whole"
        )
        return message, "use bilinear with antialias: true"
    return None
