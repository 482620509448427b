"""Layers that prepare inputs, in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, call, literal
from specc.program import Node
from specc.spec.layers.preprocessing import Rescaling
from specc.targets.torch.layout import Layout
from specc.targets.torch.lowered import At, Lowered, Module, X


def rescaling(node: Node, at: At) -> Lowered:
    """Arithmetic on `x`; lists are buffers of a short class, which follow the model's device."""
    layer, rank = cast(Rescaling, node.layer), len(node.input_shape)
    scale, offset = layer.scale, layer.offset
    if isinstance(scale, float) and isinstance(offset, float):
        step = _arithmetic(scale, offset)
        if step is None and node.integers:
            step = Code("x.float()")
        return Lowered(() if step is None else (step,))
    tensors = (_tensor(value, at.layout, rank) for value in (scale, offset))
    module = Module(node.name, call("Rescaling", *tensors))
    return Lowered((call(f"self.{node.name}", X),), (module,), helpers=("rescaling",))


def _arithmetic(scale: float, offset: float) -> Code | None:
    product = "x" if scale == 1 else f"x * {literal(scale)}"
    sign = "-" if offset < 0 else "+"
    value = f"{product} {sign} {literal(abs(offset))}" if offset else product
    return None if value == "x" else Code(value)


def _tensor(value: float | tuple[float, ...], layout: Layout, rank: int) -> Code:
    """Return the tensor of one argument, its axis that of the channels."""
    if isinstance(value, float):
        return Code(f"torch.tensor({literal(value)})")
    tensor = f"torch.tensor({literal(list(value))})"
    if not layout.first:
        return Code(tensor)
    sizes = ", ".join(map(str, (len(value), *[1] * (rank - 1))))
    return Code(f"{tensor}.view({sizes})")


LAYERS = {Rescaling: rescaling}
