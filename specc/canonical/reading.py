"""A YAML text to nodes, and its comments to the nodes that they speak of.

PyYAML's parser tells where values stand; what is between them and begins with `#` is a comment.

- A comment at the end of a line belongs to the entry that ends there, or begins there with its
  value below.
- A comment on a line of its own belongs to the entry below it. At the end of a block it is told by
  its column whether it belongs to that block or to what follows.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Any

import yaml

from specc.canonical.document import Comment, Entry, Node
from specc.diagnostics import Source
from specc.source import events, tokens

_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_MARGIN = re.compile(r"[ \t\ufeff]*")
_INDICATORS = re.compile(r"[ \t?-]*")
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]+(#.*)")


def read(source: Source) -> Node:
    """Return the document that a text holds, which `specc.source.load` could load."""
    lines = _Lines(source.text)
    found = list(tokens(source))
    dashes = [t.start_mark.index for t in found if isinstance(t, yaml.BlockEntryToken)]
    root = _Builder(dashes, lines).build(events(source))
    _Attachment(_comments(source.text, found, lines), lines).document(root)
    if root.kind == "mapping" and root.entries:
        _take_header(root)
    return root


def comments(source: Source) -> list[str]:
    """Return the texts of all comments of a text that is YAML."""
    return [comment.text for comment in placed_comments(source)]


def placed_comments(source: Source) -> list[Comment]:
    """Return all comments of a text that is YAML, in its order."""
    return _comments(source.text, list(tokens(source)), _Lines(source.text))


def _take_header(root: Node) -> None:
    """Make a header of the comments that an empty line divides from the first key."""
    first = root.entries[0]
    ends = [number for number, comment in enumerate(first.before) if number and comment.blank]
    end = len(first.before) if first.blank else ends[-1] if ends else 0
    root.header, first.before = first.before[:end], first.before[end:]


class _Lines:
    """The lines of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in _BREAK.finditer(text))]

    def number(self, index: int) -> int:
        return bisect_left(self.starts, index + 1) - 1

    def column(self, index: int) -> int:
        """Return the column of an index, counted from 0."""
        return index - self.starts[self.number(index)]

    def is_first(self, index: int, indicators: bool = False) -> bool:
        """Tell whether nothing stands before an index on its line, or only dashes and the like."""
        margin = _INDICATORS if indicators else _MARGIN
        found = margin.match(self.text, self.starts[self.number(index)])
        return found is not None and found.end() >= index

    def is_after_blank(self, index: int) -> bool:
        """Tell whether what stands at an index is first on its line, after an empty line."""
        number = self.number(index)
        if number == 0 or not self.is_first(index, indicators=True):
            return False
        return not self.text[self.starts[number - 1] : self.starts[number]].strip()


def _comments(text: str, found: list[object], lines: _Lines) -> list[Comment]:
    kinds = (yaml.ScalarToken, yaml.DirectiveToken)
    spans = [(t.start_mark.index, t.end_mark.index) for t in found if isinstance(t, kinds)]
    comments, position = [], 0
    for start, end in [*spans, (len(text), len(text))]:
        while (index := text.find("#", position, start)) >= 0:
            end_of_line = _BREAK.search(text, index)
            position = end_of_line.start() if end_of_line else len(text)
            comments.append(_comment(text[index:position], index, lines))
        header = _HEADER.match(text, start, end)
        if header:
            end_of_line = _BREAK.search(text, header.start(1))
            last = end_of_line.start() if end_of_line else len(text)
            comments.append(_comment(text[header.start(1) : last], header.start(1), lines))
        position = end
    return comments


def _comment(text: str, index: int, lines: _Lines) -> Comment:
    own = lines.is_first(index)
    blank = own and lines.is_after_blank(index)
    return Comment(text.rstrip(), index, lines.number(index), lines.column(index), own, blank)


