"""Layers that act in training alone, in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, call, literal
from specc.program import Node
from specc.spec.layers.regularization import ActivityRegularization, Dropout
from specc.targets.torch.lowered import At, Lowered, Module, Note, X


def dropout(node: Node, at: At) -> Lowered:
    """torch.nn.Dropout; a noise shape multiplies by a mask that is broadcast."""
    layer = cast(Dropout, node.layer)
    notes = () if layer.seed is None else (_SEED,)
    if layer.noise_shape is None:
        module = Module(node.name, call("nn.Dropout", literal(layer.rate)))
        return Lowered((call(f"self.{node.name}", X),), (module,), notes=notes)
    sizes = zip(layer.noise_shape[1:], node.input_shape, strict=True)
    features = at.layout.shape(tuple(d if n is None else n for n, d in sizes))
    batch = "1" if layer.noise_shape[0] == 1 else "len(x)"
    mask = f"x.new_ones({', '.join([batch, *map(str, features)])})"
    step = Code(f"x * F.dropout({mask}, {literal(layer.rate)}, self.training)")
    return Lowered((step,), notes=notes)


_SEED = Note(
    "N204",
    "the seed of a dropout has no counterpart in PyTorch, whose layers all draw from one stream",
)


def activity_regularization(node: Node, at: At) -> Lowered:
    """Nothing by itself: the penalty is that of any layer's output."""
    return Lowered(())


LAYERS = {Dropout: dropout, ActivityRegularization: activity_regularization}
