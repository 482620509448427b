"""Layers that move entries and compute nothing."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from specc.shapes import (
    Pads,
    Shape,
    ShapeError,
    changed,
    known,
    product,
    resolve_reshape,
    scaled,
    text,
)
from specc.spec.editor import Json, at_least, list_of, takes
from specc.spec.spatial import DataFormat, Spatial
from specc.spec.types import Integers, Pair, PositiveInt, Single, Triple, expected
from specc.spec.word import Layer


class Flatten(
    Layer,
    word="flatten",
    kind="reshape",
    takes_integers=True,
    gives_integers=True,
    orderless=True,
    only_resizes=True,
    keeps_bias=True,
):
    """All entries in one axis.

    Input: any shape. Output: `[product of the axes]`. With `data_format: channels_first` the
    channels, axis 1 of the input, become the fastest-running ones, as in Keras.
    """

    data_format: DataFormat | None = None

    def infer(self, shape: Shape) -> Shape:
        return (product(shape),)


def _target(value: Any) -> object:
    whole = isinstance(value, tuple) and all(type(v) is int and (v > 0 or v == -1) for v in value)
    if not whole or value.count(-1) > 1:
        raise expected("a list of positive integers, one of which may be -1")
    return value


class Reshape(
    Layer,
    word="reshape",
    kind="reshape",
    takes_integers=True,
    gives_integers=True,
    only_resizes=True,
):
    """The same entries in the same order under another shape.

    Input: any shape. Output: `target_shape`, in which one -1 stands for what is left.
    """

    target_shape: Annotated[
        tuple[int, ...],
        BeforeValidator(_target),
        takes(list_of({"anyOf": [at_least(1), {"const": -1}]})),
    ]

    def infer(self, shape: Shape) -> Shape:
        return resolve_reshape(shape, self.target_shape)


class Permute(
    Layer,
    word="permute",
    kind="permutation",
    takes_integers=True,
    gives_integers=True,
    layout_agnostic=True,
):
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

    def is_identity(self, shape: Shape) -> bool:
        return self.dims == tuple(sorted(self.dims))


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


Side = tuple[int, int]


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _sides(rank: int) -> Callable[[object], object]:
    """Return the check of what lies before and after each of `rank` axes."""
    axes = {2: "[height, width] or [[top, bottom], [left, right]]"}
    lists = axes.get(rank, f"a list of {rank}, each an integer or [before, after]")

    def check(value: object) -> object:
        if _is_count(value):
            value = (value,) * rank
        if isinstance(value, tuple) and len(value) == rank:
            both = tuple((v, v) if _is_count(v) else v for v in value)
            if all(isinstance(v, tuple) and len(v) == 2 and all(map(_is_count, v)) for v in both):
                return both
        raise expected(f"an integer, {lists}" if rank == 2 else f"an integer or {lists}")

    return check


def _ends(value: object) -> object:
    """Check what lies before and after the only axis, as Keras writes it."""
    value = (value, value) if _is_count(value) else value
    if not (isinstance(value, tuple) and len(value) == 2 and all(map(_is_count, value))):
        raise expected("an integer or [before, after]")
    return (value,)


_COUNT = at_least(0)
_BOTH = list_of(_COUNT, 2, 2)
_EITHER: Json = {"anyOf": [_COUNT, _BOTH]}
One = Annotated[tuple[Side], BeforeValidator(_ends), takes(_COUNT, _BOTH)]
Two = Annotated[
    tuple[Side, Side], BeforeValidator(_sides(2)), takes(_COUNT, list_of(_EITHER, 2, 2))
]
Three = Annotated[
    tuple[Side, Side, Side], BeforeValidator(_sides(3)), takes(_COUNT, list_of(_EITHER, 3, 3))
]


class ZeroPadding(Spatial, takes_integers=True, gives_integers=True, only_resizes=True):
    """The base of the layers that put zeros around their input.

    Input: `[..., channels]`. Output: the same with larger sizes.
    """

    padding: Pads
    data_format: DataFormat | None = None

    def infer(self, shape: Shape) -> Shape:
        spatial, channels = self.split(shape)
        sizes = zip(spatial, self.padding, strict=True)
        return self.join(tuple(changed(n, sum(p)) for n, p in sizes), channels)


class ZeroPadding1D(ZeroPadding, word="zero_padding1d", rank=1):
    """Zeros before and after a sequence."""

    padding: One = ((1, 1),)


class ZeroPadding2D(ZeroPadding, word="zero_padding2d", rank=2):
    """Zeros around an image."""

    padding: Two = ((1, 1), (1, 1))


class ZeroPadding3D(ZeroPadding, word="zero_padding3d", rank=3):
    """Zeros around a volume."""

    padding: Three = ((1, 1), (1, 1), (1, 1))


class Cropping(Spatial, takes_integers=True, gives_integers=True, only_resizes=True):
    """The base of the layers that cut off the ends of each axis.

    Input: `[..., channels]`. Output: the same with smaller sizes.
    """

    cropping: Pads

    def infer(self, shape: Shape) -> Shape:
        spatial, channels = self.split(shape)
        output = tuple(changed(n, -sum(c)) for n, c in zip(spatial, self.cropping, strict=True))
        if min(known(output), default=1) < 1:
            cut = text(tuple(map(sum, self.cropping)))
            message = f"expected to cut off less than the input {text(shape)} has, found {cut}"
            raise ShapeError(message, "cropping")
        return self.join(output, channels)


class Cropping1D(Cropping, word="cropping1d", rank=1):
    """A sequence without its ends."""

    cropping: One = ((1, 1),)


class Cropping2D(Cropping, word="cropping2d", rank=2):
    """An image without its borders."""

    cropping: Two = ((0, 0), (0, 0))
    data_format: DataFormat | None = None


class Cropping3D(Cropping, word="cropping3d", rank=3):
    """A volume without its borders."""

    cropping: Three = ((1, 1), (1, 1), (1, 1))
    data_format: DataFormat | None = None


class UpSampling(Spatial, only_resizes=True):
    """The base of the layers that repeat each entry along each axis.

    Input: `[..., channels]`. Output: the same, `size` times as large.
    """

    size: Shape

    def infer(self, shape: Shape) -> Shape:
        spatial, channels = self.split(shape)
        sizes = zip(spatial, self.size, strict=True)
        return self.join(tuple(scaled(n, s) for n, s in sizes), channels)


class UpSampling1D(UpSampling, word="up_sampling1d", rank=1):
    """Each step several times."""

    size: Single = (2,)


def _interpolation(value: object) -> object:
    if value in ("lanczos3", "lanczos5"):
        raise expected(
            f"'nearest', 'bilinear' or 'bicubic' ({value} is not translated: PyTorch has none)"
        )
    return value


class UpSampling2D(UpSampling, word="up_sampling2d", rank=2):
    """Each pixel several times, or the image enlarged bilinearly or bicubically."""

    size: Pair = (2, 2)
    data_format: DataFormat | None = None
    interpolation: Annotated[
        Literal["nearest", "bilinear", "bicubic"], BeforeValidator(_interpolation)
    ] = "nearest"

    def infer(self, shape: Shape) -> Shape:
        if self.interpolation == "bicubic" and any(size & (size - 1) for size in self.size):
            message = (
                f"bicubic expects powers of 2, found {text(self.size)}: for others TensorFlow "
                "rounds its weights to 1/1024, which moves the output by up to 2e-3"
            )
            raise ShapeError(message, "size")
        return super().infer(shape)


class UpSampling3D(UpSampling, word="up_sampling3d", rank=3):
    """Each entry of a volume several times."""

    size: Triple = (2, 2, 2)
    data_format: DataFormat | None = None
