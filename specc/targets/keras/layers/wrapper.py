"""Layers that hold another layer, in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.wrapper import TimeDistributed
from specc.targets.keras.arguments import Writer


def time_distributed(node: Node, write: Writer) -> Expression:
    """keras.layers.TimeDistributed."""
    return write.layer("TimeDistributed", node, 1)


LAYERS = {TimeDistributed: time_distributed}
