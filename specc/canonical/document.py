"""A spec's text as nodes that hold all that is written in it: layout, comments, anchors."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["scalar", "sequence", "mapping", "alias"]


@dataclass(slots=True)
class Comment:
    """A comment.

    Attributes:
        text: From its `#` on, without blanks at its end.
        start: The index of its `#` in the text.
        line: Its line, counted from 0.
        column: Its column, counted from 0.
        own: Whether nothing else stands on its line.
        blank: Whether an empty line is before it.
    """

    text: str
    start: int
    line: int
    column: int
    own: bool
    blank: bool = False

    @property
    def fixes_line(self) -> bool:
        """Whether it speaks to specc about its line, which then has to stay one line."""
        return re.match(r"#\s*specc:", self.text) is not None


@dataclass(slots=True)
class Node:
    """A value, or a key.

    Attributes:
        start: Where its text begins, an anchor included.
        end: Where its text ends; that of a block collection is where its last value ends.
        line: The line of `start`, counted from 0.
        end_line: The line of `end`.
        column: The column of `start`; of a block collection, that of its entries.
        text: What a scalar holds, or the name of an alias.
        style: How a scalar is quoted: empty for plain, else `'`, `"`, `|` or `>`.
        anchor: The name of its anchor, or None.
        flow: Whether a collection is written in brackets.
        entries: What a collection holds.
        header: The comments of a document that stay at its top.
        tail: The comments of a collection after the last of its entries.
        stands: Whether a collection is never written in one line.
    """

    kind: Kind
    start: int
    end: int
    line: int
    end_line: int
    column: int
    text: str = ""
    style: str = ""
    anchor: str | None = None
    flow: bool = False
    entries: list[Entry] = field(default_factory=list)
    header: list[Comment] = field(default_factory=list)
    tail: list[Comment] = field(default_factory=list)
    stands: bool = False

    @property
    def is_collection(self) -> bool:
        """Whether it is a sequence or a mapping."""
        return self.kind in ("sequence", "mapping")


@dataclass(slots=True)
class Entry:
    """A key with its value, or an item of a list.

    Attributes:
        start: Where the key, or the dash, begins.
        key: None for an item of a list.
        blank: Whether an empty line is directly before it, after its comments.
        before: The comments on lines of their own before it.
        head: The comment at the end of its line, or None.
    """

    start: int
    line: int
    column: int
    key: Node | None
    value: Node
    blank: bool = False
    before: list[Comment] = field(default_factory=list)
    head: Comment | None = None

    @property
    def end(self) -> int:
        """Where the last of its text ends."""
        return max(self.value.end, self.key.end if self.key else self.start + 1)

    @property
    def end_line(self) -> int:
        """The line on which the last of its text ends."""
        return max(self.value.end_line, self.key.end_line if self.key else self.line)
