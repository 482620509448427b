"""Activation layers."""

from pydantic import Field

from specc.shapes import Shape, ShapeError, feature_axes, text
from specc.spec import activations
from specc.spec.initializers import Zeros
from specc.spec.types import Axes, NonNegativeFloat
from specc.spec.variables import Variable
from specc.spec.word import Activation, Constraint, Initializer, Layer, Regularizer


class FunctionLayer(
    Layer,
    kind="activation",
    passes_mask=True,
    is_function=True,
    pointwise=True,
    layout_agnostic=True,
):
    """The base of the layers that apply an activation function.

    Input: any shape. Output: the same, except glu's.
    """


class ActivationLayer(FunctionLayer, word="activation", elementwise=True):
    """An activation function as a layer of its own."""

    activation: Activation
    activity_regularizer: Regularizer | None = None

    def function(self) -> Activation:
        return self.activation


class ReluLayer(FunctionLayer, word="relu", elementwise=True):
    """`max(x, 0)`, with a slope below `threshold` and a ceiling `max_value` where given."""

    max_value: NonNegativeFloat | None = None
    negative_slope: NonNegativeFloat = 0.0
    threshold: NonNegativeFloat = 0.0

    def function(self) -> Activation:
        return activations.Relu(
            negative_slope=self.negative_slope, max_value=self.max_value, threshold=self.threshold
        )


class LeakyReluLayer(FunctionLayer, word="leaky_relu", elementwise=True):
    """`x` above 0, `negative_slope * x` below; the slope is not that of the activation."""

    negative_slope: NonNegativeFloat = 0.3

    def function(self) -> Activation:
        return activations.LeakyRelu(negative_slope=self.negative_slope)


class EluLayer(FunctionLayer, word="elu", elementwise=True):
    """`x` above 0, `alpha * (exp(x) - 1)` below."""

    alpha: float = 1.0

    def function(self) -> Activation:
        return activations.Elu(alpha=self.alpha)


class SoftmaxLayer(FunctionLayer, word="softmax"):
    """`exp(x)` divided by its sum along `axis`, which may be several axes."""

    axis: Axes = -1

    def axes(self, rank: int) -> tuple[int, ...]:
        """Return the axes in order, counted with the batch as 0."""
        return feature_axes(self.axis, rank)

    def function(self) -> Activation | None:
        if not isinstance(self.axis, tuple):
            return activations.Softmax(axis=self.axis)
        return activations.Softmax(axis=self.axis[0]) if len(self.axis) == 1 else None

    def infer(self, shape: Shape) -> Shape:
        self.axes(len(shape))
        return shape

    def check_mask(self, shape: Shape) -> None:
        message = "softmax cannot take a mask: Keras lays it along the last axes, where it is not"
        raise ShapeError(message, None, "write activation: softmax, which passes it on")


class PRelu(
    Layer,
    word="prelu",
    kind="activation",
    passes_mask=True,
    orderless=True,
    layout_agnostic=True,
):
    """`x` above 0, `alpha * x` below, with a trained `alpha` for each entry of a sample.

    Input and output: any shape. Along the axes `shared_axes`, axis 1 being the first after the
    batch, all entries share one `alpha`.
    """

    alpha_initializer: Initializer = Field(default_factory=Zeros)
    alpha_regularizer: Regularizer | None = None
    alpha_constraint: Constraint | None = None
    shared_axes: Axes | None = None

    def shared(self) -> tuple[int, ...]:
        """Return the shared axes."""
        axes = self.shared_axes
        return axes if isinstance(axes, tuple) else () if axes is None else (axes,)

    def infer(self, shape: Shape) -> Shape:
        if not all(1 <= axis <= len(shape) for axis in self.shared()):
            # Keras counts other axes from another end than elsewhere.
            message = f"expected axes of {text(shape)} from 1 on, found {text(self.shared())}"
            raise ShapeError(message, "shared_axes")
        return shape

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        size = tuple(1 if axis in self.shared() else n for axis, n in enumerate(shape, 1))
        return (Variable("alpha", size, self.alpha_initializer, self.alpha_regularizer),)
