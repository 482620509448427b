"""YAML text to a tree of values that know where they stand.

Scalars are YAML 1.2's (core schema): `1e-3` is a float, `on` and `no` are strings. The tree is
built from parser events, without recursion, so that no text can exhaust the stack; size, depth
and aliases are limited.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO

import yaml

from specc.diagnostics import Diagnostic, Source, Span, SpeccError
from specc.merges import first_mark
from specc.unsure import UNSURE, UnsureError

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 200_000
MAX_MISTAKES = 100
MAX_INTEGER = 2**63 - 1

# Seconds between attempts to read a file that changes.
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_TICK = 8_000_000  # nanoseconds in which the times of two writes can be alike

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A null, bool, int, float or string; UNSURE where a mistake hides it."""

    value: Any
    span: Span


@dataclass(slots=True)
class Sequence:
    """A list.

    Attributes:
        alias: Where an alias stands for it, None where it is written out.
    """

    span: Span
    items: list[Tree] = field(default_factory=list)
    alias: Span | None = None


@dataclass(slots=True)
class Mapping:
    """A mapping, its entries in the order of the text.

    Attributes:
        alias: Where an alias stands for it, None where it is written out.
    """

    span: Span
    entries: list[tuple[Scalar, Tree]] = field(default_factory=list)
    alias: Span | None = None


Tree = Scalar | Sequence | Mapping


def read_spec(path: Path) -> bytes:
    """Return what a spec's file holds, and read no more of it than a spec may have.

    A device or a pipe is read like a file. A pipe that nobody writes to is waited for. A file that
    changes while it is read is read again.

    Errors:
        OSError: the file cannot be read.
        ValueError: it holds more than `MAX_BYTES`, its name has a null byte, or it does not stop
            changing.
    """
    for pause in _PAUSES:
        with open(path, "rb") as file:
            before = os.fstat(file.fileno())
            data = read_stream(file)
            after = os.fstat(file.fileno())
        whole = len(data) == after.st_size or not S_ISREG(after.st_mode)
        if whole and before.st_mtime_ns == after.st_mtime_ns and _rests(after):
            return data
        time.sleep(pause)
    raise ValueError("it changes while it is read")


def _rests(found: os.stat_result) -> bool:
    """Tell whether a file was last written long enough ago for its time to tell of a new write."""
    return not S_ISREG(found.st_mode) or time.time_ns() - found.st_mtime_ns > _TICK


def read_stream(file: BinaryIO) -> bytes:
    """Return the rest of a stream, which may hold as much as a spec's file.

    Errors:
        OSError: the stream cannot be read.
        ValueError: it holds more than `MAX_BYTES`.
    """
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"expected at most {MAX_BYTES} bytes")
    return data


def load(source: Source) -> Tree:
    """Return the one document of a YAML text.

    Errors:
        SpeccError: the text is empty, larger than the limits, no YAML, has a repeated key, a tag,
            a key that is no scalar, more than one document, or a conflict of a merge.
    """
    if len(source.text) > MAX_BYTES:
        raise _error("E101", f"expected at most {MAX_BYTES} characters", Span(source))
    forbidden = yaml.reader.Reader.NON_PRINTABLE.search(source.text)
    if forbidden:
        raise _forbidden(source, forbidden[0])
    conflict = first_mark(source.text)
    if conflict is not None:
        raise _conflict(source, conflict)
    builder = _Builder(source)
    for event in events(source):
        builder.take(event)
    if builder.root is None or _is_nothing(builder.root):
        raise _error("E103", "expected a spec, found nothing", Span(source))
    if builder.diagnostics:
        rest = None if isinstance(builder.root, Scalar) else builder.root
        raise SpeccError(builder.diagnostics, rest)
    return builder.root


def plain(tree: Tree) -> Any:
    """Return a tree's data without its places: tuples for lists, dicts for mappings.

    Errors:
        UnsureError: a mistake hides a part of it.
    """
    if isinstance(tree, Scalar):
        if tree.value is UNSURE:
            raise UnsureError
        return tree.value
    if isinstance(tree, Sequence):
        return tuple(plain(item) for item in tree.items)
    return {key.value: plain(value) for key, value in tree.entries}


