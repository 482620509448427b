"""One version of a spec: its program, what is noted of it, and what it lowers to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from specc.check import told_of
from specc.costs import Cost, total_cost
from specc.diagnostics import Diagnostic, Source
from specc.pipeline import analyse
from specc.program import Program
from specc.targets import TARGETS, lower
from specc.targets.view import View


@dataclass(frozen=True, slots=True)
class Version:
    """A version without mistakes.

    Attributes:
        source: Its text.
        program: The model.
        views: What each target places.
        told: Notes of the front and of all targets, and what `specc check` warns of.
    """

    source: Source
    program: Program
    views: dict[str, View]
    told: tuple[Diagnostic, ...]

    @property
    def cost(self) -> Cost:
        """What the whole model costs; None where a layer's cost is not known."""
        return total_cost(self.program.graph)


def version(source: Source, ignore: Collection[str] = ()) -> Version:
    """Return a version of a spec.

    Arguments:
        ignore: Codes of warnings that are not told.

    Errors:
        SpeccError: the spec has mistakes.
    """
    found = analyse(source)
    views = {name: lower(found.program, name) for name in TARGETS}
    notes = [note for view in views.values() for note in view.notes]
    return Version(source, found.program, views, (*told_of(found, source, ignore), *notes))
