"""What the language says of a word: arguments, an example, what becomes of it, what differs.

All of it is read off the catalogue and off programs that are built for the purpose.
"""

from __future__ import annotations

import difflib
import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent
from typing import Any, get_args, get_origin

from specc.examples import example, without, written
from specc.explain.layout import compiled, in_yaml, indented, source, wrapped
from specc.fresh import program_file
from specc.pipeline import front
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.refused import REFUSED
from specc.spec.word import Word
from specc.targets import TARGETS, lower
from specc.validate import expects

_LIMITS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}


@dataclass(frozen=True, slots=True)
class Status:
    """How a word of Keras fares.

    Attributes:
        family: As `layer`.
        word: Not an alias.
        kind: "supported", "noted" or "refused".
        reason: The codes of the notes, or why it is refused.
        aliases: Other names of the word.
    """

    family: str
    word: str
    kind: str
    reason: str = ""
    aliases: tuple[str, ...] = ()


def statuses(family: str) -> Iterator[Status]:
    """Yield each word of a family, those that are refused at the end.

    A word is noted where its example has a note that programs differ.
    """
    names: dict[type[Word], list[str]] = {}
    for word in CATALOGUE[family]:
        cls = load(family, word)
        assert cls is not None
        names.setdefault(cls, []).append(word)
    for cls, words in names.items():
        aliases = tuple(word for word in words if word != cls.word)
        codes = ", ".join(notes(family, cls.word))
        yield Status(family, cls.word, "noted" if codes else "supported", codes, aliases)
    for word, reason in REFUSED.get(family, {}).items():
        yield Status(family, word, "refused", reason)


def notes(family: str, word: str) -> dict[str, str]:
    """Return the notes on differences that an example has and the same without the word has not."""
    found = _messages(example(family, word))
    before = _messages(without(family, word)) if found else {}
    return {code: message for code, message in found.items() if code not in before}


def _messages(spec: dict[str, object]) -> dict[str, str]:
    program, diagnostics = front(source(json.dumps(spec)))
    for target in TARGETS:
        diagnostics += lower(program, target).notes
    return {d.code: d.message for d in diagnostics if d.code.startswith("N2")}


def refused(family: str, word: str) -> str:
    """Return why a word of Keras is not in the language."""
    return f"{family} {word}\n  refused: {REFUSED[family][word]}"


def supported(family: str, word: str) -> str:
    """Return what there is to know of a word of the language."""
    cls = load(family, word)
    assert cls is not None
    aliases = [w for w in CATALOGUE[family] if load(family, w) is cls and w != cls.word]
    also = f", also {', '.join(aliases)}" if aliases else ""
    parts = [f"{family} {cls.word}{also}", indented(inspect.getdoc(cls) or "")]
    parts += ["", *_arguments(family, cls), *_refused_arguments(cls)]
    parts += ["", "example", indented(excerpt(family, cls.word))]
    for target in sorted(TARGETS):
        lines = becomes(family, cls.word, target)
        parts += ["", f"in {TARGETS[target].title}", indented(lines or "nothing of its own")]
    differs = [f"{code}: {message}" for code, message in notes(family, cls.word).items()]
    parts += ["", "what differs", *(wrapped(note) for note in differs or ["nothing"])]
    return "\n".join(parts)


def _arguments(family: str, cls: type[Word]) -> list[str]:
    rows = []
    for name in cls.parameters():
        field = cls.model_fields[name]
        default = "required" if field.is_required() else in_yaml(written_default(field))
        rows.append((name, default, accepted(cls, name)))
    if not rows:
        return ["no arguments"]
    widths = [max(len(row[n]) for row in rows) for n in (0, 1)]
    lines = [f"  {n:<{widths[0]}}  {d:<{widths[1]}}  {t}" for n, d, t in rows]
    return ["arguments and their defaults", *lines]


