"""The front end's steps in a row, as `specc build` runs them before it asks for a target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from specc.diagnostics import Diagnostic, Source, SpeccError, has_errors
from specc.program import Program
from specc.resolve import resolve
from specc.source import load
from specc.validate import validate


def front(source: Source) -> tuple[Program, list[Diagnostic]]:
    """Return the program that a spec describes, and notes; look on after the first mistakes."""
    found: list[Diagnostic] = []
    try:
        tree = step(found, load, source)
        spec, places = step(found, validate, tree, source)
        program, notes = step(found, resolve, spec, places, source.name)
    except SpeccError as error:
        found += error.diagnostics
        notes = []
    if has_errors(found):
        raise SpeccError(found)
    return program, notes


def step(found: list[Diagnostic], run: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a step gives, or what it could make of a spec with mistakes."""
    try:
        return run(*arguments)
    except SpeccError as error:
        if error.rest is None:
            raise
        found += error.diagnostics
        return error.rest
