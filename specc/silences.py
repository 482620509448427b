"""Comments in a spec that silence warnings.

    - dense: 64  # specc: ignore W320, W340: as in the paper

at the end of a line is about all that begins on that line: a layer, a field, or a whole block
such as `layers:`. On a line of its own it is about the next line. `# specc: ignore-file W320`,
before the first key, is about the whole spec.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from specc.diagnostics import Diagnostic, Source, Span
from specc.source import Mapping, Sequence, Tree

UNUSED = "W300"
_SPOKEN = re.compile(r"#\s*specc:\s*(ignore\S*)\s*(.*)", re.IGNORECASE)
_CODES = re.compile(r"([A-Za-z]\d{3}(?:\s*,\s*[A-Za-z]\d{3})*)\s*(?::.*)?")
_FORM = "'# specc: ignore W320' or '# specc: ignore-file W320', with more codes after commas"


@dataclass(frozen=True, slots=True)
class Silence:
    """One code that a comment silences.

    Attributes:
        code: The code.
        span: Where the comment is.
        first: The first line that it is about.
        last: The last one.
    """

    code: str
    span: Span
    first: int
    last: int

    def covers(self, warning: Diagnostic) -> bool:
        """Tell whether it silences a warning."""
        return warning.code == self.code and self.first <= warning.span.line <= self.last


def silence(
    warnings: list[Diagnostic], source: Source, tree: Tree, known: Collection[str]
) -> list[Diagnostic]:
    """Return the warnings that no comment silences, and others about comments that are wrong.

    Arguments:
        tree: What the text holds.
        known: The codes of all warnings.
    """
    told: list[Diagnostic] = []
    found = list(_silences(source, tree, known, told))
    for each in found:
        if not any(each.covers(warning) for warning in warnings):
            told.append(_wrong(f"{each.code} is not found here", each.span, "take the code out"))
    left = [warning for warning in warnings if not any(each.covers(warning) for each in found)]
    return left + told


def _wrong(message: str, span: Span, hint: str | None = None) -> Diagnostic:
    return Diagnostic(UNUSED, message, span, hint, "warning")


def _silences(
    source: Source, tree: Tree, known: Collection[str], told: list[Diagnostic]
) -> Iterator[Silence]:
    from specc.canonical.reading import placed_comments

    comments = placed_comments(source)
    ends = _ends(tree)
    own = {comment.line + 1 for comment in comments if comment.own}
    begins = tree.entries[0][0].span.line if isinstance(tree, Mapping) else 1
    for comment in comments:
        spoken = _SPOKEN.match(comment.text)
        if spoken is None:
            continue
        line, column = comment.line + 1, comment.column + 1
        span = Span(source, line, column, line, column + len(comment.text))
        scope, codes = spoken[1].lower(), _CODES.fullmatch(spoken[2])
        if scope not in ("ignore", "ignore-file") or codes is None:
            told.append(_wrong(f"expected {_FORM}, found {comment.text!r}", span))
            continue
        if scope == "ignore-file" and line >= begins:
            message = "expected ignore-file before the first key, found it behind"
            told.append(_wrong(message, span, "move it up, or write ignore"))
            continue
        first = _next_line(source, line, own) if comment.own else line
        about = (first, ends.get(first, first))
        about = (1, source.end()[0]) if scope == "ignore-file" else about
        for code in re.split(r"\s*,\s*", codes[1].upper()):
            if _can_silence(code, span, known, told):
                yield Silence(code, span, *about)


def _can_silence(code: str, span: Span, known: Collection[str], told: list[Diagnostic]) -> bool:
    if code in known:
        return True
    kind = {"E": "an error", "N": "a note"}.get(code[0])
    if kind is not None:
        message = f"expected the code of a warning, found {code}, which is {kind}"
        told.append(_wrong(message, span, "take it out: only warnings can be silenced"))
    else:
        message = f"expected the code of a warning, found {code}"
        told.append(_wrong(message, span, "`specc explain CODE` tells what a code means"))
    return False


def _next_line(source: Source, line: int, own: set[int]) -> int:
    """Return the next line that is neither empty nor a comment alone."""
    last = source.end()[0]
    line += 1
    while line < last and (line in own or not source.line(line).strip()):
        line += 1
    return line


def _ends(tree: Tree) -> dict[int, int]:
    """Return for each line on which something begins the last line of all that begins there.

    What the whole document is begins on the first line too, and is left out.
    """
    ends: dict[int, int] = {}
    seen: dict[int, int] = {}
    if isinstance(tree, Mapping):
        for key, value in tree.entries:
            _note(ends, key.span.line, max(_last_line(value, ends, seen), key.span.end_line))
    return ends


def _note(ends: dict[int, int], line: int, last: int) -> None:
    ends[line] = max(ends.get(line, line), last)


def _last_line(tree: Tree, ends: dict[int, int], seen: dict[int, int]) -> int:
    """Return the last line of a value, and note the ends of all within it."""
    if id(tree) in seen:  # an alias
        return seen[id(tree)]
    # The end of what is no flow is marked at the start of what follows.
    last = tree.span.end_line if tree.span.end_column > 1 else tree.span.end_line - 1
    if isinstance(tree, Sequence):
        last = tree.span.line
        for item in tree.items:
            end = _last_line(item, ends, seen)
            _note(ends, item.span.line, end)
            last = max(last, end)
    elif isinstance(tree, Mapping):
        last = tree.span.line
        for key, value in tree.entries:
            end = max(_last_line(value, ends, seen), key.span.end_line)
            _note(ends, key.span.line, end)
            last = max(last, end)
    seen[id(tree)] = max(last, tree.span.line)
    return seen[id(tree)]
