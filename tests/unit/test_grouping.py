"""Notes that many specs of a build have are told once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from specc.cli import main

SPEC = """\
name: {name}
input: {{shape: [4]}}
layers:
  - dense: 8
{layers}  - dense: 3
optimizer: {optimizer}
loss: mse
training: {{epochs: 2}}
"""
N201 = (
    "PyTorch adds epsilon after the bias correction of the second moment, Keras before it; "
    "fidelity: exact matches Keras"
)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a repository the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text('[tool.specc]\nspecs = ["*.yaml"]\noutput = "out"\n')


def spec(name: str, optimizer: str = "adam", layers: str = "") -> None:
    """Write a spec."""
    text = SPEC.format(name=name, optimizer=optimizer, layers=layers)
    Path(f"{name}.yaml").write_text(text)


def told(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> list[str]:
    """Run a build and return what it told."""
    capsys.readouterr()
    assert main(["build", *words]) == status
    return capsys.readouterr().err.splitlines()


def test_a_note_of_many_specs_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(8):
        spec(f"n{number}")
    spec("other", "sgd")
    assert told(capsys) == [
        f"note N201 in 8 specs: {N201}",
        "        n0.yaml:6, n1.yaml:6, n2.yaml:6 and 5 more",
    ]
    assert told(capsys) == []
    spec("n3", "{adam: {learning_rate: 0.01}}")
    assert told(capsys)[0] == f"n3.yaml:6:13: note N201: {N201}"
    for number in range(2):
        spec(f"n{number}", "{adam: {learning_rate: 0.01}}")
    assert told(capsys)[1] == "        n0.yaml:6, n1.yaml:6"


def test_names_of_layers_make_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    spec("a", "sgd", "  - batch_normalization\n")
    spec("b", "sgd", "  - batch_normalization\n  - dense: 5\n  - batch_normalization\n")
    told_of = told(capsys)
    assert len(told_of) == 2
    assert told_of[0].startswith("note N203 in 2 specs: PyTorch's running variance is the unbiased")
    assert told_of[1] == "        a.yaml:5, b.yaml:5"


def test_what_one_spec_has_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    spec("a")
    spec("b", "rmsprop")
    assert told(capsys, "a.yaml", "b.yaml")[1:3] == [
        "    6 | optimizer: adam",
        "                   ^^^^",
    ]


def test_errors_and_notes_about_programs_are_all_told(capsys: pytest.CaptureFixture[str]) -> None:
    for name in "abcd":
        spec(name)
    told(capsys)
    Path("a.yaml").unlink()
    Path("b.yaml").unlink()
    assert len([line for line in told(capsys) if ": note N301: " in line]) == 4
    for name in "cd":
        spec(name, "addam")
    assert len([line for line in told(capsys, status=1) if ": error E201: " in line]) == 2


def test_machines_get_every_note(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(8):
        spec(f"n{number}")
    assert main(["build", "--output-format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["diagnostics"]
    assert [each["code"] for each in found] == ["N201"] * 8
    assert len({each["file"] for each in found}) == 8
