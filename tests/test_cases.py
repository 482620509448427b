"""Generated programs: tests/cases/<name>/torch.py and keras.py, of spec.yaml or specs/<name>.yaml.

`SPECC_UPDATE=1 pytest tests/test_cases.py` writes the programs anew; read the difference.
"""

from __future__ import annotations

import json
import os
import re
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

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "cases"
SPECS = {
    **{path.stem: path for path in sorted((ROOT / "specs").glob("*.yaml"))},
    **{path.parent.name: path for path in sorted(GOLDEN.glob("*/spec.yaml"))},
}
RULES = "E,F,I,B,UP,N,PIE,RUF"


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


def test_every_folder_is_a_case() -> None:
    assert {path.name for path in GOLDEN.iterdir() if any(path.iterdir())} == set(SPECS)


@pytest.mark.parametrize(
    "command",
    [
        ["black", "--check", "--quiet", "--config", os.devnull, "--line-length", "88"],
        ["ruff", "check", "--isolated", "--no-cache", "--select", RULES, "--line-length", "88"],
    ],
    ids=lambda command: command[0],
)
def test_style(command: list[str]) -> None:
    programs = sorted(str(path) for path in GOLDEN.glob("*/*.py"))
    command = [sys.executable, "-m", *command, *programs]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def figures_of(program: Program) -> set[str]:
    """Return the names of the figures that an epoch reports."""
    assert program.fit is not None
    names = {"loss", *(figure.name for figure in program.fit.figures)}
    validated = bool(program.fit.training.validation_split)
    return names | {f"val_{name}" for name in names if validated}


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


def reported(printed: str) -> list[set[str]]:
    """Return the names of the figures of each epoch, the last state of a progress bar counting."""
    epochs = re.split(r"^Epoch (?=\d+/\d+)", printed.split("Test - ")[0], flags=re.MULTILINE)[1:]
    lines = (re.split(r"[\r\n\b]+", re.sub(r"^Epoch.*: .*$", "", e, flags=re.M)) for e in epochs)
    last = ([line for line in of if ": " in line][-1] for of in lines)
    return [set(re.findall(r" - (\w+): ", line)) for line in last]


@pytest.mark.frameworks
@pytest.mark.parametrize("target", TARGETS)
def test_programs_run(target: str, tmp_path: Path) -> None:
    jobs = [job_of(name, target, tmp_path / name) for name in SPECS]
    results = tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", ROOT / "tests" / "run_programs.py", target, results],
        input=json.dumps(jobs),
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for name, found in zip(SPECS, json.loads(results.read_text()), strict=True):
        program = compiled(name).program
        assert program is not None
        assert "error" not in found, f"{name}: {found['error']}"
        if program.fit is None:
            continue
        assert reported(found["printed"]) == [figures_of(program)] * 2, found["printed"]
        tested = re.findall(r"^Test - (.*)$", found["printed"], flags=re.MULTILINE)
        assert len(tested) == has_test(program)
        for line in tested:
            assert set(re.findall(r"(\w+): ", line)) == {
                figure for figure in figures_of(program) if not figure.startswith("val_")
            }
