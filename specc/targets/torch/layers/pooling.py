"""Pooling layers in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.shapes import Pads, same_pads
from specc.spec.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    GlobalPooling,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
    Pooling,
)
from specc.targets.torch.layout import KERAS
from specc.targets.torch.lowered import At, Lowered, Module, X
from specc.targets.torch.masks import widened
from specc.targets.torch.windows import UNEVEN, is_even, pad_step, size


def _pads(node: Node, layer: Pooling) -> Pads:
    spatial, _ = layer.split(node.input_shape)
    windows = zip(spatial, layer.pool_size, layer.steps(), strict=True)
    pads = tuple(same_pads(n, k, s) for n, k, s in windows)
    return pads if layer.padding == "same" else ()


def _stride(layer: Pooling) -> Code | None:
    return None if layer.steps() == layer.pool_size else size(layer.steps())


def _is_ceiling(layer: Pooling, pads: Pads) -> bool:
    """Tell whether `ceil_mode` says the pads: none at the start, and a last window cut short."""
    steps = zip(pads, layer.steps(), strict=True)
    return all(before == 0 and after < step for (before, after), step in steps)


def max_pooling(node: Node, at: At) -> Lowered:
    """torch.nn.MaxPool1d, 2d or 3d; `same` pads that it cannot say are minus infinity."""
    layer = cast(Pooling, node.layer)
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
        f"nn.MaxPool{layer.rank}d",
        size(layer.pool_size),
        stride=_stride(layer),
        padding=padding,
        ceil_mode=ceiling,
    )
    forward = (*steps, call(f"self.{node.name}", X))
    return Lowered(forward, (Module(node.name, module),), comment=comment)


def average_pooling(node: Node, at: At) -> Lowered:
    """torch.nn.AvgPool1d, 2d or 3d; padded places do not count.

    So uneven pads divide by the share of the window that lies inside.
    """
    layer = cast(Pooling, node.layer)
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
        f"nn.AvgPool{layer.rank}d",
        size(layer.pool_size),
        stride=_stride(layer),
        padding=padding,
        ceil_mode=ceiling,
        count_include_pad=count,
    )
    return Lowered(steps, (Module(node.name, module),), comment=comment)


def _reduce(node: Node, at: At, method: str) -> Lowered:
    layer = cast(GlobalPooling, node.layer)
    rank, first = layer.rank + 1, layer.is_first()
    dims = sorted(at.layout.dim(a, rank) for a in range(1 + first, rank + first))
    keep = literal(True) if layer.keepdims else None
    layout = at.layout if layer.keepdims else KERAS
    dim = literal(dims[0] if layer.rank == 1 else tuple(dims))
    return Lowered((call(f"x.{method}", dim=dim, keepdim=keep),), layout=layout)


def global_average_pooling(node: Node, at: At) -> Lowered:
    """torch.mean over all axes but the channels; with a mask, the mean of what it lets count."""
    if not node.masked or not node.layer.uses_mask():
        return _reduce(node, at, "mean")
    layer = cast(GlobalPooling, node.layer)
    steps, channels = at.layout.dim(1, 2), at.layout.dim(2, 2)
    keep, count = "", "mask.sum(dim=1, keepdim=True)"
    if layer.keepdims:
        keep, count = ", keepdim=True", "mask.sum(dim=1).view(-1, 1, 1)"
    total = Code(f"torch.where({widened('mask', channels, 2)}, x, 0).sum(dim={steps}{keep})")
    layout = at.layout if layer.keepdims else KERAS
    return Lowered((total, Code(f"x / {count}")), layout=layout, comment="the mean of what counts")


def global_max_pooling(node: Node, at: At) -> Lowered:
    """torch.amax, which splits the gradient among equal maxima as TensorFlow does."""
    return _reduce(node, at, "amax")


LAYERS = {
    MaxPooling1D: max_pooling,
    MaxPooling2D: max_pooling,
    MaxPooling3D: max_pooling,
    AveragePooling1D: average_pooling,
    AveragePooling2D: average_pooling,
    AveragePooling3D: average_pooling,
    GlobalAveragePooling1D: global_average_pooling,
    GlobalAveragePooling2D: global_average_pooling,
    GlobalAveragePooling3D: global_average_pooling,
    GlobalMaxPooling1D: global_max_pooling,
    GlobalMaxPooling2D: global_max_pooling,
    GlobalMaxPooling3D: global_max_pooling,
}
