"""One small function for each layer. The table says which; what it lacks is refused."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from specc.program import Node
from specc.spec.word import Layer
from specc.targets.torch.layout import Layout
from specc.targets.torch.lowered import At, Lowered

Lowering = Callable[[Node, At], Lowered]


def lowering(layer: Layer) -> Lowering:
    """Return the function that lowers a layer; its module is that of the layer's class."""
    function: Lowering = _family(layer).LAYERS[type(layer)]
    return function


def gives(node: Node, takes: Layout) -> Layout:
    """Return how PyTorch holds what a layer gives.

    It is as what the layer takes, unless the family's table `LAYOUTS` says otherwise.

    Args:
        takes: How it holds what the layer takes.
    """
    own: Callable[[Node, Layout], Layout] | None = getattr(_family(node.layer), "LAYOUTS", {}).get(
        type(node.layer)
    )
    return takes if own is None else own(node, takes)


def _family(layer: Layer) -> Any:
    return import_module(f"{__name__}.{type(layer).__module__.rpartition('.')[2]}")
