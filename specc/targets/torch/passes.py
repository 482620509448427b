"""The passes before `forward` is written: how each value is held, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass, replace

from specc.expressions import Code
from specc.program import Graph, Node, Program, Value
from specc.targets.torch.layers import gives
from specc.targets.torch.layout import (
    KERAS,
    Layout,
    faced,
    flattened,
    is_of_steps,
    keeps_order,
    outside,
    turns_channels,
    wanted,
    within,
)
from specc.targets.torch.penalties import penalises_output

_X, _MASK = Code("x"), Code("mask")


@dataclass(frozen=True, slots=True)
class Layouts:
    """How PyTorch holds values.

    Attributes:
        values: How each value is held for those that take it.
        takes: How each node wants what it takes.
        gives: How each node holds what it gives.
    """

    values: dict[Value, Layout]
    takes: dict[Node, Layout]
    gives: dict[Node, Layout]


def layouts(program: Program) -> Layouts:
    """Return in which order of axes each value is held, with few permutations between."""
    graph = program.graph
    found = Layouts({v: outside(program, v.shape) for v in graph.inputs}, {}, {})
    for node in graph.nodes:
        takes = wanted(node, found.values[node.input], graph.chain(node))
        given = _given(graph, node, takes)
        found.takes[node], found.gives[node] = takes, given
        # Keras divides a penalty by the number of sequences, not of steps.
        apart = program.fit is not None and given.steps and penalises_output(node)
        for value in node.outputs:
            found.values[value] = KERAS if apart else given
    return found


def _given(graph: Graph, node: Node, takes: Layout) -> Layout:
    """Return how a node holds what it gives."""
    inner = faced(node, takes)
    if inner.layer.word == "flatten" and inner.input_shape:
        plain, following = replace(takes, steps=()), within(graph.chain(node), takes)
        kept = not turns_channels(inner) or keeps_order(inner, plain, following)
        return replace(flattened(inner, plain) if kept else KERAS, steps=takes.steps)
    if is_of_steps(node):
        return gives(node, takes)
    return replace(gives(node if node.nested else inner, takes), steps=takes.steps)


def variables(program: Program) -> dict[Value, Code]:
    """Return what `forward` calls each value, and each mask that something uses.

    A value is `x` while the next node alone takes it, else it is called after its layer. A mask is
    `mask` unless another one of that name is still in use.
    """
    graph = program.graph
    places = {node: place for place, node in enumerate(graph.nodes)}
    names: dict[Value, Code] = {}
    for value in (*graph.inputs, *(v for node in graph.nodes for v in node.outputs)):
        producer = graph.producer(value)
        next_place = 0 if producer is None else places[producer] + 1
        users = [places[user] for user in graph.users(value)]
        last = value in graph.outputs and next_place == len(graph.nodes)
        names[value] = _X if users == [next_place] or (last and not users) else Code(value.name)
    for node in graph.nodes:
        mask = node.made_mask
        if mask is None or not _is_used(program, mask):
            continue
        others = [m for m, name in names.items() if name is _MASK]
        busy = any(_last_use(program, other, places) > places[node] for other in others)
        names[mask] = Code(mask.name) if busy else _MASK
    return names


def reaches_loss(program: Program, mask: Value | None) -> bool:
    """Tell whether a mask comes with an output whose loss it then concerns."""
    heads = program.fit.heads if program.fit is not None else ()
    return mask is not None and any(head.output.mask is mask for head in heads)


def _is_used(program: Program, mask: Value) -> bool:
    users = program.graph.users(mask)
    return reaches_loss(program, mask) or any(user.layer.uses_mask() for user in users)


def _last_use(program: Program, mask: Value, places: dict[Node, int]) -> int:
    if reaches_loss(program, mask):
        return len(places)
    return max(places[user] for user in program.graph.users(mask) if user.layer.uses_mask())
