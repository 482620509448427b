"""What the language says of a word: arguments, an example, what becomes of it, what differs.

All of it is read off the catalogue and off programs that are built for the purpose.
"""

from __future__ import annotations

import difflib
import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from textwrap import dedent, wrap
from typing import Any, get_args, get_origin

from specc.codes import CODES
from specc.diagnostics import Source, nearest
from specc.examples import example, without, written
from specc.mistakes import MISTAKES
from specc.pipeline import Compilation, compile_source, front
from specc.spec.catalogue import CATALOGUE, REFUSED, load
from specc.spec.word import Word
from specc.targets import TARGETS, lower

_WIDTH = 100
_LIMITS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
_IMPOSSIBLE: list[Any] = [[]]  # a value that no argument takes


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
        notes = ", ".join(_notes(family, cls.word))
        yield Status(family, cls.word, "noted" if notes else "supported", notes, aliases)
    for word, reason in REFUSED.get(family, {}).items():
        yield Status(family, word, "refused", reason)


def _notes(family: str, word: str) -> dict[str, str]:
    """Return the notes on differences that an example has and the same without the word has not."""
    found = _messages(example(family, word))
    before = _messages(without(family, word)) if found else {}
    return {code: message for code, message in found.items() if code not in before}


def _messages(spec: dict[str, Any]) -> dict[str, str]:
    program, diagnostics = front(_source(json.dumps(spec)))
    for target in TARGETS:
        diagnostics += lower(program, target).notes
    return {d.code: d.message for d in diagnostics if d.code.startswith("N2")}


def _source(text: str) -> Source:
    return Source("example.yaml", text + "\n")


def _compile(spec: dict[str, Any]) -> Compilation:
    return _compile_text(json.dumps(spec))


@cache
def _compile_text(text: str) -> Compilation:
    return compile_source(_source(text))


# All words


def overview() -> str:
    """Return all words by family, with what is noted or refused."""
    lines = []
    for family in CATALOGUE:
        lines.append(f"{family}:")
        for status in statuses(family):
            aliases = f" ({', '.join(status.aliases)})" if status.aliases else ""
            told = f": {status.reason}" if status.reason else ""
            line = f"{status.word}{aliases} - {status.kind}{told}"
            lines += wrap(line, _WIDTH, initial_indent="  ", subsequent_indent="      ")
        lines.append("")
    lines.append(
        "`specc explain WORD` tells more, `specc explain FAMILY WORD` where several have it."
    )
    return "\n".join(lines)


# One word


def explain(word: str, family: str | None = None) -> str | None:
    """Return what there is to know of a word or a code, or None where nothing is known of it.

    Arguments:
        word: The word, an alias, or a code as N205.
        family: Where to look; everywhere without it.
    """
    if word.upper() in CODES and family is None:
        return _code(word.upper())
    families = [family] if family else list(CATALOGUE)
    found = [_supported(f, word) for f in families if word in CATALOGUE[f]]
    found += [_refused(f, word) for f in families if word in REFUSED.get(f, {})]
    return "\n\n".join(found) if found else None


def _code(code: str) -> str:
    """Return what there is to say of a code."""
    head = f"{code}: {CODES[code]}"
    if not code.startswith("W"):
        kind = "an error, which stops a build" if code.startswith("E") else "a note"
        return "\n".join([head, _wrapped(f"It is {kind}, and cannot be silenced."), *_told(code)])
    from specc.review.advice import ADVICE

    advice = ADVICE[code]
    silences = (
        f"`# specc: ignore {code}: why` at the end of the line, or above it; `# specc: ignore-file "
        f'{code}` before the first key; or `ignore = ["{code}"]` in [tool.specc.check] of '
        "pyproject.toml"
    )
    parts = [head, _wrapped(advice.reason), "", "how to mend it", _wrapped(advice.fix)]
    parts += ["", "found in", _indented(advice.shows.strip("\n"))]
    parts += ["", "not found in", _indented(advice.instead.strip("\n"))]
    parts += ["", "source", _wrapped(advice.source), f"  {advice.url}"]
    if code != "W300":  # what is not silenced by comments, as it is about them
        parts += ["", "how to silence it", _wrapped(silences)]
    return "\n".join(parts)


def _told(code: str) -> list[str]:
    """Return a spec that has an error or note, and what is told of it; nothing for some codes."""
    spec = MISTAKES.get(code)
    if spec is None:
        return []
    found = next(d for d in _compile_text(spec).diagnostics if d.code == code)
    told = f"{found.message}; {found.hint}" if found.hint else found.message
    place = f"line {found.span.line}, column {found.span.column}"
    return ["", "found in", _indented(spec.strip("\n")), "", f"told of {place}", _wrapped(told)]


def unknown(word: str, family: str | None = None) -> str:
    """Return the message about a word of which nothing is known."""
    families = [family] if family else list(CATALOGUE)
    known = {w for f in families for w in (*CATALOGUE[f], *REFUSED.get(f, {}))}
    found = nearest(word, known)
    hint = f"; did you mean {found!r}?" if found else ""
    of = f" of the family {family}" if family else ""
    return f"expected a word of the language{of}, found {word!r}{hint}"


def _refused(family: str, word: str) -> str:
    return f"{family} {word}\n  refused: {REFUSED[family][word]}"


