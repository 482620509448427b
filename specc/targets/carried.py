"""What of trained weights a change of a spec keeps, as targets ask it of their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specc.program import Program


@dataclass(frozen=True, slots=True)
class Carried:
    """What goes on from one version of a spec to the next.

    Attributes:
        programs: The program before and after.
        maps: The target's maps of their weights, as `View.weights`.
        weights: For the path of each weight that is kept the one that it had before.
        layers: For the name of each layer that was there before the name that it had.
        unlike: The layers of which a weight is not kept.
    """

    programs: tuple[Program, Program]
    maps: tuple[Sequence[Any], Sequence[Any]]
    weights: Mapping[str, str]
    layers: Mapping[str, str]
    unlike: frozenset[str]


@dataclass(frozen=True, slots=True)
class Loading:
    """What becomes of a target's files of weights.

    Attributes:
        loads: Whether a file from before gives each weight that can be kept its values, and
            leaves none without.
        what: The sentence about it.
    """

    loads: bool
    what: str
