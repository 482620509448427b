"""Arithmetic on shapes: sizes of windows and pads. Knows nothing of specc.

A shape never holds the batch axis. Axes of a layer count as in Keras, where axis 0 is the batch.
"""

from __future__ import annotations

import math

Shape = tuple[int, ...]
Pads = tuple[tuple[int, int], ...]


class ShapeError(Exception):
    """A layer cannot take its input.

    Arguments:
        message: What was expected and what was found.
        field: The layer's field that is to blame, or None for the layer itself.
        hint: The likely fix, or None.
    """

    def __init__(self, message: str, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.field, self.hint = message, field, hint


def text(shape: Shape) -> str:
    """Return a shape as people write it: `[28, 28, 1]`."""
    return "[" + ", ".join(map(str, shape)) + "]"


def window_output(size: int, window: int, stride: int, padding: str, dilation: int = 1) -> int:
    """Return how many windows fit along one axis; 0 or less where none does.

    Arguments:
        size: Length of the axis.
        window: Length of the kernel or pool.
        padding: "same", "causal" or "valid".
    """
    if padding != "valid":
        return -(-size // stride)
    return (size - (window - 1) * dilation - 1) // stride + 1


def same_pads(size: int, window: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Return what TensorFlow's `same` puts before and after one axis of static length."""
    total = (-(-size // stride) - 1) * stride + (window - 1) * dilation + 1 - size
    total = max(total, 0)
    return total // 2, total - total // 2


def transposed_output(
    size: int, window: int, stride: int, padding: str, dilation: int = 1, extra: int | None = None
) -> int:
    """Return the length that Keras gives the output of a transposed convolution.

    Arguments:
        extra: Keras' `output_padding`, or None.
    """
    reach = (window - 1) * dilation + 1
    if padding == "valid":
        return (size - 1) * stride + (max(reach, stride) if extra is None else reach + extra)
    return size * stride if extra is None else (size - 1) * stride + reach % 2 + extra


def positive_axis(axis: int, rank: int) -> int:
    """Return a Keras axis as a number from 0, the batch, to `rank`, the last.

    Errors:
        ShapeError: there is no such axis.
    """
    positive = axis + rank + 1 if axis < 0 else axis
    if not 0 <= positive <= rank:
        raise ShapeError(
            f"expected an axis of the {rank + 1} that the input has, found {axis}", "axis"
        )
    return positive


def resolve_reshape(shape: Shape, target: Shape) -> Shape:
    """Return `target` with its -1 replaced.

    Errors:
        ShapeError: the two hold different numbers of entries.
    """
    size, known = math.prod(shape), math.prod(d for d in target if d != -1)
    if -1 in target:
        if known == 0 or size % known:
            raise ShapeError(
                f"expected a shape of {size} entries as in {text(shape)}, "
                f"found {text(target)}, which takes a multiple of {known}",
                "target_shape",
            )
        return tuple(size // known if d == -1 else d for d in target)
    if size != known:
        raise ShapeError(
            f"expected a shape of {size} entries as in {text(shape)}, "
            f"found {text(target)} of {known}",
            "target_shape",
        )
    return target


def feature_axes(axis: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Return one or several Keras axes in order, counted with the batch as 0.

    Errors:
        ShapeError: there is no such axis, it is the batch, or it is there twice.
    """
    given = axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(sorted(positive_axis(a, rank) for a in given))
    if axes[0] == 0 or len(set(axes)) < len(axes):
        message = f"expected each axis of the features at most once, found {text(axes)}"
        raise ShapeError(message, "axis")
    return axes
