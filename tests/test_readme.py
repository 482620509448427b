"""What the README says is what specc does: words, codes, excerpts, commands."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import specc
from specc.cli import VERBS
from specc.codes import CODES
from specc.spec.catalogue import CATALOGUE

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FAMILIES = {
    "layers": "layer",
    "cells": "cell",
    "activations": "activation",
    "initializers": "initializer",
    "regularizers": "regularizer",
    "constraints": "constraint",
    "optimizers": "optimizer",
    "schedules": "schedule",
    "losses": "loss",
    "metrics": "metric",
    "callbacks": "callback",
    "data": "data",
}


def blocks(marker: str) -> list[str]:
    """Return the code of each fenced block that follows `<!-- marker -->`."""
    return re.findall(rf"<!-- {re.escape(marker)} -->\n```\w*\n(.*?)```", README, re.DOTALL)


def section(title: str) -> str:
    """Return the text between a heading and the next one."""
    return README.split(f" {title}\n", 1)[1].split("\n#", 1)[0]


def test_every_code_is_in_the_table_and_no_other() -> None:
    tables = ("codes.py", "mistakes.py")
    files = [path for path in (ROOT / "specc").rglob("*.py") if path.name not in tables]
    texts = (path.read_text(encoding="utf-8") for path in files)
    emitted = {code for text in texts for code in re.findall(r'"([ENW]\d{3})"', text)}
    assert len(emitted) > 40
    assert list(CODES) == sorted(emitted)
    table = re.findall(r"^\| ([ENW]\d{3}) \| (.*) \|$", section("Messages"), re.MULTILINE)
    assert dict(table) == CODES


def test_every_word_is_listed_and_no_other() -> None:
    rows = re.findall(r"^\| (\w+) \| (`.*) \|$", section("Words"), re.MULTILINE)
    listed = {FAMILIES[name]: re.findall(r"`(\w+)`", words) for name, words in rows}
    assert listed.keys() == CATALOGUE.keys()
    for family, words in listed.items():
        assert sorted(words) == sorted(CATALOGUE[family])


def test_the_spec_is_the_one_in_the_repository() -> None:
    (shown,) = blocks("specs/digits_mlp.yaml")
    assert shown == (ROOT / "specs" / "digits_mlp.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("target", "number"), [("keras", 1), ("torch", 2)])
def test_excerpts_are_real(target: str, number: int) -> None:
    name = f"digits_mlp_{target}.py"
    program = specc.compile(ROOT / "specs" / "digits_mlp.yaml").files[name]
    excerpts = blocks(name)
    assert len(excerpts) == number
    for excerpt in excerpts:
        assert excerpt in program


def test_the_table_is_the_one_that_is_shown() -> None:
    (shown,) = blocks("tests/show/digits_cnn.txt")
    assert shown == (ROOT / "tests" / "show" / "digits_cnn.txt").read_text(encoding="utf-8")


def test_every_verb_is_in_the_table() -> None:
    table = dict(re.findall(r"^\| `specc (\w+)` \| (.*) \|$", section("The command line"), re.M))
    assert table == VERBS


def test_the_python_example_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = blocks("python")
    monkeypatch.chdir(ROOT)
    exec(compile(example, "README.md", "exec"), {})
    assert "class DigitsMlp(nn.Module):" in capsys.readouterr().out


def test_each_command_is_one_line() -> None:
    for marker in ("first", "test"):
        (command,) = blocks(marker)
        assert command.count("\n") == 1


def test_links_lead_somewhere() -> None:
    for file in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / file).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        anchors = {h.lower().replace("`", "").replace(" ", "-") for h in headings}
        for link in re.findall(r"\]\(([^)]+)\)", text):
            if link.startswith("#"):
                assert link[1:] in anchors, link
            elif not link.startswith("https:"):
                assert (ROOT / link).exists(), link


@pytest.mark.parametrize(("command", "status"), [("echo yes", 0), ("false; echo no", 1)])
def test_ci_runs_the_command_of_the_readme(tmp_path: Path, command: str, status: int) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    readme = README.replace("".join(blocks("test")), command + "\n")
    (tmp_path / "README.md").write_text(readme, encoding="utf-8")
    done = subprocess.run(
        [tmp_path / ".ci" / "run"], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.returncode == status
    assert done.stdout == ("yes\n" if status == 0 else "")


def test_ci_tells_that_the_command_is_missing(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "README.md").write_text("# specc\n", encoding="utf-8")
    done = subprocess.run([tmp_path / ".ci" / "run"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no block" in done.stderr
