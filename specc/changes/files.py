"""What becomes of files of trained weights: each target finds weights in its own by other names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from specc.changes.matching import Pair
from specc.changes.version import Version
from specc.changes.weights import Weight
from specc.program import Program
from specc.spec.layers.core import Custom
from specc.targets import having
from specc.targets.carried import Carried


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
    weights: Sequence[Weight], pairs: Sequence[Pair], old: Version, new: Version
) -> Iterator[File]:
    """Yield what becomes of files with weights of the program before.

    Nothing is yielded where one of them has no weights, or a custom layer, whose weights a spec
    does not tell.
    """
    programs = old.program, new.program
    if not all(map(_has_known_weights, programs)):
        return
    for target, of_target in having("files"):
        carried = Carried(
            programs=programs,
            maps=(old.views[target].weights, new.views[target].weights),
            weights={
                w.after.path: w.before.path
                for w in weights
                if w.fate == "kept" and w.after and w.before
            },
            layers={pair.new.name: pair.old.name for pair in pairs if pair.new and pair.old},
            unlike=frozenset(weight.layer for weight in weights if weight.fate != "kept"),
        )
        found = of_target.loads(carried)
        yield File(target, found.loads, found.what)


def _has_known_weights(program: Program) -> bool:
    nodes = list(program.graph.walk())
    custom = any(isinstance(node.layer, Custom) for node in nodes)
    return not custom and any(node.variables for node in nodes)
