"""YAML text to values and places."""

from __future__ import annotations

import math
from typing import Any

import pytest
from timing import at_most

from specc.diagnostics import Source, SpeccError
from specc.source import MAX_BYTES, MAX_DEPTH, MAX_MISTAKES, MAX_NODES, Mapping, Tree, load, plain


def read(text: str) -> Any:
    """Return the data of a text."""
    return plain(load(Source("spec.yaml", text)))


def tree_of(text: str) -> Tree:
    """Return the tree of a text."""
    return load(Source("spec.yaml", text))


def codes(text: str) -> list[str]:
    """Return the codes of the mistakes in a text."""
    with pytest.raises(SpeccError) as caught:
        read(text)
    return [diagnostic.code for diagnostic in caught.value.diagnostics]


def place(text: str) -> tuple[int, int, int, int]:
    """Return where the value of the first key of a mapping stands."""
    tree = tree_of(text)
    assert isinstance(tree, Mapping)
    span = tree.entries[0][1].span
    return span.line, span.column, span.end_line, span.end_column


SCALARS = {
    "0": 0,
    "-1": -1,
    "+7": 7,
    "08": 8,
    "007": 7,
    "0o17": 15,
    "0x1F": 31,
    "9223372036854775807": 2**63 - 1,
    "1.0": 1.0,
    "1.": 1.0,
    ".5": 0.5,
    "-.5": -0.5,
    "1e3": 1000.0,
    "1e-3": 0.001,
    "1E+3": 1000.0,
    "-1.5e-7": -1.5e-7,
    ".inf": math.inf,
    "-.INF": -math.inf,
    "+.Inf": math.inf,
    "1e999": math.inf,
    "true": True,
    "True": True,
    "FALSE": False,
    "null": None,
    "~": None,
    "Null": None,
    "": None,
    "on": "on",
    "off": "off",
    "yes": "yes",
    "no": "no",
    "y": "y",
    "nULL": "nULL",
    "tRUE": "tRUE",
    "None": "None",
    "0b11": "0b11",
    "0o8": "0o8",
    "-0x1": "-0x1",
    "1_000": "1_000",
    "12:30": "12:30",
    "2024-01-01": "2024-01-01",
    "1e": "1e",
    ".": ".",
    "e3": "e3",
    "nan": "nan",
    "inf": "inf",
    "<<": "<<",
    "=": "=",
    "'1'": "1",
    '"1e-3"': "1e-3",
    "'true'": "true",
    "'null'": "null",
    "''": "",
    '"\\u00e9\\n"': "é\n",
    "a b": "a b",
    "[1, [two, 3.0]]": (1, ("two", 3.0)),
    "{a: 1, 2: b}": {"a": 1, 2: "b"},
    "|\n  x\n  y\n": "x\ny\n",
    ">\n  x\n  y\n": "x y\n",
}


@pytest.mark.parametrize(("text", "value"), SCALARS.items())
def test_scalar_is_that_of_yaml_1_2(text: str, value: Any) -> None:
    found = read(f"k: {text}\n")["k"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_nan(text: str) -> None:
    assert math.isnan(read(f"k: {text}\n")["k"])


@pytest.mark.parametrize("text", ["-.nan", "+.nan"])
def test_nan_has_no_sign(text: str) -> None:
    assert read(f"k: {text}\n")["k"] == text


def test_quoted_and_plain_keys_are_one() -> None:
    assert codes("a: 1\n'a': 2\n") == ["E107"]


def test_number_and_string_keys_are_two() -> None:
    assert read("1: a\n'1': b\n") == {1: "a", "1": "b"}


def test_merge_key_is_a_word_like_others() -> None:
    assert read("a: &x {b: 1}\nc: {<<: *x}\n")["c"] == {"<<": {"b": 1}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 12\n", (1, 4, 1, 6)),
        ("a:   'x'\n", (1, 6, 1, 9)),
        ("\n\n  a: 1\n", (3, 6, 3, 7)),
        ("a: [1,\n  2]\n", (1, 4, 2, 5)),
        ("a:\n  - 1\n  - 2\n", (2, 3, 4, 1)),
        ("é模型: ü\n", (1, 6, 1, 7)),
        ("a: 😀 x\n", (1, 4, 1, 7)),
        ("x: |\n  one\n  two\n", (1, 4, 4, 1)),
        ("# c\r\na: 1\r\n", (2, 4, 2, 5)),
        ("a:\t1\n", (1, 4, 1, 5)),
        ("\ufeffa: 1\n", (1, 4, 1, 5)),
    ],
)
def test_place_of_a_value(text: str, expected: tuple[int, int, int, int]) -> None:
    assert place(text) == expected


