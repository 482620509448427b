"""Layers that act in training alone."""

from specc.shapes import Shape, ShapeError, text
from specc.spec.regularizers import L1L2
from specc.spec.word import Layer, NonNegativeFloat, PositiveInt, Rate


class Dropout(Layer, word="dropout"):
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


class ActivityRegularization(Layer, word="activity_regularization"):
    """Its input, on which training puts a penalty.

    Input and output: any shape.
    """

    l1: NonNegativeFloat = 0.0
    l2: NonNegativeFloat = 0.0

    @property
    def activity_regularizer(self) -> L1L2:
        """The penalty, as other layers have it."""
        return L1L2(l1=self.l1, l2=self.l2)
