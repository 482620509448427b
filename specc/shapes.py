"""Arithmetic on shapes: sizes of windows and pads. Knows nothing of the language.

A shape never holds the batch axis. Axes of a layer count as in Keras, where axis 0 is the batch.
"""

from __future__ import annotations

import math
from typing import NoReturn, cast

from specc.unsure import hidden

Shape = tuple[int, ...]
Pads = tuple[tuple[int, int], ...]


class UnknownSizeError(Exception):
    """Something needs a size that the spec leaves open.

    Arguments:
        why: What depends on the size, or None.
    """

    def __init__(self, why: str | None = None) -> None:
        super().__init__(why)
        self.why = why


class _Unknown:
    """A size that is known only when the program runs, `null` in a spec.

    It moves through shapes as any size does. Whatever computes with it raises `UnknownSizeError`,
    so a layer that was not written with it in mind refuses it, and none can get it wrong.
    """

    def __repr__(self) -> str:
        return "UNKNOWN"

    def _refuse(self, *_: object) -> NoReturn:
        raise UnknownSizeError

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __floordiv__ = __rfloordiv__ = __truediv__ = __rtruediv__ = __mod__ = __rmod__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __neg__ = __abs__ = __round__ = _refuse
    __bool__ = __int__ = __float__ = __index__ = __str__ = __format__ = _refuse


# To all that only hands sizes on it is one of them, so it has their type.
UNKNOWN = cast(int, _Unknown())


def known(shape: Shape) -> Shape:
    """Return the sizes of a shape that are known."""
    return tuple(size for size in shape if size is not UNKNOWN)


def filled(shape: Shape, size: int) -> Shape:
    """Return a shape with `size` for each size that is not known."""
    return tuple(size if length is UNKNOWN else length for length in shape)


def product(shape: Shape) -> int:
    """Return the number of entries, UNKNOWN where a size is."""
    return UNKNOWN if UNKNOWN in shape else math.prod(shape)


def changed(size: int, by: int) -> int:
    """Return a size that grows or shrinks by a number; what is not known stays so."""
    return size if size is UNKNOWN else size + by


def scaled(size: int, by: int) -> int:
    """Return a size `by` times as large; what is not known stays so."""
    return size if size is UNKNOWN else size * by


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
    """Return a shape as specs write it: `[28, 28, 1]`, `[null, 32]`; `?` where it is unsure."""
    return f"[{', '.join(map(_size, shape))}]"


def _size(size: int) -> str:
    return "null" if size is UNKNOWN else "?" if hidden(size) else str(size)


def window_output(size: int, window: int, stride: int, padding: str, dilation: int = 1) -> int:
    """Return how many windows fit along one axis; 0 or less where none does.

    Arguments:
        size: Length of the axis.
        window: Length of the kernel or pool.
        padding: "same", "causal" or "valid".

    Errors:
        UnknownSizeError: the pads depend on the size, which is not known.
    """
    if size is UNKNOWN:
        if padding == "same":
            same_pads(size, window, stride, dilation)
        return UNKNOWN
    if padding != "valid":
        return -(-size // stride)
    return (size - (window - 1) * dilation - 1) // stride + 1


def same_pads(size: int, window: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Return what TensorFlow's `same` puts before and after one axis.

    Without strides that is the same for every size. A window of two with strides has at most one
    place after the axis, which does no harm where no window reaches it.

    Errors:
        UnknownSizeError: it depends on the size, which is not known.
    """
    reach = (window - 1) * dilation + 1
    if size is UNKNOWN:
        if stride > 1 and reach > 2:
            raise UnknownSizeError("with strides, what padding: same adds depends on it")
        size = 1
    total = (-(-size // stride) - 1) * stride + reach - size
    total = max(total, 0)
    return total // 2, total - total // 2


def transposed_output(
    size: int, window: int, stride: int, padding: str, dilation: int = 1, extra: int | None = None
) -> int:
    """Return the length that Keras gives the output of a transposed convolution.

    Arguments:
        extra: Keras' `output_padding`, or None.
    """
    if size is UNKNOWN:
        return UNKNOWN
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
    """Return `target` with its -1 replaced, by UNKNOWN where a size of the input is.

    Errors:
        ShapeError: the two hold different numbers of entries.
    """
    if UNKNOWN in shape:
        return tuple(UNKNOWN if d == -1 else d for d in target)
    size, given = math.prod(shape), math.prod(d for d in target if d != -1)
    if -1 in target:
        if given == 0 or size % given:
            raise ShapeError(
                f"expected a shape of {size} entries as in {text(shape)}, "
                f"found {text(target)}, which takes a multiple of {given}",
                "target_shape",
            )
        return tuple(size // given if d == -1 else d for d in target)
    if size != given:
        raise ShapeError(
            f"expected a shape of {size} entries as in {text(shape)}, "
            f"found {text(target)} of {given}",
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
