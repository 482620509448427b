"""The marks that git leaves in a text where two branches changed the same lines."""

from __future__ import annotations

from collections.abc import Iterator

# A line of the first kind opens a conflict; the second has the common text of diff3 and zdiff3.
_OURS, _BASE, _THEIRS, _END = "<<<<<<<", "|||||||", "=======", ">>>>>>>"


def first_mark(text: str) -> int | None:
    """Return the line of the first conflict, counted from 1, or None where there is no whole one.

    All three marks have to be there in their order: a row of `=` alone underlines a heading.
    """
    if _OURS not in text:
        return None
    wanted, first = [_END, _THEIRS, _OURS], None
    for number, line in enumerate(text.split("\n"), 1):
        if _mark(line) == wanted[-1]:
            first = first or number
            wanted.pop()
            if not wanted:
                return first
    return None


def sides(text: str) -> tuple[str, str] | None:
    """Return the text with our side of each conflict and with theirs, or None without conflicts."""
    if first_mark(text) is None:
        return None
    ours, theirs = ([line for line, whose in _lines(text) if side in whose] for side in "ot")
    return "\n".join(ours), "\n".join(theirs)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line that is no mark with the sides that have it: o for ours, t for theirs."""
    whose = {"": "ot", _OURS: "o", _BASE: "", _THEIRS: "t", _END: "ot"}
    now = whose[""]
    for line in text.split("\n"):
        mark = _mark(line)
        if mark == _OURS or (mark and now != "ot"):
            now = whose[mark]
        else:
            yield line, now


def _mark(line: str) -> str:
    """Return the mark that a line is, or nothing."""
    line = line.rstrip("\r")
    start, rest = line[: len(_OURS)], line[len(_OURS) :]
    known = start == _THEIRS and not rest
    return start if known or (start in (_OURS, _BASE, _END) and rest[:1] in ("", " ")) else ""
