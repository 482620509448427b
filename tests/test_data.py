"""Generated programs and data that is not what they expect: one line that says what is wrong."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from writing import spec

import specc
from specc.targets import TARGETS

pytestmark = pytest.mark.frameworks

Arrays = dict[str, np.ndarray]
VECTORS = spec([4], [{"dense": 3}], loss="sparse_categorical_crossentropy")
IMAGES = spec([2, 3, 1], ["flatten", {"dense": 2}])
TABLE = spec([2], [{"dense": 1}], data={"csv": {"path": "t.csv", "target": "y", "delimiter": ";"}})
LABELS = spec([2], [{"dense": 3}], loss="sparse_categorical_crossentropy", data={"csv": "t.csv"})
_TABLE = {"embedding": {"input_dim": 9, "output_dim": 2}}
TOKENS = spec([4], [_TABLE, "flatten", {"dense": 3}], loss="sparse_categorical_crossentropy")
TOKENS_CSV = spec([2], [_TABLE, "flatten", {"dense": 1}], data={"csv": "t.csv"})


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], ModuleType]:
    """Return a function that gives the module of a spec's program for a target."""
    from equality import load_module

    found: dict[tuple[str, str], ModuleType] = {}

    def program(text: str, target: str) -> ModuleType:
        if (text, target) not in found:
            (code,) = specc.compile(text, target=target).files.values()
            path = tmp_path_factory.mktemp(target) / "program.py"
            path.write_text(code)
            found[text, target] = load_module(path)
        return found[text, target]

    return program


def arrays(shape: tuple[int, ...] = (4,), target: tuple[int, ...] = ()) -> Arrays:
    """Return arrays that fit."""
    return {
        "x_train": np.zeros((6, *shape)),
        "y_train": np.zeros((6, *target), int),
        "x_test": np.zeros((5, *shape)),
        "y_test": np.zeros((5, *target), int),
    }


def without(name: str) -> Arrays:
    """Return arrays that lack one."""
    return {k: v for k, v in arrays().items() if k != name}


ZEROS = np.zeros
NPZ: dict[str, tuple[str, Arrays, str]] = {
    "missing": (VECTORS, without("x_test"), "no array x_test, expected one of shape (N, 4)"),
    "missing-labels": (
        VECTORS,
        without("y_train"),
        "no array y_train, expected one of shape (N,) or (N, 1)",
    ),
    "misshapen": (
        VECTORS,
        {**arrays(), "x_train": ZEROS((6, 5))},
        "x_train has shape (6, 5), expected (N, 4)",
    ),
    "images-for-vectors": (
        VECTORS,
        {**arrays(), "x_test": ZEROS((5, 2, 2))},
        "x_test has shape (5, 2, 2), expected (N, 4)",
    ),
    "one-hot-for-labels": (
        VECTORS,
        {**arrays(), "y_train": ZEROS((6, 3))},
        "y_train has shape (6, 3), expected (N,) or (N, 1)",
    ),
    "channels-first": (
        IMAGES,
        {**arrays((2, 3, 1), (2,)), "x_train": ZEROS((6, 1, 2, 3))},
        "x_train has shape (6, 1, 2, 3), expected (N, 2, 3, 1)",
    ),
    "scalar": (VECTORS, {**arrays(), "y_test": ZEROS(())}, "y_test has shape (), expected"),
    "empty": (
        VECTORS,
        {**arrays(), "x_train": ZEROS((0, 4)), "y_train": ZEROS(0, int)},
        "x_train has shape (0, 4), expected (N, 4)",
    ),
    "tokens": (
        TOKENS,
        {**arrays(), "x_test": np.full((5, 4), 9)},
        "x_test holds 9 to 9, expected 0 to 8",
    ),
    "strings": (
        VECTORS,
        {**arrays(), "y_train": np.array(["a"] * 6)},
        "y_train holds <U1, expected numbers",
    ),
    "complex": (
        VECTORS,
        {**arrays(), "x_train": ZEROS((6, 4), complex)},
        "x_train holds complex128, expected numbers",
    ),
    "lengths": (
        VECTORS,
        {**arrays(), "y_train": ZEROS(5, int)},
        "x_train has 6 rows, but y_train 5",
    ),
    "label-too-large": (
        VECTORS,
        {**arrays(), "y_test": np.array([0, 1, 2, 3, 0])},
        "y_test holds 0 to 3, expected 0 to 2",
    ),
    "label-negative": (
        VECTORS,
        {**arrays(), "y_train": np.array([0, 1, 2, -1, 0, 0])},
        "y_train holds -1 to 2, expected 0 to 2",
    ),
    "label-nan": (
        VECTORS,
        {**arrays(), "y_train": np.array([0, 1, 2, np.nan, 0, 0])},
        "y_train holds nan to nan, expected 0 to 2",
    ),
}

