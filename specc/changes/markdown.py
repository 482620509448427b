"""Reports as markdown, for a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from specc.changes.overview import overview
from specc.changes.reading import Report, Row, Section
from specc.diagnostics import printable
from specc.targets import TARGETS

_SPECIAL = re.compile(r"(?<![^\W_])_|_(?![^\W_])|[\\`*\[\]<|~&$]")
_LINKED = re.compile(r"@(?=\w)|#(?=\d)|(?<=\w):(?=//)|\bwww(?=\.)")


_MOST_ROWS = 60  # of a section
_MOST_LINES = 400  # of a program's difference
_LONGEST = 60_000  # characters; GitHub takes 65,536 in a comment


def markdown(reports: Sequence[Report]) -> str:
    """Return the reports as markdown. Nothing from a spec is taken for a mark.

    What would be too long for a comment is left out: of a report all but its summary.
    """
    blocks = [_escaped(overview(reports))] if len(reports) != 1 else []
    length = sum(map(len, blocks))
    for found in reports:
        block = "\n".join(_report(found))
        if length + len(block) > _LONGEST:
            block = "\n".join([*_head(found), "", "(The details are too long for a comment.)"])
        length += len(block)
        blocks.append(block)
    return "\n\n".join(blocks)


def _head(found: Report) -> Iterator[str]:
    yield f"### {_code(found.name)}"
    yield ""
    first, *rest = found.summary
    yield f"**{_escaped(first)}**"
    yield from map(_escaped, rest)


def _report(found: Report) -> Iterator[str]:
    yield from _head(found)
    for section in found.sections:
        yield ""
        yield from _section(section)
    if found.costs:
        yield ""
        yield "| for one sample | before | after | |"
        yield "|---|---:|---:|---:|"
        for row in found.costs:
            yield f"| {' | '.join(map(_escaped, row))} |"
    for target, lines in found.code.items():
        yield ""
        yield from _diff(f"{TARGETS[target].title} program", lines)


def _section(section: Section) -> Iterator[str]:
    yield f"**{section.title}**"
    yield ""
    for row in section.rows[:_MOST_ROWS]:
        yield f"- {_row(row)}"
        yield from (f"  - {_escaped(more)}" for more in row.more)
    if len(section.rows) > _MOST_ROWS:
        yield f"- and {len(section.rows) - _MOST_ROWS:,} more"


_MARKS = {"+": "added ", "-": "removed ", "~": "", "": ""}


def _row(row: Row) -> str:
    name = _code(row.name) if row.mark else _escaped(row.name)
    return f"{_MARKS[row.mark]}{name}: {_escaped(row.text)}"


def _diff(title: str, lines: Sequence[str]) -> Iterator[str]:
    left = len(lines) - _MOST_LINES
    more = [f"... and {left:,} more lines"] if left > 0 else []
    text = "\n".join(map(printable, [*lines[:_MOST_LINES], *more]))
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield f"{fence}diff"
    yield text
    yield fence
    yield ""
    yield "</details>"


def _escaped(text: str) -> str:
    """Return a text in which markdown sees no marks, links or names of people."""
    text = _SPECIAL.sub(r"\\\g<0>", printable(text))
    # A backslash does not stop GitHub's own links; a comment in between does.
    return _LINKED.sub(r"\g<0><!-- -->", text)


def _code(text: str) -> str:
    """Return a text as code, whatever backticks it holds."""
    text = printable(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"
