"""Convolutions in PyTorch: torch.nn.Conv1d, Conv2d and Conv3d on channels-first tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.shapes import Pads, Shape, same_pads
from specc.spec.layers.convolution import Conv1D, Conv2D, Conv3D, Convolution
from specc.targets.torch.lowered import At, Lowered, Module, X
from specc.targets.torch.weights import Transform, Weight
from specc.targets.torch.windows import UNEVEN, is_even, pad_step, size, size_unless


@dataclass(frozen=True, slots=True)
class Padded:
    """How a convolution pads: a step before it, or its argument `padding`."""

    steps: tuple[Expression, ...] = ()
    padding: Code | None = None
    comment: str | None = None


def padded(layer: Convolution, spatial: Shape) -> Padded:
    """Return how to pad.

    `same` with strides pads the end more than the start where the pads are odd; that depends on
    the size of the input, and `padding=` cannot say it. Nor can it say `causal`.
    """
    windows = list(zip(spatial, layer.kernel_size, layer.strides, layer.dilation_rate, strict=True))
    if layer.padding == "causal":
        past: Pads = tuple(((k - 1) * d, 0) for _, k, _, d in windows)
        return Padded((pad_step(past),), comment="causal") if any(map(any, past)) else Padded()
    pads = tuple(same_pads(n, k, s, d) for n, k, s, d in windows)
    if layer.padding == "valid" or not any(map(any, pads)):
        return Padded()
    if not is_even(pads):
        return Padded((pad_step(pads),), comment=UNEVEN)
    if max(layer.strides) == 1:
        return Padded(padding=literal("same"))
    return Padded(padding=size(tuple(before for before, _ in pads)))


def kernel_first(rank: int) -> Transform:
    """Return the transform of a kernel from (..., in, out) to (out, in, ...)."""
    return Transform(axes=(rank + 1, rank, *range(rank)))


def convolution(node: Node, at: At) -> Lowered:
    """torch.nn.Conv1d, Conv2d or Conv3d; the kernel turns from (..., in, out) to (out, in, ...)."""
    layer = cast(Convolution, node.layer)
    spatial, channels = layer.split(node.input_shape)
    pads = padded(layer, spatial)
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
        steps=(*pads.steps, call(f"self.{node.name}", X)),
        modules=(Module(node.name, module),),
        weights=tuple(Weight(node.name, v, *turned[v.name]) for v in node.variables),
        comment=pads.comment,
    )


LAYERS = dict.fromkeys((Conv1D, Conv2D, Conv3D), convolution)
