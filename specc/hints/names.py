"""What other frameworks' names mean in this language."""

from __future__ import annotations

from collections.abc import Collection

from specc.spec import everyday_names, older_keras, torch_names
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.refused import REFUSED
from specc.spec.word import Word

_TABLES = (torch_names, older_keras, everyday_names)


def meant_word(family: str, word: str) -> tuple[str | None, str | None]:
    """Return the word of a family that another framework's name means, and a hint, where known."""
    for table in _TABLES:
        found = table.WORDS.get(family, {}).get(plain(word))
        if found in CATALOGUE[family]:
            return found, f"write {found!r}"
        if found:
            return None, found
    return None, None


def meant_field(field: str, fields: Collection[str]) -> tuple[str | None, str | None]:
    """Return the field that another framework's name means, and a hint, where known.

    Arguments:
        fields: Those that the word has.
    """
    found = renamed_field(field, fields)
    if found:
        return found, f"write {found!r}"
    for table in _TABLES:
        needed, hint = table.HINTS.get(plain(field), ("", ""))
        having = [name for name in needed.split() if name in fields]
        if having:
            return having[0], hint
    return None, None


def renamed_field(field: str, fields: Collection[str]) -> str | None:
    """Return the field whose name another framework has otherwise, where known."""
    for table in _TABLES:
        names: list[str] = table.FIELDS.get(plain(field), "").split()
        found = [name for name in names if name in fields]
        if found:
            return found[0]
    return None


def meant_value(value: str, choices: Collection[str]) -> str | None:
    """Return the one of some choices that another framework's value means, where known."""
    found = older_keras.VALUES.get(plain(value)) or everyday_names.VALUES.get(plain(value))
    return found if found in choices else None


def known_word(family: str, written: object) -> str | None:
    """Return the word of a family that a text names, however it is spelled, or None.

    A path to a class, as `keras.layers.Dense`, means its last part.
    """
    if not isinstance(written, str) or not written:
        return None
    last = written.strip()
    if family != "data":
        last = last.rpartition(".")[2].rpartition(">")[2]
    if last in CATALOGUE[family]:
        return last
    same = same_letters(last, CATALOGUE[family])
    return same or meant_word(family, last)[0]


def known_field(cls: type[Word], written: object) -> str | None:
    """Return the field of a word that a text names, however it is spelled, or None."""
    if not isinstance(written, str):
        return None
    fields = [name for name in cls.model_fields if name != "type"]
    if written in fields:
        return written
    return renamed_field(written, fields) or same_letters(written, fields)


def same_letters(written: str, words: Collection[str]) -> str | None:
    """Return the one of some words that differs in case and underscores alone, or None."""
    return next((word for word in words if plain(word) == plain(written)), None)


def words_of(family: str) -> list[str]:
    """Return the words of a family, each class once."""
    classes = (load(family, word) for word in CATALOGUE[family])
    return list(dict.fromkeys(cls.word for cls in classes if cls))


def with_part(written: str, words: Collection[str]) -> list[str]:
    """Return the words that have a text as one of their parts, as `conv` is of `conv2d`."""
    text = written.lower().strip("_")
    if len(text) < 2:
        return []
    ranks = sorted(word for word in words if word in {f"{text}{rank}d" for rank in (1, 2, 3)})
    if ranks:
        return ranks
    found = []
    for word in words:
        parts = word.split("_")
        joined = {"_".join(parts[i:j]) for i in range(len(parts)) for j in range(i + 1, 9)}
        ranked = {part[:-2] for part in joined if part[-2:] in ("1d", "2d", "3d")}
        if text in joined | ranked or (len(text) > 3 and any(p.startswith(text) for p in parts)):
            found.append(word)
    return found


def refused_word(family: str, written: str) -> str | None:
    """Return the word of Keras, refused here, that a text names, however it is spelled."""
    return same_letters(written.rpartition(".")[2], REFUSED.get(family, {}))


def plain(name: str) -> str:
    """Return a name without underscores and dashes, in lower case."""
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()
