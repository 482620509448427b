"""What editors are told of a type that has a check of its own: its JSON Schema, beside the check.

`tests/unit/test_schema.py` holds both to the same verdict. Types without such a check need none, as
their annotation says it all.
"""

from __future__ import annotations

from keyword import kwlist
from typing import Any

from pydantic import WithJsonSchema

Json = dict[str, Any]

NUMBER: Json = {"type": "number"}
INTEGER: Json = {"type": "integer"}
STRING: Json = {"type": "string"}
NULL: Json = {"type": "null"}
NAME = rf"(?!(?:{'|'.join(kwlist)})(?![A-Za-z0-9_]))[A-Za-z_][A-Za-z0-9_]*"  # of Python


def takes(*options: Json) -> WithJsonSchema:
    """Return what tells editors that a value is one of `options`."""
    return WithJsonSchema(options[0] if len(options) == 1 else {"anyOf": list(options)})


def between(least: float, most: float, of: Json = NUMBER) -> Json:
    """Return the schema of a number of `least` to `most`."""
    return {**of, "minimum": least, "maximum": most}


def at_least(least: float, of: Json = INTEGER) -> Json:
    """Return the schema of an integer, or another number, of at least `least`."""
    return {**of, "minimum": least}


def list_of(item: Json, least: int = 0, most: int | None = None) -> Json:
    """Return the schema of a list of `least` to `most` values of one kind."""
    limits = {"minItems": least} if least else {}
    if most is not None:
        limits["maxItems"] = most
    return {"type": "array", "items": item, **limits}


def matching(pattern: str, what: str) -> Json:
    """Return the schema of a string that a pattern describes, which JavaScript must read too.

    Arguments:
        what: What the string is, in words.
    """
    told = f"expected {what}"
    return {**STRING, "pattern": pattern, "patternErrorMessage": told, "description": what}
