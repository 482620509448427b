"""Diagnostics of several specs, in which a note that many of them have is told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from specc.diagnostics import Diagnostic, printable, style

_MOST_NAMED = 3
_OF_PROGRAMS = "N3"  # each is about one program, not about a spec


def rendered(diagnostics: Iterable[Diagnostic], color: bool = False) -> Iterator[str]:
    """Yield diagnostics as text; a note that several specs have is told where the first one is."""
    groups: dict[tuple[str, str, str | None], list[Diagnostic]] = {}
    listed = list(diagnostics)
    for each in listed:
        groups.setdefault(_key(each), []).append(each)
    for each in listed:
        group = groups[_key(each)]
        alone = each.severity != "note" or each.code.startswith(_OF_PROGRAMS)
        if alone or len(_places(group)) == 1:
            yield each.render(color)
        elif each is group[0]:
            yield _together(group, color)


def _key(each: Diagnostic) -> tuple[str, str, str | None]:
    return each.code, each.general or each.message, each.hint


def _places(group: list[Diagnostic]) -> list[str]:
    """Return for each spec the first place of a note."""
    first: dict[str, int] = {}
    for each in group:
        first.setdefault(each.span.source.name, each.span.line)
    return [f"{name}:{line}" for name, line in first.items()]


def _together(group: list[Diagnostic], color: bool) -> str:
    """Return a note of several specs in two lines: what it says, and where."""
    start, end = style("note", color)
    code, message, hint = _key(group[0])
    places = _places(group)
    more = len(places) - _MOST_NAMED
    named = ", ".join(places[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    text = f"{message}; {hint}" if hint else message
    head = f"{start}note {code}{end} in {len(places)} specs: {printable(text)}"
    return f"{head}\n        {printable(named)}"
