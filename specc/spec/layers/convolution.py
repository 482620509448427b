"""Convolutions."""

from typing import ClassVar, Literal

from pydantic import Field

from specc.shapes import Shape, ShapeError, text, window_output
from specc.spec.initializers import GlorotUniform, Zeros
from specc.spec.spatial import DataFormat, Padding, Spatial
from specc.spec.variables import Variable
from specc.spec.word import (
    Activation,
    Initializer,
    Layer,
    Pair,
    PositiveInt,
    Regularizer,
    Single,
    Triple,
    constraints,
)


class Convolution(Spatial):
    """The base of the convolutions, which do not flip the kernel.

    Input: `[..., channels]`. Output: `[..., filters]`. With `data_format: channels_first` the
    channels come first in both.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | constraints("kernel", "bias")

    filters: PositiveInt
    kernel_size: Shape
    strides: Shape
    padding: Literal["valid", "same", "causal"] = "valid"
    data_format: DataFormat | None = None
    dilation_rate: Shape
    groups: PositiveInt = 1
    activation: Activation | None = None
    use_bias: bool = True
    kernel_initializer: Initializer = Field(default_factory=GlorotUniform)
    bias_initializer: Initializer = Field(default_factory=Zeros)
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    activity_regularizer: Regularizer | None = None

    def infer(self, shape: Shape) -> Shape:
        spatial, channels = self.split(shape)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            message = "expected strides or dilation_rate above 1, found both, which Keras refuses"
            raise ShapeError(message, "dilation_rate")
        for what, number in (("channels of the input", channels), ("filters", self.filters)):
            if number % self.groups:
                message = f"expected groups to divide the {number} {what}, found {self.groups}"
                raise ShapeError(message, "groups")
        windows = zip(spatial, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        output = tuple(window_output(n, k, s, self.padding, d) for n, k, s, d in windows)
        if min(output) < 1:
            raise ShapeError(
                f"expected a kernel that fits into the input {text(shape)}, "
                f"found {text(self.kernel_size)}" + self._dilated(),
                "kernel_size",
                "make it smaller or set padding: same",
            )
        return self.join(output, self.filters)

    def _dilated(self) -> str:
        return f" dilated by {text(self.dilation_rate)}" if max(self.dilation_rate) > 1 else ""

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        _, channels = self.split(shape)
        kernel = (*self.kernel_size, channels // self.groups, self.filters)
        weights = [Variable("kernel", kernel, self.kernel_initializer, self.kernel_regularizer)]
        if self.use_bias:
            bias = Variable("bias", (self.filters,), self.bias_initializer, self.bias_regularizer)
            weights.append(bias)
        return tuple(weights)


class Conv1D(Convolution, word="conv1d", rank=1):
    """Convolution of a sequence, without flipping the kernel; `causal` looks back alone.

    Input: `[steps, channels]`. Output: `[new steps, filters]`.
    """

    kernel_size: Single
    strides: Single = (1,)
    dilation_rate: Single = (1,)


class Conv2D(Convolution, word="conv2d", rank=2):
    """Convolution of an image, without flipping the kernel.

    Input: `[height, width, channels]`. Output: `[new height, new width, filters]`.
    """

    kernel_size: Pair
    strides: Pair = (1, 1)
    padding: Padding = "valid"
    dilation_rate: Pair = (1, 1)


class Conv3D(Convolution, word="conv3d", rank=3):
    """Convolution of a volume, without flipping the kernel.

    Input: `[depth, height, width, channels]`. Output: the same with new sizes and `filters`.
    """

    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    padding: Padding = "valid"
    dilation_rate: Triple = (1, 1, 1)
