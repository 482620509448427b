"""Layers that hold another layer, in PyTorch."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from specc.expressions import Call, Code, call, literal
from specc.program import Node
from specc.spec.layers.wrapper import TimeDistributed
from specc.targets.torch.layers import lowering
from specc.targets.torch.layout import faced, is_stepwise, peeled
from specc.targets.torch.lowered import At, Lowered, X


def time_distributed(node: Node, at: At) -> Lowered:
    """The layer itself, on steps that are samples, or on all steps at once where that is the same.

    What mixes samples goes over the steps in a loop, as Keras does.
    """
    inner, steps = peeled(node)
    plain = replace(at, layout=replace(at.layout, steps=()))
    if not is_stepwise(inner):
        inner = faced(node, at.layout)
        return lowering(inner.layer)(inner, plain)
    lowered = lowering(inner.layer)(inner, plain)
    (step,) = lowered.steps
    layer = f"self.{node.name}"
    if str(step) != f"{layer}(x)":
        layer = "lambda step: " + re.sub(r"\bx\b", "step", str(step))
    value = call("each_step", Code(layer), X)
    if at.layout.steps:
        apart = Code(f"x.unflatten(0, {literal((-1, math.prod(steps)))})")
        value = Call(f"{call('each_step', Code(layer), apart)}.flatten", (Code("0"), Code("1")))
    return replace(lowered, steps=(value,), helpers=(*lowered.helpers, "each_step"))


LAYERS = {TimeDistributed: time_distributed}
