"""Layers that move entries, in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, call, literal
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
from specc.targets.torch.layout import (
    FIRST,
    KERAS,
    Layout,
    flattened,
    keras_order,
    turns_channels,
)
from specc.targets.torch.lowered import At, Attribute, Lowered
from specc.targets.torch.windows import flat_pads, size


def flatten(node: Node, at: At) -> Lowered:
    """torch.nn.Flatten; where its order is not Keras', the next layer's weights are reordered."""
    if not node.input_shape:
        return Lowered((Code(f"{at.x}.unsqueeze(1)"),))
    module = Attribute(node.name, call("nn.Flatten"))
    if not turns_channels(node) or at.gives.flat == flattened(node, at.layout).flat:
        return Lowered((call(f"self.{node.name}", at.x),), (module,))
    axes = [0, *range(2, len(node.input_shape) + 1), 1]
    turned = Code(f"{at.x}.permute({', '.join(map(str, axes))})")
    return Lowered((turned, call(f"self.{node.name}", at.y)), (module,))


def reshape(node: Node, at: At) -> Lowered:
    """torch.Tensor.reshape in Keras' axes."""
    if UNKNOWN in node.input_shape:
        target = cast(Reshape, node.layer).target_shape
        sizes = ", ".join([f"len({at.x})", *map(str, target)])
        return Lowered((Code(f"{at.x}.reshape({sizes})"),))
    sizes = ", ".join(map(str, node.output_shape))
    return Lowered((Code(f"{at.x}.reshape(-1, {sizes})"),))


def permute(node: Node, at: At) -> Lowered:
    """torch.Tensor.permute; what has its channels first keeps them there, in their new meaning."""
    order = _order(node, at.layout)
    if at.gives.first:
        order = [order[-1], *order[:-1]]
    if order == sorted(order):
        return Lowered(())
    return Lowered((Code(f"{at.x}.permute({', '.join(map(str, (0, *order)))})"),))


def _order(node: Node, takes: Layout) -> list[int]:
    """Return the dimensions in PyTorch of Keras' new axes."""
    return [takes.dim(axis, len(node.input_shape)) for axis in cast(Permute, node.layer).dims]


def _permuted(node: Node, takes: Layout) -> Layout:
    """Return how a permuted tensor is held."""
    order = _order(node, takes)
    if order == sorted(order) and len(order) > 1:
        return KERAS  # the tensor itself has Keras' new axes already
    return FIRST if takes.first else takes


def repeat_vector(node: Node, at: At) -> Lowered:
    """torch.Tensor.expand, which copies nothing."""
    count = cast(RepeatVector, node.layer).n
    return Lowered((Code(f"{at.x}.unsqueeze(1).expand(-1, {count}, -1)"),))


def zero_padding(node: Node, at: At) -> Lowered:
    """torch.nn.ZeroPad1d, 2d or 3d, which count the last axis first: left, right, top, bottom."""
    return _zero_pad(node, at, cast(ZeroPadding, node.layer).padding)


def cropping(node: Node, at: At) -> Lowered:
    """torch.nn.ZeroPad1d, 2d or 3d with negative counts, which cut off."""
    cut = cast(Cropping, node.layer).cropping
    return _zero_pad(
        node, at, tuple((-before, -after) for before, after in cut), "negative: cuts off"
    )


def _zero_pad(node: Node, at: At, pads: Pads, comment: str | None = None) -> Lowered:
    module = call(f"nn.ZeroPad{len(pads)}d", size(flat_pads(pads)))
    steps = (call(f"self.{node.name}", at.x),)
    return Lowered(steps, (Attribute(node.name, module),), comment=comment)


def up_sampling(node: Node, at: At) -> Lowered:
    """torch.nn.Upsample, whose default is the nearest entry and no aligned corners.

    Its bicubic curve is not Keras'; that of F.interpolate with antialiasing is.
    """
    layer = cast(UpSampling, node.layer)
    mode, factor = getattr(layer, "interpolation", "nearest"), size(layer.size)
    if mode == "bicubic":
        smooth = {"mode": literal(mode), "antialias": literal(True)}
        step = call("F.interpolate", at.x, scale_factor=factor, **smooth)
        return Lowered((step,), comment="antialias has Keras' cubic curve")
    module = call(
        "nn.Upsample",
        scale_factor=factor,
        mode=None if mode == "nearest" else literal(mode),
    )
    return Lowered((call(f"self.{node.name}", at.x),), (Attribute(node.name, module),))


LAYERS = {
    Flatten: flatten,
    Reshape: reshape,
    Permute: permute,
    RepeatVector: repeat_vector,
    **dict.fromkeys((ZeroPadding1D, ZeroPadding2D, ZeroPadding3D), zero_padding),
    **dict.fromkeys((Cropping1D, Cropping2D, Cropping3D), cropping),
    **dict.fromkeys((UpSampling1D, UpSampling2D, UpSampling3D), up_sampling),
}

LAYOUTS = {
    Permute: _permuted,
    Reshape: keras_order,
    RepeatVector: keras_order,
}
