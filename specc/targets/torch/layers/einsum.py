"""The dense layer of any equation, in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import call, literal
from specc.program import Node
from specc.spec.layers.einsum import EinsumDense
from specc.targets.torch.layout import keras_order
from specc.targets.torch.lowered import At, Attribute, Lowered
from specc.targets.torch.weights import Transform, Weight


def einsum_dense(node: Node, at: At) -> Lowered:
    """torch.nn.Linear where the equation is its own, else a class around torch.einsum."""
    layer = cast(EinsumDense, node.layer)
    kernel, *biases = node.variables
    turned = Transform()
    helpers: tuple[str, ...] = ()
    if layer.is_dense():
        x, letters, _ = layer.parts()
        turned = Transform(axes=(1, 0)) if letters[0] == x[-1] else turned
        sizes = literal(node.input_shape[-1]), literal(node.output_shape[-1])
        module = call("nn.Linear", *sizes, bias=None if biases else literal(False))
    else:
        shapes = [literal(variable.shape) for variable in node.variables]
        module = call("EinsumDense", literal(layer.equation), *shapes)
        helpers = ("einsum_dense",)
    return Lowered(
        steps=(call(f"self.{node.name}", at.x),),
        modules=(Attribute(node.name, module),),
        weights=(
            Weight(node.name, kernel, "weight", turned),
            *(Weight(node.name, b, "bias", declared=layer.is_dense()) for b in biases),
        ),
        helpers=helpers,
    )


LAYERS = {EinsumDense: einsum_dense}

LAYOUTS = {EinsumDense: keras_order}
