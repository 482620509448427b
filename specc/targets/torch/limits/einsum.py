"""Limits of `einsum_dense`."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Node
from specc.shapes import text
from specc.spec.initializers import Orthogonal
from specc.targets.torch.limits.biases import long_axis, note_bias
from specc.unsure import where_sure
from specc.validate import Places


def refuse(node: Node, places: Places) -> Iterator[Diagnostic]:
    """Yield errors about kernels that are other matrices here, and notes on the bias."""
    for variable in node.variables:
        if isinstance(variable.initializer, Orthogonal) and len(variable.shape) > 2:
            message = (
                f"orthogonal expects a matrix, found the kernel of shape {text(variable.shape)}, "
                "of which PyTorch makes another matrix than Keras"
            )
            place = places.of(node.layer, f"{variable.stem}_initializer")
            yield Diagnostic("E403", message, place)
    with where_sure:
        found = long_axis(node)
        if found is not None:
            index, rank, length = found
            axis = len(node.output_shape) - rank + index
            yield from note_bias(node, axis, length, "leave out bias_axes")
