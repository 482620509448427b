"""How values, shapes and numbers are written in a report: as a spec has them, in one line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from specc.diagnostics import printable
from specc.shapes import UNKNOWN
from specc.spec.word import Word

_LONGEST = 400  # characters of a value
_IN_A_SENTENCE = 60
_MOST = 12  # entries of a list that are written
_WINDOWS = ("kernel_size", "pool_size", "strides", "dilation_rate", "size")


def value_text(value: object, field: str = "") -> str:
    """Return an argument's value as a spec has it, shortened where it is very long.

    Arguments:
        field: The argument; a window of one length along each axis is written as that length.
    """
    if field in _WINDOWS and isinstance(value, tuple) and value and set(value) == {value[0]}:
        value = value[0]
    return "none" if value is None else shortened(_yaml(_plain(value), nested=False), _LONGEST)


def both_texts(before: object, after: object, field: str = "") -> tuple[str, str]:
    """Return the texts of two values that differ; no two are alike."""
    found = value_text(before, field), value_text(after, field)
    if found[0] != found[1]:
        return found
    return found[0], f"{found[1]} (other values further on)"


def word_text(word: Word | None) -> str:
    """Return a word with the arguments that differ from their defaults."""
    return value_text(word)


def _plain(value: object) -> object:
    if isinstance(value, Word):
        return _plain_word(value)
    if isinstance(value, tuple):
        listed = [_plain(v) for v in value[:_MOST]]
        return [*listed, _More(len(value))] if len(value) > _MOST else listed
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return None if value is UNKNOWN else value


def _plain_word(word: Word) -> object:
    given = {name: _plain(value) for name, value in word.given().items()}
    first = word.parameters()[:1]
    if not given:
        return word.word
    if list(given) == first and not isinstance(given[first[0]], dict):
        return {word.word: given[first[0]]}
    return {word.word: given}


class _More:
    """What stands for the rest of a long list."""

    def __init__(self, length: int) -> None:
        self.text = f"... {length:,} in all"


def _yaml(value: object, nested: bool = True) -> str:
    if isinstance(value, _More):
        return value.text
    if isinstance(value, dict):
        items = ", ".join(f"{key}: {_yaml(inner)}" for key, inner in value.items())
        return f"{{{items}}}" if nested or not value else items
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    return _scalar(value)


def _scalar(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        bare = value.replace("_", "").replace("/", "").replace(".", "").replace("-", "")
        return value if bare.isalnum() and value.isascii() else json.dumps(value)
    if isinstance(value, float):
        return repr(value).replace("e-0", "e-")
    return repr(value)


def shortened(text: str, most: int = _IN_A_SENTENCE) -> str:
    """Return a text, printable and of at most so many characters."""
    text = printable(text)
    return text if len(text) <= most else text[: most - 3] + "..."


def in_a_sentence(before: str, after: str) -> str:
    """Return two values of an argument as a sentence tells them, without what is very long."""
    short = shortened(before), shortened(after)
    return f"{short[0]} -> {short[1]}" if short[0] != short[1] else "changed"


def count(number: int, noun: str) -> str:
    """Return a number with its noun: "1 layer", "1,290 parameters"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def change_of(before: int, after: int) -> str:
    """Return by how much a number changed, in percent or times; empty where it did not."""
    if before == after or not before or not after:
        return ""
    if not 0.1 <= after / before <= 10:
        times = after / before if after > before else before / after
        return f"{times:,.0f} times {'as many' if after > before else 'fewer'}"
    percent = 100 * (after - before) / before
    return f"{percent:+.0f} %" if abs(percent) >= 1 else f"{percent:+.2g} %"


def factor(before: Any, after: Any) -> str:
    """Return how a number became another, "10 times smaller"; empty where that says little."""
    if not all(isinstance(v, (int, float)) and v > 0 for v in (before, after)):
        return ""
    ratio = max(before, after) / min(before, after)
    return f"{ratio:.3g} times {'larger' if after > before else 'smaller'}" if ratio >= 2 else ""


def without_repeats(items: Sequence[str]) -> list[str]:
    """Return the items in order, each once."""
    return list(dict.fromkeys(items))
