"""Whatever layout a document has, `specc fmt` keeps its data and every comment, in their order.

The documents are written by a writer of this file, which knows each comment that it puts in.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import specc.source
from specc.canonical import canonical, data_of
from specc.canonical.reading import comments
from specc.diagnostics import Source, SpeccError
from specc.source import load

quick = settings(max_examples=250, deadline=None, database=None, derandomize=True)

WORDS = [
    "x",
    "relu",
    "on",
    "1e-3",
    "1",
    "true",
    "~",
    "",
    "a b",
    "a: b",
    "é # ü",
    "-",
    "- x",
    "0x1f",
]
WORDS += [
    "# no comment",
    "a#b",
    "[x",
    "{",
    "'",
    '"',
    "\\d",
    "a\nb",
    "\n",
    " a",
    "a\t",
    "a\n\n b\n",
    "😀",
]
WORDS += [
    "null",
    "2026-11-26",
    "1_000",
    "yes",
    "---",
    "...",
    "*a",
    "&a",
    "!x",
    "%",
    "@",
    "`",
    "?",
    "|",
]
WORDS += ["x\x85y", "\ufeff", "a\n\nb\nc\n", "word " * 40, "C:\\new", "a:b", "http://x.y/z", "x:"]
PLAIN = [
    "1",
    "-0.5",
    "1e-3",
    "True",
    "NULL",
    "~",
    ".inf",
    ".NaN",
    "0o17",
    "abc",
    "a b",
    "a:b",
    "no",
]
SCALARS = st.sampled_from(WORDS).map(lambda text: ("text", text)) | st.sampled_from(PLAIN).map(
    lambda text: ("plain", text)
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4).map(lambda items: ("list", items))
    | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4).map(lambda d: ("dict", d)),
    max_leaves=14,
)
ROOTS = st.dictionaries(st.sampled_from(["foo", "bar", "on", "a b", "é", "#"]), TREES, min_size=1)
SHORT = ("plain", "4")
# What specc sorts: the document, and a layer's arguments.
KNOWN = st.fixed_dictionaries(
    {"loss": TREES, "training": TREES},
    optional={"name": TREES, "zzz": TREES, "data": TREES, "metrics": TREES, "callbacks": TREES},
).flatmap(
    lambda top: st.permutations(
        [
            *top.items(),
            (
                "layers",
                (
                    "list",
                    [
                        (
                            "dict",
                            {"dense": ("dict", {"activation": SHORT, "units": SHORT, "x": SHORT})},
                        )
                    ],
                ),
            ),
        ]
    ).map(dict)
)


class Writer:
    """Writes a tree in a layout, and with comments, that are drawn."""

    def __init__(self, draw: Callable[[Any], Any], end: str) -> None:
        self.draw = draw
        self.end = end
        self.comments: list[str] = []

    def chance(self, of: int = 4) -> bool:
        return bool(self.draw(st.integers(1, of)) == of)

    def comment(self) -> str:
        text = self.draw(
            st.sampled_from(["", " x", "x: y", " é\t'", " [", ' "', " - a", "#", "specc:"])
        )
        self.comments.append(f"#{len(self.comments)}{text}".rstrip())
        return self.comments[-1] + self.draw(st.sampled_from(["", "  "]))

    def line_end(self) -> str:
        return (" " + self.comment() if self.chance() else "") + self.end

    def own_lines(self, indent: int) -> str:
        lines = ""
        while self.chance(3):
            lines += (" " * indent + self.comment() if self.chance(2) else "") + self.end
        return lines

    def scalar(self, tree: tuple[str, Any]) -> str:
        kind, text = tree
        if kind == "plain":
            return str(text)
        if self.chance(2) and text.isprintable():
            return "'" + text.replace("'", "''") + "'"
        quoted = json.dumps(text, ensure_ascii=False)
        return quoted.replace("\x85", "\\N").replace("\ufeff", "\\uFEFF")

    def key(self, text: str) -> str:
        return self.scalar(("text", text)) + ":"

    def flow(self, tree: tuple[str, Any], indent: int) -> str:
        """Return a value in brackets, which may be on several lines."""
        kind, value = tree
        if kind not in ("list", "dict"):
            return self.scalar(tree)
        items = value if kind == "list" else list(value.items())
        open_, close = "[]" if kind == "list" else "{}"
        text = open_
        for item in items:
            text += self.gap(indent)
            if kind == "list":
                text += self.flow(item, indent)
            else:
                text += self.key(item[0]) + " " + self.flow(item[1], indent)
            text += ("" if item is items[-1] and self.chance(2) else ",") if items else ""
        return text + self.gap(indent) + close

    def gap(self, indent: int) -> str:
        if self.chance(3):
            return self.line_end() + self.own_lines(indent) + " " * indent
        return " "

    def literal(self, text: str, indent: int) -> str:
        lines = [
            " " * indent + line if line else "" for line in text.removesuffix("\n").split("\n")
        ]
        chomping = "" if text.endswith("\n") else "-"
        return f"|{chomping}{self.line_end()}" + "".join(line + self.end for line in lines)

    def value(self, tree: tuple[str, Any], indent: int) -> str:
        """Return what follows a key or a dash, the end of the line included."""
        kind, value = tree
        deeper = indent + self.draw(st.integers(1, 4))
        literal = (
            kind == "text" and value.strip(" \n") and value[0].isalpha() and "\x85" not in value
        )
        if literal and self.chance(2) and not value.endswith(("\n\n", "\t", " ")):
            return " " + self.literal(value, deeper)
        if kind in ("text", "plain") or not value or self.chance(2):
            return " " + self.flow(tree, deeper) + self.line_end()
        return self.line_end() + self.own_lines(deeper) + self.block(tree, deeper)

    def block(self, tree: tuple[str, Any], indent: int) -> str:
        kind, value = tree
        text = ""
        for item in value if kind == "list" else value.items():
            text += " " * indent
            if kind == "list":
                text += "-" + self.value(item, indent)
            else:
                text += self.key(item[0]) + self.value(item[1], indent)
            text += self.own_lines(indent)
        return text


@st.composite
def documents(draw: Any, roots: Any) -> tuple[str, list[str]]:
    writer = Writer(draw, draw(st.sampled_from(["\n", "\n", "\r\n"])))
    text = writer.own_lines(0) + writer.block(("dict", draw(roots)), 0)
    return text, writer.comments


def check(text: str) -> str:
    """Return the canonical form, after checks that need not know the text."""
    source = Source("spec.yaml", text)
    written = canonical(source)
    assert data_of(load(Source("spec.yaml", written))) == data_of(load(source))
    assert canonical(Source("spec.yaml", written)) == written
    assert written.endswith("\n")
    assert "\r" not in written
    return written


@quick
@given(documents(ROOTS))
def test_data_and_comments_stay_in_their_order(document: tuple[str, list[str]]) -> None:
    text, expected = document
    assert comments(Source("spec.yaml", text)) == expected
    assert comments(Source("spec.yaml", check(text))) == expected


@quick
@given(documents(KNOWN))
def test_all_comments_stay_where_keys_are_sorted(document: tuple[str, list[str]]) -> None:
    text, expected = document
    assert sorted(comments(Source("spec.yaml", check(text)))) == sorted(expected)


@settings(quick, max_examples=60)
@given(documents(ROOTS))
def test_the_parser_in_python_gives_the_same(document: tuple[str, list[str]]) -> None:
    text, _ = document
    expected = check(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(specc.source, "_Parser", yaml.SafeLoader)
        assert check(text) == expected


@quick
@given(st.text(st.sampled_from(list("ab:-?[]{},#&*!|>'\"%@` \n\t\r\x85é1~=<.")), max_size=40))
def test_any_text_is_formatted_or_told(text: str) -> None:
    try:
        load(Source("spec.yaml", text))
    except SpeccError:
        with pytest.raises(SpeccError):
            canonical(Source("spec.yaml", text))
        return
    check(text)
