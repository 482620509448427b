"""What a PyTorch program cannot do, and notes on where it stands apart from Keras'.

What is about one kind of layer is in the module of the layer's family, which is imported where a
spec has such a layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

from specc.diagnostics import Diagnostic
from specc.program import Node, Program
from specc.targets.torch.limits.masks import note_masks
from specc.targets.torch.limits.metrics import refuse_metrics
from specc.targets.torch.limits.weights import refuse_weights
from specc.unsure import where_sure
from specc.validate import Places

_FAMILIES = frozenset(
    ("convolution", "einsum", "image", "normalization", "preprocessing", "recurrent", "wrapper")
)


def refuse(program: Program, places: Places) -> Iterator[Diagnostic]:
    """Yield what is wrong with a program, whose parts may be unsure, and notes on it."""
    with where_sure:
        for node in program.graph.known():
            with where_sure:
                yield from refuse_weights(node, places)
            with where_sure:
                yield from _of_family(node)(node, places)
    with where_sure:
        yield from refuse_metrics(program, places)
    with where_sure:
        yield from note_masks(program, places)


def _of_family(node: Node) -> Callable[[Node, Places], Iterator[Diagnostic]]:
    """Return what looks at the layers of a family."""
    family = type(node.layer).__module__.rpartition(".")[2]
    if family not in _FAMILIES:
        return _nothing
    found: Callable[[Node, Places], Iterator[Diagnostic]]
    found = import_module(f"{__name__}.{family}").refuse
    return found


def _nothing(node: Node, places: Places) -> Iterator[Diagnostic]:
    """Yield nothing, as the layers of most families can all be done."""
    yield from ()
