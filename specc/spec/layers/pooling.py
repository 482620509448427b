"""Pooling layers."""

from specc.shapes import UNKNOWN, Shape, ShapeError, UnknownSizeError, known, text, window_output
from specc.spec.spatial import DataFormat, Padding, Spatial
from specc.spec.types import Pair, Single, Triple


class Pooling(Spatial, kind="pooling"):
    """The base of the layers that look at their input through a window.

    Input: `[..., channels]`. Output: the same with smaller sizes.
    """

    pool_size: Shape
    strides: Shape | None = None
    padding: Padding = "valid"
    data_format: DataFormat | None = None

    def steps(self) -> Shape:
        """Return the strides, which are the pool size where none are given."""
        return self.strides or self.pool_size

    def infer(self, shape: Shape) -> Shape:
        spatial, channels = self.split(shape)
        windows = zip(spatial, self.pool_size, self.steps(), strict=True)
        output = tuple(window_output(n, k, s, self.padding) for n, k, s in windows)
        if min(known(output), default=1) < 1:
            raise ShapeError(
                f"expected a pool that fits into the input {text(shape)}, "
                f"found {text(self.pool_size)}",
                "pool_size",
                "make it smaller or set padding: same",
            )
        return self.join(output, channels)

    def is_identity(self, shape: Shape) -> bool:
        return max(self.pool_size) == max(self.steps()) == 1


class MaxPooling(Pooling):
    """The largest value in each window."""


class MaxPooling1D(MaxPooling, word="max_pooling1d", rank=1):
    """The largest value in each window of a sequence."""

    pool_size: Single = (2,)
    strides: Single | None = None


class MaxPooling2D(MaxPooling, word="max_pooling2d", rank=2):
    """The largest value in each window of an image."""

    pool_size: Pair = (2, 2)
    strides: Pair | None = None


class MaxPooling3D(MaxPooling, word="max_pooling3d", rank=3):
    """The largest value in each window of a volume."""

    pool_size: Triple = (2, 2, 2)
    strides: Triple | None = None


class AveragePooling(Pooling):
    """The mean of each window; padded places do not count."""


class AveragePooling1D(AveragePooling, word="average_pooling1d", rank=1):
    """The mean of each window of a sequence; padded places do not count."""

    pool_size: Single
    strides: Single | None = None


class AveragePooling2D(AveragePooling, word="average_pooling2d", rank=2):
    """The mean of each window of an image; padded places do not count."""

    pool_size: Pair
    strides: Pair | None = None


class AveragePooling3D(AveragePooling, word="average_pooling3d", rank=3):
    """The mean of each window of a volume; padded places do not count."""

    pool_size: Triple
    strides: Triple | None = None


class GlobalPooling(Spatial, layout_agnostic=True):
    """The base of the layers that reduce all sizes to one value for each channel.

    Input: `[..., channels]`. Output: `[channels]`, with `keepdims` as many axes as before.
    """

    data_format: DataFormat | None = None
    keepdims: bool = False

    def infer(self, shape: Shape) -> Shape:
        _, channels = self.split(shape)
        return self.join((1,) * self.rank, channels) if self.keepdims else (channels,)


class GlobalAveragePooling(GlobalPooling):
    """The mean over all axes but the channels."""


class GlobalAveragePooling1D(
    GlobalAveragePooling, word="global_average_pooling1d", rank=1, divides_by_mask=True
):
    """The mean over the steps, those that a mask leaves out not counting.

    Of a sample of which a mask leaves out all, Keras makes NaN; both programs refuse such data.
    """

    def uses_mask(self) -> bool:
        return True

    def check_mask(self, shape: Shape) -> None:
        if self.is_first():
            message = "a mask leaves out steps of channels_last sequences, found channels_first"
            raise ShapeError(message, "data_format")


class GlobalAveragePooling2D(GlobalAveragePooling, word="global_average_pooling2d", rank=2):
    """The mean over height and width."""


class GlobalAveragePooling3D(GlobalAveragePooling, word="global_average_pooling3d", rank=3):
    """The mean over depth, height and width."""


class GlobalMaxPooling(GlobalPooling):
    """The largest value over all axes but the channels."""


class GlobalMaxPooling1D(GlobalMaxPooling, word="global_max_pooling1d", rank=1):
    """The largest value over the steps."""


class GlobalMaxPooling2D(GlobalMaxPooling, word="global_max_pooling2d", rank=2):
    """The largest value over height and width."""


class GlobalMaxPooling3D(GlobalMaxPooling, word="global_max_pooling3d", rank=3):
    """The largest value over depth, height and width."""


_NO_GRAPH = "Keras on TensorFlow fails in training and prediction"


class AdaptivePooling(Spatial, only_resizes=True):
    """The base of the layers that divide their input into `output_size` windows, as even as can be.

    Input: `[..., channels]`. Output: the same with the sizes `output_size`. A single window along
    an axis is refused, as is an axis of one entry: Keras takes windows of two lengths and leaves
    out what it does not need, but the longer one is then longer than the axis. TensorFlow neither
    trains nor predicts with that.
    """

    output_size: Shape
    data_format: DataFormat | None = None

    def infer(self, shape: Shape) -> Shape:
        spatial, channels = self.split(shape)
        if UNKNOWN in spatial:
            raise UnknownSizeError("the windows depend on it")
        if 1 in self.output_size:
            kind = "max" if isinstance(self, AdaptiveMaxPooling) else "average"
            pool = f"{kind}_pooling{self.rank}d"
            raise ShapeError(
                f"{self.word} expects at least 2 windows along each axis, found "
                f"{text(self.output_size)}: {_NO_GRAPH}",
                "output_size",
                f"use global_{pool} with keepdims, or {pool}",
            )
        if 1 in spatial:
            message = f"{self.word} expects at least 2 entries along each axis, found {text(shape)}"
            raise ShapeError(f"{message}: {_NO_GRAPH}")
        return self.join(self.output_size, channels)


class AdaptiveAveragePooling1D(AdaptivePooling, word="adaptive_average_pooling1d", rank=1):
    """The mean of each of so many windows of a sequence."""

    output_size: Single


class AdaptiveAveragePooling2D(AdaptivePooling, word="adaptive_average_pooling2d", rank=2):
    """The mean of each of so many windows of an image."""

    output_size: Pair


class AdaptiveAveragePooling3D(AdaptivePooling, word="adaptive_average_pooling3d", rank=3):
    """The mean of each of so many windows of a volume."""

    output_size: Triple


class AdaptiveMaxPooling(AdaptivePooling):
    """The largest value in each window."""


class AdaptiveMaxPooling1D(AdaptiveMaxPooling, word="adaptive_max_pooling1d", rank=1):
    """The largest value in each of so many windows of a sequence."""

    output_size: Single


class AdaptiveMaxPooling2D(AdaptiveMaxPooling, word="adaptive_max_pooling2d", rank=2):
    """The largest value in each of so many windows of an image."""

    output_size: Pair


class AdaptiveMaxPooling3D(AdaptiveMaxPooling, word="adaptive_max_pooling3d", rank=3):
    """The largest value in each of so many windows of a volume."""

    output_size: Triple
