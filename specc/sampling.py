"""Random data on which the programs of a spec run, as the files that they read."""

from __future__ import annotations

import csv
import io
import os
from itertools import count, islice
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from specc.diagnostics import SpeccError
from specc.overrides import parse
from specc.pipeline import front
from specc.program import Program
from specc.shapes import UNKNOWN, text
from specc.spec.data import Csv
from specc.verify.inputs import SIZE, input_shape, inputs, targets

ROWS = 100  # of the samples to train on; a quarter as many are to test
_LARGEST = 2**30  # bytes of the numbers in one file
# What stands for the first size that a spec leaves open: the first one that all layers take.
_SIZES = (SIZE, 16, 32, 64, 128)
Arrays = dict[str, Any]


class SampleError(Exception):
    """No samples can be made of a spec, or not where they should go; its text says why."""


def draw(program: Program, rows: int = ROWS, seed: int = 0, test_rows: int | None = None) -> Arrays:
    """Return random samples of a program's shapes, types and ranges, by the names in its npz file.

    Arguments:
        rows: How many samples are to train on.
        seed: What they are drawn from.
        test_rows: How many are to test, a quarter as many unless given.

    Errors:
        SampleError: the program reads no data, or so many samples are too large.
    """
    if program.fit is None:
        raise SampleError("the spec does not say how to train, so its programs read no data")
    sized, random = _sized(program), np.random.default_rng(seed)
    _check_size(sized, rows)
    arrays: Arrays = {}
    for part, number in (("train", rows), ("test", test_rows or -(-rows // 4))):
        arrays[f"x_{part}"] = inputs(sized, random, number, np.float32)
        shape = sized.graph.output.shape
        arrays[f"y_{part}"] = targets(sized, random, number, np.float32, shape)
    return arrays


def _sized(program: Program) -> Program:
    """Return the program with a size for each one that the spec leaves open."""
    if UNKNOWN not in program.input.shape:
        return program
    for size in _SIZES:
        change = parse(f"input.shape={text(input_shape(program, size))}")
        try:
            return front(program.span.source, [change])[0]
        except SpeccError:
            continue  # as where a window is larger
    raise SampleError(f"expected an input of known sizes, found {text(program.input.shape)}")


def _check_size(program: Program, rows: int) -> None:
    size = rows * 4 * (prod(program.input.shape) + prod(program.graph.output.shape))
    if size > _LARGEST:
        shape = text(program.input.shape)
        raise SampleError(f"{rows} samples of {shape} are {size / 1e9:.1f} GB, ask for fewer")


def place(program: Program) -> Path:
    """Return the file that a program reads by default, one of its name where the spec has none."""
    named = program.fit.data_file if program.fit else None
    return Path(f"{program.name}.npz" if named is None else named)


def check_places(program: Program, path: Path, named: bool = True, force: bool = False) -> None:
    """Check where the files of samples would go.

    Arguments:
        path: The file that the program gets as its data.
        named: Whether the user names it. What a spec names stays below the current folder.
        force: Whether files that are there may be overwritten.

    Errors:
        SampleError: a file is there, is of another kind, or the spec leads elsewhere.
    """
    data = program.fit.data if program.fit else None
    kind, other = (".csv", ".npz") if isinstance(data, Csv) else (".npz", ".csv")
    if path.suffix.lower() == other:
        raise SampleError(f"the programs of the spec read {kind} files, found {path}")
    for file in _places(program, path):
        own = named and file == path
        if not own and not (Path.cwd() / file).resolve().is_relative_to(Path.cwd().resolve()):
            hint = "write the spec's path relative to it" if file != path else "name a file with -o"
            raise SampleError(f"expected a file below the current folder, found {file}; {hint}")
        if os.path.lexists(file) and not force:
            raise SampleError(f"{file} is there already; --force overwrites it")


def _places(program: Program, path: Path) -> list[Path]:
    """Return the files of samples: of those to train on, and of those to test where they differ."""
    data = program.fit.data if program.fit else None
    test = data.test_path if isinstance(data, Csv) else None
    return [path] if test is None or Path(test) == path else [path, Path(test)]


def files(program: Program, arrays: Arrays, path: Path) -> dict[Path, bytes]:
    """Return what the files of samples hold, by where they go.

    Arguments:
        path: The file that the program gets as its data. A table of samples to test goes to where
            the program looks for it.
    """
    assert program.fit is not None
    data = program.fit.data
    if isinstance(data, Csv):
        parts = zip(_places(program, path), ("train", "test"), strict=False)
        return {p: _table(data, arrays[f"x_{part}"], arrays[f"y_{part}"]) for p, part in parts}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return {path: buffer.getvalue()}


def _table(data: Csv, x: Any, y: Any) -> bytes:
    """Return a table. Targets that the spec names stand first, else last, as programs expect."""
    x, y = (array.reshape(len(array), -1) for array in (x, y))
    x = x.astype(np.int8) if x.dtype == bool else x  # as a cell holds a number
    width, wanted = x.shape[1] + y.shape[1], y.shape[1]
    counted = [column for column in data.target or () if isinstance(column, int)]
    named = range(wanted) if data.target else range(width - wanted, width)
    targets = counted or list(named)
    given = [column for column in range(width) if column not in targets]
    names, cells = np.empty(width, object), np.empty((len(x), width), object)
    names[targets] = data.target or [f"y{n}" for n in range(1, wanted + 1)]
    free = (f"x{n}" for n in count(1) if f"x{n}" not in names)
    names[given] = list(islice(free, len(given)))
    cells[:, targets], cells[:, given] = y.astype(str), x.astype(str)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=data.delimiter, lineterminator="\n")
    writer.writerows([names, *cells] if data.header else cells)
    return text.getvalue().encode("utf-8")


def described(program: Program, arrays: Arrays, path: Path) -> list[str]:
    """Return what the files of samples hold, a line each; see `files`."""
    assert program.fit is not None
    if not isinstance(program.fit.data, Csv):
        shapes = (f"{name} {array.shape} {array.dtype}" for name, array in arrays.items())
        return [f"{path}: {', '.join(shapes)}"]
    given, wanted = (prod(arrays[name].shape[1:]) for name in ("x_train", "y_train"))
    columns = f"{given} columns of inputs and {wanted} of targets"
    rows = (len(arrays["x_train"]), len(arrays["x_test"]))
    places = zip(_places(program, path), rows, strict=False)
    return [f"{file}: {number} rows, {columns}" for file, number in places]
