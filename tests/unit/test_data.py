"""Generated programs and data that is not what they expect: one line that says what is wrong."""

from __future__ import annotations

import gc
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
HEADLESS = spec(
    [2],
    [{"dense": 3}],
    loss="sparse_categorical_crossentropy",
    data={"csv": {"path": "t.csv", "target": 0, "header": False}},
)
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
        "x_test[0, 0] is 9, expected whole numbers, 0 to 8",
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
        "y_test[3] is 3, expected whole numbers, 0 to 2",
    ),
    "label-negative": (
        VECTORS,
        {**arrays(), "y_train": np.array([0, 1, 2, -1, 0, 0])},
        "y_train[3] is -1, expected whole numbers, 0 to 2",
    ),
    "label-nan": (
        VECTORS,
        {**arrays(), "y_train": np.array([0, 1, 2, np.nan, 0, 0])},
        "y_train[3] is nan, expected whole numbers, 0 to 2",
    ),
}

FILES: dict[str, tuple[str, bytes | None, str]] = {
    "npz-absent": (VECTORS, None, "expected an npz file of numbers: [Errno 2]"),
    "npz-is-text": (VECTORS, b"hello", "expected an npz file of numbers: "),
    "npz-is-empty": (VECTORS, b"", "expected an npz file of numbers: "),
    "npz-is-cut": (VECTORS, b"PK\x03\x04 and no more", "expected an npz file of numbers: "),
    "csv-is-empty": (TABLE, b"", "a line of 0 names: [], expected 3 between ';'"),
    "csv-names-alone": (TABLE, b"a;b;y\n", "expected rows of 3 numbers below the names"),
    "csv-other-delimiter": (TABLE, b"a,b,y\n1,2,3\n", "a line of 1 names: ['a,b,y'], expected 3"),
    "csv-column": (TABLE, b"a;b;c\n1;2;3\n", "no column 'y', expected one of ['a', 'b', 'c']"),
    "csv-inputs": (TABLE, b"a;y\n1;2\n3;4\n", "a line of 2 names: ['a', 'y'], expected 3"),
    "csv-one-name-twice": (TABLE, b"a;y;y\n1;2;3\n", "two columns have one name: ['a', 'y', 'y']"),
    "csv-no-names": (
        LABELS,
        b"0.5,1,2\n1,2,1\n",
        "expected a line of names, found numbers: ['0.5', '1', '2']",
    ),
    "csv-short": (TABLE, b"a;b;y\n1;2;3\n1;2\n", ":3: 2 cells, expected 3"),
    "csv-all-short": (TABLE, b"a;b;y\n1;2\n1;2\n", ":2: 2 cells, expected 3"),
    "csv-long": (TABLE, b"a;b;y\n1;2;3\n1;2;3;4;5\n", ":3: 5 cells, expected 3"),
    "csv-all-long": (TABLE, b"a;b;y\n1;2;3;4\n1;2;3;4\n", ":2: 4 cells, expected 3"),
    "csv-delimiter-at-the-end": (TABLE, b"a;b;y\n1;2;3;\n", ":2: 4 cells, expected 3"),
    "csv-open-quote": (TABLE, b'a;b;y\n1;2;"3\n1;2;3\n', "expected rows of 3 numbers below"),
    "csv-text-cell": (TABLE, b"a;b;y\n1;2;cat\n", ":2: column 'y' holds 'cat', expected finite"),
    "csv-empty-cell": (TABLE, b"a;b;y\n1;;3\n", ":2: column 'b' holds '', expected finite numbers"),
    "csv-underscore": (TABLE, b"a;b;y\n1;2;3\n1_48;2;3\n", ":3: column 'a' holds '1_48', expected"),
    "csv-hexadecimal": (TABLE, b"a;b;y\n0x1F;2;3\n", ":2: column 'a' holds '0x1F', expected"),
    "csv-thousands": (TABLE, b"a;b;y\n1,000;2;3\n", ":2: column 'a' holds '1,000', expected"),
    "csv-truth-value": (TABLE, b"a;b;y\nTrue;2;3\nFalse;2;3\n", ":2: column 'a' holds 'True'"),
    "csv-na": (TABLE, b"a;b;y\n1;NA;3\n", ":2: column 'b' holds 'NA', expected"),
    "csv-nan": (TABLE, b"a;b;y\n1;2;nan\n", ":2: column 'y' holds 'nan', expected"),
    "csv-none": (TABLE, b"a;b;y\n1;2;None\n", ":2: column 'y' holds 'None', expected"),
    "csv-infinity": (TABLE, b"a;b;y\n1;-inf;3\n", ":2: column 'b' holds '-inf', expected"),
    "csv-overflow": (TABLE, b"a;b;y\n1;1e39;3\n", ":2: column 'b' holds '1e39', expected"),
    "csv-comment": (TABLE, b"a;b;y\n# 1;2;3\n", ":2: column 'a' holds '# 1', expected"),
    "csv-not-utf8": (TABLE, b"a;b;y\n\xff;2;3\n", ":2: column 'a' holds '\ufffd', expected"),
    "csv-mixed": (TABLE, b'a;b;y\n1;2;3\n\n\n"4\n";5;6\n7;8;x\n', ":7: column 'y' holds 'x'"),
    "csv-bom-and-crlf": (TABLE, b"\xef\xbb\xbfa;b;y\r\n1;2;3\r\n1;2;x\r\n", ":3: column 'y' holds"),
    "csv-tokens": (TOKENS_CSV, b"a,b,c\n9,-1,1\n", ":2: column 'a' holds '9', expected whole num"),
    "csv-label": (LABELS, b"a,b,c\n1,2,3\n", ":2: column 'c' holds '3', expected whole numbers, 0"),
    "csv-headless-label": (HEADLESS, b"3,1,2\n", ":1: column 0 holds '3', expected whole numbers"),
    "csv-headless-names": (HEADLESS, b"a,b,c\n1,2,3\n", ":1: column 1 holds 'b', expected finite"),
    "csv-headless-empty": (HEADLESS, b"\n", "expected rows of 3 numbers"),
    "csv-headless-short": (HEADLESS, b"1,2\n1,2\n", ":1: 2 cells, expected 3"),
}

