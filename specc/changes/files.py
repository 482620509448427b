"""What becomes of files of trained weights: how each program finds weights in them.

A state of PyTorch names its tensors by layer. Keras' files name layers by class and number them in
order (`_save_container_state` of keras.src.saving.saving_lib: `dense`, `dense_1`, ...), whatever
the layers are called; what a file has beyond that is left out in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from specc.changes.matching import Pair
from specc.changes.weights import Weight
from specc.changes.wording import listed
from specc.program import Node, Program


@dataclass(frozen=True, slots=True)
class File:
    """What becomes of files of one target.

    Attributes:
        target: As `torch`.
        loads: Whether a file from before gives each weight that can be kept its values, and
            leaves none without.
        what: The sentence about it.
    """

    target: str
    loads: bool
    what: str


def files(
    weights: Sequence[Weight],
    pairs: Sequence[Pair],
    programs: tuple[Program, Program],
    maps: tuple[Sequence[object], Sequence[object]],
) -> tuple[File, ...]:
    """Return what becomes of files with weights of the program before.

    Arguments:
        maps: The PyTorch target's maps of weights of both programs.

    Nothing is returned where one of them has no weights, or a custom layer, whose weights a spec
    does not tell.
    """
    words = {word.word for program in programs for word in program.words()}
    if "custom" in words or not maps[0] or not maps[1]:
        return ()
    return _torch(weights, *maps), _keras(weights, pairs, *programs)


# PyTorch


def _torch(weights: Sequence[Weight], before: Sequence[Any], after: Sequence[Any]) -> File:
    old, new = ({w.parameter: w for w in held} for held in (before, after))
    sources = _sources(weights, before, after)
    right = [p for p, source in sources.items() if source == p and _is_same(old[p], new[p])]
    if len(right) == len(new) == len(old):
        return File("torch", True, "a state_dict from before loads as it is")
    parts = ["a state_dict from before does not load as it is"]
    renamed = [f"{source} as {p}" for p, source in sources.items() if source not in (p, None)]
    turned = [
        p
        for p, source in sources.items()
        if source is not None and not _is_same(old[source], new[p])
    ]
    wrong = [p for p in new if p in old and sources[p] != p and _fit_alike(old[p], new[p])]
    parts += [f"rename {listed(renamed)}"] if renamed else []
    parts += [f"{listed(turned)} held the entries in another order"] if turned else []
    parts += [f"{listed(wrong)} would fit, but means something else now"] if wrong else []
    return File("torch", False, "; ".join(parts))


def _sources(
    weights: Sequence[Weight], before: Sequence[Any], after: Sequence[Any]
) -> dict[str, str | None]:
    """Return for each parameter the one before that belongs into it, None where none does."""
    came = {
        w.after.path: w.before.path for w in weights if w.fate == "kept" and w.after and w.before
    }
    parts: dict[str, list[object]] = {}
    for weight in before:
        parts.setdefault(weight.variable.path, []).append(weight)
    return {w.parameter: _source(w, parts.get(came.get(w.variable.path, ""), [])) for w in after}


def _source(weight: Any, parts: Sequence[Any]) -> str | None:
    alike = [p for p in parts if (p.attribute, p.row) == (weight.attribute, weight.row)]
    found = alike or [p for p in parts if (p.frozen, p.row) == (weight.frozen, weight.row)]
    return str(found[0].parameter) if found else None


def _is_same(old: Any, new: Any) -> bool:
    return _fit_alike(old, new) and bool(old.transform == new.transform)


def _fit_alike(old: Any, new: Any) -> bool:
    return bool(old.variable.shape == new.variable.shape and old.row == new.row)


# Keras


def _keras(weights: Sequence[Weight], pairs: Sequence[Pair], old: Program, new: Program) -> File:
    before = {place: node for node, place in _places(old.graph.nodes)}
    came = {pair.new.name: pair.old.name for pair in pairs if pair.new and pair.old}
    unlike = {weight.layer for weight in weights if weight.fate != "kept"}
    fails: list[str] = []
    wrong: list[str] = []
    for node, place in _places(new.graph.nodes):
        there = before.get(place)
        at_home = there is not None and came.get(node.name) == there.name
        if node.variables and not (at_home and node.name not in unlike):
            (wrong if _fits(there, node) else fails).append(str(node.name))
    if not fails and not wrong:
        gone = ", what is no longer there being left out" if unlike else ""
        return File("keras", True, f"a .weights.h5 from before loads as it is{gone}")
    parts = ["a .weights.h5 from before does not load as it is"]
    if wrong:
        silent = f"Keras finds layers by class and order, and would give {listed(wrong)} weights"
        parts.append(f"{silent} that are not meant for it, without an error")
    return File("keras", False, "; ".join(parts))


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
