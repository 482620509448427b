"""Core layers in PyTorch: nn.Linear, nn.Embedding, nn.Identity and custom classes."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, call, literal
from specc.program import Node
from specc.spec.layers.core import Custom, Dense, Embedding, Identity, Masking, ReversibleEmbedding
from specc.targets.torch.layout import FIRST, KERAS, Layout, keras_order
from specc.targets.torch.lowered import At, Attribute, Lowered
from specc.targets.torch.masks import widened
from specc.targets.torch.weights import Transform, Weight, image_order


def dense(node: Node, at: At) -> Lowered:
    """torch.nn.Linear, which works on the last axis as Keras' Dense; its weight is transposed."""
    layer = cast(Dense, node.layer)
    bias = None if layer.use_bias else literal(False)
    sizes = literal(node.input_shape[-1]), literal(layer.units)
    order = Transform(axes=(1, 0))
    if at.layout.flat is not None:
        order = image_order(at.layout.flat, (layer.units,))
    return Lowered(
        steps=(call(f"self.{node.name}", at.x),),
        modules=(Attribute(node.name, call("nn.Linear", *sizes, bias=bias)),),
        weights=tuple(
            Weight(node.name, v, *(("weight", order) if v.name == "kernel" else ("bias",)))
            for v in node.variables
        ),
    )


def embedding(node: Node, at: At) -> Lowered:
    """torch.nn.Embedding without padding_idx: Keras trains row 0 as any other."""
    layer = cast(Embedding, node.layer)
    sizes = literal(layer.input_dim), literal(layer.output_dim)
    index = at.x if node.input.integers and not at.narrow else Code(f"{at.x}.long()")
    return Lowered(
        steps=(call(f"self.{node.name}", index),),
        modules=(Attribute(node.name, call("nn.Embedding", *sizes)),),
        weights=tuple(Weight(node.name, v, "weight") for v in node.variables),
        mask=Code(f"{at.x} != 0"),
    )


def masking(node: Node, at: At) -> Lowered:
    """The formula; the mask is a variable of `forward` where something uses it."""
    rank = len(node.input_shape)
    dim = at.layout.dim(-1, rank)
    value = literal(cast(Masking, node.layer).mask_value)
    counts = f"({at.x} != {value}).any(dim={-1 if dim == rank else dim}"
    if at.made_mask is None:
        return Lowered((Code(f"torch.where({counts}, keepdim=True), {at.x}, 0)"),))
    step = Code(f"torch.where({widened(at.made_mask, dim, rank)}, {at.x}, 0)")
    return Lowered((step,), mask=Code(f"{counts})"))


def identity(node: Node, at: At) -> Lowered:
    """torch.nn.Identity."""
    return Lowered((call(f"self.{node.name}", at.x),), (Attribute(node.name, call("nn.Identity")),))


def custom(node: Node, at: At) -> Lowered:
    """The user's class. Images and volumes come and go channels first, as in all PyTorch code."""
    layer = cast(Custom, node.layer)
    arguments = {str(name): literal(value) for name, value in layer.arguments.items()}
    return Lowered(
        steps=(call(f"self.{node.name}", at.x),),
        modules=(Attribute(node.name, call(at.custom[layer.torch], **arguments)),),
    )


def _custom_layout(node: Node, takes: Layout) -> Layout:
    """Return how a custom class gives its output."""
    return FIRST if len(node.output_shape) in (3, 4) else KERAS


LAYERS = {
    Dense: dense,
    Embedding: embedding,
    ReversibleEmbedding: embedding,
    Masking: masking,
    Identity: identity,
    Custom: custom,
}

LAYOUTS = {
    **dict.fromkeys((Dense, Embedding, ReversibleEmbedding), keras_order),
    Custom: _custom_layout,
}
