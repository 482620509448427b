"""Layers that change images at random, in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.augmentation import (
    RandomBrightness,
    RandomColorDegeneration,
    RandomContrast,
    RandomFlip,
    RandomGrayscale,
    RandomInvert,
    RandomPosterization,
    RandomRotation,
    RandomSharpness,
    RandomShear,
    RandomTranslation,
    RandomZoom,
    Solarization,
)
from specc.targets.keras.arguments import Writer


def augmentation(node: Node, write: Writer) -> Expression:
    """keras.layers.RandomFlip and the others, their first arguments without names."""
    layer = type(node.layer)
    required = sum(field.is_required() for field in layer.model_fields.values())
    first = layer.parameters()[0] in node.layer.given()
    return write.layer(layer.__name__, node, max(required, int(first)))


LAYERS = dict.fromkeys(
    (
        RandomFlip,
        RandomRotation,
        RandomTranslation,
        RandomZoom,
        RandomShear,
        RandomContrast,
        RandomBrightness,
        RandomGrayscale,
        RandomColorDegeneration,
        RandomInvert,
        Solarization,
        RandomPosterization,
        RandomSharpness,
    ),
    augmentation,
)