class _Builder:
    """Makes nodes of the events of a parser."""

    def __init__(self, dashes: list[int], lines: _Lines) -> None:
        self.dashes = dashes
        self.lines = lines
        self.open: list[Node] = []
        self.keys: list[Node | None] = []
        self.root: Node | None = None

    def build(self, found: Any) -> Node:
        for event in found:
            if isinstance(event, yaml.ScalarEvent):
                self._add(self._node("scalar", event, text=event.value, style=event.style or ""))
            elif isinstance(event, yaml.AliasEvent):
                self._add(self._node("alias", event, text=event.anchor, anchor=None))
            elif isinstance(event, yaml.SequenceStartEvent):
                self._push(self._node("sequence", event, flow=bool(event.flow_style)))
            elif isinstance(event, yaml.MappingStartEvent):
                self._push(self._node("mapping", event, flow=bool(event.flow_style)))
            elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                self._pop(event)
        assert self.root is not None
        return self.root

    def _node(self, kind: Any, event: Any, **facts: Any) -> Node:
        start, end = event.start_mark, event.end_mark
        anchor = facts.pop("anchor", event.anchor)
        return Node(
            kind,
            start.index,
            end.index,
            self.lines.number(start.index),
            self.lines.number(end.index),
            start.column,
            anchor=anchor,
            **facts,
        )

    def _push(self, node: Node) -> None:
        self.open.append(node)
        self.keys.append(None)

    def _pop(self, event: Any) -> None:
        node = self.open.pop()
        self.keys.pop()
        if node.flow:
            node.end = event.end_mark.index
            node.end_line = self.lines.number(node.end)
        elif node.entries:
            node.end, node.end_line = node.entries[-1].end, node.entries[-1].end_line
            node.column = node.entries[0].column
        self._add(node)

    def _add(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if parent.kind == "mapping" and self.keys[-1] is None:
            self.keys[-1] = node
            return
        key, self.keys[-1] = self.keys[-1], None
        start = key.start if key else node.start
        if parent.kind == "sequence" and not parent.flow:
            start = self.dashes[bisect_left(self.dashes, node.start) - 1]
        line, column = self.lines.number(start), self.lines.column(start)
        blank = self.lines.is_after_blank(start)
        parent.entries.append(Entry(start, line, column, key, node, blank))


class _Attachment:
    """Gives each comment, in their order, to the entry that it speaks of."""

    def __init__(self, comments: list[Comment], lines: _Lines) -> None:
        self.comments = comments
        self.lines = lines
        self.next = 0

    def document(self, root: Node) -> None:
        whole = Entry(root.start, root.line, root.column, root, root)
        if root.is_collection and root.entries:
            self._collection(root, whole)
            self._after(root, root.entries[-1], None, len(self.lines.text))
        root.tail += self._until(len(self.lines.text))
        if whole.head:
            root.entries[0].before.insert(0, whole.head)

    def _until(self, index: int) -> list[Comment]:
        first = self.next
        while self.next < len(self.comments) and self.comments[self.next].start < index:
            self.next += 1
        return self.comments[first : self.next]

    def _collection(self, node: Node, owner: Entry) -> None:
        """Give out the comments within a collection; those behind a block one are not within."""
        previous: Entry | None = None
        for entry in node.entries:
            if previous is None:
                entry.before += _headless(owner, self._until(entry.start))
            else:
                self._after(node, previous, entry, entry.start)
            self._entry(entry)
            if previous is None and owner.key is None and not node.anchor:
                _raise(entry, owner)
            previous = entry
        if node.flow and previous is not None:
            self._after(node, previous, None, node.end)
        elif node.flow:
            owner.before += _headless(owner, self._until(node.end))

    def _entry(self, entry: Entry) -> None:
        value = entry.value
        if value.is_collection and value.entries:
            if value.flow:
                # Those between the key and the bracket.
                first = self.lines.text.find("[{"[value.kind == "mapping"], value.start)
                self._before(entry, first)
            self._collection(value, entry)
        else:
            self._before(entry, entry.end)

    def _before(self, entry: Entry, stop: int) -> None:
        """Give out the comments between a key and a value that is in brackets or a scalar."""
        found = self._until(stop)
        if len(found) == 1 and not found[0].own:
            entry.head = found[0]
        else:
            # One at the end of the line would come after those below it.
            entry.before += found

    def _after(self, node: Node, previous: Entry, entry: Entry | None, stop: int) -> None:
        """Give out the comments between an entry and the next one, or the end."""
        found = self._until(stop)
        if found and not found[0].own:
            last = _last_on(previous, found[0].line)
            if last is not None and last.value.flow and _is_commented(last.value):
                # It will be a block; what speaks to specc has to stay where its key is.
                if last.head is None and found[0].fixes_line:
                    last.head = found.pop(0)
                else:
                    last.value.tail.append(found.pop(0))
            elif last is not None and last.head is None:
                last.head = found.pop(0)
        ended = [*_ended(previous), *([] if entry else [node])]
        if node.flow:
            ended = [node]
        for comment in found:
            if entry is not None and (
                node.flow or not comment.own or comment.column <= entry.column or not ended
            ):
                entry.before.append(comment)
                ended = []
                continue
            while len(ended) > 1 and ended[0].column > comment.column:
                ended.pop(0)
            ended[0].tail.append(comment)


def _headless(entry: Entry, comments: list[Comment]) -> list[Comment]:
    """Return comments less the one that becomes the one at the end of the entry's line."""
    if comments and not comments[0].own and entry.head is None:
        entry.head = comments[0]
        return comments[1:]
    return comments


def _raise(entry: Entry, item: Entry) -> None:
    """Move comments to an item, as its first entry begins on the line of the dash."""
    if entry.before and item.head:
        item.before.append(item.head)
        item.head = None
    item.before += entry.before
    entry.before = []


def _is_commented(node: Node) -> bool:
    return bool(node.tail) or any(
        entry.before or entry.head or _is_commented(entry.value) for entry in node.entries
    )


def _last_on(entry: Entry, line: int) -> Entry | None:
    """Return the innermost entry that ends on a line, or None."""
    if entry.end_line != line:
        return None
    value = entry.value
    if value.is_collection and not value.flow and value.entries:
        return _last_on(value.entries[-1], line)
    return entry


def _ended(entry: Entry) -> list[Node]:
    """Return the block collections that end with an entry, innermost first."""
    value = entry.value
    if not value.is_collection or value.flow or not value.entries:
        return []
    return [*_ended(value.entries[-1]), value]
