"""Core layers in Keras."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.spec.layers.core import Custom, Dense, Embedding, Identity, Masking, ReversibleEmbedding
from specc.targets.keras.arguments import Writer


def dense(node: Node, write: Writer) -> Expression:
    """keras.layers.Dense."""
    return write.layer("Dense", node, 1)


def embedding(node: Node, write: Writer) -> Expression:
    """keras.layers.Embedding or ReversibleEmbedding.

    TensorFlow keeps the gradients of repeated tokens apart, so that an optimizer squares or clips
    each by itself; an L2 of 0 makes it add them up (docs/semantics.md, fact 0.2).
    """
    layer = cast(Embedding, node.layer)
    if write.dense_gradient and layer.embeddings_regularizer is None:
        write.comments.append("# L2(0.0) has TensorFlow add up the gradients of repeated tokens.")
        zero = call("keras.regularizers.L2", literal(0.0))
        return write.layer(type(layer).__name__, node, 2, embeddings_regularizer=zero)
    return write.layer(type(layer).__name__, node, 2)


def masking(node: Node, write: Writer) -> Expression:
    """keras.layers.Masking."""
    return write.layer("Masking", node, 1)


def identity(node: Node, write: Writer) -> Expression:
    """keras.layers.Identity."""
    return write.layer("Identity", node)


def custom(node: Node, write: Writer) -> Expression:
    """The user's class, whose `name` argument is Keras' own."""
    layer = cast(Custom, node.layer)
    arguments = {str(name): literal(value) for name, value in layer.arguments.items()}
    return call(Code(write.custom[layer.keras]), **arguments, **write.common(node))


LAYERS = {
    Dense: dense,
    Embedding: embedding,
    ReversibleEmbedding: embedding,
    Masking: masking,
    Identity: identity,
    Custom: custom,
}
