"""Random data of the shapes that a spec asks for."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from specc.program import Program
from specc.shapes import filled
from specc.spec.data import Csv
from specc.spec.layers.core import Embedding

TRAIN, TEST = 12, 8
OPEN = 8  # what stands for a size that the spec leaves open, in inputs and targets


def write_data(program: Program, folder: Path) -> Path:
    """Write the data of a program as npz or csv into a folder and return what `--data` takes."""
    assert program.fit is not None
    data = program.fit.data
    train, test = fake_arrays(program, TRAIN), fake_arrays(program, TEST)
    if isinstance(data, Csv):
        _write_table(folder / "fake.csv", data, *train)
        if data.test_path is not None:
            path = folder / data.test_path
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_table(path, data, *test)
        return folder / "fake.csv"
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez(folder / "fake.npz", **dict(zip(names, (*train, *test), strict=True)))
    return folder / "fake.npz"


def fake_arrays(program: Program, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return `count` inputs and targets in Keras' axes."""
    assert program.fit is not None
    random = np.random.default_rng(0)
    tables = [n.layer.input_dim for n in program.nodes if isinstance(n.layer, Embedding)]
    shape = (count, *filled(program.input.shape, OPEN))
    x = random.integers(0, tables[0], shape) if tables else random.normal(size=shape)
    target = (count, *filled(program.fit.target_shapes[0], OPEN))
    word = program.fit.loss.word
    if word == "ctc":
        return x, np.pad(random.integers(1, program.fit.classes, (count, 2)), ((0, 0), (0, 1)))
    if program.fit.classes is not None:
        return x, random.integers(0, program.fit.classes, target)
    if program.fit.integers:
        return x, random.integers(0, 4, target)
    if word == "categorical_crossentropy":
        return x, np.eye(target[-1])[random.integers(0, target[-1], target[:-1])]
    if word == "binary_crossentropy":
        return x, random.integers(0, 2, target)
    return x, random.normal(size=target)


def _write_table(path: Path, data: Csv, x: np.ndarray, y: np.ndarray) -> None:
    """Write a table whose targets stand where the spec says, first or last."""
    x, y = x.reshape(len(x), -1), y.reshape(len(y), -1)
    inputs = [f"input {n}" for n in range(x.shape[1])]
    targets = list(data.target or (f"target {n}" for n in range(y.shape[1])))
    names = targets + inputs if data.target else inputs + targets
    table = np.hstack((y, x) if data.target else (x, y))
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=data.delimiter).writerows([names, *table.tolist()])
