"""Normalization layers."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from specc.shapes import (
    UNKNOWN,
    Shape,
    ShapeError,
    UnknownSizeError,
    feature_axes,
    positive_axis,
    product,
    text,
)
from specc.spec.editor import at_least, takes
from specc.spec.initializers import Ones, Zeros
from specc.spec.types import Axes, NonNegativeFloat, Rate, expected
from specc.spec.variables import Variable
from specc.spec.word import Constraint, Initializer, Layer, Regularizer, later


class BatchNormalization(
    Layer,
    word="batch_normalization",
    kind="normalization",
    passes_mask=True,
    batch_statistics=True,
    orderless=True,
):
    """Each feature of `axis` less its mean over the batch, divided by its deviation.

    Input and output: any shape. Evaluation uses moving averages of both statistics. Entries that a
    mask leaves out do not count in the statistics.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | later(
        "renorm", "renorm_clipping", "renorm_momentum", "synchronized"
    )

    axis: int = -1
    momentum: Rate = 0.99
    epsilon: NonNegativeFloat = 0.001
    center: bool = True
    scale: bool = True
    beta_initializer: Initializer = Field(default_factory=Zeros)
    gamma_initializer: Initializer = Field(default_factory=Ones)
    moving_mean_initializer: Initializer = Field(default_factory=Zeros)
    moving_variance_initializer: Initializer = Field(default_factory=Ones)
    beta_regularizer: Regularizer | None = None
    gamma_regularizer: Regularizer | None = None
    beta_constraint: Constraint | None = None
    gamma_constraint: Constraint | None = None

    def infer(self, shape: Shape) -> Shape:
        if positive_axis(self.axis, len(shape)) == 0:
            raise ShapeError("expected an axis of the features, found the batch axis 0", "axis")
        return shape

    def uses_mask(self) -> bool:
        return self.trainable

    def check_mask(self, shape: Shape) -> None:
        if self.trainable and positive_axis(self.axis, len(shape)) != len(shape):
            raise ShapeError("expected the last axis where a mask comes with the input", "axis")

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        size = (shape[positive_axis(self.axis, len(shape)) - 1],)
        gamma = Variable("gamma", size, self.gamma_initializer, self.gamma_regularizer)
        beta = Variable("beta", size, self.beta_initializer, self.beta_regularizer)
        mean, variance = self.moving_mean_initializer, self.moving_variance_initializer
        return (
            *((gamma,) if self.scale else ()),
            *((beta,) if self.center else ()),
            Variable("moving_mean", size, mean, trainable=False),
            Variable("moving_variance", size, variance, trainable=False),
        )


class LayerNormalization(
    Layer,
    word="layer_normalization",
    kind="normalization",
    passes_mask=True,
    pointwise=True,
    orderless=True,
):
    """Each sample less its mean over `axis`, divided by its deviation.

    Input and output: any shape.
    """

    axis: Axes = -1
    epsilon: NonNegativeFloat = 0.001
    center: bool = True
    scale: bool = True
    beta_initializer: Initializer = Field(default_factory=Zeros)
    gamma_initializer: Initializer = Field(default_factory=Ones)
    beta_regularizer: Regularizer | None = None
    gamma_regularizer: Regularizer | None = None
    beta_constraint: Constraint | None = None
    gamma_constraint: Constraint | None = None

    def axes(self, rank: int) -> tuple[int, ...]:
        """Return the normalized axes in order, counted with the batch as 0."""
        return feature_axes(self.axis, rank)

    def infer(self, shape: Shape) -> Shape:
        if UNKNOWN in (shape[a - 1] for a in self.axes(len(shape))):
            raise UnknownSizeError("PyTorch's module holds what it normalizes")
        given = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        if len({a < 0 for a in given}) > 1:
            # Keras sorts the axes as they are written, so mixed signs give a kernel of mixed order.
            raise ShapeError("expected axes all positive or all negative, found both", "axis")
        return shape

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        size = tuple(shape[a - 1] for a in self.axes(len(shape)))
        gamma = Variable("gamma", size, self.gamma_initializer, self.gamma_regularizer)
        beta = Variable("beta", size, self.beta_initializer, self.beta_regularizer)
        return (*((gamma,) if self.scale else ()), *((beta,) if self.center else ()))


