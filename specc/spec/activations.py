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


class Relu6(Activation, word="relu6"):
    """`min(max(x, 0), 6)`."""


class Elu(Activation, word="elu"):
    """`x` above 0, `alpha * (exp(x) - 1)` below."""

    alpha: float = 1.0


class Celu(Activation, word="celu"):
    """`x` above 0, `alpha * (exp(x / alpha) - 1)` below."""

    alpha: float = 1.0


class Selu(Activation, word="selu"):
    """`elu` with the fixed scale and alpha of self-normalising networks."""


class Gelu(Activation, word="gelu"):
    """`x * Phi(x)`, by the error function or approximated by tanh."""

    approximate: bool = False


class Sigmoid(Activation, word="sigmoid"):
    """`1 / (1 + exp(-x))`."""


class HardSigmoid(Activation, word="hard_sigmoid"):
    """`relu6(x + 3) / 6`."""


class LogSigmoid(Activation, word="log_sigmoid"):
    """`log(sigmoid(x))`."""


class SparseSigmoid(Activation, word="sparse_sigmoid"):
    """0 below -1, 1 above 1, a line between."""


class Silu(Activation, word="silu"):
    """`x * sigmoid(x)`, also called swish."""


class HardSilu(Activation, word="hard_silu"):
    """`x * hard_sigmoid(x)`, also called hard swish."""


class Mish(Activation, word="mish"):
    """`x * tanh(softplus(x))`."""


class Tanh(Activation, word="tanh"):
    """Hyperbolic tangent."""


class HardTanh(Activation, word="hard_tanh"):
    """`x` between -1 and 1, those bounds beyond."""


class TanhShrink(Activation, word="tanh_shrink"):
    """`x - tanh(x)`."""


class HardShrink(Activation, word="hard_shrink"):
    """`x` where its magnitude is above `threshold`, else 0."""

    threshold: float = 0.5


class SoftShrink(Activation, word="soft_shrink"):
    """`x` moved towards 0 by `threshold`, 0 within it."""

    threshold: float = 0.5


class Threshold(Activation, word="threshold"):
    """`x` above `threshold`, `default_value` elsewhere."""

    threshold: float
    default_value: float


class Softplus(Activation, word="softplus"):
    """`log(exp(x) + 1)`."""


class SparsePlus(Activation, word="sparse_plus"):
    """0 below -1, `x` above 1, `(x + 1)**2 / 4` between."""


class Squareplus(Activation, word="squareplus"):
    """`(x + sqrt(x**2 + b)) / 2`."""

    b: float = 4.0


class Softsign(Activation, word="softsign"):
    """`x / (abs(x) + 1)`."""


class Exponential(Activation, word="exponential"):
    """`exp(x)`."""


class _AlongAxis(Activation):
    """An activation that works along one axis, the batch being axis 0."""

    axis: int = -1

    def infer(self, shape: Shape) -> Shape:
        if positive_axis(self.axis, len(shape)) == 0:
            raise ShapeError("expected an axis of the features, found the batch axis 0", "axis")
        return shape


class Softmax(_AlongAxis, word="softmax"):
    """`exp(x)` divided by its sum along `axis`."""


class LogSoftmax(_AlongAxis, word="log_softmax"):
    """`log(softmax(x))` along `axis`."""


class Sparsemax(_AlongAxis, word="sparsemax"):
    """Keras' sparsemax along `axis`."""


class Glu(_AlongAxis, word="glu"):
    """The first half of `axis` times the sigmoid of the second."""

    def infer(self, shape: Shape) -> Shape:
        axis = positive_axis(self.axis, len(super().infer(shape))) - 1
        if shape[axis] % 2:
            raise ShapeError(f"glu expects an even size to halve, found {shape[axis]}", "axis")
        return (*shape[:axis], shape[axis] // 2, *shape[axis + 1 :])
