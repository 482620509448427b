"""What there is to say about a warning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """What there is to say about a warning.

    Attributes:
        reason: Why it is one.
        fix: What to do.
        source: Who says so: a paper, a book, a manual.
        url: Where to read it.
        shows: A part of a spec that has the warning.
        instead: The same without it.
    """

    reason: str
    fix: str
    source: str
    url: str
    shows: str
    instead: str