def _supported(family: str, word: str) -> str:
    cls = load(family, word)
    assert cls is not None
    aliases = [w for w in CATALOGUE[family] if load(family, w) is cls and w != cls.word]
    also = f", also {', '.join(aliases)}" if aliases else ""
    parts = [f"{family} {cls.word}{also}", _indented(inspect.getdoc(cls) or "")]
    parts += ["", *_arguments(family, cls), *_refused_arguments(cls)]
    parts += ["", "example", _indented(_excerpt(family, cls.word))]
    for target, name in (("keras", "Keras"), ("torch", "PyTorch")):
        lines = _becomes(family, cls.word, target)
        parts += ["", f"in {name}", _indented(lines or "nothing of its own")]
    notes = [f"{code}: {message}" for code, message in _notes(family, cls.word).items()]
    parts += ["", "what differs", *(_wrapped(note) for note in notes or ["nothing"])]
    return "\n".join(parts)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else "" for line in text.split("\n"))


def _wrapped(text: str) -> str:
    return "\n".join(wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="    "))


def _arguments(family: str, cls: type[Word]) -> list[str]:
    rows = []
    for name in cls.parameters():
        field = cls.model_fields[name]
        default = "required" if field.is_required() else _yaml(written_default(field))
        rows.append((name, default, accepted(family, cls, name)))
    if not rows:
        return ["no arguments"]
    widths = [max(len(row[n]) for row in rows) for n in (0, 1)]
    lines = [f"  {n:<{widths[0]}}  {d:<{widths[1]}}  {t}" for n, d, t in rows]
    return ["arguments and their defaults", *lines]


def written_default(field: Any) -> Any:
    """Return the default of a field as a spec has it."""
    return _plain(field.get_default(call_default_factory=True))


def _refused_arguments(cls: type[Word]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for name, reason in cls.refused.items():
        reasons.setdefault(reason, []).append(name)
    lines = [_wrapped(f"{', '.join(names)}: {reason}") for reason, names in reasons.items()]
    return ["refused arguments", *lines] if lines else []


def accepted(family: str, cls: type[Word], name: str) -> str:
    """Return what an argument takes, in the words of the error about a wrong value."""
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
        found = _asked(family, cls, name)
        if "tuple[" in str(field.annotation) and "list" not in found:
            found = f"a list, each {found}"
        facts = [*field.metadata, *_nested_metadata(field.annotation)]
        limits = [
            f"{text} {getattr(fact, limit):g}"
            for fact in facts
            for limit, text in _LIMITS.items()
            if isinstance(getattr(fact, limit, None), (int, float))
        ]
        found = ", ".join([found, *limits])
    return f"{found}, or null" if optional and "null" not in found else found


def _classes(annotation: Any) -> set[type]:
    """Return the classes that a type is made of."""
    found = {annotation} if isinstance(annotation, type) else set()
    for inner in get_args(annotation):
        found |= _classes(inner)
    return found


def _nested_metadata(annotation: Any) -> Iterator[Any]:
    for inner in get_args(annotation):
        # Of a field that may be null, pydantic leaves the limits within the type.
        yield from getattr(inner, "metadata", ())
        yield from getattr(inner, "__metadata__", ())
        yield from _nested_metadata(inner)


def _asked(family: str, cls: type[Word], name: str) -> str:
    use = written(family, cls.word)
    given = use[cls.word] if isinstance(use, dict) else {}
    spec = example(family, cls.word, {cls.word: {**given, name: _IMPOSSIBLE}})
    for diagnostic in _compile(spec).diagnostics:
        head, _, rest = diagnostic.message.partition(" expects ")
        if rest and head.startswith(f"{name} of"):
            return rest.partition(", found")[0]
    return "any value"


# Examples


def _excerpt(family: str, word: str) -> str:
    """Return the part of a spec that has the word."""
    use = _yaml(written(family, word), nested=family not in ("layer", "metric", "callback"))
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


def _plain(value: Any) -> Any:
    """Return a default as a spec has it."""
    if isinstance(value, Word):
        given = {name: _plain(inner) for name, inner in value.given().items()}
        return {value.word: given} if given else value.word
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], tuple):
        return _plain(value[0])  # before and after the only axis
    return list(map(_plain, value)) if isinstance(value, tuple) else value


def _yaml(value: Any, nested: bool = True) -> str:
    """Return a value in one line of YAML; a mapping that is not nested without its braces."""
    if isinstance(value, dict):
        items = ", ".join(f"{key}: {_yaml(inner)}" for key, inner in value.items())
        return f"{{{items}}}" if nested else items
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        plain = value.replace("_", "").replace(".", "").isalnum()
        return value if plain else json.dumps(value)
    return repr(value)


def _becomes(family: str, word: str, target: str) -> str:
    """Return the lines of a program that are there for the word."""
    name = f"model_{target}.py"
    before, after = (
        _compile(spec).files[name].splitlines()[2:]  # without the digest
        for spec in (without(family, word), example(family, word))
    )
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    parts = [
        "\n".join(after[start:end]).strip("\n")
        for tag, _, _, start, end in matcher.get_opcodes()
        if tag in ("insert", "replace")
    ]
    return "\n...\n".join(dedent(part) for part in parts if part.strip())
