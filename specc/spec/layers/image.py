"""Layers that bring images to another size or range."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from specc.shapes import UNKNOWN, Shape, ShapeError, UnknownSizeError
from specc.spec.editor import NUMBER, list_of, takes
from specc.spec.spatial import DataFormat, Spatial
from specc.spec.types import PositiveInt, expected


def _value_range(value: Any) -> object:
    numbers = isinstance(value, tuple) and all(type(n) in (int, float) for n in value)
    if not numbers or len(value) != 2 or value[0] >= value[1]:
        raise expected("a list of the lowest and the highest value")
    return value


ValueRange = Annotated[
    tuple[float, float], BeforeValidator(_value_range), takes(list_of(NUMBER, 2, 2))
]


class Resizing(Spatial, word="resizing", rank=2):
    """An image in another size, with `crop_to_aspect_ratio` or `pad_to_aspect_ratio` undistorted.

    Input: `[height, width, channels]`. Output: those of `height` and `width`. `antialias` widens
    the filter where an image shrinks.
    """

    height: PositiveInt
    width: PositiveInt
    interpolation: Literal["bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5"] = (
        "bilinear"
    )
    crop_to_aspect_ratio: bool = False
    pad_to_aspect_ratio: bool = False
    fill_mode: Literal["constant"] = "constant"
    fill_value: float = 0.0
    antialias: bool = False
    data_format: DataFormat | None = None

    def infer(self, shape: Shape) -> Shape:
        _, channels = self.split(shape)
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            message = "expected one of crop_to_aspect_ratio and pad_to_aspect_ratio, found both"
            raise ShapeError(message, "pad_to_aspect_ratio")
        if UNKNOWN in self.sides(shape) and self.interpolation == "area":
            raise UnknownSizeError
        return self.join((self.height, self.width), channels)

    def sides(self, shape: Shape) -> Shape:
        """Return the sizes of what is interpolated for an input of `shape`."""
        spatial, _ = self.split(shape)
        height, width = spatial
        if self.crop_to_aspect_ratio:
            return cropped(spatial, (self.height, self.width))
        if self.pad_to_aspect_ratio:
            (top, bottom), (left, right) = self.pads(spatial)
            return (top + height + bottom, left + width + right)
        return spatial

    def pads(self, spatial: Shape) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return the pixels that Keras puts around an image, the same on opposite sides."""
        height, width = spatial
        rows = max(int(width * self.height / self.width), height) - height
        columns = max(int(height * self.width / self.height), width) - width
        return (rows // 2, rows // 2), (columns // 2, columns // 2)


def cropped(spatial: Shape, to: Shape) -> Shape:
    """Return the largest sizes within an image that have the ratio of others."""
    (height, width), (to_height, to_width) = spatial, to
    rows = max(min(height, int(width * to_height / to_width)), 1)
    columns = max(min(width, int(height * to_width / to_height)), 1)
    return rows, columns


class CenterCrop(Spatial, word="center_crop", rank=2, takes_integers=True):
    """The middle of an image.

    Input: `[height, width, channels]`. Output: those of `height` and `width`. An image that is
    smaller is cropped to their ratio and enlarged.
    """

    height: PositiveInt
    width: PositiveInt
    data_format: DataFormat | None = None

    def infer(self, shape: Shape) -> Shape:
        spatial, channels = self.split(shape)
        if UNKNOWN in spatial:
            raise UnknownSizeError("it says whether an image is cropped or enlarged")
        return self.join((self.height, self.width), channels)


class AutoContrast(Spatial, word="auto_contrast", rank=2, takes_integers=True):
    """Each channel of each image, stretched to the whole range of values.

    Input and output: `[height, width, channels]`. A channel of one value stays as it is.
    """

    value_range: ValueRange = (0.0, 255.0)

    def infer(self, shape: Shape) -> Shape:
        self.split(shape)
        return shape
