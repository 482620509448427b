"""Convolutions."""

from typing import Literal

from pydantic import Field

from specc.shapes import Shape, ShapeError, filled, known, text, transposed_output, window_output
from specc.spec.initializers import GlorotUniform, Zeros
from specc.spec.spatial import DataFormat, Padding, Spatial
from specc.spec.types import Pair, PairCount, PositiveInt, Single, SingleCount, Triple, TripleCount
from specc.spec.variables import Variable
from specc.spec.word import Activation, Constraint, Initializer, Regularizer


def _slide(layer: "Sliding", shape: Shape) -> Shape:
    """Return the spatial sizes of a convolution's output."""
    spatial, _ = layer.split(shape)
    dilated = max(layer.dilation_rate) > 1
    if max(layer.strides) > 1 and dilated:
        message = "expected strides or dilation_rate above 1, found both, which Keras refuses"
        raise ShapeError(message, "dilation_rate")
    windows = zip(spatial, layer.kernel_size, layer.strides, layer.dilation_rate, strict=True)
    output = tuple(window_output(n, k, s, layer.padding, d) for n, k, s, d in windows)
    if min(known(output), default=1) < 1:
        raise ShapeError(
            f"expected a kernel that fits into the input {text(shape)}, "
            f"found {text(layer.kernel_size)}"
            + (f" dilated by {text(layer.dilation_rate)}" if dilated else ""),
            "kernel_size",
            "make it smaller or set padding: same",
        )
    return output


class Convolution(Spatial, kind="convolution", convolves=True):
    """The base of the convolutions, which do not flip the kernel.

    Input: `[..., channels]`. Output: `[..., filters]`. With `data_format: channels_first` the
    channels come first in both.
    """

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
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None

    def infer(self, shape: Shape) -> Shape:
        _, channels = self.split(shape)
        for what, number in (("channels of the input", channels), ("filters", self.filters)):
            if number % self.groups:
                message = f"expected groups to divide the {number} {what}, found {self.groups}"
                raise ShapeError(message, "groups")
        return self.join(_slide(self, shape), self.filters)

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


def _even(layer: "Depthwise | Separable") -> None:
    if len(set(layer.strides)) > 1:
        message = f"expected equal strides, as TensorFlow does, found {text(layer.strides)}"
        raise ShapeError(message, "strides")


class Depthwise(Spatial, kind="depthwise_convolution", convolves=True):
    """The base of the convolutions of each channel by itself.

    Input: `[..., channels]`. Output: `[..., channels * depth_multiplier]`.
    """

    kernel_size: Shape
    strides: Shape
    padding: Padding = "valid"
    depth_multiplier: PositiveInt = 1
    data_format: DataFormat | None = None
    dilation_rate: Shape
    activation: Activation | None = None
    use_bias: bool = True
    depthwise_initializer: Initializer = Field(default_factory=GlorotUniform)
    bias_initializer: Initializer = Field(default_factory=Zeros)
    depthwise_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    activity_regularizer: Regularizer | None = None
    depthwise_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None

    def infer(self, shape: Shape) -> Shape:
        _, channels = self.split(shape)
        _even(self)
        return self.join(_slide(self, shape), channels * self.depth_multiplier)

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        _, channels = self.split(shape)
        kernel = (*self.kernel_size, channels, self.depth_multiplier)
        initializer, penalty = self.depthwise_initializer, self.depthwise_regularizer
        weight = Variable("kernel", kernel, initializer, penalty, argument="depthwise")
        size = (channels * self.depth_multiplier,)
        bias = Variable("bias", size, self.bias_initializer, self.bias_regularizer)
        return (weight, bias) if self.use_bias else (weight,)


class DepthwiseConv1D(Depthwise, word="depthwise_conv1d", rank=1):
    """Convolution of each channel of a sequence by itself."""

    kernel_size: Single
    strides: Single = (1,)
    dilation_rate: Single = (1,)


class DepthwiseConv2D(Depthwise, word="depthwise_conv2d", rank=2):
    """Convolution of each channel of an image by itself."""

    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)


