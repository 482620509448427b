"""Changes of a spec from the command line: `layers.output.units=20`.

A change is carried out on the loaded tree, before validation, so that its value is checked like
the spec itself and mistakes point into the change. The path names keys of the spec. A word stands
in it by its name: `optimizer.adam.learning_rate`. A layer stands in it by its name in the
programs: `layers.dense_1.units`, a metric or callback by its word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from specc.diagnostics import ChangeError, Source, Span, SpeccError, did_you_mean
from specc.source import Mapping, Scalar, Tree, describe, load
from specc.source import Sequence as Items
from specc.spec.catalogue import CATALOGUE
from specc.spec.catalogue import load as load_word
from specc.spec.document import Input, Spec
from specc.spec.word import Word
from specc.validate import field_kind

_NAME = "--set"


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        text: As it was given: `path=value`.
        path: The keys that lead to what is changed.
        value: What it becomes.
        span: Where the path stands in the text.
    """

    text: str
    path: tuple[str, ...]
    value: Tree
    span: Span


def parse(text: str) -> Change:
    """Return the change that a text is.

    Errors:
        ChangeError: the text is no path and value.
        SpeccError: the value is no YAML.
    """
    path, equals, value = text.partition("=")
    keys = tuple(part.strip() for part in path.split("."))
    if not equals or not all(keys) or not value.strip():
        raise ChangeError(f"expected {_NAME} KEY.KEY=VALUE, found {text!r}")
    if "\n" in text or len(path) < 2:
        raise ChangeError(f"expected a key of the spec in one line, found {text!r}")
    shown = Source(_NAME, text)
    # A mapping of one key in place of the path, so that the value stands at its own column.
    written = Source(_NAME, "k:" + " " * (len(path) - 1) + value)
    try:
        document = load(written)
    except SpeccError as error:
        moved = (replace(d, span=replace(d.span, source=shown)) for d in error.diagnostics)
        raise SpeccError(moved) from None
    assert isinstance(document, Mapping)
    span = Span(shown, 1, 1, 1, len(path) + 1)
    return Change(text, keys, _moved(document.entries[0][1], shown), span)


def apply(changes: Iterable[Change], tree: Tree) -> Tree:
    """Return a spec's tree with changes.

    Errors:
        ChangeError: a path leads nowhere.
    """
    if not isinstance(tree, Mapping):
        return tree  # which validation tells
    for change in changes:
        tree = _fields(change, 0, Spec, tree)
    return tree


def _moved(tree: Tree, source: Source) -> Tree:
    span = replace(tree.span, source=source)
    if isinstance(tree, Scalar):
        return Scalar(tree.value, span)
    if isinstance(tree, Items):
        return Items(span, [_moved(item, source) for item in tree.items])
    entries = [(_moved(key, source), _moved(value, source)) for key, value in tree.entries]
    return Mapping(span, [(key, value) for key, value in entries if isinstance(key, Scalar)])


def _wrong(change: Change, message: str, hint: str | None = None) -> ChangeError:
    return ChangeError(f"{_NAME} {change.text}: {message}" + (f"; {hint}" if hint else ""))


def _with(mapping: Mapping, key: str | int, value: Tree, span: Span) -> Mapping:
    """Return a mapping with another value of a key, at the end where it is new."""
    entries = [(k, value if k.value == key else v) for k, v in mapping.entries]
    if all(k.value != key for k, _ in mapping.entries):
        entries.append((Scalar(key, span), value))
    return Mapping(mapping.span, entries)


def _get(mapping: Mapping, key: str | int) -> Tree | None:
    return next((value for k, value in mapping.entries if k.value == key), None)


def _fields(change: Change, at: int, cls: type[Word], mapping: Mapping) -> Mapping:
    """Return the fields of a word with what the path from `at` on names changed."""
    key = change.path[at]
    if key not in cls.model_fields and key not in cls.refused:
        names = ", ".join(cls.model_fields)
        hint = did_you_mean(key, cls.model_fields) or f"its fields are {names}"
        raise _wrong(change, f"unknown field {key!r} in {cls.word}", hint)
    if at + 1 == len(change.path):
        return _with(mapping, key, change.value, change.span)
    kind, _, many = field_kind(cls, key)
    value = _get(mapping, key)
    if kind is None:
        return _with(mapping, key, _plain(change, at + 1, value), change.span)
    if isinstance(value, Items) and many:
        return _with(mapping, key, _item(change, at + 1, kind, value), change.span)
    if not kind.family:
        if isinstance(value, Items) and kind is Input:
            value = Mapping(value.span, [(Scalar("shape", value.span), value)])
        inner = value if isinstance(value, Mapping) else Mapping(change.span)
        return _with(mapping, key, _fields(change, at + 1, kind, inner), change.span)
    return _with(mapping, key, _word(change, at + 1, kind.family, value), change.span)


