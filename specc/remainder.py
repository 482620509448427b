"""What is left of a word with mistakes: the arguments that are right.

A spec without mistakes does not import it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError

from specc.spec.word import Word
from specc.unsure import UNSURE, is_partly_hidden

W = TypeVar("W", bound=Word)


def remainder(cls: type[W], values: dict[str, Any], hidden: Iterable[str]) -> W:
    """Return a word without what mistakes hide; who reads such a field finds that it is unsure.

    Arguments:
        values: What the spec gives, UNSURE where a mistake hides it.
        hidden: The fields of other values that are wrong, and of those that may be meant.
    """
    right = {}
    missing = {*hidden, *(name for name, value in values.items() if value is UNSURE)}
    for name in sorted(set(values) - missing):
        value = values[name]
        try:
            # A list with words that are unsure goes on as it is; pydantic knows of none.
            right[name] = (
                value if is_partly_hidden(value) else _field(cls, name).validate_python(value)
            )
        except (ValidationError, AttributeError):  # AttributeError: it depends on other fields
            missing.add(name)
    word = cls.model_construct(**right)
    for name in missing:
        word.__dict__.pop(name, None)
    return cast(W, word)


@cache
def _field(cls: type[Word], name: str) -> TypeAdapter[Any]:
    """Return what checks one field of a word by itself."""
    field = cls.model_fields[name]
    kind: Any = field.annotation
    if isinstance(kind, type) and issubclass(kind, Word):
        return TypeAdapter(kind)
    checked: Any = Annotated[(kind, *field.metadata)] if field.metadata else kind
    return TypeAdapter(checked, config=ConfigDict(strict=True, allow_inf_nan=False))
