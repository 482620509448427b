"""Pooling layers."""

from specc.shapes import Shape, ShapeError, text, window_output
from specc.spec.spatial import DataFormat, Padding, Spatial
from specc.spec.word import Pair


class Pooling2D(Spatial, rank=2):
    """The base of the layers that look at an image through a window.

    Input: `[height, width, channels]`. Output: the same with smaller height and width.
    """

    pool_size: Pair
    strides: Pair | None = None
    padding: Padding = "valid"
    data_format: DataFormat | None = None

    def steps(self) -> tuple[int, int]:
        """Return the strides, which are the pool size where none are given."""
        return self.strides or self.pool_size

    def infer(self, shape: Shape) -> Shape:
        spatial, channels = self.split(shape)
        windows = zip(spatial, self.pool_size, self.steps(), strict=True)
        output = tuple(window_output(n, k, s, self.padding) for n, k, s in windows)
        if min(output) < 1:
            raise ShapeError(
                f"expected a pool that fits into the input {text(shape)}, "
                f"found {text(self.pool_size)}",
                "pool_size",
                "make it smaller or set padding: same",
            )
        return self.join(output, channels)


class MaxPooling2D(Pooling2D, word="max_pooling2d"):
    """The largest value in each window."""

    pool_size: Pair = (2, 2)


class AveragePooling2D(Pooling2D, word="average_pooling2d"):
    """The mean of each window; padded places do not count."""


class GlobalPooling2D(Spatial, rank=2):
    """The base of the layers that reduce height and width to one value for each channel.

    Input: `[height, width, channels]`. Output: `[channels]`, with `keepdims`
    `[1, 1, channels]`.
    """

    data_format: DataFormat | None = None
    keepdims: bool = False

    def infer(self, shape: Shape) -> Shape:
        _, channels = self.split(shape)
        return self.join((1, 1), channels) if self.keepdims else (channels,)


class GlobalAveragePooling2D(GlobalPooling2D, word="global_average_pooling2d"):
    """The mean over height and width."""


class GlobalMaxPooling2D(GlobalPooling2D, word="global_max_pooling2d"):
    """The largest value over height and width."""
