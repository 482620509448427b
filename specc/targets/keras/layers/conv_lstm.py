"""Recurrent layers whose products are convolutions, in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.conv_lstm import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from specc.targets.keras.arguments import Writer


def conv_lstm(node: Node, write: Writer) -> Expression:
    """keras.layers.ConvLSTM1D, 2D or 3D."""
    return write.layer(type(node.layer).__name__, node, 2)


LAYERS = dict.fromkeys((ConvLSTM1D, ConvLSTM2D, ConvLSTM3D), conv_lstm)