def written_default(field: Any) -> object:
    """Return the default of a field as a spec has it."""
    return _plain(field.get_default(call_default_factory=True))


def _refused_arguments(cls: type[Word]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for name, reason in cls.refused.items():
        reasons.setdefault(reason, []).append(name)
    lines = [wrapped(f"{', '.join(names)}: {reason}") for reason, names in reasons.items()]
    return ["refused arguments", *lines] if lines else []


def accepted(cls: type[Word], name: str) -> str:
    """Return what an argument takes."""
    field = cls.model_fields[name]
    families = {kind.family for kind in _classes(field.annotation) if issubclass(kind, Word)}
    optional = type(None) in _classes(field.annotation) and not field.is_required()
    if families:
        found = " or ".join(sorted(f"{'an' if f[0] in 'aio' else 'a'} {f}" for f in families))
        if float in _classes(field.annotation):
            found = f"a number or {found}"
        if get_origin(field.annotation) is tuple:
            found = f"a list, each {found}"
        elif "tuple[" in str(field.annotation):
            found += " or a list of them"
    else:
        found = expects(cls, name) or "any value"
        if "tuple[" in str(field.annotation) and "list" not in found:
            found = f"a list, each {found}"
        found = ", ".join([found, *limits(field)])
    return f"{found}, or null" if optional and "null" not in found else found


def limits(field: Any) -> list[str]:
    """Return the limits of the numbers that a field takes, in words."""
    return [
        f"{text} {getattr(fact, limit):g}"
        for fact in (*field.metadata, *_nested_metadata(field.annotation))
        for limit, text in _LIMITS.items()
        if isinstance(getattr(fact, limit, None), (int, float))
    ]


def _classes(annotation: object) -> set[type]:
    """Return the classes that a type is made of."""
    found = {annotation} if isinstance(annotation, type) else set()
    for inner in get_args(annotation):
        found |= _classes(inner)
    return found


def _nested_metadata(annotation: object) -> Iterator[object]:
    for inner in get_args(annotation):
        # Of a field that may be null, pydantic leaves the limits within the type.
        yield from getattr(inner, "metadata", ())
        yield from getattr(inner, "__metadata__", ())
        yield from _nested_metadata(inner)


# Examples


def excerpt(family: str, word: str) -> str:
    """Return the part of a spec that has the word."""
    use = in_yaml(written(family, word), nested=family not in ("layer", "metric", "callback"))
    if family in ("layer", "metric", "callback"):
        key = {"layer": "layers", "metric": "metrics", "callback": "callbacks"}[family]
        return f"{key}:\n  - {use}"
    if family == "cell":
        return f"layers:\n  - rnn: {{cell: {use}}}"
    if family == "schedule":
        return f"optimizer: {{sgd: {{learning_rate: {use}}}}}"
    if family in ("optimizer", "loss", "data"):
        return f"{family}: {use}"
    field = "activation" if family == "activation" else f"kernel_{family}"
    return f"layers:\n  - dense: {{units: 4, {field}: {use}}}"


def _plain(value: object) -> object:
    """Return a default as a spec has it."""
    if isinstance(value, Word):
        given = {name: _plain(inner) for name, inner in value.given().items()}
        return {value.word: given} if given else value.word
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], tuple):
        return _plain(value[0])  # before and after the only axis
    return list(map(_plain, value)) if isinstance(value, tuple) else value


def becomes(family: str, word: str, target: str) -> str:
    """Return the lines of a program that are there for the word."""
    name = program_file("model", target)
    before, after = (
        compiled(spec).files[name].splitlines()[2:]  # without the digest
        for spec in (without(family, word), example(family, word))
    )
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    parts = [
        "\n".join(after[start:end]).strip("\n")
        for tag, _, _, start, end in matcher.get_opcodes()
        if tag in ("insert", "replace")
    ]
    shown = dict.fromkeys(dedent(part) for part in parts if part.strip())  # each once
    return "\n...\n".join(shown)
