"""The shape of the input: axes that stand as in PyTorch, a batch axis."""

from __future__ import annotations

from collections.abc import Iterator

from specc.hints.shapes import has_window, is_turned
from specc.program import Node
from specc.review.subject import Found, Look, Subject
from specc.shapes import UNKNOWN, text
from specc.spec.layers.core import Dense, Identity

_SMALLEST = 8  # of images that are likely ones


def axes_of_another_framework(subject: Subject) -> Iterator[Found]:
    """Find an image with its channels in front, and a vector with a batch axis."""
    shape, spec_input = subject.program.input.shape, subject.program.input
    turned = (*shape[1:], *shape[:1])
    span = subject.place(spec_input, "shape")
    if _is_turned_image(subject):
        message = (
            f"the input {text(shape)} is {shape[0]} high, {shape[1]} wide and has {shape[2]} "
            "channels, as channels come last"
        )
        yield Found(span, message, f"write {text(turned)}, if that is the image")
    if _is_batch(subject):
        message = (
            f"the input {text(shape)} is a sequence of any length, of which each layer takes one "
            "step by itself"
        )
        yield Found(span, message, f"write {text(shape[1:])}: the batch axis is left out")


def _is_turned_image(subject: Subject) -> bool:
    shape = subject.program.input.shape
    if len(shape) != 3 or UNKNOWN in shape or not is_turned(shape):
        return False
    node = next((node for node in subject.nodes if has_window(node.layer)), None)
    if node is None or node.input_shape != shape or shape[1] != shape[2] or shape[1] < _SMALLEST:
        return False
    sizes = (getattr(node.layer, name, (1,))[0] for name in ("kernel_size", "pool_size"))
    return any(size > 1 for size in sizes)


def _is_batch(subject: Subject) -> bool:
    shape = subject.program.input.shape
    apart = all(map(_keeps_axes, subject.nodes))
    graph = subject.program.graph
    first = all(isinstance(node.layer, Dense) for node in graph.users(graph.input))
    return len(shape) == 2 and shape[0] is UNKNOWN and apart and first


def _keeps_axes(node: Node) -> bool:
    """Tell whether a layer leaves the axes as they are, and is the same for all but the last."""
    layer = node.layer
    plain = isinstance(layer, (Dense, Identity)) or layer.word == "rescaling"
    return plain or layer.kind in ("dropout", "activation", "normalization")


FINDINGS: dict[str, Look] = {"W362": axes_of_another_framework}
