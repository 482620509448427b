"""Layers that change images at random, in training alone. Each image has draws of its own."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

from specc.shapes import Shape, ShapeError, text
from specc.spec.editor import INTEGER, between, list_of, takes
from specc.spec.layers.image import ValueRange
from specc.spec.spatial import DataFormat, Spatial
from specc.spec.types import Rate, expected

Draw = tuple[float, float]
FillMode = Literal["reflect", "wrap", "constant", "nearest"]
Interpolation = Literal["nearest", "bilinear"]


def _factor(low: float, high: float) -> tuple[BeforeValidator, WithJsonSchema]:
    """Return the check of a number within bounds, or of a pair of them."""

    def check(value: Any) -> object:
        if value is None:
            return None
        numbers = value if isinstance(value, tuple) else (value,) * 2
        fits = all(type(n) in (int, float) and low <= n <= high for n in numbers)
        if not fits or len(numbers) != 2:
            raise expected(f"a number from {low} to {high}, or a list of two")
        return tuple(map(float, value)) if isinstance(value, tuple) else float(value)

    number = between(low, high)
    return BeforeValidator(check), takes(number, list_of(number, 2, 2))


def _bits(value: object) -> object:
    numbers = value if isinstance(value, tuple) else (value,) * 2
    if len(numbers) != 2 or any(type(n) is not int or not 1 <= n <= 8 for n in numbers):
        raise expected("an integer from 1 to 8, or a list of two")
    return value


Signed = Annotated[float | tuple[float, float], *_factor(-1, 1)]
Unsigned = Annotated[float | tuple[float, float], *_factor(0, 1)]
_BIT = between(1, 8, INTEGER)
Bits = Annotated[int | tuple[int, int], BeforeValidator(_bits), takes(_BIT, list_of(_BIT, 2, 2))]


def bounds(factor: float | Draw, least: float = -1.0) -> Draw:
    """Return between which numbers Keras draws: a number stands for both signs of it.

    Arguments:
        least: The smallest that may be drawn, which cuts the negative side off where it is 0.
    """
    if isinstance(factor, tuple):
        return (min(factor), max(factor))
    return (max(-abs(factor), least) + 0.0, abs(factor))


class Augmentation(Spatial, rank=2, takes_integers=True, defines_class=True, training_only=True):
    """The base of the layers that change images at random. Output: as the input."""

    def infer(self, shape: Shape) -> Shape:
        self.split(shape)
        return shape

    def check_mask(self, shape: Shape) -> None:
        message = f"Keras' {self.word} ends a mask in training, but passes it on in evaluation"
        hint = "change images at random before the layer that makes the mask"
        raise ShapeError(message, None, hint)


class OfNumbers(Augmentation, takes_integers=False):
    """The base of those whose images Keras does not turn into floating-point numbers."""


class OfColours(OfNumbers):
    """The base of those that mix the colours of an image."""

    def infer(self, shape: Shape) -> Shape:
        _, channels = self.split(shape)
        if channels != 3:
            raise ShapeError(f"{self.word} expects 3 channels, found {text(shape)}")
        return shape


class RandomFlip(Augmentation, word="random_flip"):
    """Flips every other image; with `horizontal_and_vertical` along both axes at once.

    Input and output: `[height, width, channels]`.
    """

    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = "horizontal_and_vertical"
    seed: int | None = None
    data_format: DataFormat | None = None


class Sampled(Augmentation):
    """The base of those that sample an image at other places."""


class RandomRotation(Sampled, word="random_rotation"):
    """Turns an image around its centre by a part of a whole turn.

    Input and output: `[height, width, channels]`. `fill_mode` says what lies outside of an image.
    """

    factor: Signed
    fill_mode: FillMode = "reflect"
    interpolation: Interpolation = "bilinear"
    seed: int | None = None
    fill_value: float = 0.0
    data_format: DataFormat | None = None


class RandomTranslation(Sampled, word="random_translation"):
    """Moves an image by a part of its height, downwards, and of its width, to the right.

    Input and output: `[height, width, channels]`.
    """

    height_factor: Signed
    width_factor: Signed
    fill_mode: FillMode = "reflect"
    interpolation: Interpolation = "bilinear"
    seed: int | None = None
    fill_value: float = 0.0
    data_format: DataFormat | None = None


class RandomZoom(Sampled, word="random_zoom"):
    """Shows more of an image, or less of it where factors are negative.

    Input and output: `[height, width, channels]`. Without `width_factor` the ratio stays.
    """

    height_factor: Signed
    width_factor: Signed | None = None
    fill_mode: FillMode = "reflect"
    interpolation: Interpolation = "bilinear"
    seed: int | None = None
    fill_value: float = 0.0
    data_format: DataFormat | None = None

    def infer(self, shape: Shape) -> Shape:
        for field in ("height_factor", "width_factor"):
            factor = getattr(self, field)
            if factor is not None and bounds(factor)[0] <= -1 and factor != 1:
                raise ShapeError("expected a factor above -1, which leaves something", field)
        return super().infer(shape)


class RandomShear(Sampled, word="random_shear"):
    """Slants an image, to one side or the other with equal chance.

    Input and output: `[height, width, channels]`. Factors are slopes.
    """

    x_factor: Unsigned = 0.0
    y_factor: Unsigned = 0.0
    interpolation: Interpolation = "bilinear"
    fill_mode: FillMode = "reflect"
    fill_value: float = 0.0
    data_format: DataFormat | None = None
    seed: int | None = None


class RandomContrast(OfNumbers, word="random_contrast"):
    """`(x - mean) * c + mean`, the mean that of a channel of an image, cut to `value_range`.

    Input and output: `[height, width, channels]`. `c` lies between `1 - lower` and `1 + upper` of
    a factor `[lower, upper]`; a number stands for `[0, upper]`, as Keras draws it.
    """

    factor: Unsigned
    value_range: ValueRange = (0.0, 255.0)
    seed: int | None = None


class RandomBrightness(OfNumbers, word="random_brightness"):
    """Adds a part of the width of `value_range`, and cuts to it.

    Input and output: `[height, width, channels]`.
    """

    factor: Signed
    value_range: ValueRange = (0.0, 255.0)
    seed: int | None = None


class RandomGrayscale(OfColours, word="random_grayscale"):
    """Takes the colours of a share of the images away.

    Input and output: `[height, width, 3]`.
    """

    factor: Rate = 0.5
    data_format: DataFormat | None = None
    seed: int | None = None


class RandomColorDegeneration(OfColours, word="random_color_degeneration"):
    """`x + f * (gray - x)`, cut to `value_range`.

    Input and output: `[height, width, 3]`.
    """

    factor: Signed
    value_range: ValueRange = (0.0, 255.0)
    data_format: DataFormat | None = None
    seed: int | None = None


class RandomInvert(OfNumbers, word="random_invert"):
    """`highest - x` for a share of the images that is drawn itself.

    Input and output: `[height, width, channels]`.
    """

    factor: Unsigned = 1.0
    value_range: ValueRange = (0.0, 255.0)
    seed: int | None = None
    data_format: DataFormat | None = None


class Solarization(Augmentation, word="solarization"):
    """Adds to an image and inverts what is above a threshold, both in parts of 255.

    Input and output: `[height, width, channels]`. Of a pair, Keras takes the lower bound as it
    is and the upper one times 255.
    """

    addition_factor: Unsigned = 0.0
    threshold_factor: Unsigned = 0.0
    value_range: ValueRange = (0.0, 255.0)
    seed: int | None = None


class RandomPosterization(OfNumbers, word="random_posterization"):
    """Leaves the upper bits of 8, of a pair at least the lower and fewer than the upper one.

    Input and output: `[height, width, channels]`. A number stands for a pair from 1.
    """

    factor: Bits
    value_range: ValueRange = (0.0, 255.0)
    data_format: DataFormat | None = None
    seed: int | None = None


class RandomSharpness(OfNumbers, word="random_sharpness"):
    """Blurs an image, or sharpens it where the factor is above 0.5, cut to `value_range`.

    Input and output: `[height, width, channels]`.
    """

    factor: Unsigned
    value_range: ValueRange = (0.0, 255.0)
    data_format: DataFormat | None = None
    seed: int | None = None
