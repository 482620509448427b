"""What programs write: looked at first, whole at any time, kept where someone presses Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fakes import write_data
from writing import spec

import specc
from specc.targets import TARGETS

ROOT = Path(__file__).parents[2]
ENDINGS = {"torch": "pt", "keras": "keras"}
WEIGHTS = {"torch": "pt", "keras": "weights.h5"}
BEST = {"early_stopping": {"monitor": "loss", "patience": 100000, "restore_best_weights": True}}
LAST = {"model_checkpoint": {"filepath": "kept/last.keras"}}
BARE = {"model_checkpoint": {"filepath": "kept/bare.weights.h5", "save_weights_only": True}}
EACH = {"model_checkpoint": {"filepath": "{epoch}/m.keras", "monitor": "loss", "verbose": 1}}

pytestmark = pytest.mark.frameworks


def text_of(*callbacks: dict[str, Any]) -> str:
    """Return a spec with callbacks whose epochs are quick."""
    training = {"epochs": 2, "batch_size": 4, "callbacks": list(callbacks)}
    return spec([4], [{"dense": 3}], loss="mse", metrics=["mae"], training=training)


@dataclass
class Try:
    """One run of a program, and what is to come of it.

    Attributes:
        arguments: Arguments of the program.
        left: The status or the line with which it leaves.
        told: What stands in the line that it tells, EXT being the target's ending.
        prepare: What happens in the folder before.
        files: What stands there after it, beside the program and its data.
        callbacks: What the spec has.
        more: Further entries of the job, see `run_programs.py`.
    """

    arguments: str
    left: Any
    told: str = ""
    prepare: Callable[[Path], Any] = lambda folder: None
    files: tuple[str, ...] = ()
    callbacks: tuple[dict[str, Any], ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


TRIES = {
    "new folders": Try("--save a/b/m.EXT", None, files=("a/b/m.EXT",)),
    "over a file": Try(
        "--save m.EXT", None, "", lambda f: [(f / f"m.{e}").touch() for e in ENDINGS.values()],
        ("m.keras", "m.pt"),
    ),
    "a folder in its place": Try(
        "--save m.EXT", "m.EXT: expected a file, found a folder or a device", "",
        lambda f: [(f / f"m.{e}").mkdir() for e in ENDINGS.values()],
    ),
    "a file for a folder": Try(
        "--save a/m.EXT", "a/m.EXT: [Errno 17] File exists: 'a'", "",
        lambda f: (f / "a").touch(), ("a",),
    ),
    "a name that is too long": Try(f"--save {'a' * 250}.EXT", f"{'a' * 250}.EXT: [Errno 36]"),
    "not writable": Try("--save /proc/m.EXT", "/proc/m.EXT: [Errno"),
    "no name": Try("--save=", {"torch": ": expected a file", "keras": 2}),
    "no epoch": Try("--epochs 0", 2, "argument --epochs: expected 1 or more, found 0"),
    "negative": Try("--epochs -1", 2, "argument --epochs: expected 1 or more, found -1"),
    "checkpoints": Try(
        "", None, files=("1/m.EXT", "2/m.EXT", "kept/bare.WEIGHTS", "kept/last.EXT"),
        callbacks=(LAST, BARE, EACH),
    ),
    "no place for a checkpoint": Try(
        "", "kept/last.EXT: [Errno 17] File exists: 'kept'", "",
        lambda f: (f / "kept").touch(), ("kept",), (LAST,),
    ),
    "interrupted": Try(
        "--epochs 1000000 --save m.EXT", 130, "Interrupted: m.EXT has the weights as they are\n",
        files=("m.EXT",), more={"interrupt": 4},
    ),
    "interrupted without a file": Try(
        "--epochs 1000000", 130, "Interrupted\n", more={"interrupt": 4}
    ),
}  # fmt: skip


def job_of(tried: Try, target: str, folder: Path) -> dict[str, Any]:
    """Write a program and its data; return how to run it."""
    folder.mkdir()
    result = specc.compile(text_of(*tried.callbacks))
    assert result.ok, result.diagnostics
    assert result.program is not None
    write_data(result.program, folder)
    path = folder / f"model_{target}.py"
    path.write_text(result.files[path.name])
    tried.prepare(folder)
    arguments = ["--data", "fake.npz", *tried.arguments.replace("EXT", ENDINGS[target]).split()]
    job = {"path": str(path), "folder": str(folder), "class_name": "Model", "saved": None}
    return {**job, "arguments": arguments, **tried.more}


def run(target: str, jobs: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Run programs in one process, and return what came of each."""
    results = folder / "results.json"
    done = subprocess.run(
        [sys.executable, "-P", ROOT / "tests" / "run_programs.py", target, results],
        input=json.dumps(jobs),
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(results.read_text())
    return found


def files_in(folder: Path) -> list[str]:
    """Return the files that are neither the program nor its data."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in paths]
    return [name for name in names if not name.startswith(("model_", "fake."))]


@pytest.mark.parametrize("target", TARGETS)
def test_what_programs_write(target: str, tmp_path: Path) -> None:
    tries = dict(TRIES)
    if target == "keras":
        told = "argument --save: expected a .keras file, found 'm.pt'"
        tries["a wrong ending"] = Try("--save m.pt", 2, told)
    jobs = [job_of(tried, target, tmp_path / name) for name, tried in tries.items()]
    # A full disk in a second training leaves the files of the first.
    twice = Try("--save m.EXT", None, callbacks=(LAST,))
    whole = job_of(twice, target, tmp_path / "whole")
    found = run(target, [*jobs, whole], tmp_path)
    assert found[-1]["left"] is None
    for (name, tried), result in zip(tries.items(), found, strict=False):
        left = tried.left[target] if isinstance(tried.left, dict) else tried.left
        told = tried.told.replace("EXT", ENDINGS[target])
        assert "error" not in result, f"{name}: {result}"
        if isinstance(left, str):
            assert str(result["left"]).startswith(left.replace("EXT", ENDINGS[target])), name
            assert "\n" not in result["left"]
        else:
            assert result["left"] == left, f"{name}: {result}"
            assert told in result["told"], f"{name}: {result}"
        assert (result["printed"] == "") == (left not in (None, 130)), name
        kinds = {"EXT": ENDINGS[target], "WEIGHTS": WEIGHTS[target]}
        names = [n.replace("EXT", kinds["EXT"]).replace("WEIGHTS", kinds["WEIGHTS"])
                 for n in tried.files]  # fmt: skip
        assert files_in(tmp_path / name) == sorted(names), name
    names = [f"kept/last.{ENDINGS[target]}", f"m.{ENDINGS[target]}"]
    before = [(tmp_path / "whole" / name).read_bytes() for name in names]
    (failed,) = run(target, [{**whole, "limit": 500}], tmp_path)
    assert "error" in failed
    assert [(tmp_path / "whole" / name).read_bytes() for name in names] == before


@pytest.mark.parametrize("target", TARGETS)
def test_ctrl_c_keeps_the_best_weights(target: str, tmp_path: Path) -> None:
    arguments = f"--epochs 1000000 --save new/m.{ENDINGS[target]}"
    job = job_of(Try(arguments, 130, callbacks=(BEST,)), target, tmp_path / "best")
    process = subprocess.Popen(
        [sys.executable, job["path"], *job["arguments"]],
        cwd=job["folder"],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    # The line of an epoch comes before its weights are kept, that of the next one after it.
    for epoch in (1, 2):
        assert process.stdout.readline().startswith(f"Epoch {epoch}/1000000 - loss: ")
    process.send_signal(signal.SIGINT)
    printed, told = process.communicate(timeout=120)
    assert process.returncode == 130
    assert told.splitlines()[-1] == f"Interrupted: new/m.{ENDINGS[target]} has the best weights"
    assert "Traceback" not in told
    assert all(line.startswith("Epoch ") for line in printed.splitlines())
    assert files_in(tmp_path / "best") == [f"new/m.{ENDINGS[target]}"]
