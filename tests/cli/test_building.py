"""`specc build` of a repository: what is fresh, what stands in the way, what is left behind."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from specc import __version__
from specc.cli import main
from specc.header import read_header

ROOT = Path(__file__).parents[2]
SPEC = """\
name: {name}
input: {{shape: [4]}}
layers:
  - dense: {{units: {units}, activation: relu}}
  - dense: {{units: 3, activation: softmax}}
optimizer: sgd
loss: sparse_categorical_crossentropy
training: {{epochs: 2}}
"""
SETTINGS = '[tool.specc]\nspecs = ["specs/*.yaml"]\noutput = "out"\n'
TORCH, KERAS = Path("out/a_torch.py"), Path("out/a_keras.py")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository of two specs that is the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text(SETTINGS)
    Path("specs").mkdir()
    spec("a")
    spec("b")
    return tmp_path


def spec(name: str, units: int = 8) -> Path:
    """Write a spec and return its path."""
    path = Path("specs") / f"{name}.yaml"
    path.write_text(SPEC.format(name=name, units=units))
    return path


def build(*words: str) -> int:
    """Run specc build."""
    return main(["build", *words])


def files() -> dict[str, bytes]:
    """Return everything below the output folder."""
    return {str(p): p.read_bytes() for p in sorted(Path("out").rglob("*")) if p.is_file()}


def codes(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    """Return file and code of each message."""
    return re.findall(r"^(\S+):\d+:1: \w+ ([EN]\d+):", capsys.readouterr().err, re.MULTILINE)


# A whole repository


def test_one_command_builds_all(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build() == 0
    assert list(files()) == [f"out/{name}_{t}.py" for name in "ab" for t in ("keras", "torch")]
    assert capsys.readouterr().out == "2 specs: 4 programs written, 0 unchanged\n"


def test_from_a_folder_below(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "specs")
    assert build() == 0
    monkeypatch.chdir(repository)
    assert len(files()) == 4


def test_what_is_unchanged_is_not_touched(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    spec("b", units=9)
    times = {path: os.stat(path).st_mtime_ns for path in files()}
    capsys.readouterr()
    assert build() == 0
    assert capsys.readouterr().out == "2 specs: 2 programs written, 2 unchanged\n"
    touched = [path for path, time in times.items() if os.stat(path).st_mtime_ns != time]
    assert touched == ["out/b_keras.py", "out/b_torch.py"]


def test_what_is_unchanged_is_not_compiled(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    monkeypatch.setattr("specc.building._compile", lambda _: pytest.fail("compiled"))
    assert build() == 0
    assert build("--check") == 0


def test_each_target_has_its_folder(repository: Path) -> None:
    text = SETTINGS.replace('"out"', '{torch = "out/t", keras = "out/k"}')
    Path("pyproject.toml").write_text(text)
    assert build() == 0
    assert {str(Path(path).parent) for path in files()} == {"out/t", "out/k"}
    assert build("--check") == 0


def test_one_target(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text(SETTINGS + 'targets = ["torch"]\n')
    assert build() == 0
    assert list(files()) == ["out/a_torch.py", "out/b_torch.py"]
    assert build("--target", "keras") == 2
    assert "has no target keras" in capsys.readouterr().err


def test_a_named_spec_goes_where_the_configuration_says(repository: Path) -> None:
    assert build("specs/a.yaml") == 0
    assert list(files()) == ["out/a_keras.py", "out/a_torch.py"]
    assert build("specs/a.yaml", "-o", "other") == 0
    assert sorted(p.name for p in Path("other").iterdir()) == ["a_keras.py", "a_torch.py"]


def test_a_wrong_spec_stops_all(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec("b", units=-1)
    assert build() == 1
    assert not Path("out").exists()
    assert "specs/b.yaml:4:20: error E211" in capsys.readouterr().err


def test_two_specs_of_one_name(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("specs/c.yaml").write_text(SPEC.format(name="A", units=8))
    assert build() == 2
    assert "would both write" in capsys.readouterr().err
    assert not Path("out").exists()


def test_nothing_to_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert build() == 2
    Path("pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert build() == 2
    Path("pyproject.toml").write_text(SETTINGS)
    assert build() == 2


def test_many_specs_by_several_processes(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(30):
        spec(f"n{number}", units=number + 1)
    assert build() == 0
    first = files()
    assert len(first) == 64
    for path in first:
        os.remove(path)
    for name in sorted(Path("specs").iterdir()):
        assert main(["build", str(name), "-o", "out"]) == 0
    assert files() == first


# --check and --diff


def test_check_names_what_is_not_fresh(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build()
    spec("c")
    build("specs/c.yaml")
    Path("specs/c.yaml").unlink()
    TORCH.write_text(TORCH.read_text() + "# mine\n")
    KERAS.unlink()
    spec("b", units=9)
    Path("out/b_keras.py").write_text("print('mine')\n")
    before = files()
    capsys.readouterr()
    assert build("--check") == 1
    assert sorted(codes(capsys)) == [
        ("out/a_keras.py", "E603"),
        ("out/a_torch.py", "E602"),
        ("out/b_keras.py", "E605"),
        ("out/b_torch.py", "E601"),
        ("out/c_keras.py", "E604"),
        ("out/c_torch.py", "E604"),
    ]
    assert files() == before


def test_check_of_what_is_fresh(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build()
    capsys.readouterr()
    assert build("--check", "--diff") == 0
    assert capsys.readouterr() == ("4 programs of 2 specs: all fresh\n", "")


def test_a_wrong_spec_fails_the_check(repository: Path) -> None:
    build()
    spec("a", units=-1)
    assert build("--check") == 1


def test_diff_shows_what_would_change(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build()
    spec("a", units=9)
    before = files()
    capsys.readouterr()
    assert build("--diff") == 0
    shown = capsys.readouterr().out
    assert "\n-        self.dense_1 = nn.Linear(4, 8)\n" in shown
    assert "\n+        self.dense_1 = nn.Linear(4, 9)\n" in shown
    assert "b_torch" not in shown
    assert files() == before
    assert build("--diff", "--check") == 1


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_formats(repository: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert build("--output-format", form) == 0
    clean = capsys.readouterr()
    assert clean.err == ""
    TORCH.write_text(TORCH.read_text() + "# mine\n")
    spec("b", units=9)
    for words in (["--check"], []):
        assert build(*words, "--output-format", form) == 1
        output, told = capsys.readouterr()
        assert told == ""
        assert "out/a_torch.py" in output
        assert "E602" in output
        assert ("E601" in output) is bool(words)
        if form != "github":
            json.loads(output)
    spec("b", units=-1)
    assert build("--output-format", form) == 1
    assert "specs/b.yaml" in capsys.readouterr().out


def test_what_does_not_go_together(repository: Path) -> None:
    assert build("specs/a.yaml", "-o", "-", "--target", "torch", "--output-format", "json") == 2
    assert build("--diff", "--output-format", "json") == 2
    assert build("specs/a.yaml", "-o", "-", "--check") == 2
    assert build("-", "--watch") == 2


def test_watch_builds_again(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def watch(files: Callable[[], list[Path]], action: Callable[[], int]) -> None:
        for change in (lambda: None, lambda: spec("b", units=9), lambda: spec("c")):
            change()
            assert action() == 0
            seen.append([path.name for path in files()])
        settings = Path("pyproject.toml").read_text()
        Path("pyproject.toml").write_text("[tool.specc]\nspecs = 3\n")
        assert action() == 2
        seen.append([path.name for path in files()])
        Path("pyproject.toml").write_text(settings)

    monkeypatch.setattr("specc.watch.watch", watch)
    assert build("--watch") == 0
    known = ["a.yaml", "b.yaml", "c.yaml", "pyproject.toml"]
    assert seen == [[*known[:2], known[3]]] * 2 + [known] * 2
    assert b"9" in Path("out/b_torch.py").read_bytes()
    assert build("--check") == 0


# Edits by hand, files of others, programs without a spec


@pytest.mark.parametrize("edit", ["# mine\n", "MINE = 1\n"])
def test_an_edit_is_kept_and_shown(
    repository: Path, edit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    build()
    TORCH.write_text(TORCH.read_text() + edit)
    spec("b", units=9)
    before = files()
    capsys.readouterr()
    assert build() == 1
    told = capsys.readouterr().err
    line = before[str(TORCH)].count(b"\n")
    assert f"out/a_torch.py:{line}:1: error E602" in told
    assert "has changed since" not in told
    assert f"+{edit.strip(chr(10))}" in told
    assert files() == before
    assert build("--force") == 0
    assert files()[str(TORCH)] != before[str(TORCH)]


def test_an_edit_of_a_stale_program(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build()
    TORCH.write_text(TORCH.read_text() + "# mine\n")
    spec("a", units=9)
    assert build() == 1
    assert "and whose spec has changed since" in capsys.readouterr().err


@pytest.mark.parametrize("line", [0, 1])
def test_an_edit_of_the_header_is_one(repository: Path, line: int) -> None:
    build()
    lines = TORCH.read_text().split("\n")
    lines[line] = lines[line][:-1] + "x"
    TORCH.write_text("\n".join(lines))
    assert build() == 1


def test_windows_line_ends_are_no_edit(repository: Path) -> None:
    build()
    for path in (TORCH, Path("specs/a.yaml")):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert build("--check") == 0


def test_a_file_of_somebody_else_is_kept(repository: Path) -> None:
    Path("out").mkdir()
    TORCH.write_text("print('mine')\n")
    assert build() == 1
    assert TORCH.read_text() == "print('mine')\n"
    assert not KERAS.exists()
    assert build("--force") == 0


@pytest.mark.parametrize("target", ["elsewhere.py", "missing.py"])
def test_a_link_is_not_followed(repository: Path, target: str) -> None:
    Path("out").mkdir()
    Path("elsewhere.py").write_text("mine")
    TORCH.symlink_to(repository / target)
    assert build() == 1
    assert build("--force") == 0
    assert not TORCH.is_symlink()
    assert Path("elsewhere.py").read_text() == "mine"
    assert not Path("missing.py").exists()


def test_orphans_are_told_and_pruned(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build()
    Path("out/c_torch.py").write_text("# mine\n")
    Path("specs/b.yaml").unlink()
    capsys.readouterr()
    assert build() == 0
    assert codes(capsys) == [("out/b_keras.py", "N301"), ("out/b_torch.py", "N301")]
    Path("out/b_torch.py").write_text(Path("out/b_torch.py").read_text() + "# edit\n")
    assert build("--prune") == 0
    captured = capsys.readouterr()
    assert "1 removed" in captured.out
    assert "out/b_torch.py:1:1: note N301" in captured.err
    assert "--prune --force" in captured.err
    assert build("--prune", "--force") == 0
    assert list(files()) == ["out/a_keras.py", "out/a_torch.py", "out/c_torch.py"]


# What a program is made from


def test_the_digest_tells_versions_targets_and_files_apart(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    found = [read_header(data) for data in files().values()]
    assert len({header.spec for header in found if header}) == 4
    Path("specs/a.yaml").rename("specs/z.yaml")
    assert build("--check") == 1
    assert build() == 0
    monkeypatch.setattr("specc.header.__version__", "9.9.9")
    assert build("--check") == 1


def test_a_text_without_a_plain_name_is_compiled(repository: Path) -> None:
    Path("specs/a.yaml").write_text(json.dumps({"name": "a", "input": [4], "layers": ["flatten"]}))
    assert build() == 0
    assert build("--check") == 0
    TORCH.write_text(TORCH.read_text() + "# mine\n")
    assert build("--check") == 1


# A build that changes nothing, before anything is imported


def quick(*words: str) -> tuple[str, set[str]]:
    """Run specc build in a process of its own; return what it printed and what it imported."""
    command = [sys.executable, "-X", "importtime", "-m", "specc", "build", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    imported = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if "|" in line}
    return done.stdout, imported


def test_an_unchanged_build_imports_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(SPEC.format(name="a", units=8))
    assert build("a.yaml", "-o", "out") == 0
    printed, imported = quick("a.yaml", "-o", "out")
    assert printed == "unchanged out/a_torch.py\nunchanged out/a_keras.py\n"
    assert not {"argparse", "typing", "re", "hashlib", "pathlib", "yaml", "pydantic"} & imported
    Path("a.yaml").write_text(SPEC.format(name="a", units=9))
    assert quick("a.yaml", "-o", "out")[0] == "wrote out/a_torch.py\nwrote out/a_keras.py\n"
    TORCH.write_text(TORCH.read_text() + "# mine\n")
    assert quick("a.yaml", "-o", "out")[0] == ""


def test_a_configuration_above_has_its_say(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "specs")
    assert main(["build", "a.yaml", "-o", "."]) == 0
    assert quick("a.yaml")[0].startswith("wrote ")
    assert (repository / TORCH).exists()


def test_the_header_names_version_and_file(repository: Path) -> None:
    build()
    assert TORCH.read_text().startswith(f"# Made by specc {__version__} from a.yaml\n")
