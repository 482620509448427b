"""Layers that act in training alone, in Keras."""

from __future__ import annotations

from typing import cast

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.regularization import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from specc.targets.keras.arguments import Writer


def dropout(node: Node, write: Writer) -> Expression:
    """keras.layers.Dropout."""
    return write.layer("Dropout", node, 1)


def gaussian_noise(node: Node, write: Writer) -> Expression:
    """keras.layers.GaussianNoise."""
    return write.layer("GaussianNoise", node, 1)


def gaussian_dropout(node: Node, write: Writer) -> Expression:
    """keras.layers.GaussianDropout."""
    return write.layer("GaussianDropout", node, 1)


def alpha_dropout(node: Node, write: Writer) -> Expression:
    """keras.layers.AlphaDropout."""
    return write.layer("AlphaDropout", node, 1)


def spatial_dropout1d(node: Node, write: Writer) -> Expression:
    """keras.layers.SpatialDropout1D."""
    return write.layer("SpatialDropout1D", node, 1)


def spatial_dropout2d(node: Node, write: Writer) -> Expression:
    """keras.layers.SpatialDropout2D."""
    return write.layer("SpatialDropout2D", node, 1)


def spatial_dropout3d(node: Node, write: Writer) -> Expression:
    """keras.layers.SpatialDropout3D."""
    return write.layer("SpatialDropout3D", node, 1)


def activity_regularization(node: Node, write: Writer) -> Expression:
    """keras.layers.ActivityRegularization, its factors as constants of the program."""
    layer = cast(ActivityRegularization, node.layer)
    factors: dict[str, Expression] = {
        name: write.constants.add(f"{node.name}_{name}".upper(), value)
        for name, value in layer.given().items()
    }
    return write.layer("ActivityRegularization", node, 0, **factors)


LAYERS = {
    Dropout: dropout,
    GaussianNoise: gaussian_noise,
    GaussianDropout: gaussian_dropout,
    AlphaDropout: alpha_dropout,
    SpatialDropout1D: spatial_dropout1d,
    SpatialDropout2D: spatial_dropout2d,
    SpatialDropout3D: spatial_dropout3d,
    ActivityRegularization: activity_regularization,
}
