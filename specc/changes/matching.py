"""Which layer of a changed spec is which of the one before: by name, then by what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from specc.program import Node

_NAMED = 20.0  # two layers to which the specs give one name: more than any other likeness
_WORD = 8.0
_MOST_CELLS = 250_000  # of the table of an alignment; longer models are aligned in windows
_WINDOW = 128


@dataclass(frozen=True, slots=True)
class Pair:
    """A layer before and after.

    Attributes:
        old: The layer before, None where it was added.
        new: The layer after, None where it was removed.
        moved: Whether it stands behind others than before.
    """

    old: Node | None
    new: Node | None
    moved: bool = False


def match(old: Sequence[Node], new: Sequence[Node]) -> list[Pair]:
    """Return the layers of both in the order of the new ones, removed ones where they stood.

    Layers to which both specs give one name belong together. The others are aligned in order, so
    that a layer in between does not make those behind it others. A removed layer and an added one
    that are alike have moved; a removed one and an added one at its place became one another.
    """
    pairs = _beginning(old, new)
    old, new = old[len(pairs) :], new[len(pairs) :]
    end = _beginning(old[::-1], new[::-1])[::-1]
    names = _Names(old, new)
    middle = _aligned(old[: len(old) - len(end)], new[: len(new) - len(end)], names)
    return [*pairs, *_replaced(_moved(middle)), *end]


def _beginning(old: Sequence[Node], new: Sequence[Node]) -> list[Pair]:
    """Return the layers at the beginning that are the same in both."""
    found = takewhile(lambda both: _kind(both[0]) == _kind(both[1]), zip(old, new, strict=False))
    return [Pair(a, b) for a, b in found]


def _aligned(old: Sequence[Node], new: Sequence[Node], names: _Names) -> list[Pair]:
    """Return an alignment, of long sequences window by window."""
    pairs: list[Pair] = []
    while len(old) * len(new) > _MOST_CELLS:
        found = _beginning(old, new) or _first_half(old[:_WINDOW], new[:_WINDOW], names)
        pairs += found
        old = old[sum(pair.old is not None for pair in found) :]
        new = new[sum(pair.new is not None for pair in found) :]
    return pairs + _Alignment(old, new, names).pairs()


def _first_half(old: Sequence[Node], new: Sequence[Node], names: _Names) -> list[Pair]:
    """Return the first half of an alignment, whose second half more of the sequences may change."""
    found: list[Pair] = []
    counts = [0, 0]
    for pair in _Alignment(old, new, names).pairs():
        if max(counts) >= _WINDOW // 2:
            break
        counts = [counts[0] + (pair.old is not None), counts[1] + (pair.new is not None)]
        found.append(pair)
    return found


class _Names:
    """The names that each spec gives."""

    def __init__(self, old: Sequence[Node], new: Sequence[Node]) -> None:
        self.old = {node.layer.name for node in old}
        self.new = {node.layer.name for node in new}


def _kind(node: Node) -> tuple[object, ...]:
    layer = node.layer
    return (layer.word, layer.name, layer.trainable, repr(layer.given()))


class _Alignment:
    """The pairs of two sequences in order with the greatest sum of likenesses."""

    def __init__(self, old: Sequence[Node], new: Sequence[Node], names: _Names) -> None:
        self.old, self.new, self.names = old, new, names
        self.kinds: dict[tuple[object, ...], int] = {}
        self.given: list[dict[str, object]] = []
        self.known: dict[tuple[int, int], float] = {}
        self.marks_old = [self._mark(node) for node in old]
        self.marks_new = [self._mark(node) for node in new]

    def _mark(self, node: Node) -> int:
        """Return a number that layers of one kind share, of which large models have few."""
        kind = (*_kind(node), tuple(v.shape for v in node.variables))
        if kind not in self.kinds:
            self.given.append(node.layer.given())
        return self.kinds.setdefault(kind, len(self.kinds))

    def likeness(self, i: int, j: int) -> float:
        """Return how alike two layers are, 0 where they cannot belong together."""
        key = self.marks_old[i], self.marks_new[j]
        if key not in self.known:
            self.known[key] = self._likeness(i, j)
        found = self.known[key]
        return found + 1 if found and self.old[i].name == self.new[j].name else found

    def _likeness(self, i: int, j: int) -> float:
        old, new = self.old[i], self.new[j]
        if old.layer.name is not None and old.layer.name == new.layer.name:
            return _NAMED
        named = (old.layer.name, self.names.new), (new.layer.name, self.names.old)
        if any(name is not None and name in others for name, others in named):
            return 0.0
        if type(old.layer) is not type(new.layer):
            return 0.0
        before, after = self.given[self.marks_old[i]], self.given[self.marks_new[j]]
        names = {*before, *after}
        same = sum(before.get(n) == after.get(n) for n in names) / len(names) if names else 1.0
        shapes = [v.shape for v in old.variables] == [v.shape for v in new.variables]
        return _WORD + 4 * same + (2 + 3 * shapes) * bool(old.variables)

    def pairs(self) -> list[Pair]:
        """Return the layers of both, those that belong together as one pair."""
        found: list[Pair] = []
        i, j = len(self.old), len(self.new)
        came = self._table()
        while i or j:
            step = came[i][j]
            i, j = i - (step != "new"), j - (step != "old")
            old = self.old[i] if step != "new" else None
            found.append(Pair(old, self.new[j] if step != "old" else None))
        return found[::-1]

    def _table(self) -> list[list[str]]:
        """Return for each cell of the table by which step the best alignment came there."""
        columns = len(self.new)
        came = [["new"] * (columns + 1)]
        above = [0.0] * (columns + 1)
        for i in range(len(self.old)):
            row, steps = [0.0], ["old"]
            for j in range(columns):
                best, step, likeness = above[j + 1], "old", self.likeness(i, j)
                if row[j] > best:
                    best, step = row[j], "new"
                if likeness and above[j] + likeness > best:
                    best, step = above[j] + likeness, "both"
                row.append(best)
                steps.append(step)
            came.append(steps)
            above = row
        return came


def _moved(pairs: list[Pair]) -> list[Pair]:
    """Return the pairs with a removed layer and an added one that are alike made one."""
    waiting: dict[object, list[Node]] = {}
    for pair in pairs:
        if pair.old is not None and pair.new is None:
            for key in _identities(pair.old):
                waiting.setdefault(key, []).append(pair.old)
    gone: list[int] = []
    found: list[Pair] = []
    for pair in pairs:
        if pair.new is not None and pair.old is None:
            options = [n for key in _identities(pair.new) for n in waiting.get(key, ())]
            before = next((n for n in options if id(n) not in gone), None)
            if before is not None:
                gone.append(id(before))
                pair = replace(pair, old=before, moved=True)
        found.append(pair)
    left = set(gone)
    return [p for p in found if p.new is not None or id(p.old) not in left]


def _identities(node: Node) -> list[object]:
    """Return what tells that a layer elsewhere is this one: its own name, else what it is."""
    if node.layer.name is not None:
        return [node.layer.name]
    return [(node.layer.word, node.layer.trainable, repr(node.layer.given()))]


def _replaced(pairs: list[Pair]) -> list[Pair]:
    """Return the pairs with as many added layers as removed ones at one place made pairs."""
    found: list[Pair] = []
    gap: list[Pair] = []
    for pair in [*pairs, None]:
        if pair is not None and (pair.old is None or pair.new is None):
            gap.append(pair)
            continue
        found += _paired(gap)
        gap = []
        if pair is not None:
            found.append(pair)
    return found


def _paired(gap: list[Pair]) -> list[Pair]:
    old = [pair.old for pair in gap if pair.old is not None]
    new = [pair.new for pair in gap if pair.new is not None]
    if len(old) != len(new) or any(
        bool(a.variables) != bool(b.variables) for a, b in zip(old, new, strict=True)
    ):
        return gap
    return [Pair(a, b) for a, b in zip(old, new, strict=True)]
