"""What specc tells about a spec.

Errors stop a build, notes tell what differs between targets, warnings are what `specc check` finds.

A diagnostic is a value. Every step of the pipeline may add some; they are collected,
sorted by their place in the source, and printed together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal
from unicodedata import combining, east_asian_width

Severity = Literal["error", "warning", "note"]

_STYLES = {"error": "\033[1;31m", "warning": "\033[1;33m", "note": "\033[1;36m"}
_RESET = "\033[0m"
_LONGEST_SHOWN = 160
_BEFORE_MARK = 100  # of a longer line: how much is shown before the mark
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # what YAML counts as one


@dataclass(frozen=True, slots=True)
class Source:
    """A spec's text and the name under which messages speak of it."""

    name: str
    text: str = field(repr=False)

    def line(self, number: int) -> str:
        """Return line `number`, counted from 1, without its line end."""
        lines = _lines(self.text)
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def end(self) -> tuple[int, int]:
        """Return the line and the column behind the last character."""
        lines = _lines(self.text)
        return len(lines), len(lines[-1]) + 1


@lru_cache(maxsize=4)
def _lines(text: str) -> list[str]:
    return _LINE_BREAK.split(text)


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a source: lines and columns count from 1, the end is exclusive."""

    source: Source
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a spec.

    Arguments:
        code: A letter and three digits, the same in every version.
        message: What was expected and what was found, in one sentence without a full stop.
        span: Where.
        hint: The likely fix, or None.
        severity: "error", "warning" or "note".
        general: The message without the names of this spec, where it has any.
    """

    code: str
    message: str
    span: Span
    hint: str | None = None
    severity: Severity = "error"
    general: str | None = None

    def render(self, color: bool = False) -> str:
        """Return the message with its source line and a mark under the place it speaks of."""
        span = self.span
        start, end = style(self.severity, color)
        place = printable(f"{span.source.name}:{span.line}:{span.column}")
        text = printable(f"{self.message}; {self.hint}" if self.hint else self.message)
        head = f"{place}: {start}{self.severity} {self.code}{end}: {text}"
        return "\n".join([head, *self._excerpt(start, end)])

    def _excerpt(self, start: str, end: str) -> list[str]:
        span = self.span
        line = span.source.line(span.line)
        first = max(0, span.column - 1 - _BEFORE_MARK) if len(line) > _LONGEST_SHOWN else 0
        last = span.end_column - 1 if span.end_line == span.line else len(line)
        shown = line[first : first + _LONGEST_SHOWN]
        shown = "".join(c if c.isprintable() else " " for c in shown)
        if not shown.strip():
            return []
        number = f"{span.line:>5} | " + ("..." if first else "")
        before, marked = (
            shown[: span.column - 1 - first],
            shown[span.column - 1 - first : last - first],
        )
        margin = " " * (len(number) + _width(before))
        return [number + shown, margin + start + "^" * max(1, _width(marked)) + end]


def bold(text: str) -> str:
    """Return a text as a terminal shows it in bold."""
    return f"\033[1m{text}{_RESET}"


def style(severity: Severity, color: bool) -> tuple[str, str]:
    """Return what a terminal gets before and after text in the style of a severity."""
    return (_STYLES[severity], _RESET) if color else ("", "")


def printable(text: str) -> str:
    """Return a text in which nothing steers a terminal: what is not printable is escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _width(text: str) -> int:
    # Columns of a terminal: East Asian characters take two, accents of their own none.
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


class SpeccError(Exception):
    """Raised by a step where a spec has errors.

    Attributes:
        diagnostics: All findings, in source order.
        rest: What the step would have returned, made of the parts without errors, so that the
            next step can look for more of them; None where too little is left.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], rest: object = None) -> None:
        self.diagnostics = in_source_order(diagnostics)
        self.rest = rest
        super().__init__("\n".join(d.render() for d in self.diagnostics))


class ChangeError(Exception):
    """A change on the command line that is none, or of something that the spec does not have."""


def in_source_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics sorted by file and place, each once."""
    unique = dict.fromkeys(diagnostics)
    return tuple(
        sorted(unique, key=lambda d: (d.span.source.name, d.span.line, d.span.column, d.code))
    )


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Tell whether any of the diagnostics stops a build."""
    return any(d.severity == "error" for d in diagnostics)


def near(word: str, words: Iterable[str]) -> list[str]:
    """Return those of `words` of which `word` is most likely a slip, sorted; none where none is.

    The same letters in another case or with other underscores; else initials; else one or two
    letters that are wrong, missing, too many or swapped, with respect to the length.
    """
    known = sorted({_folded(w): w for w in sorted(words)}.values())
    plain = _folded(word)
    if not 1 < len(plain) <= _LONGEST_SHOWN:
        return []
    same = [w for w in known if _folded(w) == plain]
    initials = [w for w in known if "".join(part[:1] for part in w.split("_")) == plain]
    most = 0 if len(plain) < 3 else 1 if len(plain) < 6 else 2
    slips = {w: _slips(plain, _folded(w), most) for w in known if len(w) > 2}
    least = min(slips.values(), default=most + 1)
    return same or initials or [w for w, n in slips.items() if n == least <= most]


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the one of `words` that `word` was most likely meant to be, or None."""
    found = near(word, words)
    return found[0] if len(found) == 1 else None


def did_you_mean(word: str, words: Iterable[str]) -> str | None:
    """Return the hint `did you mean 'x'?`, or None where nothing is near."""
    found = near(word, words)
    return f"did you mean {either(found)}?" if 0 < len(found) < 4 else None


def either(words: Iterable[str]) -> str:
    """Return a listing of words to choose from: `'a', 'b' or 'c'`."""
    quoted = [repr(word) for word in words]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))


def _folded(word: str) -> str:
    return re.sub(r"[-_\s]", "", word).lower()


def _slips(word: str, other: str, most: int) -> int:
    """Return how many letters are wrong, missing, too many or swapped; more than `most` is any."""
    if abs(len(word) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        last, before, row = before, row, [i]
        for j, theirs in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != theirs))
            if i > 1 < j and letter == other[j - 2] and word[i - 2] == theirs:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def listed(names: Iterable[str], most: int = 6) -> str:
    """Return names as prose lists them, "a, b and c", the rest of many as a number."""
    found = list(names)
    if len(found) > most:
        return f"{', '.join(found[: most - 1])} and {len(found) - most + 1} more"
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}"
