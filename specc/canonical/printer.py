"""Nodes to the text of the canonical form.

A value is in one line where that has at most `WIDTH` columns without its comment, and in a block
below its key where not, or where a comment is within. A long list of scalars fills its lines.
"""

from __future__ import annotations

from dataclasses import replace

from specc.canonical.document import Comment, Entry, Node
from specc.canonical.order import GROUPS, group
from specc.canonical.scalars import write_block, write_scalar

WIDTH = 110
_STEP = "  "

# Whether an empty line is before it, and its text.
Row = tuple[bool, str]


def write(root: Node) -> str:
    """Return the text of a document."""
    if not root.is_collection or not root.entries:
        root = replace(root, anchor=None, style=root.style and '"')
        rows = [*_own(root.tail, ""), (False, _flat(replace(root, tail=[])) or "")]
    elif root.kind == "mapping":
        rows = _document(root)
    else:
        rows = _block(root, "")
    lines = [("\n" if blank and number else "") + text for number, (blank, text) in enumerate(rows)]
    return "\n".join(lines) + "\n"


def _document(root: Node) -> list[Row]:
    rows = _own(root.header, "")
    last = None
    for entry in root.entries:
        number = group(entry.key.text if entry.key else "")
        (blank, text), *rest = _rows(entry, "")
        if last is None:
            blank = bool(rows)
        elif number != last:
            blank = True
        elif number < len(GROUPS):
            blank = False
        rows += [(blank, text), *rest]
        last = number
    return [*rows, *_own(root.tail, "")]


def _block(node: Node, indent: str) -> list[Row]:
    rows = [row for entry in node.entries for row in _rows(entry, indent)]
    return [(False, rows[0][1]), *rows[1:], *_own(node.tail, indent)]


def _own(comments: list[Comment], indent: str) -> list[Row]:
    return [(comment.blank, indent + comment.text) for comment in comments]


def _rows(entry: Entry, indent: str) -> list[Row]:
    above, rows = _entry(entry, indent)
    return above + rows


def _entry(entry: Entry, indent: str) -> tuple[list[Row], list[Row]]:
    """Return the comments above an entry, and its lines."""
    value = entry.value
    label = indent + (_key(entry.key) if entry.key else "-")
    head = f"  {entry.head.text}" if entry.head else ""
    anchor = f" &{value.anchor}" if value.anchor else ""
    flat = _one_line(entry, label)
    if flat is not None:
        rows = [f"{label} {flat}{head}"]
    elif (filled := _filled(entry, label, indent + _STEP)) is not None:
        rows = [*filled[:-1], filled[-1] + head]
    elif not value.is_collection:
        indicator, *lines = write_block(value) or [""]
        texts = [indent + _STEP + line if line else "" for line in lines]
        rows = [f"{label}{anchor} {indicator}{head}", *texts]
    elif entry.key or anchor:
        below = _block(value, indent + _STEP)
        return _own(entry.before, indent), [(entry.blank, f"{label}{anchor}{head}"), *below]
    else:
        return _compact(entry, indent)
    return _own(entry.before, indent), [(entry.blank and not n, row) for n, row in enumerate(rows)]


def _compact(entry: Entry, indent: str) -> tuple[list[Row], list[Row]]:
    """Return an item of a list whose value begins on the line of its dash."""
    first, *others = entry.value.entries
    above = []
    if entry.head and not others and first.head is None:
        first.head = entry.head
    elif entry.head:
        above = [(entry.blank, entry.head.text)]
    inner, ((blank, text), *rest) = _entry(first, indent + _STEP)
    above += [(blank, text.lstrip()) for blank, text in inner]
    if above:
        above[0] = (entry.blank, above[0][1])
    else:
        blank = entry.blank
    rows = [(blank, f"{indent}- {text[len(indent) + len(_STEP) :]}"), *rest]
    rows += [row for other in others for row in _rows(other, indent + _STEP)]
    rows += _own(entry.value.tail, indent + _STEP)
    return _own(entry.before, indent) + [(blank, indent + text) for blank, text in above], rows


def _one_line(entry: Entry, label: str) -> str | None:
    """Return the value of an entry in one line, or None where it is to be a block."""
    value = entry.value
    if value.kind == "scalar" and write_block(value) is None:
        return _flat(value, flow=False)
    if value.kind == "alias" or (value.is_collection and not value.entries):
        return _flat(value)
    single = value.kind == "mapping" and len(value.entries) == 1
    if entry.key is None and single and not value.anchor:
        return None
    flat = _flat(value, fixed=_is_fixed(entry))
    fits = flat is not None and (_is_fixed(entry) or len(label) + 1 + len(flat) <= WIDTH)
    return flat if fits else None


def _filled(entry: Entry, label: str, indent: str) -> list[str] | None:
    """Return the lines of a list of scalars that fill them, or None where it is no such list."""
    value = entry.value
    flat = _flat(value)
    parts = [_flat(item.value) for item in value.entries if item.value.kind == "scalar"]
    whole = value.kind == "sequence" and len(parts) == len(value.entries) and not value.stands
    if not whole or flat is None or (entry.head and entry.head.fixes_line):
        return None
    anchor = f"&{value.anchor} " if value.anchor else ""
    lines = [f"{label} {anchor}[{parts[0]}"]
    for part in parts[1:]:
        # The comma, or bracket, behind it counts.
        if len(lines[-1]) + len(f", {part},") > WIDTH:
            lines[-1] += ","
            lines.append(f"{indent}{part}")
        else:
            lines[-1] += f", {part}"
    lines[-1] += "]"
    return lines


def _is_fixed(entry: Entry) -> bool:
    """Tell whether a comment for specc itself keeps a value on its one line."""
    written_in_one = entry.line == entry.end_line
    return written_in_one and entry.head is not None and entry.head.fixes_line


def _flat(node: Node, flow: bool = True, fixed: bool = False) -> str | None:
    """Return a value in one line, or None where it cannot be, or never is.

    Arguments:
        flow: Whether it stands in brackets, or is one itself.
        fixed: Whether lists that are never in one line are in one here.
    """
    anchor = f"&{node.anchor} " if node.anchor else ""
    if node.kind == "alias":
        return f"*{node.text}"
    if node.kind == "scalar":
        return None if write_block(node) else anchor + write_scalar(node, flow)
    if node.tail or (node.stands and not fixed):
        return None
    parts = []
    for entry in node.entries:
        value = _flat(entry.value, fixed=fixed)
        if value is None or entry.before or entry.head:
            return None
        parts.append(f"{_key(entry.key, flow=True)} {value}" if entry.key else value)
    inner = ", ".join(parts)
    return anchor + (f"[{inner}]" if node.kind == "sequence" else f"{{{inner}}}")


def _key(key: Node, flow: bool = False) -> str:
    if key.kind == "alias":
        return f"*{key.text} :"
    anchor = f"&{key.anchor} " if key.anchor else ""
    return f"{anchor}{write_scalar(key, flow)}:"