FILES: dict[str, tuple[str, bytes | None, str]] = {
    "npz-absent": (VECTORS, None, "expected an npz file of numbers: [Errno 2]"),
    "npz-is-text": (VECTORS, b"hello", "expected an npz file of numbers: "),
    "npz-is-empty": (VECTORS, b"", "expected an npz file of numbers: "),
    "npz-is-cut": (VECTORS, b"PK\x03\x04 and no more", "expected an npz file of numbers: "),
    "csv-absent": (TABLE, None, "[Errno 2]"),
    "csv-is-empty": (TABLE, b"", "expected a line of names and rows of numbers"),
    "csv-names-alone": (TABLE, b"a;b;y\n", "the table has shape (0,), expected (N, 3)"),
    "csv-other-delimiter": (TABLE, b"a,b,y\n1,2,3\n", "expected a line of names and rows of"),
    "csv-column": (TABLE, b"a;b;c\n1;2;3\n", "no column 'y', expected one of ['a', 'b', 'c']"),
    "csv-inputs": (TABLE, b"a;y\n1;2\n3;4\n", "the inputs have 1 columns, expected 2"),
    "csv-ragged": (TABLE, b"a;b;y\n1;2;3\n1;2\n", "expected a line of names and rows of numbers"),
    "csv-wider-than-names": (TABLE, b"a;y\n1;2;3\n", "has shape (1, 3), expected (N, 2)"),
    "csv-text-cell": (TABLE, b"a;b;y\n1;2;cat\n", "'cat'"),
    "csv-empty-cell": (TABLE, b"a;b;y\n1;;3\n", "expected a line of names and rows of numbers"),
    "csv-not-utf8": (TABLE, b"a;b;\xff\n1;2;3\n", "expected a line of names and rows of numbers"),
    "csv-tokens": (TOKENS_CSV, b"a,b,c\n9,-1,1\n", "the inputs hold -1.0 to 9.0, expected 0 to 8"),
    "csv-label": (LABELS, b"a,b,c\n1,2,3\n", "the target holds 3.0 to 3.0, expected 0 to 2"),
}


def refused(module: ModuleType, path: Path) -> str:
    """Return the line with which a program leaves."""
    with pytest.raises(SystemExit) as caught:
        module.read_arrays(str(path))
    message = caught.value.code
    assert isinstance(message, str)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", NPZ)
def test_arrays(name: str, programs: Any, tmp_path: Path) -> None:
    text, held, expected = NPZ[name]
    np.savez(tmp_path / "d.npz", **held)
    told = {refused(programs(text, t), tmp_path / "d.npz") for t in TARGETS}
    assert len(told) == 1
    assert expected in told.pop()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", FILES)
def test_files(name: str, programs: Any, tmp_path: Path) -> None:
    text, content, expected = FILES[name]
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    told = {refused(programs(text, t), path) for t in TARGETS}
    assert len(told) == 1
    assert expected in told.pop()
    gc.collect()  # numpy leaves a file open that is no whole zip


def test_a_single_array_and_objects(programs: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(3))
    np.savez(tmp_path / "o.npz", **{**arrays(), "x_test": np.array([{}, 1], object)})
    for target in TARGETS:
        for name in ("a.npy", "o.npz"):
            message = refused(programs(VECTORS, target), tmp_path / name)
            assert "expected an npz file of numbers: " in message


@pytest.mark.parametrize("target", TARGETS)
def test_program_leaves_with_one_line(target: str, tmp_path: Path) -> None:
    (code,) = specc.compile(VECTORS, target=target).files.values()
    (tmp_path / "program.py").write_text(code)
    np.savez(tmp_path / "d.npz", **without("x_test"))
    done = subprocess.run(
        [sys.executable, "program.py", "--data", "d.npz"],
        cwd=tmp_path,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    # TensorFlow says things of its own before.
    assert done.stderr.splitlines()[-1] == ("d.npz: no array x_test, expected one of shape (N, 4)")
