"""`specc build` where the program that is there is that of another spec, or of one renamed."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from specc.cli import main
from specc.header import read_header

SPEC = """\
# A net.
name: {name}
input: {{shape: [4]}}
layers:
  - dense: {{units: {units}, name: only}}
"""
TORCH, KERAS = Path("net_torch.py"), Path("net_keras.py")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty current folder, with nothing around it."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def spec(path: str, units: int = 8, name: str = "net") -> str:
    """Write a spec and return its path."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(SPEC.format(name=name, units=units))
    return path


def build(*words: str) -> int:
    """Run specc build."""
    return main(["build", *words])


def of(path: Path = TORCH) -> str:
    """Return from which file a program says that it is."""
    found = read_header(path.read_bytes())
    assert found is not None
    return found.file


def test_a_second_spec_of_a_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert build(spec("a.yaml")) == 0
    before = TORCH.read_bytes(), KERAS.read_bytes()
    capsys.readouterr()
    for words in ([], ["--check"]):
        assert build(spec("b.yaml", 9), *words) == 1
        assert capsys.readouterr().err.splitlines() == [
            "b.yaml:2:7: error E606: expected a name that no other spec has, found that of a.yaml: "
            "net_torch.py and net_keras.py would be overwritten by the programs of b.yaml; give "
            "one of the two specs another name, or overwrite with --force",
            "    2 | name: net",
            "              ^^^",
        ]
        assert (TORCH.read_bytes(), KERAS.read_bytes()) == before
    assert build("b.yaml", "--force") == 0
    assert of() == of(KERAS) == "b.yaml"
    assert build("b.yaml", "--check") == 0
    assert build("a.yaml") == 1  # and now the other way around


def test_in_the_formats_of_machines(capsys: pytest.CaptureFixture[str]) -> None:
    build(spec("a.yaml"), "--target", "keras")
    capsys.readouterr()
    assert build(spec("b.yaml", 9), "--output-format", "json") == 1
    (found,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert (found["code"], found["file"], found["line"]) == ("E606", "b.yaml", 2)
    assert "a.yaml: net_keras.py would be overwritten by the program of b.yaml" in found["message"]


def test_other_folders_are_no_matter() -> None:
    assert build(spec("a.yaml"), "-o", "x") == 0
    assert build(spec("b.yaml", 9), "-o", "y") == 0
    assert build("a.yaml", "b.yaml", "-o", "z") == 2


def move() -> None:
    os.rename("a.yaml", "b.yaml")


def copy() -> None:
    shutil.copy("a.yaml", "b.yaml")


def move_and_change() -> None:
    os.remove("a.yaml")
    spec("b.yaml", 9)


def copy_and_rename_the_first() -> None:
    copy()
    spec("a.yaml", name="other")


def link() -> None:
    os.symlink("a.yaml", "b.yaml")


def move_and_write_another() -> None:
    move()
    spec("a.yaml", 9)


@pytest.mark.parametrize(
    ("change", "status", "note"),
    [
        (move, 0, False),
        (link, 0, False),
        (move_and_change, 0, True),
        (copy_and_rename_the_first, 0, False),
        (copy, 1, False),  # the next change of the copy would take the program of the first
        (move_and_write_another, 1, False),
    ],
)
@pytest.mark.parametrize("version", [None, "9.9.9"])
def test_renamed_and_copied(
    change: Callable[[], None],
    status: int,
    note: bool,
    version: str | None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build(spec("a.yaml"))
    change()
    if version:
        monkeypatch.setattr("specc.header.__version__", version)
    capsys.readouterr()
    assert build("b.yaml") == status
    assert of() == ("a.yaml" if status else "b.yaml")
    told = capsys.readouterr().err
    assert (
        "net_torch.py:1:1: note N303: expected a program of b.yaml, found one of a.yaml" in told
    ) is note
    assert ("E606" in told) is bool(status)
    assert ("N303" in told) is note


def test_a_renamed_spec_is_stale_for_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    build(spec("a.yaml"))
    move()
    assert build("b.yaml", "--check") == 1
    assert "E601" in capsys.readouterr().err


def test_two_specs_whose_names_were_swapped() -> None:
    build(spec("a.yaml", 3, "net"), spec("b.yaml", 5, "other"))
    spec("a.yaml", 3, "other")
    spec("b.yaml", 5, "net")
    assert build("a.yaml", "b.yaml") == 0
    assert of() == "b.yaml"


def test_what_is_set_counts() -> None:
    assert build(spec("a.yaml"), "--set", "name=big") == 0
    assert build(spec("b.yaml", name="big")) == 1  # a.yaml makes this program, with --set
    assert build("a.yaml") == 0
    assert build("b.yaml", "--set", "name=net") == 1
    assert build("a.yaml", "--set", "layers.only.units=20") == 0  # of the same spec
    assert build("a.yaml") == 0


@pytest.mark.parametrize("output", ["out", "."])
def test_two_files_of_a_name_in_two_folders(
    output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(spec("small/spec.yaml", 3), "-o", output) == 0
    assert build(spec("large/spec.yaml", 300), "-o", output) == 1
    assert f"that of {Path('small/spec.yaml')}: " in capsys.readouterr().err
    spec("small/spec.yaml", 4)
    assert build("small/spec.yaml", "-o", output) == 0


def test_a_spec_of_another_folder_and_another_file() -> None:
    assert build(spec("specs/a.yaml")) == 0
    assert build(spec("b.yaml", 9)) == 1


def test_a_copied_folder_has_its_own_programs() -> None:
    spec("one/spec.yaml")
    assert build("one/spec.yaml", "-o", "one") == 0
    shutil.copytree("one", "two")
    spec("two/spec.yaml", 9)
    assert build("two/spec.yaml", "-o", "two") == 0


def test_a_configured_repository_knows_its_specs(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text('[tool.specc]\nspecs = ["**/*.yaml"]\noutput = "out"\n')
    assert build(spec("deep/down/here/a.yaml")) == 0
    assert build(spec("b.yaml", 9)) == 1
    assert "that of deep/down/here/a.yaml: out/net_torch.py" in capsys.readouterr().err
    Path("deep/down/here/a.yaml").unlink()
    assert build() == 0
    assert "N303" in capsys.readouterr().err


def feed(monkeypatch: pytest.MonkeyPatch, units: int) -> None:
    """Give a spec to standard input."""
    text = SPEC.format(name="net", units=units).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))


def test_standard_input_has_no_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for units in (8, 9):  # the next text is the spec of now
        feed(monkeypatch, units)
        assert build("-") == 0
    assert build(spec("a.yaml", 9)) == 0  # it was kept in a file
    assert of() == "a.yaml"
    feed(monkeypatch, 9)
    assert build("-") == 0
    assert build(spec("a.yaml", 10)) == 1
    assert "found that of <stdin>: " in capsys.readouterr().err
    assert build("a.yaml", "--force") == 0
    feed(monkeypatch, 11)
    assert build("-") == 1
    assert "<stdin>:2:7: error E606: " in capsys.readouterr().err


def test_an_edit_of_another_specs_program_is_kept() -> None:
    build(spec("a.yaml"))
    TORCH.write_text(TORCH.read_text() + "# mine\n")
    move_and_change()
    assert build("b.yaml") == 1
    assert "# mine" in TORCH.read_text()
