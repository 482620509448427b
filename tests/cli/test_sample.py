"""`specc sample`: files of random data that the programs of a spec read.

tests/golden/test_cases.py trains each committed program on what it draws.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from writing import spec

from specc.cli import main
from specc.pipeline import compile_path
from specc.sampling import SampleError, draw, files
from specc.shapes import UNKNOWN, Shape
from specc.spec.data import Csv

ROOT = Path(__file__).parents[2]
SPECS = sorted(
    [
        *ROOT.glob("specs/*.yaml"),
        *ROOT.glob("tests/cases/*/spec.yaml"),
        *ROOT.glob("tests/verified/*"),
    ]
)
DENSE = [{"dense": 1}]
RESCALE = {"rescaling": {"scale": 0.5}}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str = "model.yaml", layers: list[Any] | None = None, **more: Any) -> str:
    """Write a spec, and return its path."""
    shape = more.pop("shape", [4])
    Path(path).write_text(spec(shape, layers or DENSE, **more), encoding="utf-8")
    return path


def fits(found: Shape, expected: Shape) -> bool:
    """Tell whether a shape is another one, whose open sizes are any."""
    pairs = zip(found, expected, strict=True)
    return all(n > 0 if size is UNKNOWN else n == size for n, size in pairs)


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem if p.stem != "spec" else p.parent.name)
def test_samples_are_what_a_spec_asks_for(path: Path) -> None:
    program = compile_path(path).program
    assert program is not None
    if program.fit is None:
        with pytest.raises(SampleError, match="does not say how to train"):
            draw(program, 3)
        return
    arrays = draw(program, 3, test_rows=2)
    assert list(arrays) == ["x_train", "y_train", "x_test", "y_test"]
    for part, rows in (("train", 3), ("test", 2)):
        x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
        assert len(x) == len(y) == rows
        assert fits(x.shape[1:], program.input.shape)
        assert fits(y.shape[1:], program.fit.head.target_shapes[0])
        assert x.dtype == (program.input.dtype if program.input.holds_integers() else np.float32)
        if program.fit.head.classes is not None:
            assert y.dtype == np.int64
            assert 0 <= y.min() <= y.max() < program.fit.head.classes
    if isinstance(program.fit.data, Csv):
        table = files(program, arrays, Path("a.csv"))[Path("a.csv")].decode()
        rows = list(csv.reader(table.splitlines(), delimiter=program.fit.data.delimiter))
        assert {len(row) for row in rows} == {x[0].size + y[0].size}
        assert set(program.fit.data.target or ()) <= set(rows[0])
        assert np.isfinite(np.array(rows[1:], float)).all()


def test_an_npz_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        input={"shape": [None, 4], "dtype": "uint8"},
        layers=[RESCALE, "global_max_pooling1d", *DENSE],
    )
    assert main(["sample", path, "--rows", "10"]) == 0
    told = capsys.readouterr().out
    assert told == (
        "wrote model.npz: x_train (10, 9, 4) uint8, y_train (10, 1) float32, "
        "x_test (3, 9, 4) uint8, y_test (3, 1) float32\n"
    )
    with np.load("model.npz") as file:
        arrays = dict(file)
    assert {name: array.shape for name, array in arrays.items()} == {
        "x_train": (10, 9, 4),
        "y_train": (10, 1),
        "x_test": (3, 9, 4),
        "y_test": (3, 1),
    }
    assert not np.array_equal(arrays["x_train"][:3], arrays["x_test"])


def test_what_is_drawn_follows_from_the_seed(folder: Path) -> None:
    path = write()
    for name, seed in (("a", "0"), ("b", "0"), ("c", "1")):
        assert main(["sample", path, "-o", f"new/{name}.npz", "--seed", seed]) == 0
    a, b, c = ((folder / "new" / f"{name}.npz").read_bytes() for name in "abc")
    assert a == b != c


def test_an_open_size_is_one_that_all_layers_take(folder: Path) -> None:
    layers = [{"conv1d": {"filters": 2, "kernel_size": 40}}, "global_max_pooling1d", *DENSE]
    assert main(["sample", write(shape=[None, 4], layers=layers)]) == 0
    with np.load("model.npz") as file:
        assert file["x_train"].shape == (100, 64, 4)


@pytest.mark.parametrize(
    ("data", "header"),
    [
        ({}, ["x1", "x2", "x3", "x4", "y1"]),
        ({"target": ["b", "x2", "a"]}, ["b", "x2", "a", "x1", "x3", "x4", "x5"]),
        ({"delimiter": ";", "target": ["ä;", "b", "c"]}, ["ä;", "b", "c", "x1", "x2", "x3", "x4"]),
    ],
)
def test_a_table(
    data: dict[str, Any], header: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"path": "data/train.csv", "test_path": "data/t.csv", **data}
    path = write(layers=[{"dense": len(header) - 4}], data={"csv": given})
    assert main(["sample", path, "--rows", "8"]) == 0
    columns = f"4 columns of inputs and {len(header) - 4} of targets"
    assert capsys.readouterr().out == (
        f"wrote data/train.csv: 8 rows, {columns}\nwrote data/t.csv: 2 rows, {columns}\n"
    )
    for name, rows in (("train", 8), ("t", 2)):
        lines = (folder / "data" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        first, *rest = csv.reader(lines, delimiter=data.get("delimiter", ","))
        assert first == header
        assert np.array(rest, dtype=float).shape == (rows, len(header))


def test_truth_values_in_a_table_are_numbers(folder: Path) -> None:
    given = {"shape": [4], "dtype": "bool"}
    path = write(input=given, layers=[RESCALE, *DENSE], data={"csv": "a.csv"})
    assert main(["sample", path]) == 0
    lines = (folder / "a.csv").read_text().splitlines()
    assert {cell for line in lines[1:] for cell in line.split(",")[:4]} == {"0", "1"}


def test_the_file_may_be_named(folder: Path) -> None:
    csv_spec = write("a.yaml", data={"csv": {"path": "/x/a.csv", "test_path": "t.csv"}})
    assert main(["sample", csv_spec, "-o", "new/b.csv"]) == 0
    assert main(["sample", write("b.yaml", data={"npz": "c.npz"}), "-o", "t.csv.gz"]) == 0
    assert sorted(p.name for p in folder.rglob("*.*sv*")) == ["b.csv", "t.csv", "t.csv.gz"]


def test_files_that_are_there_stay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(data={"csv": {"path": "a.csv", "test_path": "t.csv"}})
    (folder / "t.csv").write_text("mine")
    assert main(["sample", path]) == 2
    assert capsys.readouterr().err == "specc: t.csv is there already; --force overwrites it\n"
    assert not (folder / "a.csv").exists()
    assert (folder / "t.csv").read_text() == "mine"
    assert main(["sample", path, "--force"]) == 0
    assert (folder / "t.csv").read_text().startswith("x1,")


def test_all_files_or_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "t.csv").mkdir()
    path = write(data={"csv": {"path": "a.csv", "test_path": "t.csv"}})
    assert main(["sample", path, "--force"]) == 2
    assert "cannot write the samples" in capsys.readouterr().err
    assert sorted(p.name for p in folder.iterdir()) == ["model.yaml", "t.csv"]


@pytest.mark.parametrize(
    ("more", "options", "reason"),
    [
        ({"loss": None}, [], "the spec does not say how to train, so its programs read no data"),
        ({}, ["-o", "a.csv"], "the programs of the spec read .npz files, found a.csv"),
        ({"data": {"csv": "a.csv"}}, ["-o", "a.npz"], "read .csv files, found a.npz"),
        ({}, ["-o", ""], "expected the path of a file, found nothing"),
        ({}, ["-o", "-"], "expected the path of a file, found -"),
        ({"data": {"npz": "../a.npz"}}, [], "found ../a.npz; name a file with -o"),
        ({"data": {"npz": "/a.npz"}}, [], "expected a file below the current folder, found /a.npz"),
        (
            {"data": {"csv": {"path": "a.csv", "test_path": "link/a.csv"}}},
            ["-o", "a.csv"],
            "found link/a.csv; write the spec's path relative to it",
        ),
        ({"shape": [10**5, 10**5]}, ["--rows", "3"], "3 samples of [100000, 100000] are 120.0 GB"),
    ],
)
def test_wrong_calls(
    more: dict[str, Any],
    options: list[str],
    reason: str,
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "link").symlink_to(tmp_path_factory.mktemp("other"))
    path = write(**more)
    assert main(["sample", path, *options]) == 2
    assert reason in capsys.readouterr().err
    assert sorted(p.name for p in folder.iterdir()) == ["link", "model.yaml"]


@pytest.mark.parametrize("option", [["--rows", "0"], ["--rows", "x"], ["--seed", "-1"]])
def test_wrong_numbers(option: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["sample", write(), *option])
    assert left.value.code == 2


def test_many_categories_cost_little(folder: Path) -> None:
    table = {"embedding": {"input_dim": 10**12, "output_dim": 1}}
    given = {"shape": [3], "dtype": "int64"}
    assert main(["sample", write(input=given, layers=[table, "flatten", *DENSE])]) == 0
    with np.load("model.npz") as file:
        assert 10**9 < file["x_train"].max() < 10**12


def test_what_does_not_fit_into_the_memory(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("specc.sampling.inputs", fail)
    assert main(["sample", write()]) == 2
    assert "ask for fewer by --rows" in capsys.readouterr().err


def test_mistakes_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", write(layers=[{"dens": 3}])]) == 1
    assert "model.yaml:10:4: error E201" in capsys.readouterr().err
    assert [p.name for p in folder.iterdir()] == ["model.yaml"]


def test_without_numpy(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("specc.cli.sample.find_spec", lambda _: None)
    assert main(["sample", write()]) == 2
    assert "pip install numpy" in capsys.readouterr().err


def test_no_framework_is_imported(folder: Path) -> None:
    code = (
        "import json, sys; from specc.cli import main; main(['sample', 'model.yaml']); "
        "print(json.dumps(sorted(sys.modules)))"
    )
    write()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = json.loads(done.stdout.splitlines()[-1])
    assert "numpy" in modules
    assert not {"torch", "keras", "tensorflow", "pandas", "h5py"} & set(modules)
