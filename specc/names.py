"""The names that programs need for themselves, so that a spec can give them to nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Reserved(NamedTuple):
    """Names that a spec cannot give.

    Attributes:
        top: What programs define or import at their top level.
        layers: The names that no layer can have, each with the reason.
    """

    top: frozenset[str]
    layers: Mapping[str, str]


def names(text: str) -> frozenset[str]:
    """Return the names that a text lists."""
    return frozenset(text.split())
