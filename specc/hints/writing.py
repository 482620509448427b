"""What a hint shows of a spec: words with their arguments in one line of YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping as Fields

from specc.source import is_text

_LONGEST = 90  # a longer example says less than one with dots
_MARKS = frozenset("#,[]{}&*!|>'\"%@`\n\t\\")
ELSE = ...  # a value that the writer of the spec has to choose


def inline(value: object) -> str:
    """Return a value in one line of YAML: `[3, 3]`, `{units: 32, activation: relu}`."""
    if value is ELSE:
        return "..."
    if isinstance(value, Fields):
        return "{" + ", ".join(f"{key}: {inline(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(inline, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        bare = value == value.strip() and not _MARKS & set(value) and value.isprintable()
        bare = bare and ": " not in value and not value.endswith(":")
        return value if bare and is_text(value) and value[0] not in "-?" else json.dumps(value)
    return repr(value)


def use(word: str, arguments: Fields[str, object], first: str | None = None) -> str:
    """Return a word with its arguments as an item of a spec: `dense: {units: 32}`.

    Arguments:
        first: The argument whose value may stand alone.
    """
    if not arguments:
        return word
    alone = list(arguments) == [first] and not isinstance(next(iter(arguments.values())), Fields)
    if first and alone and arguments[first] is not ELSE:
        return f"{word}: {inline(arguments[first])}"
    text = f"{word}: {inline(arguments)}"
    if len(text) > _LONGEST:
        text = f"{word}: {inline(dict.fromkeys(arguments, ELSE))}"
    return text


def listing(words: list[str]) -> str:
    """Return a listing: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
