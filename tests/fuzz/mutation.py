"""Specs changed at random: as trees, with real words and hostile values, and as text."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import yaml

from specc.spec.catalogue import CATALOGUE, load

WORDS = sorted({word for words in CATALOGUE.values() for word in words})
FIELDS = sorted(
    {
        field
        for family, words in CATALOGUE.items()
        for word in words
        for field in load(family, word).model_fields
    }
)
TEXTS = ["", " ", '"', "'''", "\\", "a\nb", "{{ x }}", "{% if %}", "__import__('os')", "{epoch}"]
TEXTS += ["../../x", "C:\\a\\b", "\\\\host\\share", "con", "class", "self", "__init__", "\u202e"]
TEXTS += [
    "x" * 10_000,
    "\u2028",
    "\x85",
    "os:system",
    "a:b\n",
    "\u0661",
    "\u041d",
    "%s",
    "#",
    "a.b:C",
]
NUMBERS: list[Any] = [0, -1, 1, 2, 3, 2**31, 2**53, 10**9, 10**18, 2**63 - 1, -(2**63), 10**4000]
NUMBERS += [0.5, -0.0, 1e308, 5e-324, float("nan"), float("inf"), float("-inf"), True, False, None]
TOKENS = "[ ] { } , : - & * ! | > ' \" % @ ` # ? ~ <<: *a &a !!str --- ... .nan .inf 0x1f 0o7 1e400"
PIECES = [*TOKENS.split(), "\n", "\r\n", "\r", "\t", "\x85", "\u2028", "\0", "\ufeff", "  - ", ": "]


class _Dumper(yaml.SafeDumper):
    """A dumper that takes tuples for lists."""


_Dumper.add_representer(tuple, yaml.SafeDumper.represent_list)


def dump(tree: Any) -> str:
    """Return the YAML of any data; what is in it twice becomes an alias."""
    return str(yaml.dump(tree, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000))


def value(random: Random, depth: int = 0) -> Any:
    """Return a value of random shape, made of real words, fields, hostile texts and numbers."""
    kind = random.randrange(8 if depth < 4 else 5)
    if kind < 2:
        return random.choice(NUMBERS)
    if kind < 5:
        return random.choice(random.choice([TEXTS, WORDS, WORDS, FIELDS]))
    count = random.randrange(4)
    if kind == 5:
        return [value(random, depth + 1) for _ in range(count)]
    keys = [WORDS, FIELDS] if random.random() < 0.8 else [TEXTS, NUMBERS]
    return {random.choice(random.choice(keys)): value(random, depth + 1) for _ in range(count)}


def mutated_tree(random: Random, tree: Any) -> Any:
    """Return data with one to three changes."""
    tree = copy.deepcopy(tree)
    for _ in range(random.randint(1, 3)):
        places = _places(tree)
        if not places:
            return value(random)
        holder, key = random.choice(places)
        _change(random, holder, key, places)
    return tree


def _places(tree: Any) -> list[tuple[Any, Any]]:
    found, waiting, seen = [], [tree], set()
    while waiting:
        holder = waiting.pop()
        if id(holder) in seen or not isinstance(holder, (dict, list)):
            continue
        seen.add(id(holder))
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        found += [(holder, key) for key in keys]
        waiting += [holder[key] for key in keys]
    return found


def _change(random: Random, holder: Any, key: Any, places: list[tuple[Any, Any]]) -> None:
    other, place = random.choice(places)
    kind = random.choice(["value", "value", "number", "delete", "nest", "swap", "alias", "name"])
    if kind == "value":
        holder[key] = value(random)
    elif kind == "number":
        holder[key] = random.choice(NUMBERS)
    elif kind == "delete":
        del holder[key]
    elif kind == "nest":
        holder[key] = random.choice([[holder[key]], {random.choice(WORDS): holder[key]}])
    elif kind == "swap":
        holder[key], other[place] = copy.deepcopy(other[place]), copy.deepcopy(holder[key])
    elif kind == "alias":
        holder[key] = other[place] if not _holds(other[place], holder) else None
    elif isinstance(holder, dict):
        holder[random.choice(random.choice([FIELDS, WORDS, TEXTS]))] = holder.pop(key)
    else:
        holder.insert(key, copy.deepcopy(holder[key]))


def _holds(tree: Any, wanted: Any) -> bool:
    return tree is wanted or any(holder is wanted for holder, _ in _places(tree))


def mutated_text(random: Random, text: str, others: list[str]) -> str:
    """Return text with one to three changes that look neither at YAML nor at words."""
    for _ in range(random.randint(1, 3)):
        at = random.randint(0, len(text))
        end = min(len(text), at + random.choice([1, 1, 2, 5, 20, 100]))
        pool = random.choice([PIECES, PIECES, WORDS, FIELDS, TEXTS, list(map(str, NUMBERS[:11]))])
        other = random.choice(others)
        start = random.randint(0, len(other))
        text = random.choice(
            [
                text[:at] + text[end:],
                text[:end] + text[at:],
                text[:at] + random.choice(pool) + text[at:],
                text[:at] + random.choice(pool) + text[end:],
                text[:at] + other[start : start + 80] + text[end:],
                text[:at] + other[start:],
            ]
        )
    return text


def encoded(random: Random, text: str) -> bytes:
    """Return text in an encoding and with line ends that an editor may have chosen."""
    text = text.replace("\n", random.choice(["\n", "\r\n", "\r", "\x85", "\u2028", "\n\r"]))
    encoding = random.choice(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1"])
    data = bytearray(text.encode(encoding, "replace"))
    for _ in range(random.choice([0, 0, 1, 3])):
        at = random.randint(0, len(data))
        data[at : at + random.randrange(2)] = bytes([random.randrange(256)])
    return bytes(data)
