"""Pooling layers in PyTorch."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.shapes import Pads, same_pads
from specc.spec.layers.pooling import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
    AdaptivePooling,
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
from specc.targets.torch.layout import KERAS, Layout
from specc.targets.torch.lowered import At, Attribute, Lowered, Note
from specc.targets.torch.masks import widened
from specc.targets.torch.windows import size


def _pads(node: Node, layer: Pooling) -> Pads:
    spatial, _ = layer.split(node.input_shape)
    windows = zip(spatial, layer.pool_size, layer.steps(), strict=True)
    pads = tuple(same_pads(n, k, s) for n, k, s in windows)
    return pads if layer.padding == "same" else ()


def _stride(layer: Pooling) -> Code | None:
    return None if layer.steps() == layer.pool_size else size(layer.steps())


def _window(node: Node, at: At, layer: Pooling, averages: bool) -> Lowered:
    """Return the module of a pool and its step.

    TensorFlow's `same` pads uneven axes once more at the end than at the start. With strides
    `ceil_mode` says that. Without, a module that pads the start once more gives one window that
    TensorFlow does not have, the first.
    """
    pads = _pads(node, layer)
    uneven = tuple(after > before for before, after in pads)
    ahead = tuple(u and step == 1 for u, step in zip(uneven, layer.steps(), strict=False))
    padding = tuple(before + a for (before, _), a in zip(pads, ahead, strict=True))
    module = call(
        f"nn.{'Avg' if averages else 'Max'}Pool{layer.rank}d",
        size(layer.pool_size),
        stride=_stride(layer),
        padding=size(padding) if any(padding) else None,
        ceil_mode=literal(True) if uneven != ahead else None,
        count_include_pad=literal(False) if averages and any(padding) else None,
    )
    step: Expression = call(f"self.{node.name}", at.x)
    if any(ahead):
        rest = ", ".join([":", ":", *("1:" if a else ":" for a in ahead)])
        step = Code(f"{step}[{rest}]")
    comment = "TensorFlow pads the end" if any(ahead) else None
    return Lowered((step,), (Attribute(node.name, module),), comment=comment)


_ALL_MAXIMA = Note(
    "N226",
    "where several entries of a window are the largest or within 1e-5 of it, TensorFlow gives each "
    "of them the whole gradient, PyTorch one of them",
)
_EQUAL_MAXIMA = Note(
    "N226",
    "where several entries of a window are the largest, the gradient goes to another of them than "
    "in Keras; fidelity: exact takes maxima as Keras does, along one axis after the other",
)


def max_pooling(node: Node, at: At) -> Lowered:
    """torch.nn.MaxPool1d, 2d or 3d."""
    layer = cast(Pooling, node.layer)
    notes = (_ALL_MAXIMA,) if layer.rank == 3 else ()
    return replace(_window(node, at, layer, averages=False), notes=notes)


def average_pooling(node: Node, at: At) -> Lowered:
    """torch.nn.AvgPool1d, 2d or 3d; padded places do not count."""
    return _window(node, at, cast(Pooling, node.layer), averages=True)


def _reduce(node: Node, at: At, method: str) -> Lowered:
    layer = cast(GlobalPooling, node.layer)
    rank, first = layer.rank + 1, layer.is_first()
    dims = sorted(at.layout.dim(a, rank) for a in range(1 + first, rank + first))
    keep = literal(True) if layer.keepdims else None
    dim = literal(dims[0] if layer.rank == 1 else tuple(dims))
    return Lowered((call(f"{at.x}.{method}", dim=dim, keepdim=keep),))


def global_average_pooling(node: Node, at: At) -> Lowered:
    """torch.mean over all axes but the channels; with a mask, the mean of what it lets count."""
    if at.mask is None or not node.layer.uses_mask():
        return _reduce(node, at, "mean")
    layer = cast(GlobalPooling, node.layer)
    steps, channels = at.layout.dim(1, 2), at.layout.dim(2, 2)
    keep, count = "", f"{at.mask}.sum(dim=1, keepdim=True)"
    if layer.keepdims:
        keep, count = ", keepdim=True", f"{at.mask}.sum(dim=1).view(-1, 1, 1)"
    total = Code(f"torch.where({widened(at.mask, channels, 2)}, {at.x}, 0).sum(dim={steps}{keep})")
    return Lowered((total, Code(f"{at.y} / {count}")), comment="the mean of what counts")


def global_max_pooling(node: Node, at: At) -> Lowered:
    """torch.amax, which splits the gradient among equal maxima as TensorFlow does."""
    return _reduce(node, at, "amax")


def adaptive_pooling(node: Node, at: At) -> Lowered:
    """torch.nn.AdaptiveAvgPool1d, AdaptiveMaxPool1d and theirs, whose windows are Keras'.

    Keras takes maxima along one axis after the other, which only matters where several are equal.
    """
    layer = cast(AdaptivePooling, node.layer)
    largest = isinstance(layer, AdaptiveMaxPooling)
    name = f"nn.Adaptive{'Max' if largest else 'Avg'}Pool{layer.rank}d"
    module = call(name, size(layer.output_size))
    notes: tuple[Note, ...] = ()
    if largest and layer.rank == 3:
        notes = (_ALL_MAXIMA,)
    elif largest and layer.rank == 2 and at.exact:
        height, width = layer.output_size
        sizes = (height, None), (None, width)
        module = call("nn.Sequential", *(call(name, literal(size)) for size in sizes))
    elif largest and layer.rank == 2:
        notes = (_EQUAL_MAXIMA,)
    return Lowered((call(f"self.{node.name}", at.x),), (Attribute(node.name, module),), notes=notes)


LAYERS = {
    AdaptiveAveragePooling1D: adaptive_pooling,
    AdaptiveAveragePooling2D: adaptive_pooling,
    AdaptiveAveragePooling3D: adaptive_pooling,
    AdaptiveMaxPooling1D: adaptive_pooling,
    AdaptiveMaxPooling2D: adaptive_pooling,
    AdaptiveMaxPooling3D: adaptive_pooling,
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


def _reduced(node: Node, takes: Layout) -> Layout:
    """Return how the channels are held, with axes of length 1 or alone."""
    return takes if cast(GlobalPooling, node.layer).keepdims else KERAS


LAYOUTS = {layer: _reduced for layer in LAYERS if issubclass(layer, GlobalPooling)}
