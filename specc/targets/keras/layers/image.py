"""Layers that bring images to another size or range, in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.image import AutoContrast, CenterCrop, Resizing
from specc.targets.keras.arguments import Writer


def resizing(node: Node, write: Writer) -> Expression:
    """keras.layers.Resizing."""
    return write.layer("Resizing", node, 2)


def center_crop(node: Node, write: Writer) -> Expression:
    """keras.layers.CenterCrop."""
    return write.layer("CenterCrop", node, 2)


def auto_contrast(node: Node, write: Writer) -> Expression:
    """keras.layers.AutoContrast."""
    return write.layer("AutoContrast", node)


LAYERS = {Resizing: resizing, CenterCrop: center_crop, AutoContrast: auto_contrast}
