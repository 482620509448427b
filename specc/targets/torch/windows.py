"""Sizes, strides and pads of windows, as PyTorch's modules and `F.pad` take them."""

from __future__ import annotations

from specc.expressions import Code, Expression, call, literal
from specc.shapes import Pads, Shape

UNEVEN = "more at the end, as in TensorFlow"


def size(value: Shape) -> Code:
    """Return the literal of a window's size: one number where all are the same."""
    return literal(value[0] if len(set(value)) == 1 else value)


def size_unless(value: Shape, default: int) -> Code | None:
    """Return the literal of a size, or None where it is PyTorch's default."""
    return None if set(value) == {default} else size(value)


def flat_pads(pads: Pads) -> Shape:
    """Return pads as PyTorch counts them: the last axis first."""
    return tuple(n for axis in reversed(pads) for n in axis)


def pad(x: Code, pads: Pads, value: float | None = None) -> Expression:
    """Return what pads all axes but the batch and the channels."""
    filled = None if value is None else literal(value)
    return call("F.pad", x, literal(flat_pads(pads)), value=filled)


def is_even(pads: Pads) -> bool:
    """Tell whether pads are the same on both sides, so that a module's `padding` can say them."""
    return all(before == after for before, after in pads)
