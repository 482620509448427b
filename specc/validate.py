"""A tree of values to a `Spec`: finds the words, checks every argument, collects all mistakes.

The one notation (`name`, `name: value`, `name: {...}`) is read here and nowhere else.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError

from specc.diagnostics import Diagnostic, Source, Span, SpeccError
from specc.source import (
    MAX_MISTAKES,
    Mapping,
    Scalar,
    Sequence,
    Tree,
    describe,
    plain,
    shortened,
)
from specc.spec.catalogue import FAMILIES, load
from specc.spec.document import Input, Spec
from specc.spec.paths import Path, remember, written_at
from specc.spec.word import Word
from specc.unsure import UNSURE, UnsureError, is_partly_hidden

if TYPE_CHECKING:
    from specc.hints.words import Slip

W = TypeVar("W", bound=Word)


@dataclass
class Places:
    """Where each word and each of its fields stands, by their paths in the spec.

    Attributes:
        words: The name of each word.
        fields: The value of each field that the spec sets.
        aliases: Where an alias stands for a word that is written elsewhere.
    """

    source: Source
    words: dict[Path, Span] = field(default_factory=dict)
    fields: dict[Path, Span] = field(default_factory=dict)
    aliases: dict[Path, Span] = field(default_factory=dict)

    def of(self, word: Word, name: str | None = None) -> Span:
        """Return the place of a field, or of its word where the spec does not set the field."""
        path = written_at(word)
        if path is None:
            return Span(self.source)
        place = self.words[path]
        return place if name is None else self.fields.get((*path, name), place)

    def alias(self, word: Word) -> Span | None:
        """Return where an alias stands for a word, None where the word itself is written."""
        path = written_at(word)
        return None if path is None else self.aliases.get(path)


def validate(tree: Tree, source: Source) -> tuple[Spec, Places]:
    """Return the spec that a tree holds and where its parts stand.

    Errors:
        SpeccError: with every mistake in the tree; its rest is the spec without what they hide.
    """
    reader = _Reader(Places(source))
    if not isinstance(tree, Mapping):
        message = f"expected a mapping with name, input and layers, found {describe(tree)}"
        raise SpeccError([Diagnostic("E110", message, tree.span)])
    spec = reader.arguments(Spec, tree, tree.span, ())
    if reader.diagnostics:
        raise SpeccError(reader.diagnostics, (spec, reader.places))
    return spec, reader.places


@cache
def field_kind(cls: type[Word], name: str) -> tuple[type[Word] | None, bool, bool]:
    """Return the word class that a field holds, and whether it holds one or a list of them."""
    annotation = cls.model_fields[name].annotation
    options = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else ()
    kind, one, many = None, False, False
    for option in options or (annotation,):
        if get_origin(option) is tuple and _is_word(get_args(option)[0]):
            kind, many = get_args(option)[0], True
        elif _is_word(option):
            kind, one = option, True
    return kind, one, many


_IMPOSSIBLE = (((),),)  # a value that no field takes


def expects(cls: type[Word], name: str) -> str | None:
    """Return what a field takes, as the error about a wrong value says it; None for any value."""
    try:
        cls.model_validate({name: _IMPOSSIBLE})
    except ValidationError as error:
        errors = error.errors(include_url=False)
        found = next((e for e in errors if e["loc"][:1] == (name,)), None)
        return None if found is None else _expectation(found)
    return None


def _names_word(cls: type[Word], name: str, tree: Tree) -> bool:
    """Tell whether a value is a word where the field takes a number, such as a rate, as well."""
    options = get_args(cls.model_fields[name].annotation)
    return float not in options or _is_named(tree)


def _is_named(tree: Tree) -> bool:
    return isinstance(tree, Mapping) or (isinstance(tree, Scalar) and isinstance(tree.value, str))


def _is_word(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Word)


class _Reader:
    """Reads words and collects mistakes."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.diagnostics: list[Diagnostic] = []

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, hint))
        if len(self.diagnostics) >= MAX_MISTAKES:
            raise SpeccError(self.diagnostics)

    def word(self, family: str, tree: Tree, path: Path) -> Any:
        """Return the word that `tree` writes in one of the three forms, UNSURE where none is."""
        if isinstance(tree, Scalar) and tree.value is UNSURE:
            return UNSURE
        if isinstance(tree, Scalar) and isinstance(tree.value, str):
            return self._named(family, tree, None, path)
        if isinstance(tree, Mapping) and len(tree.entries) == 1:
            key, value = tree.entries[0]
            if isinstance(key.value, str):
                if tree.alias is not None:
                    self.places.aliases[path] = tree.alias
                return self._named(family, key, value, path)
        if isinstance(tree, Mapping) and len(tree.entries) > 1:
            self._mixed(family, tree)
            return UNSURE
        from specc.hints.forms import no_word

        what, hint = FAMILIES[family], no_word(family, tree)
        self.error("E203", f"expected {what}, found {describe(tree)}", tree.span, hint)
        return UNSURE

    def _mixed(self, family: str, tree: Mapping) -> None:
        keys = [shortened(key.value) for key, _ in tree.entries]
        if len(keys) > 5:
            keys = [*keys[:4], f"{len(keys) - 4} more"]
        from specc.hints.forms import unmixed

        message = f"expected one name for {FAMILIES[family]}, found the keys {_listing(keys)}"
        self.error("E204", message, tree.entries[1][0].span, unmixed(family, tree))

    def _named(self, family: str, key: Scalar, value: Tree | None, path: Path) -> object:
        cls = load(family, key.value)
        if cls is None:
            slip = self._unknown(family, key, value)
            meant = load(family, slip.meant) if slip.meant else None
            if meant is None or not isinstance(value, Mapping):
                return UNSURE
            word = self.arguments(meant, value, key.span, path)
            # Python's name of a class of Keras names it for sure.
            return word if slip.code == "E205" else UNSURE
        tree = self._as_arguments(cls, key, value)
        if family == "metric" and key.value != cls.word:
            # Keras calls a metric by the name that the user wrote: `acc`, `mse`.
            written = Scalar("name", key.span), Scalar(key.value, key.span)
            if all(k.value != "name" for k, _ in tree.entries):
                tree = Mapping(tree.span, [*tree.entries, written])
        return self.arguments(cls, tree, key.span, path)

    def _as_arguments(self, cls: type[Word], key: Scalar, value: Tree | None) -> Mapping:
        if value is None:
            return Mapping(key.span)
        if isinstance(value, Mapping):
            return value
        names = cls.parameters()
        if not names:
            message = f"{key.value} takes no argument, found {describe(value)}"
            self.error("E206", message, value.span)
            return Mapping(value.span)
        return Mapping(value.span, [(Scalar(names[0], value.span), value)])

    def _unknown(self, family: str, key: Scalar, value: Tree | None) -> Slip:
        """Report a word that the language lacks; return what there is to say of it."""
        from specc.hints.words import unknown_word

        slip = unknown_word(family, key, value)
        self.error(slip.code, slip.message, key.span, slip.hint)
        return slip

    def arguments(self, cls: type[W], tree: Mapping, span: Span, path: Path) -> W:
        """Return the word of class `cls` with the arguments that a mapping gives.

        Those that mistakes hide are not in it.
        """
        before = len(self.diagnostics)
        values: dict[str, object] = {}
        trees: dict[str, Tree] = {}
        meant: set[str | None] = set()
        for key, value in tree.entries:
            if not _is_field(cls, key):
                meant.add(self._unknown_field(cls, key, value))
                continue
            inner = (*path, key.value)
            trees[key.value], self.places.fields[inner] = value, value.span
            values[key.value] = self._value(cls, key.value, value, inner)
        # What an unknown field stands for is not known, so any that is left out may be meant.
        hidden = set(cls.model_fields) - set(values) if meant else set()
        given = {name: value for name, value in values.items() if not is_partly_hidden(value)}
        word: W | None = None
        try:
            word = cls.model_validate(given)
        except ValidationError as error:
            errors = error.errors(include_url=False)
            missing = [str(e["loc"][0]) for e in errors if e["type"] == "missing"]
            hidden |= {str(e["loc"][0]) for e in errors} - (set(values) - set(given))
            missing = [name for name in missing if name not in {*meant, *values}]
            short = {k.value: v for k, v in tree.entries if k.span is v.span is not span}
            named = (k for k, v in tree.entries if k.span is not v.span and k.span is not span)
            others = any(key.value in values for key in named)
            self._missing(cls, missing, span, others, short)
            if not (missing and short):
                wrong = [e for e in errors if e["type"] != "missing"]
                self._report(cls, wrong, trees, short)
        if word is None or len(given) < len(values) or len(self.diagnostics) > before:
            from specc.remainder import remainder

            word = remainder(cls, values, hidden)
        self.places.words[path] = span
        remember(word, path)
        return word

    def _unknown_field(self, cls: type[Word], key: Scalar, value: Tree) -> str | None:
        """Report a field that a word lacks; return the field that was meant, if any is near."""
        from specc.hints.fields import unknown_field

        first = next(iter(cls.parameters()), None)
        kind = field_kind(cls, first)[0] if first else None
        slip = unknown_field(cls, key, value, (kind, first))
        self.error(slip.code, slip.message, key.span, slip.hint)
        return slip.meant

    def _missing(
        self, cls: type[Word], names: list[str], span: Span, others: bool, short: dict[str, Tree]
    ) -> None:
        if not names:
            return
        from specc.hints.forms import completed

        fields = "field" if len(names) == 1 else "fields"
        listing = _listing([repr(name) for name in names])
        hint = completed(cls, names, short)
        if others or cls is Spec:
            hint = f"add {', '.join(f'{name}: ...' for name in names)}"
        self.error("E209", f"{cls.word} expects the {fields} {listing}", span, hint)

    def _value(self, cls: type[Word], name: str, tree: Tree, path: Path) -> object:
        """Return the value of a field, UNSURE where a mistake hides it."""
        try:
            return self._sure_value(cls, name, tree, path)
        except UnsureError:
            return UNSURE

    def _sure_value(self, cls: type[Word], name: str, tree: Tree, path: Path) -> object:
        kind, one, many = field_kind(cls, name)
        if kind is None or _is_null(tree) or not _names_word(cls, name, tree):
            return plain(tree)
        if isinstance(tree, Scalar) and str(tree.value).lower() in ("none", "nil"):
            self._nothing(cls, name, tree)
            return UNSURE
        if not kind.family:
            return self._block(kind, name, tree, path)
        if one and not (many and isinstance(tree, Sequence)):
            return self.word(kind.family, tree, path)
        if not isinstance(tree, Sequence):
            from specc.hints.forms import as_a_list

            message = f"expected a list of {name}, found {describe(tree)}"
            self.error("E203", message, tree.span, as_a_list(kind.family, name, tree))
            return UNSURE
        return tuple(self.word(kind.family, t, (*path, n)) for n, t in enumerate(tree.items))

    def _nothing(self, cls: type[Word], name: str, tree: Tree) -> None:
        """Report a field whose value says in another language that there is none."""
        field, what = cls.model_fields[name], f"{name} of {cls.word}" if cls is not Spec else name
        hint = "write null, or leave it out" if field.default is None else _LEAVE
        expectation = FAMILIES.get(field_kind(cls, name)[0].family, "a mapping")  # type: ignore[union-attr]
        message = f"{what} expects {expectation}, found {describe(tree)}"
        self.error("E210", message, tree.span, None if field.is_required() else hint)

    def _block(self, cls: type[Word], name: str, tree: Tree, path: Path) -> object:
        if isinstance(tree, Sequence) and cls is Input:
            tree = Mapping(tree.span, [(Scalar("shape", tree.span), tree)])
        if not isinstance(tree, Mapping):
            from specc.hints.forms import as_a_mapping

            message = f"expected a mapping for {name}, found {describe(tree)}"
            self.error("E203", message, tree.span, as_a_mapping(name, tree))
            return UNSURE
        return self.arguments(cls, tree, tree.span, path)

    def _report(
        self,
        cls: type[Word],
        errors: Iterable[Any],
        trees: dict[str, Tree],
        short: dict[str, Tree],
    ) -> None:
        reported = set()
        for error in errors:
            name = str(error["loc"][0])
            kind, _, many = field_kind(cls, name)
            if not _names_word(cls, name, trees[name]):
                kind = None
            if name in reported:
                continue
            reported.add(name)
            if kind is not None and kind.family and not many:
                what = f"{name} of {cls.word} expects {FAMILIES[kind.family]}, found nothing"
                hint = None if cls.model_fields[name].is_required() else _LEAVE
                self.error("E210", what, trees[name].span, hint)
                continue
            self._wrong(cls, name, error, trees[name], name in short)

    def _wrong(self, cls: type[Word], name: str, error: Any, tree: Tree, short: bool) -> None:
        """Report a value that a field does not take.

        Arguments:
            short: Whether it stands for the first argument, without its name.
        """
        from specc.hints.forms import in_order
        from specc.hints.values import value_meant

        hint = in_order(cls, cls.word, tree) if short and error["type"] in _ONE else None
        what = f"{name} of {cls.word}" if cls is not Spec else name
        for step in error["loc"][1:]:
            inner = _step(tree, step)
            if inner is None:
                break
            tree = inner
        code = "E211" if error["type"] in _OUT_OF_RANGE else "E210"
        hint = hint or value_meant(cls, name, error, tree)
        found = describe(tree)
        if not isinstance(tree, Scalar):
            kind = "list" if isinstance(tree, Sequence) else "mapping"
            found = f"the {kind} {shortened(_listed(plain(tree)))}"
        self.error(code, f"{what} expects {_expectation(error)}, found {found}", tree.span, hint)


