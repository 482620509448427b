"""Layers that act in training alone, in Keras."""

from __future__ import annotations

from typing import cast

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.regularization import ActivityRegularization, Dropout
from specc.targets.keras.arguments import Writer


def dropout(node: Node, write: Writer) -> Expression:
    """keras.layers.Dropout."""
    return write.layer("Dropout", node, 1)


def activity_regularization(node: Node, write: Writer) -> Expression:
    """keras.layers.ActivityRegularization, its factors as constants of the program."""
    layer = cast(ActivityRegularization, node.layer)
    factors: dict[str, Expression] = {
        name: write.constants.add(f"{node.name}_{name}".upper(), value)
        for name, value in layer.given().items()
    }
    return write.layer("ActivityRegularization", node, 0, **factors)


LAYERS = {Dropout: dropout, ActivityRegularization: activity_regularization}
