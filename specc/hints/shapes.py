"""Which shape of the input was most likely meant, where a layer cannot take the one it gets.

PyTorch has channels before the axes of an image, and many write the batch axis as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from specc.shapes import UNKNOWN, Shape, ShapeError, UnknownSizeError, text
from specc.spec.word import Layer

_CHANNELS = (1, 3, 4)
_BATCHES = tuple(2**power for power in range(4, 11))


def shape_meant(shape: Shape, layers: Sequence[Layer], at: int) -> str | None:
    """Return the hint where a layer cannot take what an input of a shape becomes, or None.

    Arguments:
        at: The number of the layer.
    """
    without = shape[1:]
    if len(without) == 3 and is_turned(without) and _passed(layers, _turned(without)) > at:
        return f"write {text(_turned(without))} for the input: no batch axis, and channels last"
    if without and _has_batch(shape) and _passed(layers, without) > at:
        return f"leave out the batch axis: write {text(without)} for the input"
    if not shape or UNKNOWN in shape or not has_window(layers[at]):
        return None
    turned, passed = _turned(shape), _passed(layers, _turned(shape))
    if is_turned(shape) and passed > at:
        return f"write {text(turned)} for the input, as channels come last"
    if shape[0] < shape[-1] and passed == len(layers):
        return f"did you mean the input {text(turned)}, with channels last?"
    return None


def size_meant(shape: Shape, layers: Sequence[Layer]) -> str:
    """Return the hint where a layer needs a size that an input leaves open."""
    if len(shape) == 2 and shape[0] is UNKNOWN and _passed(layers, shape[1:]) == len(layers):
        return f"give the size, or leave it out where the batch is meant: {text(shape[1:])}"
    return "give the size in the shape of the input"


def is_turned(shape: Shape) -> bool:
    """Tell whether a shape has what is likely a number of channels in front, and none at its end.

    Errors:
        UnknownSizeError: a size is open.
    """
    return len(shape) > 1 and shape[0] in _CHANNELS and shape[-1] not in _CHANNELS


def has_window(layer: Layer) -> bool:
    """Tell whether a layer moves a window along the axes before the channels."""
    first = getattr(layer, "data_format", None) == "channels_first"
    return (layer.convolves or layer.kind == "pooling") and not first


def _has_batch(shape: Shape) -> bool:
    """Tell whether the first size is likely that of a batch."""
    if shape[0] is UNKNOWN:
        return True
    image = len(shape) == 4 and shape[-1] in _CHANNELS
    return image or shape[0] in _BATCHES


def _turned(shape: Shape) -> Shape:
    return (*shape[1:], *shape[:1])


def _passed(layers: Sequence[Layer], shape: Shape) -> int:
    """Return how many of the layers, from the first one, fit an input."""
    for number, layer in enumerate(layers):
        try:
            shape = _output(layer, shape)
        except (ShapeError, UnknownSizeError):
            return number
    return len(layers)


def _output(layer: Layer, shape: Shape) -> Shape:
    for inner in layer.nested(shape):
        _output(inner.layer, inner.shape)
    given = layer.output(shape)
    if any(UNKNOWN in variable.shape for variable in layer.held(shape)):
        raise UnknownSizeError
    return given
