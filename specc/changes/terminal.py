"""Reports as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from specc.changes.overview import overview
from specc.changes.reading import Report, Section
from specc.diagnostics import printable
from specc.targets import TARGETS

_WIDTH = 100
_COLORS = {"+": "\033[32m", "-": "\033[31m", "~": "\033[33m", "@": "\033[36m", "bold": "\033[1m"}
_RESET = "\033[0m"
_LONGEST_NAME = 48


def terminal(reports: Sequence[Report], color: bool = False) -> str:
    """Return the reports as text.

    Arguments:
        color: Whether the terminal shows colours. Nothing else in the text steers a terminal.
    """
    write = _Writer(color)
    blocks = ["\n".join(write.report(found)) for found in reports]
    if len(reports) != 1:
        blocks.insert(0, overview(reports))
    return "\n\n".join(blocks)


class _Writer:
    def __init__(self, color: bool) -> None:
        self.color = color

    def _painted(self, text: str, style: str) -> str:
        return f"{_COLORS[style]}{text}{_RESET}" if self.color and style in _COLORS else text

    def report(self, found: Report) -> Iterator[str]:
        """Yield the lines of one report."""
        yield self._painted(printable(found.name), "bold")
        for sentence in found.summary:
            yield from wrap(
                printable(sentence), _WIDTH, initial_indent="  ", subsequent_indent="    "
            )
        for section in found.sections:
            yield ""
            yield from self._section(section)
        if found.costs:
            yield ""
            yield from self._costs(found)
        for target, lines in found.code.items():
            yield ""
            yield self._painted(f"  {TARGETS[target].title} program", "bold")
            yield from (f"  {self._painted(printable(line), line[:1])}" for line in lines)

    def _section(self, section: Section) -> Iterator[str]:
        yield self._painted(f"  {section.title}", "bold")
        longest = max(len(row.name) for row in section.rows)
        width = min(longest, _LONGEST_NAME)
        for row in section.rows:
            mark = row.mark or " "
            margin = " " * (width + 8)
            text = wrap(printable(row.text), _WIDTH - len(margin)) or [""]
            yield f"    {self._painted(mark, mark)} {row.name:<{width}}  {text[0]}".rstrip()
            for line in text[1:]:
                yield margin + line
            for more in row.more:
                yield from wrap(
                    printable(more), _WIDTH, initial_indent=margin, subsequent_indent=margin
                )

    def _costs(self, found: Report) -> Iterator[str]:
        yield self._painted("  Cost for one sample", "bold")
        widths = [max(len(row[n]) for row in found.costs) for n in range(3)]
        for name, before, after, change in found.costs:
            line = f"      {name:<{widths[0]}}  {before:>{widths[1]}} -> {after:>{widths[2]}}"
            yield f"{line}  {change}".rstrip()
