"""What a spec with mistakes leaves unsure, so that later steps check all the rest of it.

`UNSURE` stands for what a mistake hides: a word that is misspelt, the value of an argument that is
wrong, the shape of the output of a layer that does not fit. It may be handed on. Whatever looks at
it raises `UnsureError`, so that no check can come to a verdict that rests on a mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Never, NoReturn, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


class UnsureError(Exception):
    """Something depends on what a mistake hides."""


class _Unsure:
    """See the module."""

    def __repr__(self) -> str:
        return "UNSURE"

    def _refuse(self, *_: object) -> NoReturn:
        raise UnsureError

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __abs__ = _refuse
    __floordiv__ = __rfloordiv__ = __truediv__ = __rtruediv__ = __mod__ = __rmod__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = __hash__ = __round__ = _refuse
    __bool__ = __int__ = __float__ = __index__ = __str__ = __format__ = _refuse
    __len__ = __iter__ = __contains__ = __getitem__ = __call__ = _refuse
    __class__ = property(_refuse)  # what isinstance() asks for

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # what Python, not a check, asks for
            raise AttributeError(name)
        raise UnsureError


# Never, as it stands in the place of values of every type.
UNSURE: Never = cast(Never, _Unsure())

# A check within is left out where it depends on what a mistake hides.
where_sure = suppress(UnsureError)


def hidden(value: object) -> bool:
    """Tell whether a value is what a mistake hides."""
    return value is UNSURE


def is_partly_hidden(value: object) -> bool:
    """Tell whether a mistake hides a value, or one of those in a list."""
    return value is UNSURE or (isinstance(value, tuple) and any(v is UNSURE for v in value))


def sure(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Return what a function gives, UNSURE where it depends on what a mistake hides."""
    try:
        return function(*arguments, **named)
    except UnsureError:
        return UNSURE


def either(function: Callable[[bool], bool], value: bool) -> bool:
    """Return what a function gives for a truth value, also where both give the same."""
    if value is not UNSURE:
        return sure(function, value)
    both = sure(function, True), sure(function, False)
    return both[0] if both[0] is both[1] else UNSURE
