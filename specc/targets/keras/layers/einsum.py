"""The dense layer of any equation, in Keras."""

from __future__ import annotations

from typing import cast

from specc.expressions import Expression, literal
from specc.program import Node
from specc.shapes import UNKNOWN
from specc.spec.layers.einsum import EinsumDense
from specc.targets.keras.arguments import Writer


def einsum_dense(node: Node, write: Writer) -> Expression:
    """keras.layers.EinsumDense.

    Sizes that the spec leaves to the input are written out: for None Keras would not know the
    shape of the output, which the next layer may need.
    """
    layer = cast(EinsumDense, node.layer)
    letters = layer.parts()[2]
    count = len(letters) - (0 if layer.equation.startswith("...") else 1)
    start = len(node.output_shape) - count if layer.equation.startswith("...") else 0
    found = node.output_shape[start : start + count]
    sizes = tuple(None if size is UNKNOWN else size for size in found)
    shape = literal(sizes[0] if len(sizes) == 1 else sizes)
    return write.layer("EinsumDense", node, 2, output_shape=shape)


LAYERS = {EinsumDense: einsum_dense}
