"""Layers that move entries, in Keras."""

from __future__ import annotations

from typing import cast

from specc.expressions import Expression, literal
from specc.program import Node
from specc.spec.layers.reshaping import Flatten, Permute, RepeatVector, Reshape, ZeroPadding2D
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


def zero_padding2d(node: Node, write: Writer) -> Expression:
    """keras.layers.ZeroPadding2D, its padding in the shortest form."""
    (top, bottom), (left, right) = padding = cast(ZeroPadding2D, node.layer).padding
    if padding == ((1, 1), (1, 1)):
        return write.layer("ZeroPadding2D", node)
    short: int | tuple[int, int] | tuple[tuple[int, int], tuple[int, int]] = padding
    if top == bottom and left == right:
        short = top if top == left else (top, left)
    return write.layer("ZeroPadding2D", node, 1, padding=literal(short))


LAYERS = {
    Flatten: flatten,
    Reshape: reshape,
    Permute: permute,
    RepeatVector: repeat_vector,
    ZeroPadding2D: zero_padding2d,
}