def describe(tree: Tree) -> str:
    """Return what a tree is, for a message: `the string 'x'`, `a list`."""
    if isinstance(tree, Sequence):
        return "a list"
    if isinstance(tree, Mapping):
        return "a mapping" if tree.entries else "an empty mapping"
    if tree.value is None:
        return "nothing"
    if isinstance(tree.value, str):
        return f"the string {shortened(tree.value)}"
    return shortened(tree.value).lower()


def shortened(value: object) -> str:
    """Return a value as Python writes it, at most 60 characters of it."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def is_text(plain: str) -> bool:
    """Tell whether a value that is written without quotes is a string."""
    return not (
        plain in _NULL
        or plain in _BOOL
        or any(known.fullmatch(plain) for known in (_INT, _FLOAT, _SPECIAL))
    )


def _is_nothing(tree: Tree) -> bool:
    return isinstance(tree, Scalar) and tree.value is None


def _error(code: str, message: str, span: Span, hint: str | None = None) -> SpeccError:
    return SpeccError([Diagnostic(code, message, span, hint)])


def _forbidden(source: Source, character: str) -> SpeccError:
    number = 1
    while character not in source.line(number):
        number += 1
    column = source.line(number).index(character) + 1
    message = f"expected text, found the character {character!a}, which YAML does not allow"
    return _error("E102", message, Span(source, number, column, number, column + 1))


def _conflict(source: Source, number: int) -> SpeccError:
    # YAML has more line breaks than git.
    before = "\n".join(source.text.split("\n")[: number - 1])
    number = Source(source.name, before).end()[0] + 1 if number > 1 else 1
    message = "expected a spec, found a conflict that a merge left"
    hint = "keep one side or join both, and remove the lines '<<<<<<<', '=======' and '>>>>>>>'"
    span = Span(source, number, 1, number, len(source.line(number)) + 1)
    return _error("E607", message, span, hint)


def events(source: Source) -> Iterator[object]:
    """Yield the events of PyYAML's parser.

    Errors:
        SpeccError: the text is no YAML.
    """
    try:
        yield from yaml.parse(source.text, Loader=_Parser)
    except yaml.MarkedYAMLError as error:
        raise _syntax(source, error) from None


def tokens(source: Source) -> Iterator[object]:
    """Yield the tokens of PyYAML's scanner, of a text that is YAML."""
    yield from yaml.scan(source.text, Loader=_Parser)


def _syntax(source: Source, error: Any) -> SpeccError:
    mark = error.problem_mark or error.context_mark
    if "nesting depth" in str(error.problem):  # libyaml's own limit, met before we see an event
        span = _span(source, mark, mark) if mark else Span(source)
        return _error("E101", f"expected at most {MAX_DEPTH} levels", span)
    from specc.yaml_mistakes import syntax_error

    return SpeccError([syntax_error(source, error)])