def _plain(change: Change, at: int, value: Tree | None) -> Tree:
    """Return a mapping of plain data, such as class weights, with a key changed."""
    if at == len(change.path):
        return change.value
    if value is not None and not isinstance(value, Mapping):
        message = f"expected a mapping with the key {change.path[at]!r}, found {describe(value)}"
        raise _wrong(change, message)
    mapping = value or Mapping(change.span)
    key = int(change.path[at]) if change.path[at].isdecimal() else change.path[at]
    inner = _plain(change, at + 1, _get(mapping, key))
    return _with(mapping, key, inner, change.span)


def _item(change: Change, at: int, kind: type[Word], items: Items) -> Items:
    """Return a list of words with the one that the path names changed."""
    wanted = change.path[at]
    names = _names(kind.family, items)
    found = [index for index, name in enumerate(names) if name == wanted]
    if len(found) != 1:
        known = [name for name in names if name]
        hint = did_you_mean(wanted, known) or f"there are {', '.join(known)}"
        many = f"{len(found)} are named" if found else "there is no"
        raise _wrong(change, f"{many} {wanted!r} in {change.path[at - 1]}", hint)
    changed = list(items.items)
    word = _written(changed[found[0]])
    if at + 1 == len(change.path) or word is None:
        changed[found[0]] = change.value
    else:
        inner = replace(change, path=(*change.path[:at], word, *change.path[at + 1 :]))
        changed[found[0]] = _word(inner, at, kind.family, changed[found[0]])
    return Items(items.span, changed)


def _written(tree: Tree) -> str | None:
    """Return the word that a tree writes in one of the three forms, or None."""
    if isinstance(tree, Mapping) and len(tree.entries) == 1:
        tree = tree.entries[0][0]
    return tree.value if isinstance(tree, Scalar) and isinstance(tree.value, str) else None


def _names(family: str, items: Items) -> list[str | None]:
    """Return for each item its name: a layer's in the programs, else its word."""
    words = [_written(item) for item in items.items]
    if family != "layer":
        return words
    classes = [load_word(family, word) if word else None for word in words]
    types = [cls.word if cls else word for cls, word in zip(classes, words, strict=True)]
    counts, seen = Counter(types), Counter[str | None]()
    names = []
    for item, kind in zip(items.items, types, strict=True):
        seen[kind] += 1
        number = f"_{seen[kind]}" if counts[kind] > 1 else ""
        names.append(_own_name(item) or (kind and kind + number))
    return names


def _own_name(item: Tree) -> str | None:
    arguments = item.entries[0][1] if isinstance(item, Mapping) and item.entries else None
    name = _get(arguments, "name") if isinstance(arguments, Mapping) else None
    return name.value if isinstance(name, Scalar) and isinstance(name.value, str) else None


def _word(change: Change, at: int, family: str, value: Tree | None) -> Tree:
    """Return a word, in whatever form it was, with what the path names among its arguments."""
    name, written = change.path[at], _written(value) if value is not None else None
    cls = load_word(family, name)
    if cls is None:
        hint = did_you_mean(name, _near(family, written))
        raise _wrong(change, f"unknown {family} {name!r}", hint)
    if at + 1 == len(change.path):
        return Mapping(change.span, [(Scalar(name, change.span), change.value)])
    if written is not None and load_word(family, written) is not cls:
        raise _wrong(change, f"the {family} of the spec is {written}, not {name}")
    given = value.entries[0][1] if isinstance(value, Mapping) and value.entries else None
    arguments = _arguments(cls, given, change.span)
    inner = _fields(change, at + 1, cls, arguments)
    key = value.entries[0][0] if isinstance(value, Mapping) and value.entries else None
    span = value.span if value is not None else change.span
    return Mapping(span, [(key or Scalar(written or name, span), inner)])


def _near(family: str, written: str | None) -> Sequence[str]:
    return [written] if written else list(CATALOGUE[family])


def _arguments(cls: type[Word], given: Tree | None, span: Span) -> Mapping:
    """Return the arguments that a word has, also where its first one is short for all."""
    if isinstance(given, Mapping):
        return given
    names = cls.parameters()
    if given is None or not names:
        return Mapping(span)
    return Mapping(given.span, [(Scalar(names[0], given.span), given)])
