"""Where a text that is no YAML has its mistake, which a parser meets only lines later.

The parser's message says what it could not take. Brackets and quotes that stay open, and lines
that lack something at their end, are looked for in the text before that place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from specc.diagnostics import Diagnostic, Source, Span

_CLOSING = {"[": "]", "{": "}"}
_KINDS = {"[": "list", "{": "mapping"}
_KEY = re.compile(r"""[\w.]+:(\s|$)|"[^"]*":(\s|$)|'[^']*':(\s|$)""")
_GLUED = re.compile(r"(?:^|[\s{\[,])([A-Za-z]\w*) ?[{\[][^{}\[\]]*$")  # `adam {`, without a colon
_ENTRY = re.compile(r"-(\s|$)")


def syntax_error(source: Source, error: Any) -> Diagnostic:
    """Return what is wrong with a text that PyYAML cannot read, where it was most likely made.

    Arguments:
        error: PyYAML's `MarkedYAMLError`.
    """
    problem, context = str(error.problem), str(error.context or "")
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    tab = _tab(source, line)
    if tab is not None:
        return tab
    brackets = _Brackets(source, line)
    found = brackets.fault()
    if found is not None:
        return found
    if "could not find expected ':'" in problem:
        return _without_colon(source, error.context_mark.line + 1)
    if "mapping values are not allowed" in problem:
        return _second_colon(source, line, column)
    if "expected ',' or" in problem:
        above = _before(source, line)
        if source.line(above).rstrip().endswith(":") and brackets.open:
            return brackets.left_open()  # a block within brackets
        return _without_comma(source, line, column, problem)
    if "expected key" in problem or "expected '-'" in problem:
        return _beside_its_block(source, line, column, problem)
    if "unexpected end of stream" in problem or "document indicator" in problem:
        mark = error.context_mark or mark
        line, column = mark.line + 1, mark.column + 1
        message = "expected a closing quote for this text"
        return _at(source, line, column, message, "close the quote")
    if "unknown escape character" in problem:
        message = "expected an escape that YAML knows"
        return _at(source, line, column, message, "write '\\\\' for '\\'")
    return _unreadable(source, line, column, problem, context)


def _at(
    source: Source, line: int, column: int, message: str, hint: str | None, length: int = 0
) -> Diagnostic:
    return Diagnostic("E102", message, Span(source, line, column, line, column + length), hint)


def _character(source: Source, line: int, column: int) -> str:
    found = source.line(line)[column - 1 : column]
    return repr(found) if found else "the end of the line"


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _content(text: str) -> str:
    """Return a line without its indentation and a comment."""
    return re.sub(r"(^|\s)#.*", "", text).strip()


def _before(source: Source, line: int) -> int:
    """Return the number of the line with content before a line, 0 where there is none."""
    line -= 1
    while line > 0 and not _content(source.line(line)):
        line -= 1
    return line


def _end(source: Source, line: int) -> int:
    """Return the column behind a line's content."""
    text = re.sub(r"\s+#.*", "", source.line(line))
    return len(text.rstrip()) + 1


def _tab(source: Source, last: int) -> Diagnostic | None:
    for line in range(last, max(0, last - 2), -1):
        text = source.line(line)
        white = text[: len(text) - len(text.lstrip(" \t"))]
        if "\t" in white and _content(text):
            column = white.index("\t") + 1
            message = "expected spaces, found a tab"
            return _at(source, line, column, message, "indent with spaces")
    return None


# Brackets and quotes


@dataclass(frozen=True, slots=True)
class _Opened:
    """A bracket or quote and where it stands."""

    sign: str
    line: int
    column: int


