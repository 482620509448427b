"""Keras' activation functions (https://keras.io/api/layers/activations)."""

from __future__ import annotations

from typing import ClassVar

from specc.shapes import Shape, ShapeError, positive_axis
from specc.spec.word import Activation


class Linear(Activation):
    """`x`."""

    word: ClassVar[str] = "linear"


class Relu(Activation):
    """`max(x, 0)`, with a slope below `threshold` and a ceiling `max_value` where given."""

    word: ClassVar[str] = "relu"
    negative_slope: float = 0.0
    max_value: float | None = None
    threshold: float = 0.0


class LeakyRelu(Activation):
    """`x` above 0, `negative_slope * x` below."""

    word: ClassVar[str] = "leaky_relu"
    negative_slope: float = 0.2


class Relu6(Activation):
    """`min(max(x, 0), 6)`."""

    word: ClassVar[str] = "relu6"


class Elu(Activation):
    """`x` above 0, `alpha * (exp(x) - 1)` below."""

    word: ClassVar[str] = "elu"
    alpha: float = 1.0


class Celu(Activation):
    """`x` above 0, `alpha * (exp(x / alpha) - 1)` below."""

    word: ClassVar[str] = "celu"
    alpha: float = 1.0


class Selu(Activation):
    """`elu` with the fixed scale and alpha of self-normalising networks."""

    word: ClassVar[str] = "selu"


class Gelu(Activation):
    """`x * Phi(x)`, by the error function or approximated by tanh."""

    word: ClassVar[str] = "gelu"
    approximate: bool = False


class Sigmoid(Activation):
    """`1 / (1 + exp(-x))`."""

    word: ClassVar[str] = "sigmoid"


class HardSigmoid(Activation):
    """`relu6(x + 3) / 6`."""

    word: ClassVar[str] = "hard_sigmoid"


class LogSigmoid(Activation):
    """`log(sigmoid(x))`."""

    word: ClassVar[str] = "log_sigmoid"


class SparseSigmoid(Activation):
    """0 below -1, 1 above 1, a line between."""

    word: ClassVar[str] = "sparse_sigmoid"


class Silu(Activation):
    """`x * sigmoid(x)`, also called swish."""

    word: ClassVar[str] = "silu"


class HardSilu(Activation):
    """`x * hard_sigmoid(x)`, also called hard swish."""

    word: ClassVar[str] = "hard_silu"


class Mish(Activation):
    """`x * tanh(softplus(x))`."""

    word: ClassVar[str] = "mish"


class Tanh(Activation):
    """Hyperbolic tangent."""

    word: ClassVar[str] = "tanh"


class HardTanh(Activation):
    """`x` between -1 and 1, those bounds beyond."""

    word: ClassVar[str] = "hard_tanh"


class TanhShrink(Activation):
    """`x - tanh(x)`."""

    word: ClassVar[str] = "tanh_shrink"


class HardShrink(Activation):
    """`x` where its magnitude is above `threshold`, else 0."""

    word: ClassVar[str] = "hard_shrink"
    threshold: float = 0.5


class SoftShrink(Activation):
    """`x` moved towards 0 by `threshold`, 0 within it."""

    word: ClassVar[str] = "soft_shrink"
    threshold: float = 0.5


class Threshold(Activation):
    """`x` above `threshold`, `default_value` elsewhere."""

    word: ClassVar[str] = "threshold"
    threshold: float
    default_value: float


class Softplus(Activation):
    """`log(exp(x) + 1)`."""

    word: ClassVar[str] = "softplus"


class SparsePlus(Activation):
    """0 below -1, `x` above 1, `(x + 1)**2 / 4` between."""

    word: ClassVar[str] = "sparse_plus"


class Squareplus(Activation):
    """`(x + sqrt(x**2 + b)) / 2`."""

    word: ClassVar[str] = "squareplus"
    b: float = 4


class Softsign(Activation):
    """`x / (abs(x) + 1)`."""

    word: ClassVar[str] = "softsign"


class Exponential(Activation):
    """`exp(x)`."""

    word: ClassVar[str] = "exponential"


class _AlongAxis(Activation):
    """An activation that works along one axis, the batch being axis 0."""

    elementwise: ClassVar[bool] = False
    axis: int = -1

    def infer(self, shape: Shape) -> Shape:
        if positive_axis(self.axis, len(shape)) == 0:
            raise ShapeError("expected an axis of the features, found the batch axis 0", "axis")
        return shape


class Softmax(_AlongAxis):
    """`exp(x)` divided by its sum along `axis`."""

    word: ClassVar[str] = "softmax"


class LogSoftmax(_AlongAxis):
    """`log(softmax(x))` along `axis`."""

    word: ClassVar[str] = "log_softmax"


class Sparsemax(_AlongAxis):
    """Keras' sparsemax along `axis`."""

    word: ClassVar[str] = "sparsemax"


class Glu(_AlongAxis):
    """The first half of `axis` times the sigmoid of the second."""

    word: ClassVar[str] = "glu"

    def infer(self, shape: Shape) -> Shape:
        axis = positive_axis(self.axis, len(super().infer(shape))) - 1
        if shape[axis] % 2:
            raise ShapeError(f"glu expects an even size to halve, found {shape[axis]}", "axis")
        return (*shape[:axis], shape[axis] // 2, *shape[axis + 1 :])
