"""`specc fmt`: tests/fmt/<name>/before.yaml becomes after.yaml; and how the command behaves.

`SPECC_UPDATE=1 pytest tests/golden/test_fmt.py` writes the expected texts anew; read the
difference.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from test_fmt_random import check

from specc.canonical import ChangedError, canonical
from specc.cli import main
from specc.diagnostics import Diagnostic, Source, SpeccError
from specc.source import load

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "fmt").iterdir())
SPECS = [
    *sorted((ROOT / "specs").glob("*.yaml")),
    *sorted((ROOT / "tests" / "cases").glob("*/spec.yaml")),
    # But files of other tools, which fmt leaves alone.
    *(
        path
        for path in sorted((ROOT / "tests" / "errors").glob("*/spec.yaml"))
        if not path.parent.name.startswith("another_tools_")
    ),
]
UNTIDY = "layers: [flatten]\nname: 'm'  # its name\n"
TIDY = "name: m  # its name\n\nlayers:\n  - flatten\n"


def text_of(path: Path) -> str:
    """Return the text of a file with its line ends."""
    return path.read_bytes().decode("utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_text_is_the_committed_one(case: Path) -> None:
    after = case / "after.yaml"
    text = check(text_of(case / "before.yaml"))
    if os.environ.get("SPECC_UPDATE") == "1":
        after.write_text(text, encoding="utf-8", newline="\n")
    assert text == text_of(after)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_spec_keeps_what_it_says(path: Path) -> None:
    source = Source("spec.yaml", text_of(path))
    expected = told(load, source)
    if expected is None:
        check(source.text)
    assert told(canonical, source) == expected


def told(run: Callable[[Source], Any], source: Source) -> Sequence[Diagnostic] | None:
    """Return what is told of a text that is no YAML, else None."""
    try:
        run(source)
    except SpeccError as error:
        return error.diagnostics
    return None


@pytest.mark.parametrize(
    "path", sorted((ROOT / "specs").glob("*.yaml")), ids=lambda path: path.stem
)
def test_the_specs_are_canonical(path: Path) -> None:
    assert canonical(Source("spec.yaml", text_of(path))) == text_of(path)


def test_line_ends_and_marks_of_editors_go() -> None:
    text = "\ufeff" + UNTIDY.replace("\n", "  \r\n")
    assert canonical(Source("spec.yaml", text.lstrip("\ufeff"))) == TIDY


# The command


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """Return the path of a spec that is not in the form."""
    path = tmp_path / "spec.yaml"
    path.write_text(UNTIDY, encoding="utf-8")
    return path


def test_it_writes_once(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.chmod(0o640)
    assert main(["fmt", str(spec)]) == 0
    assert capsys.readouterr().out == f"formatted {spec}\n"
    assert spec.read_text(encoding="utf-8") == TIDY
    assert spec.stat().st_mode & 0o777 == 0o640
    before = spec.stat()
    assert main(["fmt", str(spec)]) == 0
    assert capsys.readouterr() == ("", "")
    assert (spec.stat().st_ino, spec.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert list(spec.parent.iterdir()) == [spec]


def test_a_bom_and_line_ends_alone_are_a_change(spec: Path) -> None:
    spec.write_bytes(b"\xef\xbb\xbf" + TIDY.encode())
    assert main(["fmt", "--check", str(spec)]) == 1
    spec.write_bytes(TIDY.replace("\n", "\r\n").encode())
    assert main(["fmt", str(spec)]) == 0
    assert spec.read_bytes() == TIDY.encode()


def test_check_writes_nothing(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--check", str(spec)]) == 1
    assert capsys.readouterr() == ("", f"would format {spec}\n")
    assert spec.read_text(encoding="utf-8") == UNTIDY
    spec.write_text(TIDY, encoding="utf-8")
    assert main(["fmt", "--check", str(spec)]) == 0
    assert capsys.readouterr() == ("", "")


def test_diff_writes_nothing(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--diff", str(spec)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"--- {spec}", f"+++ {spec} (formatted)"]
    assert {"-name: 'm'  # its name", "+name: m  # its name"} < set(lines)
    assert spec.read_text(encoding="utf-8") == UNTIDY
    assert main(["fmt", "--diff", "--check", str(spec)]) == 1


def test_a_link_stays_one(spec: Path) -> None:
    link = spec.parent / "link.yaml"
    link.symlink_to(spec.name)
    assert main(["fmt", str(link)]) == 0
    assert link.is_symlink()
    assert spec.read_text(encoding="utf-8") == TIDY


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in (UNTIDY, TIDY):
        out = SimpleNamespace(buffer=io.BytesIO(), flush=lambda: None)
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["fmt", "-"]) == 0
        assert out.buffer.getvalue().decode() == TIDY


def test_what_is_no_yaml_stays(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = spec.parent / "wrong.yaml"
    for text in (b"a: [1", b"a: \xff", b"a: 1\na: 2", b"", b"a: !tag 1", b"a\n---\nb", b"a: *b"):
        spec.write_text(UNTIDY, encoding="utf-8")
        wrong.write_bytes(text)
        assert main(["fmt", str(wrong), str(spec)]) == 1
        told = capsys.readouterr()
        assert main(["build", str(wrong), "-o", str(spec.parent)]) == 1
        # Which has more to say of a spec with a repeated key.
        assert told.err
        assert told.err in capsys.readouterr().err
        assert wrong.read_bytes() == text
        assert spec.read_text(encoding="utf-8") == TIDY


def test_a_wrong_call(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", str(spec.parent / "none.yaml")]) == 2
    assert "cannot read" in capsys.readouterr().err
    (spec.parent / "folder").mkdir()
    assert main(["fmt", str(spec.parent / "folder")]) == 2


def test_it_never_writes_what_says_something_else(
    spec: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for lost in ("name: m\n\nlayers:\n  - flatten\n", TIDY.replace("m ", "n "), "a: [", "#"):
        monkeypatch.setattr("specc.canonical.printer.write", lambda root, text=lost: text)
        with pytest.raises(ChangedError):
            canonical(Source("spec.yaml", UNTIDY))
    assert main(["fmt", str(spec)]) == 3
    assert "bug in specc" in capsys.readouterr().err
    assert spec.read_text(encoding="utf-8") == UNTIDY
