"""Biases that Keras adds along another axis than the one they are meant for."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Node
from specc.shapes import UNKNOWN


def long_axis(node: Node) -> tuple[int, int, int] | None:
    """Return the only axis of a bias that is longer than 1, the bias' rank, and that length."""
    bias = next((v.shape for v in node.variables if v.name == "bias"), ())
    long = [(index, len(bias), size) for index, size in enumerate(bias) if size != 1]
    return long[0] if len(long) == 1 else None


def note_bias(node: Node, axis: int, length: int, hint: str) -> Iterator[Diagnostic]:
    """Yield a note where Keras adds a bias along another axis.

    `ops.add` on TensorFlow takes what can be squeezed to a vector for a bias of the last axis, or
    of the first after the batch, wherever the length of that axis is the bias' (measured).

    Args:
        axis: The axis of the output that it is meant for, without the batch.
        length: How many entries the bias has.
    """
    shape = node.output_shape
    names = {0: "the first axis after the batch", len(shape) - 1: "the last axis"}
    taken = next((a for a in (len(shape) - 1, 0) if shape[a] in (length, UNKNOWN)), axis)
    if taken == axis:
        return
    where = "where it" if shape[taken] is UNKNOWN else "which"
    message = (
        f"Keras on TensorFlow adds the bias along {names[taken]}, {where} is as long as the "
        f"{length} entries of the bias; PyTorch adds it where it belongs"
    )
    yield Diagnostic("N106", message, node.span, hint, "note")
