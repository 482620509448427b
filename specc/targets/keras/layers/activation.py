"""Activation layers in Keras."""

from __future__ import annotations

from specc.expressions import Expression
from specc.program import Node
from specc.spec.layers.activation import (
    ActivationLayer,
    EluLayer,
    LeakyReluLayer,
    PRelu,
    ReluLayer,
    SoftmaxLayer,
)
from specc.targets.keras.arguments import Writer


def activation(node: Node, write: Writer) -> Expression:
    """keras.layers.Activation."""
    return write.layer("Activation", node, 1)


def relu(node: Node, write: Writer) -> Expression:
    """keras.layers.ReLU."""
    return write.layer("ReLU", node)


def leaky_relu(node: Node, write: Writer) -> Expression:
    """keras.layers.LeakyReLU."""
    return write.layer("LeakyReLU", node, 1)


def elu(node: Node, write: Writer) -> Expression:
    """keras.layers.ELU."""
    return write.layer("ELU", node, 1)


def softmax(node: Node, write: Writer) -> Expression:
    """keras.layers.Softmax."""
    return write.layer("Softmax", node)


def prelu(node: Node, write: Writer) -> Expression:
    """keras.layers.PReLU."""
    return write.layer("PReLU", node)


LAYERS = {
    ActivationLayer: activation,
    ReluLayer: relu,
    LeakyReluLayer: leaky_relu,
    EluLayer: elu,
    SoftmaxLayer: softmax,
    PRelu: prelu,
}
