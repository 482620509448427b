"""Convolutions in PyTorch: torch.nn.Conv1d, Conv2d and Conv3d on channels-first tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from specc.expressions import Call, Code, Expression, call, literal
from specc.program import Node
from specc.shapes import Pads, Shape, filled, same_pads
from specc.spec.layers.convolution import (
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
    Convolution,
    Depthwise,
    DepthwiseConv1D,
    DepthwiseConv2D,
    Separable,
    SeparableConv1D,
    SeparableConv2D,
    Sliding,
    Transposed,
)
from specc.targets.torch.lowered import At, Attribute, Lowered, Note
from specc.targets.torch.weights import Transform, Weight
from specc.targets.torch.windows import UNEVEN, is_even, pad, size, size_unless


@dataclass(frozen=True, slots=True)
class Padded:
    """How a convolution pads: a step before it, or its argument `padding`."""

    steps: tuple[Expression, ...] = ()
    padding: Code | None = None
    comment: str | None = None


def padded(x: Code, layer: Sliding, spatial: Shape) -> Padded:
    """Return how to pad `x`.

    `same` with strides pads the end more than the start where the pads are odd; that depends on
    the size of the input, and `padding=` cannot say it. Nor can it say `causal`.
    """
    windows = list(zip(spatial, layer.kernel_size, layer.strides, layer.dilation_rate, strict=True))
    if layer.padding == "causal":
        past: Pads = tuple(((k - 1) * d, 0) for _, k, _, d in windows)
        return Padded((pad(x, past),), comment="causal") if any(map(any, past)) else Padded()
    pads = tuple(same_pads(n, k, s, d) for n, k, s, d in windows)
    if layer.padding == "valid" or not any(map(any, pads)):
        return Padded()
    if not is_even(pads):
        return Padded((pad(x, pads),), comment=UNEVEN)
    if max(layer.strides) == 1:
        return Padded(padding=literal("same"))
    return Padded(padding=size(tuple(before for before, _ in pads)))


def kernel_first(rank: int) -> Transform:
    """Return the transform of a kernel from (..., in, out) to (out, in, ...)."""
    return Transform(axes=(rank + 1, rank, *range(rank)))


def weights(node: Node, turned: dict[str, tuple[str, Transform]]) -> tuple[Weight, ...]:
    """Return the map of weights by Keras' names; a convolution may have no bias."""
    return tuple(
        Weight(node.name, v, *turned[v.name], declared=v.name != "bias") for v in node.variables
    )


def convolution(node: Node, at: At) -> Lowered:
    """torch.nn.Conv1d, Conv2d or Conv3d; the kernel turns from (..., in, out) to (out, in, ...)."""
    layer = cast(Convolution, node.layer)
    spatial, channels = layer.split(node.input_shape)
    pads = padded(at.x, layer, spatial)
    module = call(
        f"nn.Conv{layer.rank}d",
        literal(channels),
        literal(layer.filters),
        size(layer.kernel_size),
        stride=size_unless(layer.strides, 1),
        padding=pads.padding,
        dilation=size_unless(layer.dilation_rate, 1),
        groups=None if layer.groups == 1 else literal(layer.groups),
        bias=None if layer.use_bias else literal(False),
    )
    turned = {"kernel": ("weight", kernel_first(layer.rank)), "bias": ("bias", Transform())}
    return Lowered(
        steps=(*pads.steps, call(f"self.{node.name}", at.y if pads.steps else at.x)),
        modules=(Attribute(node.name, module),),
        weights=weights(node, turned),
        comment=pads.comment,
    )


def _by_channel(layer: Depthwise | Separable, channels: int, pads: Padded, bias: bool) -> Call:
    """Return the module that convolves each channel by itself: one group for each."""
    return call(
        f"nn.Conv{layer.rank}d",
        literal(channels),
        literal(channels * layer.depth_multiplier),
        size(layer.kernel_size),
        stride=size_unless(layer.strides, 1),
        padding=pads.padding,
        dilation=size_unless(layer.dilation_rate, 1),
        groups=None if channels == 1 else literal(channels),
        bias=None if bias else literal(False),
    )


def _groups_first(layer: Depthwise | Separable, channels: int) -> Transform:
    """Return the transform from (..., in, multiplier) to (in * multiplier, 1, ...)."""
    rank = layer.rank
    merged = (channels * layer.depth_multiplier, 1, *layer.kernel_size)
    return Transform(axes=(rank, rank + 1, *range(rank)), merge=merged)


