"""Where a generated program reads its arrays."""

import re
from typing import Annotated

from pydantic import BeforeValidator

from specc.spec.callbacks import Path
from specc.spec.editor import STRING, at_least, list_of, matching, takes
from specc.spec.types import expected
from specc.spec.word import DataSource


class Npz(DataSource, word="npz"):
    """One file of numpy.savez with the arrays x_train, y_train, x_test and y_test."""

    path: Path


def _columns(value: object) -> object:
    columns = value if isinstance(value, tuple) else (value,)
    named = all(isinstance(c, str) for c in columns)
    counted = all(type(c) is int and c >= 0 for c in columns)
    if not columns or not (named or counted) or len(set(columns)) < len(columns):
        raise expected("the name of a column, its number from 0, or a list of different ones")
    return columns


def _delimiter(value: object) -> object:
    # pandas splits lines fast at single bytes alone.
    if not isinstance(value, str) or len(value) != 1 or not _DELIMITER.fullmatch(value):
        raise expected("one ASCII character")
    return value


_DELIMITER = re.compile(r"[\t !#-~]")
_NUMBER = at_least(0)
_KINDS = (STRING, _NUMBER)


class Csv(DataSource, word="csv"):
    """Files of numbers with a line of column names; every column but the targets is an input.

    `target` names the target's column or columns, the last one where it is left out. `test_path`
    holds the samples for the evaluation at the end; without it there is none. `header: false` says
    that there is no line of names; `target` then counts columns from 0.
    """

    path: Path
    target: (
        Annotated[
            tuple[str, ...] | tuple[int, ...],
            BeforeValidator(_columns),
            takes(STRING, _NUMBER, *({**list_of(n, 1), "uniqueItems": True} for n in _KINDS)),
        ]
        | None
    ) = None
    test_path: Path | None = None
    delimiter: Annotated[
        str,
        BeforeValidator(_delimiter),
        takes(matching(r"^[\t !#-~]$", "one ASCII character")),
    ] = ","
    header: bool = True