_LEAVE = "leave it out for its default"

_ONE = ("int_type", "float_type", "string_type", "bool_type", "literal_error")
_OUT_OF_RANGE = {
    *("greater_than", "greater_than_equal", "less_than", "less_than_equal", "literal_error"),
    *("too_short", "too_long", "finite_number"),
}

_EXPECTATIONS = {
    "int_type": "an integer",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a string",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "model_type": "a mapping",
    "finite_number": "a finite number",
    "greater_than": "a number greater than {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number less than {lt}",
    "less_than_equal": "a number of at most {le}",
    "literal_error": "{expected}",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "expected": "{what}",
}


def _expectation(error: Any) -> str:
    plain_message = error["msg"].replace("{", "{{").replace("}", "}}")
    template: str = _EXPECTATIONS.get(error["type"], plain_message)
    return template.format(**error.get("ctx", {}))


def _listed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _listed(v) for key, v in value.items()}
    return [_listed(v) for v in value] if isinstance(value, tuple) else value


def _listing(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _is_field(cls: type[Word], key: Scalar) -> bool:
    return isinstance(key.value, str) and key.value in cls.model_fields


def _is_null(tree: Tree) -> bool:
    return isinstance(tree, Scalar) and tree.value is None


def _step(tree: Tree, step: object) -> Tree | None:
    if isinstance(tree, Sequence) and isinstance(step, int) and step < len(tree.items):
        return tree.items[step]
    if isinstance(tree, Mapping):
        return next((value for key, value in tree.entries if key.value == step), None)
    return None
