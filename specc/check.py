"""`specc check` of one spec: what is wrong, what experts find, and which of it is silenced.

A spec is looked at alone: neither its data nor anything else beside it is read, and no program is
made, so the notes on what differs between the targets (N2xx) are those of `specc build`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from specc.codes import CODES
from specc.diagnostics import Diagnostic, Source, SpeccError, in_source_order
from specc.pipeline import Analysis, analyse, decode
from specc.review import review

WARNINGS = frozenset(code for code in CODES if code.startswith("W"))
# Notes of a build that a check tells as warnings.
_TOLD_AS_WARNINGS = frozenset(("N118",))


def check(data: bytes, name: str, ignore: Collection[str] = ()) -> tuple[Diagnostic, ...]:
    """Return errors, warnings and notes about the spec that bytes hold, in source order.

    A spec with errors has no warnings, as these need the whole model.

    Arguments:
        name: Under which name messages speak of it.
        ignore: Codes of warnings that are not told.
    """
    try:
        source = decode(data, name)
        found = analyse(source)
    except SpeccError as error:
        return error.diagnostics
    return in_source_order(told_of(found, source, ignore))


def told_of(
    found: Analysis, source: Source, ignore: Collection[str] = ()
) -> tuple[Diagnostic, ...]:
    """Return the warnings and notes about a spec without errors, in any order.

    Arguments:
        ignore: Codes of warnings that are not told.
    """
    warnings = [warning for warning in _warnings(found, source) if warning.code not in ignore]
    return (*warnings, *(note for note in found.notes if note.code not in _TOLD_AS_WARNINGS))


def _warnings(found: Analysis, source: Source) -> list[Diagnostic]:
    """Return the warnings about a spec that its comments do not silence."""
    warnings = review(found.program, found.spec, found.places)
    if "specc:" in source.text.lower():  # most specs have no such comment
        from specc.silences import silence

        warnings = silence(warnings, source, found.tree, WARNINGS)
    return warnings


def ignored(
    path: Path, root: Path, ignore: Iterable[str], per_file: Mapping[str, Iterable[str]]
) -> frozenset[str]:
    """Return the codes that a configuration ignores in a spec.

    Arguments:
        path: The spec's file.
        root: The folder of the configuration, from which its globs start.
        ignore: The codes that it ignores in all specs.
        per_file: For globs the codes that it ignores in the files that they name.
    """
    try:
        inside = os.path.relpath(os.path.abspath(path), os.path.abspath(root))
    except ValueError:  # on another drive
        return frozenset(ignore)
    inside = inside.replace(os.sep, "/")
    of_file = (codes for glob, codes in per_file.items() if matches(inside, glob))
    return frozenset(ignore).union(*of_file)


def matches(path: str, glob: str) -> bool:
    """Tell whether a path with slashes is one that a glob names: `*` within a folder, `**` below.

    As in `Path.glob`, `**` is any number of folders.
    """
    parts = []
    for part in glob.replace("\\", "/").removeprefix("./").split("/"):
        if part == "**":
            parts.append("(?:[^/]+/)*")
        else:
            escaped = re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
            parts.append(escaped + "/")
    return re.fullmatch("".join(parts), path + "/") is not None


def unknown_code(codes: Iterable[str]) -> str | None:
    """Return what is wrong with codes that are to be ignored, or None."""
    for code in codes:
        if code in WARNINGS:
            continue
        if code in CODES:
            kind = "an error" if code.startswith("E") else "a note"
            return f"expected codes of warnings, found {code}, which is {kind}"
        return f"expected codes of warnings, found {code!r}"
    return None


def summary(specs: int, diagnostics: Iterable[Diagnostic]) -> str:
    """Return one line about a run: `3 specs: 1 error, 2 warnings`."""
    kinds = [d.severity for d in diagnostics]
    counts = {kind: kinds.count(kind) for kind in ("error", "warning", "note")}
    told = [f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in counts.items() if n]
    return f"{specs} spec{'s' if specs != 1 else ''}: {', '.join(told) or 'nothing found'}"
