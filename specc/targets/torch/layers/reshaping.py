"""Layers that move entries, in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.spec.layers.reshaping import Flatten, Permute, RepeatVector, Reshape, ZeroPadding2D
from specc.targets.torch.layers.convolution import is_even
from specc.targets.torch.layout import FIRST, KERAS, Layout, flattened, turns_channels
from specc.targets.torch.lowered import At, Lowered, Module, X


def flatten(node: Node, at: At) -> Lowered:
    """torch.nn.Flatten; where its order is not Keras', the next layer's weights are reordered."""
    if not node.input_shape:
        return Lowered((Code("x.unsqueeze(1)"),))
    module = Module(node.name, call("nn.Flatten"))
    steps: list[Expression] = []
    layout = flattened(node, at.layout)
    if not at.keeps and turns_channels(node):
        axes = [0, *range(2, len(node.input_shape) + 1), 1]
        steps.append(Code(f"x.permute({', '.join(map(str, axes))})"))
        layout = Layout()
    return Lowered((*steps, call(f"self.{node.name}", X)), (module,), layout=layout)


def reshape(node: Node, at: At) -> Lowered:
    """torch.Tensor.reshape in Keras' axes."""
    sizes = ", ".join(map(str, node.output_shape))
    return Lowered((Code(f"x.reshape(-1, {sizes})"),), layout=KERAS)


def permute(node: Node, at: At) -> Lowered:
    """torch.Tensor.permute; what has its channels first keeps them there, in their new meaning."""
    rank = len(node.input_shape)
    order = [at.layout.dim(axis, rank) for axis in cast(Permute, node.layer).dims]
    layout = at.layout
    if order == sorted(order):
        # The tensor itself has Keras' new axes already.
        return Lowered((), layout=layout if rank == 1 else KERAS)
    if layout.first:
        order, layout = [order[-1], *order[:-1]], FIRST
    if order == sorted(order):
        return Lowered((), layout=layout)
    return Lowered((Code(f"x.permute({', '.join(map(str, (0, *order)))})"),), layout=layout)


def repeat_vector(node: Node, at: At) -> Lowered:
    """torch.Tensor.expand, which copies nothing."""
    count = cast(RepeatVector, node.layer).n
    return Lowered((Code(f"x.unsqueeze(1).expand(-1, {count}, -1)"),), layout=KERAS)


def zero_padding2d(node: Node, at: At) -> Lowered:
    """torch.nn.ZeroPad2d, which counts left, right, top, bottom."""
    (top, bottom), (left, right) = cast(ZeroPadding2D, node.layer).padding
    pads = (left, right, top, bottom)
    same = is_even(((left, right), (top, bottom))) and left == top
    module = Module(node.name, call("nn.ZeroPad2d", literal(left if same else pads)))
    return Lowered((call(f"self.{node.name}", X),), (module,))


LAYERS = {
    Flatten: flatten,
    Reshape: reshape,
    Permute: permute,
    RepeatVector: repeat_vector,
    ZeroPadding2D: zero_padding2d,
}