def test_place_of_a_key() -> None:
    tree = tree_of("a: 1\nbcd: {e: 2}\n")
    assert isinstance(tree, Mapping)
    key = tree.entries[1][0]
    assert (key.span.line, key.span.column, key.span.end_column) == (2, 1, 4)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_make_no_difference(end: str) -> None:
    text = "a: 1\nb: [x, y]\nc: |\n  one\n  two\n"
    assert read(text.replace("\n", end)) == read(text)


@pytest.mark.parametrize("character", ["\0", "\x07", "\x7f", "\ud800", "\uffff"])
def test_place_of_a_character_that_is_no_text(character: str) -> None:
    with pytest.raises(SpeccError) as caught:
        read(f"a: é模型\nb: é{character}\n")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line, found.span.column) == ("E102", 2, 5)


def test_aliases_share() -> None:
    assert read("a: &x [1, 2]\nb: *x\nc: {d: *x}\n") == {
        "a": (1, 2),
        "b": (1, 2),
        "c": {"d": (1, 2)},
    }
    assert read("a: &x 1\nb: &x 2\nc: *x\n")["c"] == 2
    assert read("&k a: 1\nb: *k\n") == {"a": 1, "b": "a"}


@pytest.mark.parametrize(
    "text",
    [
        "&a [*a]",
        "a: &x {b: *x}\n",
        "&a [[[{b: *a}]]]",
        "a: *nowhere\n",
        "a: [*x]\nb: &x 1\n",
        "&a {*a : 1}",
    ],
)
def test_alias_that_names_nothing_is_refused(text: str) -> None:
    assert codes(text) == ["E105"]


def test_bomb_of_aliases_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)]
    with at_most(0.5):
        assert codes("".join(lines)) == ["E101"]


def test_aliases_that_nest_are_counted_as_depth() -> None:
    lines = ["a0: &a0 [x]\n"]
    lines += [f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, MAX_DEPTH + 2)]
    assert codes("".join(lines)) == ["E101"]
    assert codes("a: &a {b: 1}\n" + "c: " + "[" * MAX_DEPTH + "*a" + "]" * MAX_DEPTH) == ["E101"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_depth_is_limited(opening: str) -> None:
    assert codes(opening * 100_000) == ["E101"]


def test_depth_within_the_limit() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None


def test_number_of_values_is_limited() -> None:
    assert codes("[" + "x, " * (MAX_NODES + 1) + "]") == ["E101"]


def test_size_is_limited() -> None:
    assert codes("# " + "x" * MAX_BYTES) == ["E101"]


def test_number_of_mistakes_is_limited() -> None:
    assert len(codes("".join(f"a: {n}\n" for n in range(10_000)))) == MAX_MISTAKES


def test_repeated_keys_are_all_told() -> None:
    assert codes("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n") == ["E107"] * 3
    assert read("a: {x: 1}\nb: {x: 1}\n") == {"a": {"x": 1}, "b": {"x": 1}}


@pytest.mark.parametrize("key", ["[a]", "{a: b}", "? [a, b]\n"])
def test_key_must_be_a_word(key: str) -> None:
    assert codes(f"{key}: 1\n") == ["E106"]


@pytest.mark.parametrize("text", ["", "\n", "# x\n", "---\n", "null\n", "~", "--- ~\n...\n"])
def test_empty(text: str) -> None:
    assert codes(text) == ["E103"]


@pytest.mark.parametrize("text", ["a: 1\n---\nb: 2\n", "---\na: 1\n---\n", "a\n...\n---\nb\n"])
def test_several_documents(text: str) -> None:
    assert codes(text) == ["E104"]


@pytest.mark.parametrize("text", ["---\na: 1\n", "%YAML 1.2\n---\na: 1\n", "a: 1\n...\n"])
def test_marks_of_one_document(text: str) -> None:
    assert read(text) == {"a": 1}


@pytest.mark.parametrize("tag", ["!!str 1", "!!python/name:os.system x", "!x [1]", "!!map {a: 1}"])
def test_tags_are_refused(tag: str) -> None:
    assert codes(f"a: {tag}\n") == ["E108"]


@pytest.mark.parametrize(
    "number", [str(2**63), "-9223372036854775809", "9" * 5000, "0x" + "f" * 17]
)
def test_integers_have_64_bits(number: str) -> None:
    assert codes(f"a: {number}\n") == ["E109"]


@pytest.mark.parametrize(
    "text", ["a: [1", "a: 'x", "\tb: 1\n", "a: b: c\n", "a: @x\n", "a: 1\n b: 2\n"]
)
def test_text_that_is_no_yaml(text: str) -> None:
    assert codes(text) == ["E102"]
