"""Recurrent layers in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.recurrent import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    GRUCell,
    LSTMCell,
    SimpleRNN,
    SimpleRNNCell,
    StackedRNNCells,
)
from specc.targets.keras.arguments import Writer


def simple_rnn(node: Node, write: Writer) -> Expression:
    """keras.layers.SimpleRNN."""
    return write.layer("SimpleRNN", node, 1)


def lstm(node: Node, write: Writer) -> Expression:
    """keras.layers.LSTM."""
    return write.layer("LSTM", node, 1)


def gru(node: Node, write: Writer) -> Expression:
    """keras.layers.GRU."""
    return write.layer("GRU", node, 1)


def bidirectional(node: Node, write: Writer) -> Expression:
    """keras.layers.Bidirectional."""
    return write.layer("Bidirectional", node, 1)


def rnn(node: Node, write: Writer) -> Expression:
    """keras.layers.RNN."""
    return write.layer("RNN", node, 1)


def cell(node: Node, write: Writer) -> Expression:
    """keras.layers.LSTMCell, GRUCell, SimpleRNNCell or StackedRNNCells."""
    return write.layer(type(node.layer).__name__, node, 1)


LAYERS = {
    SimpleRNN: simple_rnn,
    LSTM: lstm,
    GRU: gru,
    Bidirectional: bidirectional,
    RNN: rnn,
    SimpleRNNCell: cell,
    LSTMCell: cell,
    GRUCell: cell,
    StackedRNNCells: cell,
}
