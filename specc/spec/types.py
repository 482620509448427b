"""The types of arguments: numbers, sizes and axes, as a spec writes them."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from specc.shapes import UNKNOWN
from specc.spec.editor import INTEGER, NULL, Json, at_least, list_of, takes


def expected(what: str) -> PydanticCustomError:
    """Return the error that tells what a value should have been."""
    return PydanticCustomError("expected", "{what}", {"what": what})


def _windows(count: int, least: int = 1) -> tuple[BeforeValidator, WithJsonSchema]:
    """Return the check of a size along each of `count` axes; one number is that of all."""
    size = at_least(least)
    what = ("a positive integer" if least else "an integer from 0") + (
        f" or a list of {count}" if count > 1 else ""
    )

    def check(value: object) -> object:
        value = value if isinstance(value, tuple) else (value,) * count
        if len(value) != count or any(type(v) is not int or v < least for v in value):
            raise expected(what)
        return value

    return BeforeValidator(check), takes(size, list_of(size, count, count))


def _is_positive(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _integers(value: Any) -> object:
    whole = isinstance(value, tuple) and all(isinstance(v, int) and v is not True for v in value)
    if not whole or any(isinstance(v, bool) for v in value):
        raise expected("a list of integers")
    return value


def _axes(value: object) -> object:
    axes = value if isinstance(value, tuple) else (value,)
    if not axes or not all(type(axis) is int for axis in axes):
        raise expected("an integer or a list of integers")
    return value


def _shape(value: object) -> object:
    if not (isinstance(value, tuple) and all(v is None or _is_positive(v) for v in value)):
        raise expected("a list of positive integers or null, without the batch axis")
    return tuple(UNKNOWN if v is None else v for v in value)


_OPEN_SIZE: Json = {"anyOf": [at_least(1), NULL]}
PositiveInt = Annotated[int, Field(gt=0)]
NonNegativeInt = Annotated[int, Field(ge=0)]
PositiveFloat = Annotated[float, Field(gt=0)]
NonNegativeFloat = Annotated[float, Field(ge=0)]
Rate = Annotated[float, Field(ge=0, le=1)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
Sizes = Annotated[tuple[int, ...], PlainValidator(_shape), takes(list_of(_OPEN_SIZE))]
Single = Annotated[tuple[int], *_windows(1)]
Pair = Annotated[tuple[int, int], *_windows(2)]
Triple = Annotated[tuple[int, int, int], *_windows(3)]
SingleCount = Annotated[tuple[int], *_windows(1, 0)]
PairCount = Annotated[tuple[int, int], *_windows(2, 0)]
TripleCount = Annotated[tuple[int, int, int], *_windows(3, 0)]
Integers = Annotated[tuple[int, ...], BeforeValidator(_integers), takes(list_of(INTEGER))]
Axes = Annotated[int | tuple[int, ...], BeforeValidator(_axes), takes(INTEGER, list_of(INTEGER, 1))]
