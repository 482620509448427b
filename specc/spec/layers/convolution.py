"""Convolutions."""

from typing import ClassVar, Literal

from pydantic import Field

from specc.shapes import Shape, ShapeError, text, window_output
from specc.spec.initializers import GlorotUniform, Zeros
from specc.spec.variables import Variable
from specc.spec.word import (
    Activation,
    Initializer,
    Layer,
    Pair,
    PositiveInt,
    Regularizer,
    constraints,
)

DataFormat = Literal["channels_last", "channels_first"]
Padding = Literal["valid", "same"]


def split_channels(
    layer: str, shape: Shape, data_format: DataFormat | None
) -> tuple[tuple[int, int], int]:
    """Return the spatial sizes and the channels of an image.

    Errors:
        ShapeError: the input is no image.
    """
    first = data_format == "channels_first"
    if len(shape) != 3:
        axes = "[channels, height, width]" if first else "[height, width, channels]"
        hint = "put a reshape before it" if len(shape) < 3 else None
        raise ShapeError(f"{layer} expects an image {axes}, found {text(shape)}", None, hint)
    return (shape[1:], shape[0]) if first else (shape[:2], shape[2])


def join_channels(spatial: Shape, channels: int, data_format: DataFormat | None) -> Shape:
    """Return the shape of an image."""
    return (channels, *spatial) if data_format == "channels_first" else (*spatial, channels)


class Conv2D(Layer, word="conv2d"):
    """Convolution of an image, without flipping the kernel.

    Input: `[height, width, channels]`. Output: `[new height, new width, filters]`. With
    `data_format: channels_first` the channels come first in both.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | constraints("kernel", "bias")

    filters: PositiveInt
    kernel_size: Pair
    strides: Pair = (1, 1)
    padding: Padding = "valid"
    data_format: DataFormat | None = None
    dilation_rate: Pair = (1, 1)
    groups: PositiveInt = 1
    activation: Activation | None = None
    use_bias: bool = True
    kernel_initializer: Initializer = Field(default_factory=GlorotUniform)
    bias_initializer: Initializer = Field(default_factory=Zeros)
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    activity_regularizer: Regularizer | None = None

    def infer(self, shape: Shape) -> Shape:
        spatial, channels = split_channels("conv2d", shape, self.data_format)
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
        return join_channels(output, self.filters, self.data_format)

    def _dilated(self) -> str:
        return f" dilated by {text(self.dilation_rate)}" if max(self.dilation_rate) > 1 else ""

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        _, channels = split_channels("conv2d", shape, self.data_format)
        kernel = (*self.kernel_size, channels // self.groups, self.filters)
        weights = [Variable("kernel", kernel, self.kernel_initializer, self.kernel_regularizer)]
        if self.use_bias:
            bias = Variable("bias", (self.filters,), self.bias_initializer, self.bias_regularizer)
            weights.append(bias)
        return tuple(weights)
