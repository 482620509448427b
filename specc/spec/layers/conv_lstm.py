"""Recurrent layers whose products are convolutions."""

from typing import ClassVar

from pydantic import Field

from specc.shapes import UNKNOWN, Shape, ShapeError, UnknownSizeError, text, window_output
from specc.spec.activations import Sigmoid, Tanh
from specc.spec.initializers import GlorotUniform, Orthogonal, Zeros
from specc.spec.spatial import DataFormat, Padding, Spatial
from specc.spec.types import Fraction, Pair, PositiveInt, Single, Triple
from specc.spec.variables import Variable
from specc.spec.word import Activation, Constraint, Initializer, Layer, Regularizer


class ConvLSTM(Spatial, kind="convolutional_lstm", convolves=True, activates=False):
    """The base of the LSTMs whose products with weights are convolutions.

    Input: `[steps, ..., channels]`. Output: `[..., filters]`, that of the last step, or
    `[steps, ..., filters]` with `return_sequences`. `go_backwards` reads from the end, and gives
    its outputs in that order. `dropout` and `recurrent_dropout` drop the same entries at all steps.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | {
        "return_state": "it gives several tensors, and a spec is a sequence of layers with one",
        "stateful": "it needs a batch size that is fixed in the model, which a spec lacks",
    }

    filters: PositiveInt
    kernel_size: Shape
    strides: Shape
    padding: Padding = "valid"
    data_format: DataFormat | None = None
    dilation_rate: Shape
    activation: Activation | None = Field(default_factory=Tanh)
    recurrent_activation: Activation | None = Field(default_factory=Sigmoid)
    use_bias: bool = True
    kernel_initializer: Initializer = Field(default_factory=GlorotUniform)
    recurrent_initializer: Initializer = Field(default_factory=Orthogonal)
    bias_initializer: Initializer = Field(default_factory=Zeros)
    unit_forget_bias: bool = True
    kernel_regularizer: Regularizer | None = None
    recurrent_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    activity_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    recurrent_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None
    dropout: Fraction = 0.0
    recurrent_dropout: Fraction = 0.0
    seed: int | None = None
    return_sequences: bool = False
    go_backwards: bool = False

    def step(self, shape: Shape) -> tuple[Shape, int]:
        """Return the spatial sizes and the channels of one step.

        Errors:
            ShapeError: the input has another number of axes.
        """
        if len(shape) != self.rank + 2:
            message = f"{self.word} expects a sequence of {self.rank + 1} axes each step"
            raise ShapeError(f"{message}, [steps, ...], found {text(shape)}")
        return self.split(shape[1:])

    def infer(self, shape: Shape) -> Shape:
        spatial, _ = self.step(shape)
        if not self.trainable:
            message = f"trainable: false changes nothing in Keras' {self.word}"
            raise ShapeError(message, "trainable", "leave it out")
        if shape[0] is UNKNOWN:
            raise UnknownSizeError("it takes steps as samples, and back")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            message = "expected strides or dilation_rate above 1, found both, which Keras refuses"
            raise ShapeError(message, "dilation_rate")
        windows = zip(spatial, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        sizes = tuple(window_output(n, k, s, self.padding, d) for n, k, s, d in windows)
        if min(sizes) < 1:
            message = f"expected a kernel that fits into the input {text(shape[1:])}"
            found = f"{message}, found {text(self.kernel_size)}"
            raise ShapeError(found, "kernel_size", "make it smaller or set padding: same")
        self._check_activations(self.join(sizes, self.filters))
        steps = shape[:1] if self.return_sequences else ()
        return (*steps, *self.join(sizes, self.filters))

    def check_mask(self, shape: Shape) -> None:
        message = f"Keras' {self.word} fails on a mask of each place, as one comes with its input"
        raise ShapeError(message)

    def _check_activations(self, shape: Shape) -> None:
        for field in ("activation", "recurrent_activation"):
            activation: Activation | None = getattr(self, field)
            if getattr(activation, "axis", None) is not None:
                message = f"{self.word} expects an activation of each entry by itself"
                raise ShapeError(f"{message}, found {activation.word}", field)  # type: ignore[union-attr]

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        _, channels = self.step(shape)
        wide = 4 * self.filters
        recurrent = self.recurrent_initializer, self.recurrent_regularizer
        sizes = (*self.kernel_size, channels, wide), (*self.kernel_size, self.filters, wide)
        ones = (self.filters, 2 * self.filters) if self.unit_forget_bias else None
        drawn = self.bias_initializer, self.bias_regularizer
        found = (
            Variable("kernel", sizes[0], self.kernel_initializer, self.kernel_regularizer),
            Variable("recurrent_kernel", sizes[1], *recurrent, argument="recurrent"),
        )
        return (*found, Variable("bias", (wide,), *drawn, ones=ones)) if self.use_bias else found


class ConvLSTM1D(ConvLSTM, word="conv_lstm1d", rank=1):
    """An LSTM of sequences of sequences."""

    kernel_size: Single
    strides: Single = (1,)
    dilation_rate: Single = (1,)


class ConvLSTM2D(ConvLSTM, word="conv_lstm2d", rank=2):
    """An LSTM of sequences of images, as of a video."""

    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)


class ConvLSTM3D(ConvLSTM, word="conv_lstm3d", rank=3):
    """An LSTM of sequences of volumes."""

    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    dilation_rate: Triple = (1, 1, 1)
