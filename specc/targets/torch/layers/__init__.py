"""One small function for each layer. The table says which; what it lacks is refused."""

from __future__ import annotations

from collections.abc import Callable

from specc.program import Node
from specc.spec.word import Layer
from specc.targets.torch.lowered import At, Lowered

Lowering = Callable[[Node, At], Lowered]


def lowering(layer: Layer) -> Lowering:
    """Return the function that lowers a layer; its module is that of the layer's class."""
    from importlib import import_module

    family = type(layer).__module__.rpartition(".")[2]
    table = import_module(f"{__name__}.{family}").LAYERS
    function: Lowering = table[type(layer)]
    return function
