"""Convolutions in PyTorch: torch.nn.Conv2d on channels-first tensors."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.shapes import Pads, Shape, same_pads
from specc.spec.layers.convolution import Conv2D, split_channels
from specc.targets.torch.lowered import At, Lowered, Module, X
from specc.targets.torch.weights import Transform, Weight


def size(value: Shape) -> Code:
    """Return the literal of a window's size: one number where all are the same."""
    return literal(value[0] if len(set(value)) == 1 else value)


def size_unless(value: Shape, default: int) -> Code | None:
    """Return the literal of a size, or None where it is PyTorch's default."""
    return None if set(value) == {default} else size(value)


def pad_step(pads: Pads, value: float | None = None) -> Expression:
    """Return the step that pads height and width, of which PyTorch counts the last first."""
    flat = tuple(n for axis in reversed(pads) for n in axis)
    return call("F.pad", X, literal(flat), value=None if value is None else literal(value))


UNEVEN = "more at the end, as in TensorFlow"


def is_even(pads: Pads) -> bool:
    """Tell whether pads are the same on both sides, so that a module's `padding` can say them."""
    return all(before == after for before, after in pads)


def conv2d(node: Node, at: At) -> Lowered:
    """torch.nn.Conv2d; the kernel turns from (h, w, in, out) to (out, in, h, w).

    `same` with strides pads the end more than the start where the pads are odd; that depends on
    the size of the input, and `padding=` cannot say it.
    """
    layer = cast(Conv2D, node.layer)
    spatial, channels = split_channels("conv2d", node.input_shape, layer.data_format)
    windows = zip(spatial, layer.kernel_size, layer.strides, layer.dilation_rate, strict=True)
    pads = tuple(same_pads(n, k, s, d) for n, k, s, d in windows)
    padding: Code | None = None
    comment: str | None = None
    steps: list[Expression] = []
    if layer.padding == "same" and any(map(any, pads)):
        if not is_even(pads):
            steps.append(pad_step(pads))
            comment = UNEVEN
        elif max(layer.strides) == 1:
            padding = literal("same")
        else:
            padding = size(tuple(before for before, _ in pads))
    module = call(
        "nn.Conv2d",
        literal(channels),
        literal(layer.filters),
        size(layer.kernel_size),
        stride=size_unless(layer.strides, 1),
        padding=padding,
        dilation=size_unless(layer.dilation_rate, 1),
        groups=None if layer.groups == 1 else literal(layer.groups),
        bias=None if layer.use_bias else literal(False),
    )
    kernel = Transform(axes=(3, 2, 0, 1))
    return Lowered(
        steps=(*steps, call(f"self.{node.name}", X)),
        modules=(Module(node.name, module),),
        weights=tuple(
            Weight(node.name, v, *(("weight", kernel) if v.name == "kernel" else ("bias",)))
            for v in node.variables
        ),
        comment=comment,
    )


LAYERS = {Conv2D: conv2d}
