"""Layers that move entries, in Keras."""

from __future__ import annotations

from specc.expressions import Expression, literal
from specc.program import Node
from specc.shapes import Pads
from specc.spec.layers.reshaping import (
    Cropping1D,
    Cropping2D,
    Cropping3D,
    Flatten,
    Permute,
    RepeatVector,
    Reshape,
    UpSampling1D,
    UpSampling2D,
    UpSampling3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from specc.targets.keras.arguments import Writer


def flatten(node: Node, write: Writer) -> Expression:
    """keras.layers.Flatten."""
    return write.layer("Flatten", node)


def reshape(node: Node, write: Writer) -> Expression:
    """keras.layers.Reshape."""
    return write.layer("Reshape", node, 1)


def permute(node: Node, write: Writer) -> Expression:
    """keras.layers.Permute."""
    return write.layer("Permute", node, 1)


def repeat_vector(node: Node, write: Writer) -> Expression:
    """keras.layers.RepeatVector."""
    return write.layer("RepeatVector", node, 1)


def sides(node: Node, write: Writer) -> Expression:
    """keras.layers.ZeroPadding2D, Cropping2D and theirs, the sides in the shortest form."""
    field = node.layer.parameters()[0]
    if field not in node.layer.given():
        return write.layer(type(node.layer).__name__, node)
    short = literal(_short(getattr(node.layer, field)))
    return write.layer(type(node.layer).__name__, node, 1, **{field: short})


def _short(pads: Pads) -> object:
    if any(before != after for before, after in pads):
        return pads if len(pads) > 1 else pads[0]
    counts = tuple(before for before, _ in pads)
    return counts[0] if len(set(counts)) == 1 else counts


def up_sampling(node: Node, write: Writer) -> Expression:
    """keras.layers.UpSampling1D, 2D or 3D."""
    return write.layer(type(node.layer).__name__, node)


LAYERS = {
    Flatten: flatten,
    Reshape: reshape,
    Permute: permute,
    RepeatVector: repeat_vector,
    **dict.fromkeys((ZeroPadding1D, ZeroPadding2D, ZeroPadding3D), sides),
    **dict.fromkeys((Cropping1D, Cropping2D, Cropping3D), sides),
    **dict.fromkeys((UpSampling1D, UpSampling2D, UpSampling3D), up_sampling),
}
