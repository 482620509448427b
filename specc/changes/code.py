"""What a change of a spec does to the generated programs, line by line."""

from __future__ import annotations

from difflib import unified_diff

from specc.diagnostics import Source
from specc.pipeline import compile_source
from specc.targets import TARGETS

_HEADER = 2  # lines that name the file and the digests


def code_changes(old: Source | None, new: Source | None) -> dict[str, list[str]]:
    """Return a unified diff for each program whose code changes, the header left out.

    A spec that is not there, or that has mistakes, has no programs.
    """
    before, after = _programs(old), _programs(new)
    found = {}
    for target in TARGETS:
        (name, a), (now, b) = (held.get(target, ("/dev/null", [])) for held in (before, after))
        lines = list(unified_diff(a, b, name, now, lineterm=""))
        if lines:
            found[target] = lines
    return found


def _programs(source: Source | None) -> dict[str, tuple[str, list[str]]]:
    """Return for each target its program's name and lines."""
    if source is None:
        return {}
    return {
        target: (name, text.splitlines()[_HEADER:])
        for target in TARGETS
        for name, text in compile_source(source, target).files.items()
    }