def _groups(value: object) -> object:
    if type(value) is not int or (value < 1 and value != -1):
        raise expected("a positive integer, or -1 for as many groups as channels")
    return value


class GroupNormalization(Layer, word="group_normalization", kind="normalization", passes_mask=True):
    """Each group of features of `axis` less its mean over the sample, divided by its deviation.

    Input and output: any shape. With `groups: -1` each feature is a group.
    """

    groups: Annotated[int, BeforeValidator(_groups), takes({"const": -1}, at_least(1))] = 32
    axis: int = -1
    epsilon: NonNegativeFloat = 0.001
    center: bool = True
    scale: bool = True
    beta_initializer: Initializer = Field(default_factory=Zeros)
    gamma_initializer: Initializer = Field(default_factory=Ones)
    beta_regularizer: Regularizer | None = None
    gamma_regularizer: Regularizer | None = None
    beta_constraint: Constraint | None = None
    gamma_constraint: Constraint | None = None

    def sizes(self, shape: Shape) -> tuple[int, int]:
        """Return the number of groups and of features."""
        features = shape[positive_axis(self.axis, len(shape)) - 1]
        return (features if self.groups == -1 else self.groups), features

    def infer(self, shape: Shape) -> Shape:
        feature_axes(self.axis, len(shape))
        groups, features = self.sizes(shape)
        if features % groups:
            message = f"expected groups to divide the {features} features, found {groups}"
            raise ShapeError(message, "groups")
        if product(shape) == groups:
            message = "expected groups of more than one value, which would always become 0"
            raise ShapeError(message, "groups")
        return shape

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        size = (self.sizes(shape)[1],)
        gamma = Variable("gamma", size, self.gamma_initializer, self.gamma_regularizer)
        beta = Variable("beta", size, self.beta_initializer, self.beta_regularizer)
        return (*((gamma,) if self.scale else ()), *((beta,) if self.center else ()))


class RMSNormalization(
    Layer, word="rms_normalization", kind="normalization", pointwise=True, orderless=True
):
    """Each sample divided by the root of its mean square over `axis`, times a trained scale.

    Input and output: any shape. `axis` is the last one, or the last ones: for others Keras
    multiplies the scale along the wrong axes.
    """

    axis: Axes = -1
    epsilon: NonNegativeFloat = 1e-06

    def axes(self, rank: int) -> tuple[int, ...]:
        """Return the normalized axes in order, counted with the batch as 0."""
        return feature_axes(self.axis, rank)

    def infer(self, shape: Shape) -> Shape:
        axes = self.axes(len(shape))
        given = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        last = tuple(range(len(shape) + 1 - len(axes), len(shape) + 1))
        if axes != last or len({a < 0 for a in given}) > 1:
            message = f"expected the last axes of {text(shape)}, found {text(given)}"
            raise ShapeError(message, "axis")
        return shape

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        size = tuple(shape[a - 1] for a in self.axes(len(shape)))
        return (Variable("scale", size, Ones()),)


class UnitNormalization(
    Layer,
    word="unit_normalization",
    passes_mask=True,
    pointwise=True,
    orderless=True,
    layout_agnostic=True,
):
    """Each sample divided by its length, the root of the sum of squares over `axis`.

    Input and output: any shape. Where all is 0, it stays 0, with a gradient 1e12 times as large as
    that of the output; where Keras compiles by XLA, nan.
    """

    axis: Axes = -1

    def axes(self, rank: int) -> tuple[int, ...]:
        """Return the axes in order, counted with the batch as 0."""
        return feature_axes(self.axis, rank)

    def infer(self, shape: Shape) -> Shape:
        self.axes(len(shape))
        return shape
