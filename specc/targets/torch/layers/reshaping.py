"""Layers that move entries, in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.spec.layers.reshaping import Flatten, Reshape, ZeroPadding2D
from specc.targets.torch.layout import KERAS, Layout, flattened, turns_channels
from specc.targets.torch.lowered import At, Lowered, Module, X
from specc.targets.torch.windows import is_even


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


def zero_padding2d(node: Node, at: At) -> Lowered:
    """torch.nn.ZeroPad2d, which counts left, right, top, bottom."""
    (top, bottom), (left, right) = cast(ZeroPadding2D, node.layer).padding
    pads = (left, right, top, bottom)
    same = is_even(((left, right), (top, bottom))) and left == top
    module = Module(node.name, call("nn.ZeroPad2d", literal(left if same else pads)))
    return Lowered((call(f"self.{node.name}", X),), (module,))


LAYERS = {Flatten: flatten, Reshape: reshape, ZeroPadding2D: zero_padding2d}
