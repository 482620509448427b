"""Merges of branches that change one spec, played with git, and edits told apart by its history."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from gits import Git, commit, repository

from specc.cli import main
from specc.merges import first_mark, sides

SPEC = """\
name: net
input: {{shape: [4]}}
layers:
  - dense: {{units: {units}, activation: relu}}
  - dense: 3
seed: 1
optimizer: sgd
loss: mse
training:
  batch_size: 8
  epochs: {epochs}
"""
SPEC_FILE = Path("specs/net.yaml")
TORCH, KERAS = Path("out/net_torch.py"), Path("out/net_keras.py")


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Make a repository with a spec and its programs, not committed, and return how to call git."""
    git = repository(tmp_path, monkeypatch)
    Path("specs").mkdir()
    Path("pyproject.toml").write_text('[tool.specc]\nspecs = ["specs/*.yaml"]\noutput = "out"\n')
    build_of()
    return git


def build(*words: str) -> int:
    """Run specc build."""
    return main(["build", *words])


def write(units: int = 8, epochs: int = 2) -> None:
    """Write the spec."""
    SPEC_FILE.write_text(SPEC.format(units=units, epochs=epochs))


def build_of(units: int = 8, epochs: int = 2) -> None:
    """Write the spec and build its programs."""
    write(units, epochs)
    assert build() == 0


def branch_off(git: Git, **change: int) -> None:
    """Make a branch `other` with a change, and come back."""
    git("checkout", "--quiet", "-b", "other")
    build_of(**change)
    commit(git)
    git("checkout", "--quiet", "main")


def texts() -> tuple[str, str]:
    """Return both programs."""
    return TORCH.read_text(), KERAS.read_text()


def expected(**spec: int) -> tuple[str, str]:
    """Return both programs as a build of a spec makes them, elsewhere."""
    text = SPEC_FILE.read_bytes()
    write(**spec)
    assert main(["build", str(SPEC_FILE), "-o", "made"]) == 0
    SPEC_FILE.write_bytes(text)
    return tuple(Path("made", path.name).read_text() for path in (TORCH, KERAS))  # type: ignore[return-value]


# The whole merge, with and without the attributes that `specc init --repository` writes


def test_a_merge_of_a_configured_repository(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").unlink()
    assert main(["init", "--repository", "--output-folder", "out"]) == 0
    commit(git)
    branch_off(git, epochs=5)
    build_of(units=9)
    commit(git)
    mine = texts()
    git("merge", "other", fails=True)
    assert git("diff", "--name-only", "--diff-filter=U").splitlines() == [str(KERAS), str(TORCH)]
    assert texts() == mine  # whole, without markers
    assert "units: 9" in SPEC_FILE.read_text()
    assert "epochs: 5" in SPEC_FILE.read_text()
    assert build("--check") == 1
    assert build() == 0
    assert texts() == expected(units=9, epochs=5)
    commit(git)
    assert build("--check") == 0
    assert "all fresh" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("style", "known"),
    [
        ("merge", "in conflict"),
        ("diff3", "in conflict"),
        ("zdiff3", "in conflict"),
        ("diff3", "added"),
        ("merge", "committed"),
    ],
)
def test_markers_in_programs(
    git: Git, style: str, known: str, capsys: pytest.CaptureFixture[str]
) -> None:
    git("config", "merge.conflictStyle", style)
    commit(git)
    branch_off(git, epochs=5)
    build_of(units=9)
    commit(git)
    git("merge", "other", fails=True)
    conflict = texts()
    assert all("<<<<<<< HEAD\n# Change the spec" in text for text in conflict)
    if known != "in conflict":
        git("add", "--all")
    if known == "committed":
        git("commit", "--quiet", "--message", "merged")
    capsys.readouterr()
    assert build("--check") == 1
    assert re.findall(r"(\S+):1:1: error (\w+)", capsys.readouterr().err) == [
        (str(TORCH), "E608"),
        (str(KERAS), "E608"),
    ]
    assert texts() == conflict
    assert build() == 0
    told = capsys.readouterr()
    assert told.out == "1 spec: 2 programs written, 0 unchanged\n"
    assert f"{TORCH}:1:1: note N302: expected a program, found both sides of a merge" in told.err
    assert texts() == expected(units=9, epochs=5)
    commit(git)
    assert build("--check") == 0