def _span(source: Source, start: Any, end: Any) -> Span:
    return Span(source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _identity(key: Scalar) -> tuple[type, object]:
    # 1, 1.0 and true are different keys.
    return type(key.value), key.value


def _without_repeated(entries: list[tuple[Scalar, Tree]]) -> list[tuple[Scalar, Tree]]:
    """Return entries each of whose keys is there once; which of two scalars is meant is unsure."""
    last: dict[object, tuple[Scalar, Tree]] = {}
    for key, value in entries:
        if _identity(key) in last and isinstance(value, Scalar):
            value = Scalar(UNSURE, value.span)
        last[_identity(key)] = key, value
    return list(last.values())


class _Builder:
    """Takes parser events and holds the tree that they make."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: Tree | None = None
        self.diagnostics: list[Diagnostic] = []
        self._open: list[Sequence | Mapping] = []
        self._keys: list[Scalar | None] = []
        self._seen: list[dict[object, Span]] = []
        self._anchors: dict[str, Tree] = {}
        self._sizes: dict[int, int] = {}
        self._heights: dict[int, int] = {}
        self._nodes = 0

    def take(self, event: object) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._add(Scalar(self._value(event), self._place(event)), event.anchor)
        elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            self._start(event)
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            self._end(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            message = "expected one document, found a second one"
            raise _error(
                "E104", message, self._place(event), "put each spec into a file of its own"
            )

    def _mistake(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, hint))
        if len(self.diagnostics) >= MAX_MISTAKES:
            raise SpeccError(self.diagnostics)

    def _place(self, event: Any) -> Span:
        return _span(self.source, event.start_mark, event.end_mark)

    def _start(self, event: Any) -> None:
        self._check_depth(1, event)
        self._refuse_tag(event)
        kind = Sequence if isinstance(event, yaml.SequenceStartEvent) else Mapping
        tree = kind(self._place(event))
        self._add(tree, None)
        if event.anchor:
            self._anchors[event.anchor] = tree
        self._open.append(tree)
        self._keys.append(None)
        self._seen.append({})
        self._sizes[id(tree)] = -self._nodes
        self._heights[id(tree)] = 1

    def _check_depth(self, height: int, event: object) -> None:
        if len(self._open) + height > MAX_DEPTH:
            raise _error("E101", f"expected at most {MAX_DEPTH} levels", self._place(event))

    def _raise_parent(self, tree: Tree) -> None:
        if self._open:
            parent, height = id(self._open[-1]), self._heights.get(id(tree), 0) + 1
            self._heights[parent] = max(self._heights[parent], height)

    def _end(self, event: object) -> None:
        tree = self._open.pop()
        self._keys.pop()
        self._seen.pop()
        if isinstance(tree, Mapping) and self.diagnostics:
            tree.entries = _without_repeated(tree.entries)
        self._sizes[id(tree)] += self._nodes + 1
        self._raise_parent(tree)
        start, end = tree.span, self._place(event)
        if (end.line, end.column) > (start.end_line, start.end_column):
            tree.span = Span(self.source, start.line, start.column, end.end_line, end.end_column)

    def _alias(self, event: Any) -> None:
        tree = self._anchors.get(event.anchor)
        if tree is None or any(tree is parent for parent in self._open):
            what = "its own parent" if tree is not None else "an anchor that does not exist"
            raise _error("E105", f"alias '*{event.anchor}' names {what}", self._place(event))
        self._check_depth(self._heights.get(id(tree), 0), event)
        self._nodes += self._sizes.get(id(tree), 1)
        self._raise_parent(tree)
        # What it holds is the anchor's own, with the places of its text.
        written = tree if isinstance(tree, Scalar) else replace(tree, alias=self._place(event))
        self._add(written, None)

    def _add(self, tree: Tree, anchor: str | None) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _error(
                "E101", f"expected at most {MAX_NODES} values, aliases included", tree.span
            )
        if anchor:
            self._anchors[anchor] = tree
        if not self._open:
            self.root = tree
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(tree)
        elif self._keys[-1] is None:
            self._keys[-1] = self._key(tree)
        else:
            parent.entries.append((self._keys[-1], tree))
            self._keys[-1] = None

    def _key(self, tree: Tree) -> Scalar:
        if not isinstance(tree, Scalar):
            raise _error("E106", f"expected a word as key, found {describe(tree)}", tree.span)
        if tree.value is UNSURE:
            raise SpeccError(self.diagnostics)
        seen, identity = self._seen[-1], _identity(tree)
        if identity in seen:
            message = f"repeated key {tree.value!r}, first in line {seen[identity].line}"
            self._mistake("E107", message, tree.span, "remove one of the two")
        seen.setdefault(identity, tree.span)
        return tree

    def _refuse_tag(self, event: Any) -> bool:
        """Report the tag of a value, which may mean another one; tell whether it has a tag."""
        if event.tag is None or event.tag == "!":
            return False
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        message = f"expected plain YAML, found the tag {tag!r}"
        self._mistake("E108", message, self._place(event), "remove the tag")
        return True

    def _value(self, event: Any) -> object:
        text: str = event.value
        if self._refuse_tag(event):
            return UNSURE
        if event.style:
            return text
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _INT.fullmatch(text):
            return self._integer(text, event)
        if _FLOAT.fullmatch(text):
            return float(text)
        special = _SPECIAL.fullmatch(text)
        if special:
            return float("nan") if special[3] else float(f"{special[1]}inf")
        return text

    def _integer(self, text: str, event: object) -> object:
        number = int(text, 0 if text.startswith(("0o", "0x")) else 10) if len(text) < 40 else None
        if number is None or abs(number) > MAX_INTEGER:
            message = f"expected an integer of at most 64 bits, found {shortened(text)}"
            self._mistake("E109", message, self._place(event))
            return UNSURE
        return number
