"""Keras' activation functions (https://keras.io/api/layers/activations)."""

from specc.shapes import Shape, ShapeError, positive_axis
from specc.spec.word import Activation


class Linear(Activation, word="linear"):
    """`x`."""


class Relu(Activation, word="relu"):
    """`max(x, 0)`, with a slope below `threshold` and a ceiling `max_value` where given."""

    negative_slope: float = 0.0
    max_value: float | None = None
    threshold: float = 0.0


class LeakyRelu(Activation, word="leaky_relu"):
    """`x` above 0, `negative_slope * x` below."""

    negative_slope: float = 0.2


class Elu(Activation, word="elu"):
    """`x` above 0, `alpha * (exp(x) - 1)` below."""

    alpha: float = 1.0


class Gelu(Activation, word="gelu"):
    """`x * Phi(x)`, by the error function or approximated by tanh."""

    approximate: bool = False


class Sigmoid(Activation, word="sigmoid"):
    """`1 / (1 + exp(-x))`."""


class Silu(Activation, word="silu"):
    """`x * sigmoid(x)`, also called swish."""


class Tanh(Activation, word="tanh"):
    """Hyperbolic tangent."""


class Softplus(Activation, word="softplus"):
    """`log(exp(x) + 1)`."""


class AlongAxis(Activation):
    """An activation that works along one axis, the batch being axis 0."""

    axis: int = -1

    def infer(self, shape: Shape) -> Shape:
        if positive_axis(self.axis, len(shape)) == 0:
            raise ShapeError("expected an axis of the features, found the batch axis 0", "axis")
        return shape


class Softmax(AlongAxis, word="softmax"):
    """`exp(x)` divided by its sum along `axis`."""


class Glu(AlongAxis, word="glu"):
    """The first half of `axis` times the sigmoid of the second."""

    def infer(self, shape: Shape) -> Shape:
        axis = positive_axis(self.axis, len(super().infer(shape))) - 1
        if shape[axis] % 2:
            raise ShapeError(f"glu expects an even size to halve, found {shape[axis]}", "axis")
        return (*shape[:axis], shape[axis] // 2, *shape[axis + 1 :])
