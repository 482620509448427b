"""Convolutions in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.convolution import (
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
from specc.targets.keras.arguments import Writer


def convolution(node: Node, write: Writer) -> Expression:
    """keras.layers.Conv2D and the others that begin with filters and kernel size."""
    return write.layer(type(node.layer).__name__, node, 2)


def depthwise(node: Node, write: Writer) -> Expression:
    """keras.layers.DepthwiseConv1D or 2D."""
    return write.layer(type(node.layer).__name__, node, 1)


LAYERS = {
    Conv1D: convolution,
    Conv2D: convolution,
    Conv3D: convolution,
    DepthwiseConv1D: depthwise,
    DepthwiseConv2D: depthwise,
    SeparableConv1D: convolution,
    SeparableConv2D: convolution,
    Conv1DTranspose: convolution,
    Conv2DTranspose: convolution,
    Conv3DTranspose: convolution,
}
