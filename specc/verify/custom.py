"""The weights of custom layers: which of Keras' is which of PyTorch's, and how its axes turn.

No build knows them, so they are matched by name, then by shape; where both leave a choice, it is
named, and the spec's `weights` of the layer says how the axes turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import NamedTuple

Axes = tuple[int, ...]
_MOST_AXES = 6  # of which all orders are tried

# What both frameworks' own layers call the same weight.
_ALSO = {
    "kernel": "weight",
    "embeddings": "weight",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


class Held(NamedTuple):
    """A weight of a custom class: its name within the class, as `dense.kernel`, and its shape."""

    name: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name} {list(self.shape)}"


class Match(NamedTuple):
    """A weight in both classes.

    Attributes:
        keras: Keras' name.
        torch: PyTorch's name.
        axes: The axes of Keras' weight in the order of PyTorch's tensor.
    """

    keras: str
    torch: str
    axes: Axes


class UnmatchedError(Exception):
    """Weights that cannot be told apart, or do not fit; its text says what to write."""


def matched(
    theirs: Sequence[Held], ours: Sequence[Held], given: Mapping[str, Axes]
) -> tuple[Match, ...]:
    """Return which weight of the Keras class is which of the PyTorch class.

    Arguments:
        theirs: The weights of the Keras class.
        ours: Those of the PyTorch class.
        given: The spec's `weights`: for names of Keras the axes in the order of PyTorch's tensor.

    Errors:
        UnmatchedError: a weight fits none or several, or may be turned in several ways.
    """
    return _Matcher(theirs, ours, _by_name(theirs, given)).run()


def _by_name(theirs: Sequence[Held], given: Mapping[str, Axes]) -> dict[str, Axes]:
    """Return the axes by whole names; the last part of a name is enough where no other has it."""
    found: dict[str, Axes] = {}
    for key, axes in given.items():
        name = key.replace("/", ".")
        named = [w for w in theirs if w.name == name]
        named = named or [w for w in theirs if w.name.endswith(f".{name}")]
        if len(named) != 1:
            known = ", ".join(map(str, theirs)) or "no weights"
            many = "several weights of" if named else "a weight that is not in"
            raise UnmatchedError(
                f"weights names {key!r}, {many} the Keras class, which has {known}"
            )
        if len(axes) != len(named[0].shape):
            count = len(named[0].shape)
            raise UnmatchedError(
                f"weights gives {list(axes)} for {named[0]}, which has {count} axes"
            )
        found[named[0].name] = axes
    return found


class _Matcher:
    def __init__(
        self, theirs: Sequence[Held], ours: Sequence[Held], given: Mapping[str, Axes]
    ) -> None:
        self.theirs, self.ours, self.given = list(theirs), list(ours), given
        self.found: dict[str, Match] = {}
        self.wrong: list[str] = []

    def run(self) -> tuple[Match, ...]:
        order = [weight.name for weight in self.theirs]
        for alike in (_is_called, _is_also_called):
            for left in tuple(self.theirs):
                right = next((w for w in self.ours if alike(left.name, w.name)), None)
                if right is not None and (alike is _is_called or self._ways(left, right)):
                    self._pair(left, right, same=alike is _is_called)
        while self._pair_by_shape():
            pass
        if self.theirs or self.ours:
            self.wrong.append(self._left())
        if self.wrong:
            raise UnmatchedError("; ".join(self.wrong))
        return tuple(self.found[name] for name in order)

    def _ways(self, left: Held, right: Held) -> list[Axes]:
        """Return the orders of axes that make one shape of the other."""
        rank = len(left.shape)
        if rank != len(right.shape):
            return []
        orders: Iterator[Axes] = permutations(range(rank))
        if left.name in self.given:
            orders = iter((self.given[left.name],))
        elif rank > _MOST_AXES:
            orders = iter((tuple(range(rank)),))
        return [axes for axes in orders if tuple(left.shape[a] for a in axes) == right.shape]

    def _pair(self, left: Held, right: Held, same: bool = False) -> None:
        """Match two weights; what has the same name is taken as it is where it has the shape."""
        self.theirs.remove(left)
        self.ours.remove(right)
        ways, as_it_is = self._ways(left, right), tuple(range(len(left.shape)))
        if not ways:
            advice = f"; {_advice(left)}" if len(left.shape) == len(right.shape) > 1 else ""
            self.wrong.append(f"Keras' {left} cannot become PyTorch's {right}{advice}")
        elif same and as_it_is in ways:
            self.found[left.name] = Match(left.name, right.name, as_it_is)
        elif len(ways) > 1:
            message = f"Keras' {left} may become PyTorch's {right} in {len(ways)} ways"
            self.wrong.append(f"{message}; {_advice(left)}")
        else:
            self.found[left.name] = Match(left.name, right.name, ways[0])

    def _pair_by_shape(self) -> bool:
        """Match weights of which one fits no other; tell whether there were any."""
        for left in self.theirs:
            fitting = [right for right in self.ours if self._ways(left, right)]
            if len(fitting) == 1:
                self._pair(left, fitting[0])
                return True
        for right in self.ours:
            fitting = [left for left in self.theirs if self._ways(left, right)]
            if len(fitting) == 1:
                self._pair(fitting[0], right)
                return True
        return False

    def _left(self) -> str:
        """Return what is wrong with the weights that are left."""
        alone = [w for w in self.theirs if not any(self._ways(w, right) for right in self.ours)]
        alone_here = [w for w in self.ours if not any(self._ways(left, w) for left in self.theirs)]
        if alone or alone_here:
            sides = (("Keras", alone), ("PyTorch", alone_here))
            told = [f"{side} has {_listed(left)}" for side, left in sides if left]
            return f"{' and '.join(told)}, which no weight of the other class can be"
        return (
            f"{_listed(self.theirs)} of Keras may each be {_listed(self.ours)} of PyTorch; give "
            "both classes the same names for them"
        )


def _is_called(theirs: str, ours: str) -> bool:
    return theirs == ours


def _is_also_called(theirs: str, ours: str) -> bool:
    owner, dot, name = theirs.rpartition(".")
    return f"{owner}{dot}{_ALSO.get(name)}" == ours


def _listed(weights: Sequence[Held]) -> str:
    return ", ".join(map(str, weights))


def _advice(weight: Held) -> str:
    """Return what to write where axes are to be told, with those of the frameworks' own layers."""
    axes = list(range(len(weight.shape)))
    turned = [*axes[:-3:-1], *axes[:-2]]
    written = f"weights: {{{weight.name.replace('.', '/')}: {turned}}}"
    return f"write {written} in custom, its axes in the order of PyTorch's tensor"
