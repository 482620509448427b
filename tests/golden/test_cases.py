"""Generated programs: tests/cases/<name>/torch.py and keras.py, of spec.yaml or specs/<name>.yaml.

`SPECC_UPDATE=1 pytest tests/golden/test_cases.py` writes the programs anew; read the difference.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fakes import write_data
from writing import affordable

from specc.pipeline import Compilation, compile_bytes
from specc.program import Program
from specc.targets import TARGETS

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "cases"
SPECS = {
    **{path.stem: path for path in sorted((ROOT / "specs").glob("*.yaml"))},
    **{path.parent.name: path for path in sorted(GOLDEN.glob("*/spec.yaml"))},
}
# More than ruff's own rules; N812 would have everybody call torch.nn.functional otherwise.
RULES = ["--select", "E,F,I,B,UP,N,PIE,RUF", "--ignore", "N812", "--line-length", "88"]


@functools.cache
def compiled(name: str, runs: bool = False) -> Compilation:
    """Return the programs of a case, those of a smaller model where they are to run."""
    text = SPECS[name].read_text(encoding="utf-8")
    text = affordable(name, text) if runs else text
    found = compile_bytes(text.encode(), str(SPECS[name]))
    assert found.ok, [d.render() for d in found.diagnostics]
    return found


def text_of(found: Compilation, target: str) -> str:
    """Return the text of one program."""
    assert found.program is not None
    return found.files[f"{found.program.name}_{target}.py"]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", SPECS)
def test_program_is_the_committed_one(name: str, target: str) -> None:
    path = GOLDEN / name / f"{target}.py"
    text = text_of(compiled(name), target)
    if os.environ.get("SPECC_UPDATE") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_all_programs_run() -> None:
    for target in TARGETS:
        runs = [name for of, names, _ in RUNS.values() if of == target for name in names]
        assert sorted(runs) == sorted(SPECS)


def test_every_folder_is_a_case() -> None:
    assert {path.name for path in GOLDEN.iterdir() if any(path.iterdir())} == set(SPECS)


@pytest.mark.parametrize(
    "command",
    [
        ["black", "--check", "--quiet", "--config", os.devnull, "--line-length", "88"],
        ["ruff", "check", "--isolated", "--no-cache"],
        ["ruff", "check", "--isolated", "--no-cache", *RULES],
    ],
    ids=("black", "ruff", "ruff_rules"),
)
def test_style(command: list[str]) -> None:
    programs = sorted(str(path) for path in GOLDEN.glob("*/*.py"))
    command = [sys.executable, "-m", *command, *programs]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_types(tmp_path: Path) -> None:
    """What a user sees who runs mypy on a program, with no setting but that of missing stubs."""
    for path in GOLDEN.glob("*/*.py"):
        if path.stem in TARGETS:  # others are a user's own layers
            # Each under a name of its own: mypy takes two files of one name for one module.
            shutil.copy(path, tmp_path / f"{path.parent.name}_{path.stem}.py")
    command = [sys.executable, "-m", "mypy", "--ignore-missing-imports", "--cache-dir", "cache"]
    command += ["--config-file", os.devnull, "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def figures_of(program: Program) -> list[str]:
    """Return the names of the figures that an epoch reports, in the order of the spec."""
    assert program.fit is not None
    names = ["loss", *(figure.name for figure in program.fit.figures)]
    validated = bool(program.fit.training.validation_split)
    return names + [f"val_{name}" for name in names if validated]


def has_test(program: Program) -> bool:
    """Tell whether a program evaluates the model at the end."""
    data = program.fit.data if program.fit else None
    return program.fit is not None and getattr(data, "test_path", "") is not None


def job_of(name: str, target: str, folder: Path) -> dict[str, Any]:
    """Write a program and data for it, and return how to run it."""
    found = compiled(name, runs=True)
    program = found.program
    assert program is not None
    folder.mkdir()
    path = folder / f"{program.name}_{target}.py"
    path.write_text(text_of(found, target))
    job = {"path": str(path), "folder": str(folder), "class_name": program.class_name}
    if program.fit is None:
        return {**job, "arguments": [], "saved": None}
    data, saved = write_data(program, folder), folder / ("m.pt" if target == "torch" else "m.keras")
    arguments = ["--data", str(data), "--epochs", "2", "--save", str(saved)]
    return {**job, "arguments": arguments, "saved": str(saved)}


def reported(printed: str, what: str) -> list[list[str]]:
    """Return the names of the figures of each line that begins with a regular expression."""
    lines = re.findall(rf"^{what} - (.*)$", printed, flags=re.MULTILINE)
    return [re.findall(r"(?:^| - )(\w+): ", line) for line in lines]


EXAMPLES = [name for name in SPECS if (ROOT / "specs" / f"{name}.yaml").exists()]
OTHERS = [name for name in SPECS if name not in EXAMPLES]
# The target, the programs, and how the process that runs them is told to hurry: Keras takes longer
# to make graphs than to run them, so not all of its programs get theirs as it makes it by itself.
RUNS = {
    "torch": ("torch", [*EXAMPLES, *OTHERS], ()),
    "keras-examples": ("keras", EXAMPLES, ()),
    "keras-others": ("keras", OTHERS, ("--quick",)),
}


@pytest.mark.frameworks
@pytest.mark.parametrize(("target", "names", "options"), RUNS.values(), ids=RUNS)
def test_programs_run(
    target: str, names: list[str], options: tuple[str, ...], tmp_path: Path
) -> None:
    jobs = [job_of(name, target, tmp_path / name) for name in names]
    script, results = ROOT / "tests" / "run_programs.py", tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", script, target, results, *options],
        input=json.dumps(jobs),
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for name, found in zip(names, json.loads(results.read_text()), strict=True):
        program = compiled(name).program
        assert program is not None
        assert "error" not in found, f"{name}: {found['error']}"
        if program.fit is None:
            continue
        assert found["left"] is None, found
        printed, figures = found["printed"], figures_of(program)
        assert reported(printed, r"Epoch \d/2") == [figures] * 2, printed
        without = [figure for figure in figures if not figure.startswith("val_")]
        assert reported(printed, "Test") == [without] * has_test(program)
        assert not re.search(r"[^\n -~]", printed), printed  # no control characters in a log
