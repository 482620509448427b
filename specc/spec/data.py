"""Where a generated program reads its arrays."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from specc.spec.callbacks import Path
from specc.spec.editor import STRING, list_of, matching, takes
from specc.spec.word import DataSource, expected


class Npz(DataSource, word="npz"):
    """One file of numpy.savez with the arrays x_train, y_train, x_test and y_test."""

    path: Path


def _columns(value: Any) -> Any:
    columns = (value,) if isinstance(value, str) else value
    whole = isinstance(columns, tuple) and columns and all(isinstance(c, str) for c in columns)
    if not whole or len(set(columns)) < len(columns):
        raise expected("the name of a column or a list of different names")
    return columns


def _delimiter(value: Any) -> Any:
    if not isinstance(value, str) or len(value) != 1 or value in '\r\n"':
        raise expected("one character")
    return value


class Csv(DataSource, word="csv"):
    """Files of numbers with a line of column names; every column but the targets is an input.

    `target` names the target's column or columns, the last one where it is left out. `test_path`
    holds the samples for the evaluation at the end; without it there is none.
    """

    path: Path
    target: (
        Annotated[
            tuple[str, ...],
            BeforeValidator(_columns),
            takes(STRING, {**list_of(STRING, 1), "uniqueItems": True}),
        ]
        | None
    ) = None
    test_path: Path | None = None
    delimiter: Annotated[
        str, BeforeValidator(_delimiter), takes(matching(r'^[^\r\n"]$', "one character"))
    ] = ","
