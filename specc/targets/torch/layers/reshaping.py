"""Layers that move entries, in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.shapes import UNKNOWN, Pads
from specc.spec.layers.reshaping import (
    Cropping,
    Cropping1D,
    Cropping2D,
    Cropping3D,
    Flatten,
    Permute,
    RepeatVector,
    Reshape,
    UpSampling,
    UpSampling1D,
    UpSampling2D,
    UpSampling3D,
    ZeroPadding,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from specc.targets.torch.layout import FIRST, KERAS, Layout, flattened, turns_channels
from specc.targets.torch.lowered import At, Lowered, Module, X
from specc.targets.torch.windows import flat_pads, size


def flatten(node: Node, at: At) -> Lowered:
    """torch.nn.Flatten; where its order is not Keras', the next layer's weights are reordered."""
    if not node.input_shape:
        return Lowered((Code("x.unsqueeze(1)"),))
    module = Module(node.name, call("nn.Flatten"))
    steps: list[Expression] = []
    layout = flattened(node, at.layout)
    if not at.keeps and turns_channels(node):
        axes = [0, *range(2, len(node.input_shape) + 1), 1]
        steps.append(Code(f"x.permute({', '.join(map(str, axes))})"))
        layout = Layout()
    return Lowered((*steps, call(f"self.{node.name}", X)), (module,), layout=layout)


def reshape(node: Node, at: At) -> Lowered:
    """torch.Tensor.reshape in Keras' axes."""
    if UNKNOWN in node.input_shape:
        target = cast(Reshape, node.layer).target_shape
        sizes = ", ".join(["len(x)", *map(str, target)])
        return Lowered((Code(f"x.reshape({sizes})"),), layout=KERAS)
    sizes = ", ".join(map(str, node.output_shape))
    return Lowered((Code(f"x.reshape(-1, {sizes})"),), layout=KERAS)


def permute(node: Node, at: At) -> Lowered:
    """torch.Tensor.permute; what has its channels first keeps them there, in their new meaning."""
    rank = len(node.input_shape)
    order = [at.layout.dim(axis, rank) for axis in cast(Permute, node.layer).dims]
    layout = at.layout
    if order == sorted(order):
        # The tensor itself has Keras' new axes already.
        return Lowered((), layout=layout if rank == 1 else KERAS)
    if layout.first:
        order, layout = [order[-1], *order[:-1]], FIRST
    if order == sorted(order):
        return Lowered((), layout=layout)
    return Lowered((Code(f"x.permute({', '.join(map(str, (0, *order)))})"),), layout=layout)


def repeat_vector(node: Node, at: At) -> Lowered:
    """torch.Tensor.expand, which copies nothing."""
    count = cast(RepeatVector, node.layer).n
    return Lowered((Code(f"x.unsqueeze(1).expand(-1, {count}, -1)"),), layout=KERAS)


def zero_padding(node: Node, at: At) -> Lowered:
    """torch.nn.ZeroPad1d, 2d or 3d, which count the last axis first: left, right, top, bottom."""
    return _zero_pad(node, cast(ZeroPadding, node.layer).padding)


def cropping(node: Node, at: At) -> Lowered:
    """torch.nn.ZeroPad1d, 2d or 3d with negative counts, which cut off."""
    cut = cast(Cropping, node.layer).cropping
    return _zero_pad(node, tuple((-before, -after) for before, after in cut), "negative: cuts off")


def _zero_pad(node: Node, pads: Pads, comment: str | None = None) -> Lowered:
    module = call(f"nn.ZeroPad{len(pads)}d", size(flat_pads(pads)))
    steps = (call(f"self.{node.name}", X),)
    return Lowered(steps, (Module(node.name, module),), comment=comment)


def up_sampling(node: Node, at: At) -> Lowered:
    """torch.nn.Upsample, whose default is the nearest entry and no aligned corners.

    Its bicubic curve is not Keras'; that of F.interpolate with antialiasing is.
    """
    layer = cast(UpSampling, node.layer)
    mode, factor = getattr(layer, "interpolation", "nearest"), size(layer.size)
    if mode == "bicubic":
        smooth = {"mode": literal(mode), "antialias": literal(True)}
        step = call("F.interpolate", X, scale_factor=factor, **smooth)
        return Lowered((step,), comment="antialias has Keras' cubic curve")
    module = call(
        "nn.Upsample",
        scale_factor=factor,
        mode=None if mode == "nearest" else literal(mode),
    )
    return Lowered((call(f"self.{node.name}", X),), (Module(node.name, module),))


LAYERS = {
    Flatten: flatten,
    Reshape: reshape,
    Permute: permute,
    RepeatVector: repeat_vector,
    **dict.fromkeys((ZeroPadding1D, ZeroPadding2D, ZeroPadding3D), zero_padding),
    **dict.fromkeys((Cropping1D, Cropping2D, Cropping3D), cropping),
    **dict.fromkeys((UpSampling1D, UpSampling2D, UpSampling3D), up_sampling),
}
