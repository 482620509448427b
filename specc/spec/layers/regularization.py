"""Layers that act in training alone."""

from typing import ClassVar

from specc.shapes import Shape, ShapeError, text
from specc.spec.regularizers import L1L2
from specc.spec.spatial import DataFormat, Spatial
from specc.spec.types import Fraction, NonNegativeFloat, PositiveInt, Rate
from specc.spec.word import Layer, later


class Dropout(
    Layer,
    word="dropout",
    kind="dropout",
    passes_mask=True,
    training_only=True,
    elementwise=True,
    pointwise=True,
    layout_agnostic=True,
):
    """Sets a share `rate` of the entries to 0 and scales the others by `1 / (1 - rate)`.

    Input and output: any shape. `noise_shape`, which counts the batch as its first axis, holds 1
    where all entries of an axis share their fate, and null or the axis' length elsewhere.
    """

    rate: Rate
    noise_shape: tuple[PositiveInt | None, ...] | None = None
    seed: int | None = None

    def infer(self, shape: Shape) -> Shape:
        noise = self.noise_shape
        if noise is None:
            return shape
        fits = len(noise) == len(shape) + 1 and noise[0] in (None, 1)
        if not fits or any(n not in (None, 1, d) for n, d in zip(noise[1:], shape, strict=True)):
            raise ShapeError(
                f"expected a noise_shape of the batch (null or 1) and, for each axis of "
                f"{text(shape)}, its length, 1 or null",
                "noise_shape",
            )
        return shape


class GaussianNoise(
    Layer,
    word="gaussian_noise",
    passes_mask=True,
    training_only=True,
    elementwise=True,
    pointwise=True,
    orderless=True,
    layout_agnostic=True,
):
    """Adds normal noise of deviation `stddev`. Input and output: any shape."""

    stddev: Rate
    seed: int | None = None


class GaussianDropout(
    Layer,
    word="gaussian_dropout",
    kind="dropout",
    passes_mask=True,
    training_only=True,
    elementwise=True,
    pointwise=True,
    orderless=True,
    layout_agnostic=True,
):
    """Multiplies by normal noise around 1, of the variance of a dropout: `rate / (1 - rate)`.

    Input and output: any shape.
    """

    rate: Fraction
    seed: int | None = None


class AlphaDropout(
    Layer,
    word="alpha_dropout",
    kind="dropout",
    passes_mask=True,
    training_only=True,
    elementwise=True,
    pointwise=True,
    orderless=True,
    layout_agnostic=True,
):
    """Dropout to the lower end of selu, which keeps mean and variance.

    Input and output: any shape.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | later("noise_shape")

    rate: Fraction
    seed: int | None = None


class SpatialDropout(Spatial, kind="dropout", passes_mask=True, training_only=True):
    """The base of the dropouts of whole channels. Output: as the input."""

    def infer(self, shape: Shape) -> Shape:
        self.split(shape)
        return shape


class SpatialDropout1D(SpatialDropout, word="spatial_dropout1d", rank=1):
    """Dropout of whole channels of a sequence.

    Input and output: `[steps, channels]`.
    """

    rate: Rate
    seed: int | None = None


class SpatialDropout2D(SpatialDropout, word="spatial_dropout2d", rank=2):
    """Dropout of whole channels of an image.

    Input and output: `[height, width, channels]`.
    """

    rate: Rate
    data_format: DataFormat | None = None
    seed: int | None = None


class SpatialDropout3D(SpatialDropout, word="spatial_dropout3d", rank=3):
    """Dropout of whole channels of a volume.

    Input and output: `[depth, height, width, channels]`.
    """

    rate: Rate
    data_format: DataFormat | None = None
    seed: int | None = None


class ActivityRegularization(
    Layer,
    word="activity_regularization",
    passes_mask=True,
    training_only=True,
    elementwise=True,
    orderless=True,
    layout_agnostic=True,
):
    """Its input, on which training puts a penalty.

    Input and output: any shape.
    """

    l1: NonNegativeFloat = 0.0
    l2: NonNegativeFloat = 0.0

    @property
    def activity_regularizer(self) -> L1L2:
        """The penalty, as other layers have it."""
        return L1L2(l1=self.l1, l2=self.l2)
