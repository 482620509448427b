"""Keras' activations that few models use (https://keras.io/api/layers/activations)."""

from specc.spec.activations import AlongAxis
from specc.spec.word import Activation


class Relu6(Activation, word="relu6"):
    """`min(max(x, 0), 6)`."""


class Celu(Activation, word="celu"):
    """`x` above 0, `alpha * (exp(x / alpha) - 1)` below."""

    alpha: float = 1.0


class Selu(Activation, word="selu"):
    """`elu` with the fixed scale and alpha of self-normalising networks."""


class HardSigmoid(Activation, word="hard_sigmoid"):
    """`relu6(x + 3) / 6`."""


class LogSigmoid(Activation, word="log_sigmoid"):
    """`log(sigmoid(x))`."""


class SparseSigmoid(Activation, word="sparse_sigmoid"):
    """0 below -1, 1 above 1, a line between."""


class HardSilu(Activation, word="hard_silu"):
    """`x * hard_sigmoid(x)`, also called hard swish."""


class Mish(Activation, word="mish"):
    """`x * tanh(softplus(x))`."""


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


class SparsePlus(Activation, word="sparse_plus"):
    """0 below -1, `x` above 1, `(x + 1)**2 / 4` between."""


class Squareplus(Activation, word="squareplus"):
    """`(x + sqrt(x**2 + b)) / 2`."""

    b: float = 4.0


class Softsign(Activation, word="softsign"):
    """`x / (abs(x) + 1)`."""


class Exponential(Activation, word="exponential"):
    """`exp(x)`."""


class LogSoftmax(AlongAxis, word="log_softmax"):
    """`log(softmax(x))` along `axis`."""


class Sparsemax(AlongAxis, word="sparsemax"):
    """Keras' sparsemax along `axis`."""