class Separable(Spatial, kind="separable_convolution", convolves=True):
    """The base of the convolutions of each channel by itself, whose outputs are then mixed.

    Input: `[..., channels]`. Output: `[..., filters]`.
    """

    filters: PositiveInt
    kernel_size: Shape
    strides: Shape
    padding: Padding = "valid"
    data_format: DataFormat | None = None
    dilation_rate: Shape
    depth_multiplier: PositiveInt = 1
    activation: Activation | None = None
    use_bias: bool = True
    depthwise_initializer: Initializer = Field(default_factory=GlorotUniform)
    pointwise_initializer: Initializer = Field(default_factory=GlorotUniform)
    bias_initializer: Initializer = Field(default_factory=Zeros)
    depthwise_regularizer: Regularizer | None = None
    pointwise_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    activity_regularizer: Regularizer | None = None
    depthwise_constraint: Constraint | None = None
    pointwise_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None

    def infer(self, shape: Shape) -> Shape:
        _even(self)
        return self.join(_slide(self, shape), self.filters)

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        _, channels = self.split(shape)
        deep, wide = self.depthwise_regularizer, self.pointwise_regularizer
        kernel = (*self.kernel_size, channels, self.depth_multiplier)
        ones = (1,) * self.rank
        mixing = (*ones, channels * self.depth_multiplier, self.filters)
        of_depth, of_points = self.depthwise_initializer, self.pointwise_initializer
        weights = (
            Variable("depthwise_kernel", kernel, of_depth, deep, argument="depthwise"),
            Variable("pointwise_kernel", mixing, of_points, wide, argument="pointwise"),
        )
        bias = Variable("bias", (self.filters,), self.bias_initializer, self.bias_regularizer)
        return (*weights, bias) if self.use_bias else weights


class SeparableConv1D(Separable, word="separable_conv1d", rank=1):
    """Convolution of each channel of a sequence by itself, whose outputs are then mixed."""

    kernel_size: Single
    strides: Single = (1,)
    dilation_rate: Single = (1,)


class SeparableConv2D(Separable, word="separable_conv2d", rank=2):
    """Convolution of each channel of an image by itself, whose outputs are then mixed."""

    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)


class Transposed(Spatial, kind="transposed_convolution", convolves=True):
    """The base of the transposed convolutions: each entry is spread over a window.

    Input: `[..., channels]`. Output: `[..., filters]`, its sizes larger by the strides.
    """

    filters: PositiveInt
    kernel_size: Shape
    strides: Shape
    padding: Padding = "valid"
    output_padding: Shape | None = None
    data_format: DataFormat | None = None
    dilation_rate: Shape
    activation: Activation | None = None
    use_bias: bool = True
    kernel_initializer: Initializer = Field(default_factory=GlorotUniform)
    bias_initializer: Initializer = Field(default_factory=Zeros)
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    activity_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None

    def outputs(self, spatial: Shape) -> Shape:
        """Return the spatial sizes of the output."""
        extra = self.output_padding or (None,) * self.rank
        windows = zip(
            spatial, self.kernel_size, self.strides, self.dilation_rate, extra, strict=True
        )
        return tuple(transposed_output(n, k, s, self.padding, d, e) for n, k, s, d, e in windows)

    def infer(self, shape: Shape) -> Shape:
        spatial, _ = self.split(shape)
        if max(self.dilation_rate) > 1:
            message = f"TensorFlow has no dilation here on CPU, found {text(self.dilation_rate)}"
            raise ShapeError(message, "dilation_rate")
        extra = self.output_padding or (0,) * self.rank
        if any(e >= s for e, s in zip(extra, self.strides, strict=True)):
            message = f"expected less than the strides {text(self.strides)}, found {text(extra)}"
            raise ShapeError(message, "output_padding")
        outputs = self.outputs(spatial)
        whole = filled(spatial, 1)  # what is refused does not depend on the size
        sizes = zip(whole, self.outputs(whole), self.strides, strict=True)
        if self.padding == "same" and any(-(-out // s) != n for n, out, s in sizes):
            message = f"TensorFlow refuses 0 for an even kernel_size {text(self.kernel_size)}"
            raise ShapeError(message, "output_padding", "leave it out or make it larger")
        if self.rank == 2 and max(self.kernel_size) == 1 and max(self.strides) > 1:
            # In the gradient, at some sizes; sequences and volumes are right.
            message = "a kernel of a single entry with strides above 1 crashes TensorFlow"
            raise ShapeError(message, "kernel_size")
        return self.join(outputs, self.filters)

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        _, channels = self.split(shape)
        size = (*self.kernel_size, self.filters, channels)
        kernel = Variable("kernel", size, self.kernel_initializer, self.kernel_regularizer)
        bias = Variable("bias", (self.filters,), self.bias_initializer, self.bias_regularizer)
        return (kernel, bias) if self.use_bias else (kernel,)


class Conv1DTranspose(Transposed, word="conv1d_transpose", rank=1):
    """Transposed convolution of a sequence."""

    kernel_size: Single
    strides: Single = (1,)
    output_padding: SingleCount | None = None
    dilation_rate: Single = (1,)


class Conv2DTranspose(Transposed, word="conv2d_transpose", rank=2):
    """Transposed convolution of an image."""

    kernel_size: Pair
    strides: Pair = (1, 1)
    output_padding: PairCount | None = None
    dilation_rate: Pair = (1, 1)


class Conv3DTranspose(
    Transposed,
    word="conv3d_transpose",
    rank=3,
    order=("filters", "kernel_size", "strides", "padding", "data_format"),
):
    """Transposed convolution of a volume."""

    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    output_padding: TripleCount | None = None
    dilation_rate: Triple = (1, 1, 1)


Sliding = Convolution | Depthwise | Separable
