"""What becomes of Keras' files of weights when a spec changes.

They name layers by class and number them in order (`_save_container_state` of
keras.src.saving.saving_lib: `dense`, `dense_1`, ...), whatever the layers are called; what a file
has beyond that is left out in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from specc.diagnostics import listed
from specc.program import Node
from specc.targets.carried import Carried, Loading


def loads(carried: Carried) -> Loading:
    """Return whether a file from before loads, and what it would give wrong weights."""
    old, new = carried.programs
    before = {place: node for node, place in _places(old.graph.nodes)}
    fails: list[str] = []
    wrong: list[str] = []
    for node, place in _places(new.graph.nodes):
        there = before.get(place)
        at_home = there is not None and carried.layers.get(node.name) == there.name
        if node.variables and not (at_home and node.name not in carried.unlike):
            (wrong if _fits(there, node) else fails).append(str(node.name))
    if not fails and not wrong:
        gone = ", what is no longer there being left out" if carried.unlike else ""
        return Loading(True, f"a .weights.h5 from before loads as it is{gone}")
    parts = ["a .weights.h5 from before does not load as it is"]
    if wrong:
        silent = f"Keras finds layers by class and order, and would give {listed(wrong)} weights"
        parts.append(f"{silent} that are not meant for it, without an error")
    return Loading(False, "; ".join(parts))


def _places(nodes: Sequence[Node]) -> Iterator[tuple[Node, tuple[str, int]]]:
    """Yield each layer with its place in a file of Keras."""
    counts: Counter[str] = Counter()
    for node in nodes:
        kind = type(node.layer).__name__
        yield node, (kind, counts[kind])
        counts[kind] += 1


def _fits(old: Node | None, new: Node) -> bool:
    """Tell whether the weights of one layer would be taken for those of another."""
    return old is not None and [v.shape for v in old.variables] == [v.shape for v in new.variables]
