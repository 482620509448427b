"""Pooling layers in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.shapes import Pads, same_pads
from specc.spec.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    GlobalPooling2D,
    MaxPooling2D,
    Pooling2D,
)
from specc.targets.torch.lowered import At, Lowered, Module, X
from specc.targets.torch.windows import UNEVEN, is_even, pad_step, size


def _pads(node: Node, layer: Pooling2D) -> Pads:
    spatial, _ = layer.split(node.input_shape)
    windows = zip(spatial, layer.pool_size, layer.steps(), strict=True)
    pads = tuple(same_pads(n, k, s) for n, k, s in windows)
    return pads if layer.padding == "same" else ()


def _stride(layer: Pooling2D) -> Code | None:
    return None if layer.steps() == layer.pool_size else size(layer.steps())


def _is_ceiling(layer: Pooling2D, pads: Pads) -> bool:
    """Tell whether `ceil_mode` says the pads: none at the start, and a last window cut short."""
    steps = zip(pads, layer.steps(), strict=True)
    return all(before == 0 and after < step for (before, after), step in steps)


def max_pooling2d(node: Node, at: At) -> Lowered:
    """torch.nn.MaxPool2d; where it cannot say the `same` pads, they are minus infinity."""
    layer = cast(MaxPooling2D, node.layer)
    pads = _pads(node, layer)
    padding = ceiling = comment = None
    steps: tuple[Expression, ...] = ()
    if any(map(any, pads)):
        if is_even(pads):
            padding = size(tuple(before for before, _ in pads))
        elif _is_ceiling(layer, pads):
            ceiling = literal(True)
        else:
            steps, comment = (pad_step(pads, float("-inf")),), UNEVEN
    module = call(
        "nn.MaxPool2d",
        size(layer.pool_size),
        stride=_stride(layer),
        padding=padding,
        ceil_mode=ceiling,
    )
    forward = (*steps, call(f"self.{node.name}", X))
    return Lowered(forward, (Module(node.name, module),), comment=comment)


def average_pooling2d(node: Node, at: At) -> Lowered:
    """torch.nn.AvgPool2d; padded places do not count, so uneven pads divide by their share."""
    layer = cast(AveragePooling2D, node.layer)
    pads = _pads(node, layer)
    padding = count = ceiling = comment = None
    pool = f"self.{node.name}"
    steps: tuple[Expression, ...] = (call(pool, X),)
    if any(map(any, pads)):
        if is_even(pads):
            padding, count = size(tuple(before for before, _ in pads)), literal(False)
        elif _is_ceiling(layer, pads):
            ceiling = literal(True)
        else:
            comment = "padded places do not count"
            inside = str(pad_step(pads)).replace("F.pad(x", "F.pad(torch.ones_like(x[:1, :1])")
            steps = (Code(f"{pool}({pad_step(pads)}) / {pool}({inside})"),)
    module = call(
        "nn.AvgPool2d",
        size(layer.pool_size),
        stride=_stride(layer),
        padding=padding,
        ceil_mode=ceiling,
        count_include_pad=count,
    )
    return Lowered(steps, (Module(node.name, module),), comment=comment)


def _reduce(node: Node, at: At, method: str) -> Lowered:
    layer = cast(GlobalPooling2D, node.layer)
    axes = (2, 3) if layer.data_format == "channels_first" else (1, 2)
    dims = literal(tuple(sorted(at.layout.dim(axis, 3) for axis in axes)))
    keep = literal(True) if layer.keepdims else None
    layout = at.layout if layer.keepdims else type(at.layout)()
    return Lowered((call(f"x.{method}", dim=dims, keepdim=keep),), layout=layout)


def global_average_pooling2d(node: Node, at: At) -> Lowered:
    """The mean over height and width."""
    return _reduce(node, at, "mean")


def global_max_pooling2d(node: Node, at: At) -> Lowered:
    """torch.amax, which splits the gradient among equal maxima as TensorFlow does."""
    return _reduce(node, at, "amax")


LAYERS = {
    MaxPooling2D: max_pooling2d,
    AveragePooling2D: average_pooling2d,
    GlobalAveragePooling2D: global_average_pooling2d,
    GlobalMaxPooling2D: global_max_pooling2d,
}
