"""Layers that hold another layer, in PyTorch."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import cast

from specc.expressions import Call, Code, call, literal
from specc.program import Node
from specc.spec.layers.wrapper import SpectralNormalization, TimeDistributed
from specc.targets.torch.layers import gives, lowering
from specc.targets.torch.layout import Layout, faced, is_stepwise, peeled
from specc.targets.torch.lowered import At, Attribute, Lowered
from specc.targets.torch.weights import Weight


def time_distributed(node: Node, at: At) -> Lowered:
    """The layer itself, on steps that are samples, or on all steps at once where that is the same.

    What mixes samples goes over the steps in a loop, as Keras does.
    """
    inner, steps = peeled(node)
    plain = replace(at, layout=replace(at.layout, steps=()), gives=replace(at.gives, steps=()))
    if not is_stepwise(inner):
        inner = faced(node, at.layout)
        return lowering(inner.layer)(inner, plain)
    step = Code("step")
    lowered = lowering(inner.layer)(inner, replace(plain, x=step, y=step))
    (value,) = lowered.steps
    layer = Code(f"self.{node.name}")
    function = layer if value == call(layer, step) else Code(f"lambda {step}: {value}")
    stacked = call("each_step", function, at.x)
    if at.layout.steps:
        apart = Code(f"{at.x}.unflatten(0, {literal((-1, math.prod(steps)))})")
        stacked = Call(f"{call('each_step', function, apart)}.flatten", (Code("0"), Code("1")))
    return replace(lowered, steps=(stacked,), helpers=(*lowered.helpers, "each_step"))


def _each_step(node: Node, takes: Layout) -> Layout:
    """Return how the outputs of all steps are held: as the layer within gives each."""
    inner = peeled(node)[0]
    inner = inner if is_stepwise(inner) else faced(node, takes)
    return replace(gives(inner, replace(takes, steps=())), steps=takes.steps)


def spectral_normalization(node: Node, at: At) -> Lowered:
    """A short class around the layer, which replaces the weight as Keras does.

    torch.nn.utils.parametrizations.spectral_norm keeps the weight and divides a copy of it, through
    which gradients flow: another training.
    """
    layer, (inner,) = cast(SpectralNormalization, node.layer), node.nested
    lowered = lowering(inner.layer)(inner, at)
    (module,), (vector, *_) = lowered.modules, node.variables
    kernel = lowered.weights[0]
    last = len(kernel.transform.split or kernel.variable.shape) - 1
    axes = kernel.transform.axes or tuple(range(last + 1))
    dim = axes.index(last)
    iterations = literal(layer.power_iterations) if layer.power_iterations > 1 else None
    value = call(
        "SpectralNormalization",
        module.value,
        literal(vector.shape[-1]),
        dim=literal(dim) if dim else None,
        power_iterations=iterations,
    )
    within = (weight.within("layer") for weight in lowered.weights)
    return replace(
        lowered,
        modules=(Attribute(node.name, value),),
        weights=(*within, Weight(node.name, vector, "vector_u")),
        helpers=(*lowered.helpers, "spectral_normalization"),
    )


def _inner(node: Node, takes: Layout) -> Layout:
    return gives(node.nested[0], takes)


LAYERS = {TimeDistributed: time_distributed, SpectralNormalization: spectral_normalization}

LAYOUTS = {TimeDistributed: _each_step, SpectralNormalization: _inner}