READ: dict[str, tuple[str, bytes, list[list[float]]]] = {
    "plain": (TABLE, b"a;b;y\n1;2;3\n4;5;6\n", [[1, 2, 3], [4, 5, 6]]),
    "target-first": (TABLE, b"y;a;b\n3;1;2\n", [[1, 2, 3]]),
    "bom-crlf-quotes-blanks": (
        TABLE,
        b'\xef\xbb\xbf"a";"b";"y"\r\n\r\n"1";2;3\r\n\r\n4;"5";6',
        [[1, 2, 3], [4, 5, 6]],
    ),
    "blanks-before-names": (TABLE, b"\n\na;b;y\n1;2;3\n", [[1, 2, 3]]),
    "a-name-of-two-lines": (TABLE, b'"a\nx";b;y\n1;2;3\n', [[1, 2, 3]]),
    "forms": (TABLE, b"a;b;y\n 1;+2.50;3e0\n-.5;1E1;1e-400\n", [[1, 2.5, 3], [-0.5, 10, 0]]),
    "one-name-is-a-number": (TABLE, b"0;b;y\n1;2;3\n", [[1, 2, 3]]),
    "headless": (HEADLESS, b"1,2,3\n0,5,6\n", [[2, 3, 1], [5, 6, 0]]),
    "whole-as-floats": (LABELS, b"a,b,c\n1,2,2.0\n", [[1, 2, 2]]),
}


def refused(module: ModuleType, path: Path) -> str:
    """Return the line with which a program leaves."""
    with pytest.raises(ValueError, match=str(path.name)) as caught:
        module.read_arrays(str(path))
    message = str(caught.value)
    assert message.startswith(f"{path}:")
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


@pytest.mark.parametrize("name", READ)
def test_tables_that_are_right(name: str, programs: Any, tmp_path: Path) -> None:
    text, content, expected = READ[name]
    (tmp_path / "file").write_bytes(content)
    for target in TARGETS:
        x, y = programs(text, target).read_arrays(str(tmp_path / "file"))
        assert np.hstack((x, y)).tolist() == expected


def test_a_single_array_and_objects(programs: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(3))
    np.savez(tmp_path / "o.npz", **{**arrays(), "x_test": np.array([{}, 1], object)})
    for target in TARGETS:
        for name in ("a.npy", "o.npz"):
            message = refused(programs(VECTORS, target), tmp_path / name)
            assert "expected an npz file of numbers: " in message


LEAVES = {
    "array": (VECTORS, "d.npz", "d.npz: no array x_test, expected one of shape (N, 4)"),
    "table": (TABLE, "t.csv", "t.csv:2: column 'b' holds 'x', expected finite numbers"),
    "absent": (TABLE, "none.csv", "[Errno 2] No such file or directory: 'none.csv'"),
}


@pytest.mark.parametrize("target", TARGETS)
def test_program_leaves_with_one_line(target: str, programs: Any, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", **without("x_test"))
    (tmp_path / "t.csv").write_text("a;b;y\n1;x;3\n")
    for text, path, expected in LEAVES.values():
        main = programs(text, target).main
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", ["program.py", "--data", path])
            with pytest.raises(SystemExit) as caught:
                main()
        assert caught.value.code == expected