def depthwise(node: Node, at: At) -> Lowered:
    """torch.nn.Conv1d or Conv2d with a group for each channel."""
    layer = cast(Depthwise, node.layer)
    spatial, channels = layer.split(node.input_shape)
    pads = padded(at.x, layer, spatial)
    kernel = ("weight", _groups_first(layer, channels))
    turned = {"kernel": kernel, "bias": ("bias", Transform())}
    return Lowered(
        steps=(*pads.steps, call(f"self.{node.name}", at.y if pads.steps else at.x)),
        modules=(Attribute(node.name, _by_channel(layer, channels, pads, layer.use_bias)),),
        weights=weights(node, turned),
        comment=pads.comment,
    )


def separable(node: Node, at: At) -> Lowered:
    """torch.nn.Sequential of a convolution of each channel and one of a single place."""
    layer = cast(Separable, node.layer)
    spatial, channels = layer.split(node.input_shape)
    pads = padded(at.x, layer, spatial)
    mixing = call(
        f"nn.Conv{layer.rank}d",
        literal(channels * layer.depth_multiplier),
        literal(layer.filters),
        literal(1),
        bias=None if layer.use_bias else literal(False),
    )
    both = call("nn.Sequential", _by_channel(layer, channels, pads, False), mixing)
    turned = {
        "depthwise_kernel": (0, "weight", _groups_first(layer, channels)),
        "pointwise_kernel": (1, "weight", kernel_first(layer.rank)),
        "bias": (1, "bias", Transform()),
    }
    return Lowered(
        steps=(*pads.steps, call(f"self.{node.name}", at.y if pads.steps else at.x)),
        modules=(Attribute(node.name, both),),
        weights=tuple(
            Weight(node.name, v, *turned[v.name][1:], place=turned[v.name][0], declared=False)
            for v in node.variables
        ),
        comment=pads.comment,
    )


def _margins(layer: Transposed, spatial: Shape) -> tuple[Shape, Shape]:
    """Return what PyTorch cuts off both ends of each axis, and what it then adds at the end.

    TensorFlow's `same` cuts off one more at the end than at the start where it must: -1.
    """
    cut, added = [], []
    spatial = filled(spatial, 1)  # what is cut off does not depend on the size
    windows = zip(spatial, layer.kernel_size, layer.strides, layer.dilation_rate, strict=True)
    for (n, k, s, d), output in zip(windows, layer.outputs(spatial), strict=True):
        full = (n - 1) * s + (k - 1) * d + 1
        cut.append(max(full - output, 0) // 2)
        added.append(output - full + 2 * cut[-1])
    return tuple(cut), tuple(added)


def transposed(node: Node, at: At) -> Lowered:
    """torch.nn.ConvTranspose1d, 2d or 3d; the kernel turns from (..., out, in) to (in, out, ...).

    Keras' default output is longer than PyTorch's where strides exceed the kernel.
    """
    layer = cast(Transposed, node.layer)
    spatial, channels = layer.split(node.input_shape)
    cut, added = _margins(layer, spatial)
    module = call(
        f"nn.ConvTranspose{layer.rank}d",
        literal(channels),
        literal(layer.filters),
        size(layer.kernel_size),
        stride=size_unless(layer.strides, 1),
        padding=size_unless(cut, 0),
        output_padding=size_unless(tuple(max(n, 0) for n in added), 0),
        bias=None if layer.use_bias else literal(False),
    )
    step: Expression = call(f"self.{node.name}", at.x)
    if min(added) < 0:
        ends = ", ".join([":", ":", *(":-1" if n < 0 else ":" for n in added)])
        step = Code(f"{step}[{ends}]")
    turned = {"kernel": ("weight", kernel_first(layer.rank)), "bias": ("bias", Transform())}
    return Lowered(
        steps=(step,),
        modules=(Attribute(node.name, module),),
        weights=weights(node, turned),
        comment="TensorFlow cuts the end" if min(added) < 0 else None,
        notes=(_SLOPE,) if _is_wrong_in_keras(node, layer, added) else (),
    )


def _is_wrong_in_keras(node: Node, layer: Transposed, added: Shape) -> bool:
    """Tell whether TensorFlow's gradient of the input is wrong, where that is used."""
    volume = layer.rank == 3 and layer.padding == "same"
    return volume and max(added) > 1 and node.input.name != "input"


# Measured: with kernels of 1 to 4 and strides of 1 to 5, exactly there.
_SLOPE = Note(
    "N212",
    "TensorFlow's gradient of the input is wrong where same adds 2 or more to an axis, as it does "
    "where strides exceed the kernel by so much; PyTorch's is right",
)


LAYERS = {
    Conv1D: convolution,
    Conv2D: convolution,
    Conv3D: convolution,
    DepthwiseConv1D: depthwise,
    DepthwiseConv2D: depthwise,
    SeparableConv1D: separable,
    SeparableConv2D: separable,
    Conv1DTranspose: transposed,
    Conv2DTranspose: transposed,
    Conv3DTranspose: transposed,
}
