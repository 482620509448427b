"""Normalization layers."""

from typing import ClassVar

from pydantic import Field

from specc.shapes import Shape, ShapeError, positive_axis, text
from specc.spec.initializers import Ones, Zeros
from specc.spec.variables import Variable
from specc.spec.word import (
    Axes,
    Initializer,
    Layer,
    NonNegativeFloat,
    Rate,
    Regularizer,
    constraints,
    later,
)


class BatchNormalization(Layer, word="batch_normalization"):
    """Each feature of `axis` less its mean over the batch, divided by its deviation.

    Input and output: any shape. Evaluation uses moving averages of both statistics.
    """

    refused: ClassVar[dict[str, str]] = (
        Layer.refused
        | constraints("beta", "gamma")
        | later("renorm", "renorm_clipping", "renorm_momentum", "synchronized")
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

    def infer(self, shape: Shape) -> Shape:
        if positive_axis(self.axis, len(shape)) == 0:
            raise ShapeError("expected an axis of the features, found the batch axis 0", "axis")
        return shape

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


class LayerNormalization(Layer, word="layer_normalization"):
    """Each sample less its mean over `axis`, divided by its deviation.

    Input and output: any shape.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | constraints("beta", "gamma")

    axis: Axes = -1
    epsilon: NonNegativeFloat = 0.001
    center: bool = True
    scale: bool = True
    beta_initializer: Initializer = Field(default_factory=Zeros)
    gamma_initializer: Initializer = Field(default_factory=Ones)
    beta_regularizer: Regularizer | None = None
    gamma_regularizer: Regularizer | None = None

    def axes(self, rank: int) -> tuple[int, ...]:
        """Return the normalized axes in order, counted with the batch as 0."""
        axis = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        return tuple(sorted(positive_axis(a, rank) for a in axis))

    def infer(self, shape: Shape) -> Shape:
        axes = self.axes(len(shape))
        if axes[0] == 0 or len(set(axes)) < len(axes):
            message = f"expected each axis of the features at most once, found {text(axes)}"
            raise ShapeError(message, "axis")
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