class _Brackets:
    """Follows brackets and quotes up to the line of an error."""

    def __init__(self, source: Source, last: int) -> None:
        self.source, self.last = source, last
        self.open: list[_Opened] = []
        self.quote: _Opened | None = None
        self.text_of = -1  # indentation of a key whose value is a block of text

    def fault(self) -> Diagnostic | None:
        """Return the first bracket or quote that is left open or closed by another, if any."""
        for number in range(1, self.last + 1):
            text = self.source.line(number)
            if self._begins_block(text):
                return self.left_open()
            if not self._is_text(text):
                found = self._line(number, text)
                if found is not None:
                    return found
        # At the end of the text, or where a document ends.
        rest = range(self.last + 1, self.source.end()[0] + 1)
        at_end = not any(_content(self.source.line(number)) for number in rest)
        return self.left_open() if at_end and self.open and not self.quote else None

    def _begins_block(self, text: str) -> bool:
        """Tell whether a line begins an entry though a bracket or quote is still open."""
        opened = self.quote or (self.open[0] if self.open else None)
        if opened is None or not text.strip():
            return False
        stripped = text.lstrip(" ")
        base = _indent(self.source.line(opened.line))
        entry = bool(_ENTRY.match(stripped))
        if entry and self.quote is None:
            return True
        return _indent(text) <= base and (entry or bool(_KEY.match(stripped)))

    def left_open(self) -> Diagnostic:
        """Return that the quote or the innermost bracket is not closed."""
        opened = self.quote or self.open[-1]
        if self.quote is not None:
            message, hint = "expected a closing quote for this text", "close the quote"
        else:
            sign = _CLOSING[opened.sign]
            message = f"expected a '{sign}' for this '{opened.sign}', found none"
            hint = f"close the {_KINDS[opened.sign]} with '{sign}'"
        return _at(self.source, opened.line, opened.column, message, hint, 1)

    def _is_text(self, text: str) -> bool:
        """Tell whether a line belongs to a block of text, as after `|`."""
        if self.text_of >= 0 and text.strip() and _indent(text) <= self.text_of:
            self.text_of = -1
        return self.text_of >= 0

    def _line(self, number: int, text: str) -> Diagnostic | None:
        fresh, at = True, 0  # fresh: a value or a key may begin here
        while at < len(text):
            sign = text[at]
            if self.quote is not None:
                at, fresh = self._within_quote(text, at), False
                continue
            if sign == "#" and (at == 0 or text[at - 1] in " \t"):
                break
            if sign in "'\"" and fresh:
                self.quote = _Opened(sign, number, at + 1)
            elif sign in "[{" and (fresh or self.open):
                self.open.append(_Opened(sign, number, at + 1))
            elif sign in "]}" and self.open:
                opened = self.open.pop()
                if _CLOSING[opened.sign] != sign:
                    return self._closed_by_another(opened, number, at, sign)
            elif sign in "|>" and fresh and not self.open:
                self.text_of = _indent(text)
                break
            fresh = self._stays_fresh(text, at, fresh)
            at += 1
        return None

    def _within_quote(self, text: str, at: int) -> int:
        """Return where to go on within a quoted text."""
        assert self.quote is not None
        sign = self.quote.sign
        if sign == '"' and text[at] == "\\":
            return at + 2
        if text[at] == sign:
            if sign == "'" and text[at + 1 : at + 2] == "'":
                return at + 2
            self.quote = None
        return at + 1

    def _stays_fresh(self, text: str, at: int, fresh: bool) -> bool:
        sign, following = text[at], text[at + 1 : at + 2]
        if sign in " \t":
            return fresh
        if sign in ":-?":
            return following in ("", " ", "\t") and (sign == ":" or fresh)
        return sign in "[{," and (sign == "," or bool(self.open)) and bool(self.open)

    def _closed_by_another(self, opened: _Opened, number: int, at: int, sign: str) -> Diagnostic:
        right = _CLOSING[opened.sign]
        message = f"expected ',' or '{right}', found '{sign}'"
        hint = f"close the {_KINDS[opened.sign]} with '{right}'"
        if opened.line != number:
            hint += f"; it begins in line {opened.line}"
        return _at(self.source, number, at + 1, message, hint, 1)


# Lines


def _without_colon(source: Source, line: int) -> Diagnostic:
    text = source.line(line)
    content = _content(text)
    column = text.index(content) + 1 if content else 1
    content = content.removeprefix("- ").lstrip()
    column = text.index(content) + 1 if content else column
    key, colon, value = content.partition(":")
    if content.startswith("-"):
        return _dash(source, line, column, content)
    if colon and value:
        message = f"expected a space after the ':' of {key!r}, found {value[:1]!r}"
        return _at(source, line, column + len(key), message, f"write '{key}: {value}'", 1)
    key, _, rest = content.partition(" ")
    neighbour = source.line(_before(source, line))
    if _ENTRY.match(neighbour.lstrip()) and _indent(neighbour) == _indent(text) == column - 1:
        message = f"expected '- ' before {key!r}, as before its neighbours, found none"
        return _at(source, line, column, message, f"write '- {key}'", len(key))
    message = f"expected ':' after the key {key!r}, found none"
    hint = f"write '{key}: {rest.removeprefix('=').strip() or '...'}'"
    return _at(source, line, column, message, hint, len(key))


def _dash(source: Source, line: int, column: int, content: str) -> Diagnostic:
    message = f"expected a space after '-', found {content[1:2]!r}"
    return _at(source, line, column, message, f"write '- {re.split(r'[ :]', content[1:])[0]}'", 1)


def _is_dash(content: str) -> bool:
    return bool(re.match(r"-[^\s\d.\-]", content))


