"""Notes on a layer at its place: what changes nothing, and where the programs differ."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Node
from specc.shapes import UNKNOWN
from specc.spec.spatial import Spatial
from specc.unsure import where_sure
from specc.validate import Places


def layer_notes(node: Node, places: Places) -> Iterator[Diagnostic]:
    """Yield the notes on a layer."""
    with where_sure:
        yield from _activity(node, places)
    with where_sure:
        yield from _bias(node.work)


def _activity(node: Node, places: Places) -> Iterator[Diagnostic]:
    for inner in (n.work.layer for n in node.walk() if n.layer.word == "time_distributed"):
        if getattr(inner, "activity_regularizer", None) is not None:
            message = "a penalty on the output changes nothing within Keras' time_distributed"
            place = places.of(inner, "activity_regularizer")
            yield Diagnostic("N103", message, place, None, "note")


def _bias(node: Node) -> Iterator[Diagnostic]:
    """Note where Keras adds a bias along another axis.

    `ops.add` on TensorFlow takes what can be squeezed to a vector for a bias of the last axis, or
    of the first after the batch, wherever the length of that axis is the bias' (measured).
    """
    found, shape = _bias_axis(node), node.output_shape
    if found is None:
        return
    axis, length = found
    names = {0: "the first axis after the batch", len(shape) - 1: "the last axis"}
    taken = next((a for a in (len(shape) - 1, 0) if shape[a] in (length, UNKNOWN)), axis)
    if taken == axis:
        return
    where = "where it" if shape[taken] is UNKNOWN else "which"
    message = (
        f"Keras on TensorFlow adds the bias along {names[taken]}, {where} is as long as the "
        f"{length} entries of the bias; PyTorch adds it where it belongs"
    )
    first = isinstance(node.layer, Spatial)
    hint = "use channels_last, or use_bias: false" if first else "leave out bias_axes"
    yield Diagnostic("N106", message, node.span, hint, "note")


def _bias_axis(node: Node) -> tuple[int, int] | None:
    """Return the axis of the output, without the batch, and the length of a bias elsewhere."""
    bias = next((v.shape for v in node.variables if v.name == "bias"), ())
    long = [(index, size) for index, size in enumerate(bias) if size != 1]
    if len(long) != 1:
        return None
    index, size = long[0]
    recurrent = node.layer.word.startswith("conv_lstm")  # adds it by another function
    if isinstance(node.layer, Spatial) and node.layer.is_first() and not recurrent:
        return 0, size
    if node.layer.word == "einsum_dense":
        return len(node.output_shape) - len(bias) + index, size
    return None
