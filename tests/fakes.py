"""Random data of the shapes that a spec asks for."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from specc.limits import input_limits, target_limits
from specc.program import Program
from specc.shapes import filled
from specc.spec.data import Csv
from specc.spec.limits import Limits

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
    x = drawn(random, input_limits(program), (count, *filled(program.input.shape, OPEN)))
    target = (count, *filled(program.fit.target_shapes[0], OPEN))
    if program.fit.loss.word == "ctc":
        return x, np.pad(random.integers(1, program.fit.classes, (count, 2)), ((0, 0), (0, 1)))
    return x, drawn(random, target_limits(program, program.fit), target)


def drawn(random: np.random.Generator, limits: Limits, shape: tuple[int, ...]) -> np.ndarray:
    """Return random numbers that fit."""
    if limits.rule == "sums":
        return np.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])]
    if limits.members is not None:
        return random.choice(limits.members, shape)
    if limits.whole:
        low, high = (1, 1) if limits.rule == "signs" else (limits.low, min(limits.high, 10**6))
        return random.integers(int(max(low, -9)), int(high) + 1, shape)
    if limits.high <= 1:
        return random.random(shape)
    return np.abs(random.normal(size=shape)) if limits.low == 0 else random.normal(size=shape)


def _write_table(path: Path, data: Csv, x: np.ndarray, y: np.ndarray) -> None:
    """Write a table whose targets stand where the spec says, first or last."""
    x, y = x.reshape(len(x), -1), y.reshape(len(y), -1)
    inputs = [f"input {n}" for n in range(x.shape[1])]
    targets = list(data.target or (f"target {n}" for n in range(y.shape[1])))
    names = targets + inputs if data.target else inputs + targets
    table = np.hstack((y, x) if data.target else (x, y))
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=data.delimiter).writerows([names, *table.tolist()])