def _second_colon(source: Source, line: int, column: int) -> Diagnostic:
    text = source.line(line)
    before = _before(source, line)
    first = _KEY.match(text.lstrip(" ").removeprefix("- ").lstrip(" "))
    key = text[: column - 1].strip().removeprefix("- ").strip()
    is_first = first is not None and ": " not in key and not re.search(r":\s", key)
    is_first = is_first or text.lstrip(" ").startswith(("{", "["))
    if is_first and before:
        above = _content(source.line(before))
        # The parser takes this line for more text of the value above.
        if not re.search(r":(\s|$)", above):
            return _without_colon(source, before)
        if _indent(text) > _indent(source.line(before)):
            place = _indent(text) + 1
            message = "expected this line to begin where its neighbours do, found it further in"
            hint = "check the indentation, or end the line above in ':' without a value"
            return _at(source, line, place, message, hint, len(text.strip()))
    message = "expected one 'key: value', found a second ':'"
    hint = "begin a new line, or put text that holds ': ' into quotes"
    content = _content(text)
    opening = {"]": "[", "}": "{"}.get(content[-1:])
    if opening and content.count(opening) < content.count(content[-1]):
        message += f", and a '{content[-1]}' that closes nothing"
        hint = f"open what '{content[-1]}' closes with '{opening}'"
    elif glued := _GLUED.search(text[:column]):
        hint = f"put a colon and a space behind {glued[1]!r}"
    return _at(source, line, column, message, hint)


def _without_comma(source: Source, line: int, column: int, problem: str) -> Diagnostic:
    text = source.line(line)
    sign = "]" if "']'" in problem else "}"
    kind = "list" if sign == "]" else "mapping"
    found = _character(source, line, column)
    start = text[: column - 1].strip()
    colon = text[column - 1 : column] == ":"
    alone = not start or (colon and not re.search(r"[\s,:{}\[\]]", start))
    before = _before(source, line)
    if alone and before and not source.line(before).rstrip().endswith((",", "{", "[")):
        message = f"expected ',' or '{sign}' at the end of this line, found neither"
        hint = "end it in ',' where the next line goes on"
        return _at(source, before, _end(source, before), message, hint)
    message = f"expected ',' or '{sign}', found {found}"
    separate = colon or found[1:2].isalnum() or found in ('"\'"', "'\"'", "'{'", "'['")
    hint = (
        f"put ',' between the entries of the {kind}"
        if separate
        else f"close the {kind} with '{sign}'"
    )
    glued = _GLUED.search(text[:column])
    if glued and found in ("'{'", "'['"):
        hint = f"put a colon and a space behind {glued[1]!r}"
    return _at(source, line, column, message, hint)


def _beside_its_block(source: Source, line: int, column: int, problem: str) -> Diagnostic:
    content = _content(source.line(line))
    before = _before(source, line)
    above = _content(source.line(before)) if before else ""
    if _is_dash(content):
        return _dash(source, line, _indent(source.line(line)) + 1, content)
    if _is_dash(above):
        return _dash(source, before, _indent(source.line(before)) + 1, above)
    what = (
        "a key or the end of this mapping"
        if "expected key" in problem
        else ("'- ' or the end of this list")
    )
    found = _character(source, line, column)
    hint = "check the indentation"
    if found in ("']'", "'}'"):
        what, hint = "the end of the line", f"take {found} out, or open what it closes"
    elif source.line(line)[column - 2 : column - 1] in ("'", '"') and column > 2:
        what, hint = (
            "the end of the line behind a closing quote",
            "write quotes within quotes twice",
        )
        if source.line(line)[column - 2] == '"':
            hint = "put text that holds quotes into single quotes"
    return _at(source, line, column, f"expected {what}, found {found}", hint)


def _unreadable(source: Source, line: int, column: int, problem: str, context: str) -> Diagnostic:
    """Return what is wrong where a value begins with a sign that means something else."""
    special = ("an alias", "an anchor", "directive", "a tag", "a block scalar")
    if "cannot start any token" in problem or any(name in context for name in special):
        text = source.line(line)
        if "cannot start" not in problem:
            # The parser stands behind the sign.
            signs = [n for n, sign in enumerate(text[:column], 1) if sign in "*&%!|>"]
            column = signs[-1] if signs else column
        found = _character(source, line, column)
        message, hint = f"expected a value, found {found}", "put the text into quotes"
        return _at(source, line, column, message, hint)
    if "expected node content" in problem:
        message = f"expected a value, found {_character(source, line, column)}"
        return _at(source, line, column, message, "write the value, or take the sign out")
    where = f" {context}" if context else ""
    return _at(source, line, column, f"expected YAML, but{where} {problem}", None)
