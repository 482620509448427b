"""What a word that the language lacks most likely meant."""

from __future__ import annotations

from typing import NamedTuple

from specc.diagnostics import did_you_mean
from specc.hints.forms import as_a_call, joined, named_by_a_key
from specc.hints.names import (
    known_word,
    meant_word,
    refused_word,
    same_letters,
    with_part,
    words_of,
)
from specc.hints.values import number_meant
from specc.hints.writing import listing
from specc.source import Mapping, Scalar, Tree, shortened
from specc.spec.catalogue import CATALOGUE, FAMILIES, load
from specc.spec.refused import REFUSED
from specc.spec.wishes import wish

_MOST_LISTED = 8


class Slip(NamedTuple):
    """What there is to say of a name that the language lacks.

    Attributes:
        hint: The likely fix, or None.
        meant: The word or field that is surely meant, else None.
    """

    code: str
    message: str
    hint: str | None
    meant: str | None = None


def unknown_word(family: str, key: Scalar, value: Tree | None) -> Slip:
    """Return what there is to say of a word that a family lacks.

    Arguments:
        value: What stands behind the word, or None.
    """
    word, what = key.value, FAMILIES[family].split(" (")[0].split(" ", 1)[1]
    refused = refused_word(family, word)
    entry = wish(family, refused or word)
    if refused is not None:
        reason = entry.fact if entry else REFUSED[family][refused]
        message = f"{what} {refused!r} is not supported: {reason}"
        return Slip("E202", message, entry.way if entry else None)
    message = f"unknown {what} {shortened(word)}"
    name = same_letters(word, CATALOGUE[family])
    if name is not None and word != word.lower() and word.replace("_", "").isalnum():
        message = f"expected a name in snake case, found the Keras class name {word!r}"
        cls = load(family, name)
        shown = cls.word if cls and family == "layer" else name
        return Slip("E205", message, f"write {shown!r}", name)
    written = _written_otherwise(family, key, value)
    if written is not None:
        return Slip("E201", message, written)
    meant, hint = meant_word(family, word.partition("(")[0].rpartition(".")[2] or word)
    if hint is None and entry is not None:
        message = f"{what} {shortened(word)} is not supported: {entry.fact}"
        return Slip("E212", message, entry.way)
    hint = hint or _near(family, word) or _what_there_is(family, what, word)
    return Slip("E201", message, hint, meant or name)


def _written_otherwise(family: str, key: Scalar, value: Tree | None) -> str | None:
    """Return the hint where a word stands in a notation that is not this language's."""
    word: str = key.value
    if isinstance(value, Scalar):
        hint = named_by_a_key(family, Mapping(key.span, [(key, value)]))
        if hint:
            return hint
    found = joined(word, lambda name: known_word(family, name)) if value is None else None
    found = found or (joined(word, lambda name: known_word(family, name)) if _no(value) else None)
    if found:
        return f"write '{found[0]}: {found[1]}', with a space behind the colon"
    name = known_word(family, word.partition("{")[0].strip()) if "{" in word else None
    if name:  # `dense {units: 32}` is a key `dense {units` to YAML
        return f"put a colon and a space behind {name!r}"
    call = as_a_call(family, word)
    last = word.rpartition(".")[2]
    if call is None and last != word and family != "data" and known_word(family, last):
        return f"write {known_word(family, last)!r}"
    return call


def _no(value: Tree | None) -> bool:
    return isinstance(value, Scalar) and value.value is None


def _near(family: str, word: str) -> str | None:
    """Return the hint of a word that another family has, or that is near one of this family."""
    words, parts = list(CATALOGUE[family]), with_part(word, words_of(family))
    if len(parts) == 1:
        return f"did you mean {parts[0]!r}?"
    found = _elsewhere(family, word) or did_you_mean(word, words)
    if found is None and parts:
        return _there_are(parts)
    return (
        found
        or _argument_of(family, word)
        or did_you_mean(word, REFUSED.get(family, {}))
        or _meant_elsewhere(word)
    )


def _there_are(words: list[str]) -> str:
    if len(words) <= _MOST_LISTED:
        return f"there are {listing(words)}"
    shown = ", ".join(words[: _MOST_LISTED - 2])
    return f"there are {shown} and {len(words) - _MOST_LISTED + 2} more; `specc explain` lists them"


def _elsewhere(family: str, word: str) -> str | None:
    """Return a hint where `word` is a word of another family, or a path."""
    if family == "data" and word.endswith((".npz", ".csv")):
        return f"write {{{word[-3:]}: {word}}}"
    if family == "layer" and word in CATALOGUE["activation"]:
        return f"write 'activation: {word}'"
    for other, words in CATALOGUE.items():
        if word in words:
            return f"{word!r} is {FAMILIES[other].split(' (')[0]}"
    return None


def _argument_of(family: str, word: str) -> str | None:
    """Return a hint where `word` is an argument of a word of its family."""
    holding = [name for name in words_of(family) if word in _own_fields(family, name)]
    if len(holding) == 1:
        return f"write {holding[0]}: {{{word}: ...}}"
    if len(holding) > 1:
        shown = holding if len(holding) < 4 else [*holding[:2], "others"]
        return f"{word!r} is an argument of {listing(shown)}"
    return None


def _meant_elsewhere(word: str) -> str | None:
    """Return a hint where `word` is another framework's name of what another family has."""
    meant = ((other, meant_word(other, word)[1]) for other in CATALOGUE)
    return next((f"it is {FAMILIES[other]}: {hint}" for other, hint in meant if hint), None)


def _own_fields(family: str, word: str) -> list[str]:
    cls = load(family, word)
    return cls.parameters() if cls else []


def _what_there_is(family: str, what: str, word: str) -> str:
    """Return what a family has, as nothing says what was meant."""
    if family == "schedule":
        return number_meant(word) or "a rate that stays is a number"
    if family == "data" and ("/" in word or "." in word):
        return "write {npz: ...} or {csv: ...}; programs read arrays of numpy.savez, and tables"
    words = words_of(family)
    if len(words) <= _MOST_LISTED:
        return f"there are {listing(words)}"
    return f"`specc explain` lists every {what}"
