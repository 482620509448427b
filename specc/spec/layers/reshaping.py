"""Layers that move entries and compute nothing."""

import math
from typing import Annotated, Any

from pydantic import BeforeValidator

from specc.shapes import Shape, ShapeError, resolve_reshape, text
from specc.spec.layers.convolution import DataFormat, join_channels, split_channels
from specc.spec.word import Integers, Layer, PositiveInt, expected


class Flatten(Layer, word="flatten", takes_integers=True, gives_integers=True):
    """All entries in one axis.

    Input: any shape. Output: `[product of the axes]`. With `data_format: channels_first` the
    channels, axis 1 of the input, become the fastest-running ones, as in Keras.
    """

    data_format: DataFormat | None = None

    def infer(self, shape: Shape) -> Shape:
        return (math.prod(shape),)


def _target(value: Any) -> Any:
    whole = isinstance(value, tuple) and all(type(v) is int and (v > 0 or v == -1) for v in value)
    if not whole or value.count(-1) > 1:
        raise expected("a list of positive integers, one of which may be -1")
    return value


class Reshape(Layer, word="reshape", takes_integers=True, gives_integers=True):
    """The same entries in the same order under another shape.

    Input: any shape. Output: `target_shape`, in which one -1 stands for what is left.
    """

    target_shape: Annotated[tuple[int, ...], BeforeValidator(_target)]

    def infer(self, shape: Shape) -> Shape:
        return resolve_reshape(shape, self.target_shape)


class Permute(Layer, word="permute", takes_integers=True, gives_integers=True):
    """The axes in another order.

    Input: any shape. Output: its axes as `dims` orders them, axis 1 being the first after the
    batch.
    """

    dims: Integers

    def infer(self, shape: Shape) -> Shape:
        if sorted(self.dims) != list(range(1, len(shape) + 1)):
            message = f"expected each axis of {text(shape)} once, counted from 1"
            raise ShapeError(f"{message}, found {text(self.dims)}", "dims")
        return tuple(shape[axis - 1] for axis in self.dims)


class RepeatVector(Layer, word="repeat_vector", takes_integers=True, gives_integers=True):
    """The same vector `n` times.

    Input: `[features]`. Output: `[n, features]`.
    """

    n: PositiveInt

    def infer(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            hint = "put a flatten before it" if shape else None
            message = f"repeat_vector expects a vector [features], found {text(shape)}"
            raise ShapeError(message, None, hint)
        return (self.n, *shape)


Sides = tuple[tuple[int, int], tuple[int, int]]


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _sides(value: Any) -> Any:
    if _is_count(value):
        value = (value, value)
    if isinstance(value, tuple) and len(value) == 2:
        both = tuple((v, v) if _is_count(v) else v for v in value)
        if all(isinstance(v, tuple) and len(v) == 2 and all(map(_is_count, v)) for v in both):
            return both
    raise expected("an integer, [height, width] or [[top, bottom], [left, right]]")


class ZeroPadding2D(Layer, word="zero_padding2d", takes_integers=True, gives_integers=True):
    """Zeros around an image.

    Input: `[height, width, channels]`. Output: the same with larger height and width.
    """

    padding: Annotated[Sides, BeforeValidator(_sides)] = ((1, 1), (1, 1))
    data_format: DataFormat | None = None

    def infer(self, shape: Shape) -> Shape:
        spatial, channels = split_channels("zero_padding2d", shape, self.data_format)
        sizes = zip(spatial, self.padding, strict=True)
        return join_channels(tuple(n + sum(p) for n, p in sizes), channels, self.data_format)
