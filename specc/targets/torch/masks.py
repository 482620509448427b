"""Masks in `forward`: a variable `mask`, and an attribute of the model where the loss takes it.

A mask has the shape of its tensor in Keras' axes without the last one, the batch included. It is
True where an entry counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from specc.expressions import Code
from specc.program import Node, Program


@dataclass(frozen=True, slots=True)
class Mask:
    """What becomes of the mask that a layer makes.

    Attributes:
        target: What the mask is assigned to.
        name: What the steps of the layer itself call it.
    """

    target: str
    name: Code


def mask_of(program: Program, node: Node) -> Mask | None:
    """Return where the mask goes that a layer makes; None where nothing uses it."""
    made = node.made_mask
    if made is None:
        return None
    in_loss = program.graph.output.mask is made and program.fit is not None
    if any(taker.layer.uses_mask() for taker in program.graph.users(made)):
        return Mask("mask = self.mask" if in_loss else "mask", Code("mask"))
    return Mask("self.mask", Code("self.mask")) if in_loss else None


def widened(mask: str, dim: int, rank: int) -> str:
    """Return the mask with an axis of length 1 in place of the features'.

    Arguments:
        dim: PyTorch's dimension of the features.
        rank: The axes of the tensor without the batch.
    """
    return f"{mask}.unsqueeze({-1 if dim == rank else dim})"
