"""The targets: an explicit table, each module loaded when it is asked for.

A target is a package with `lower(program) -> View`. Its templates lie in `templates/<target>/`.
"""

from __future__ import annotations

from importlib import import_module

from specc.program import Program
from specc.targets.view import View

TARGETS = {"torch": "specc.targets.torch", "keras": "specc.targets.keras"}


def lower(program: Program, target: str) -> View:
    """Return a program as a target has it."""
    view: View = import_module(TARGETS[target]).lower(program)
    return view


__all__ = ["TARGETS", "View", "lower"]