@pytest.mark.parametrize("side", ["ours", "theirs", "the result"])
def test_an_edit_on_a_side_stays_one(
    git: Git, side: str, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(git)
    branch_off(git, epochs=5)
    build_of(units=9)
    commit(git)
    if side != "the result":
        git("checkout", "--quiet", {"ours": "main", "theirs": "other"}[side])
        TORCH.write_text(TORCH.read_text() + "# mine\n")
        commit(git)
        git("checkout", "--quiet", "main")
    git("merge", "other", fails=True)
    if side == "the result":
        TORCH.write_text(TORCH.read_text() + "# mine\n")
    before = texts()
    assert "# mine" in before[0]
    assert build() == 1
    assert texts() == before
    line = before[0].split("\n").index("<<<<<<< HEAD") + 1
    assert (
        f"{TORCH}:{line}:1: error E602: expected the program as specc made it, found one that was "
        f"edited by hand, with conflict markers from line {line} on"
    ) in capsys.readouterr().err
    assert build("--force") == 0
    assert texts() == expected(units=9, epochs=5)


def test_a_merge_that_was_resolved_by_hand(git: Git) -> None:
    """Each conflict is in a digest, so whoever takes one side has the program of the new spec."""
    commit(git)
    branch_off(git, epochs=5)
    build_of(units=9)
    commit(git)
    git("merge", "other", fails=True)
    for path in (TORCH, KERAS):
        both = sides(path.read_text())
        assert both is not None
        path.write_text(both[path == KERAS])
    assert build() == 0
    assert texts() == expected(units=9, epochs=5)


def test_sides_without_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where every change is within the conflict, both sides are whole in the file."""
    monkeypatch.chdir(tmp_path)
    Path("specs").mkdir()
    Path("pyproject.toml").write_text('[tool.specc]\nspecs = ["specs/*.yaml"]\noutput = "out"\n')
    build_of(units=9)
    ours = TORCH.read_text()
    build_of(units=8)
    text = f"<<<<<<< HEAD\n{ours}||||||| 123\nx\n=======\n{TORCH.read_text()}>>>>>>> other\n"
    TORCH.write_text(text)
    assert build() == 0
    assert "N302" in capsys.readouterr().err
    TORCH.write_text(text.replace("import torch\n", "import torch  # mine\n", 1))
    assert build() == 1


def test_a_spec_in_conflict_builds_nothing(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git)
    branch_off(git, units=16)
    build_of(units=9)
    commit(git)
    git("merge", "other", fails=True)
    before = texts()
    capsys.readouterr()
    assert build("--force") == 1
    told = capsys.readouterr().err
    assert told.startswith(
        "specs/net.yaml:4:1: error E607: expected a spec, found a conflict that a merge left; "
    )
    assert told.count("error") == 1
    assert texts() == before


@pytest.mark.parametrize(
    ("text", "line", "both"),
    [
        ("a\n<<<<<<< x\nb\n=======\nc\n>>>>>>> y\nd", 2, ("a\nb\nd", "a\nc\nd")),
        ("<<<<<<<\r\nb\r\n=======\r\n>>>>>>>\r\n", 1, ("b\r\n", "")),
        ("<<<<<<< x\nb\n||||||| z\nq\n=======\nc\n>>>>>>> y\n" * 2, 1, ("b\nb\n", "c\nc\n")),
        ("a\n=======\nb\n", None, None),
        ("<<<<<<< x\na\n", None, None),
        ("a <<<<<<< x\n=======\n>>>>>>> y\n", None, None),
        ("<<<<<<<x\n=======\n>>>>>>> y\n", None, None),
    ],
)
def test_marks(text: str, line: int | None, both: tuple[str, str] | None) -> None:
    assert first_mark(text) == line
    assert sides(text) == both


# An edit, told apart from what the spec changed since


def edit(path: Path = TORCH) -> int:
    """Edit a program by hand and return the line."""
    lines = path.read_text().split("\n")
    number = lines.index('if __name__ == "__main__":') + 1
    lines[number:number] = ["    print('mine')"]
    path.write_text("\n".join(lines))
    return number + 1


@pytest.mark.parametrize("known", ["committed", "added", "before", "renamed", "set"])
def test_an_edit_is_shown_alone(git: Git, known: str, capsys: pytest.CaptureFixture[str]) -> None:
    if known == "set":
        words = [str(SPEC_FILE), "--set", "training.epochs=7", "--force"]
        assert build(*words) == 0
    git("add", "--all")
    if known != "added":
        commit(git)
    if known == "before":
        for units in (20, 21):
            write(units=units)
            commit(git)
    line = edit()
    write(units=9, epochs=33)
    if known == "renamed":
        SPEC_FILE.rename("specs/new.yaml")
    capsys.readouterr()
    assert build() == 1
    told = capsys.readouterr().err
    assert f"{TORCH}:{line}:1: error E602: " in told
    assert "edited by hand, and whose spec has changed since; change the spec" in told
    assert f"{line:>5} |     print('mine')\n" in told
    shown = told[told.index("--- ") :].splitlines()
    assert shown[0] == f"--- {TORCH} (as made)"
    assert [each for each in shown[2:] if each[0] in "+-"] == ["+    print('mine')"]


def test_an_edit_that_cannot_be_told_apart(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    edit()
    write(units=9)
    commit(git)
    capsys.readouterr()
    assert build() == 1
    told = capsys.readouterr().err
    assert f"{TORCH}:1:1: error E602: " in told
    assert "and whose spec has changed since, so that the edit cannot be told apart; " in told
    assert f"--- {TORCH} (new)" in told


def test_an_edit_of_another_version(
    git: Git, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(git)
    edit()
    for module in ("building", "header", "standing"):
        monkeypatch.setattr(f"specc.{module}.__version__", "9.9.9")
    assert build() == 1
    assert "and that specc 0.1.0 made, so that the edit" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_annotations_stand_on_the_edited_line(
    git: Git, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = edit()
    capsys.readouterr()
    assert build("--check", "--output-format", form) == 1
    told = capsys.readouterr().out
    if form == "github":
        assert told.startswith(f"::error file={TORCH},line={line},endLine={line},")
        return
    found = json.loads(told)
    if form == "json":
        (each,) = found["diagnostics"]
        assert (each["line"], each["end_line"]) == (line, line)
    else:
        (each,) = found["runs"][0]["results"]
        assert each["locations"][0]["physicalLocation"]["region"]["startLine"] == line


def test_lines_that_were_removed(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    lines = KERAS.read_text().split("\n")
    KERAS.write_text("\n".join(lines[:10]) + "\n")
    assert build("--check") == 1
    assert f"{KERAS}:10:1: error E602" in capsys.readouterr().err
