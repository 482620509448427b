"""`specc build` where a formatter laid a program out anew, which is no edit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import black
import pytest
from gits import commit, repository

from specc.cli import main
from specc.layout import as_made, same_but_layout

SPEC = """\
name: net
description: A net.
input: {{shape: [4]}}
layers:
  - dense: {{units: {units}, activation: relu, kernel_initializer: he_normal}}
  - dense:
      units: 3
      activation: softmax
      kernel_initializer: {{random_uniform: {{minval: -0.05, maxval: 0.07}}}}
      kernel_regularizer: {{l2: 0.01}}
optimizer: {{adam: {{learning_rate: 0.01}}}}
loss: sparse_categorical_crossentropy
metrics: [accuracy]
training: {{epochs: 2}}
data: {{npz: digits.npz}}
"""
TORCH, KERAS = Path("net_torch.py"), Path("net_keras.py")
Change = Callable[[str], str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a spec and its programs."""
    monkeypatch.chdir(tmp_path)
    spec(8)
    assert build() == 0
    return tmp_path


def spec(units: int) -> None:
    """Write the spec."""
    Path("net.yaml").write_text(SPEC.format(units=units))


def build(*words: str) -> int:
    """Run specc build."""
    return main(["build", "net.yaml", *words])


def laid_out(width: int) -> Change:
    """Return black with lines of a width."""
    return lambda text: black.format_str(text, mode=black.Mode(line_length=width))


def ruff(text: str) -> str:
    """Return a text as ruff with other quotes and wider lines lays it out."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=110", "-"]
    command[5:5] = ["--config", "format.quote-style='single'"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def narrowed(text: str) -> str:
    """Return a text with indentation of two spaces, docstrings with it."""
    return re.sub(r"^( {4})+", lambda found: found[0][::2], text, flags=re.MULTILINE)


LAYOUTS = {
    "60": laid_out(60),
    "120": laid_out(120),
    "ruff": ruff,
    "narrow": narrowed,
    "a space at the end": lambda text: text + " ",
    "line ends": lambda text: text.replace("\n", "\r\n") + "\r\n",
}
EDITS: dict[str, Change] = {
    "a comment": lambda text: text + "# mine\n",
    "a comment at a line": lambda text: text.replace("import torch\n", "import torch  # mine\n"),
    "a comment changed": lambda text: re.sub("# (Keras|PyTorch)", "# No, \\1", text, count=1),
    "a comment less": lambda text: re.sub(
        r"(\n\n.*?)\n +#[^\n]*", r"\1", text, flags=re.DOTALL, count=1
    ),
    "a comment moved": lambda text: re.sub(r"(?m)^( +# .*\n)( +\S.*\n)", r"\2\1", text, count=1),
    "a number": lambda text: text.replace("0.07", "0.06"),
    "the docstring": lambda text: text.replace("A net.", "My net."),
    "a statement out of its block": lambda text: re.sub(
        r"(?m)^ {8}(return .*\n)(?=\n)", r"    \1", text, count=1
    ),
    "half a program": lambda text: text[: len(text) // 2],
    "the header": lambda text: text.replace("Made by specc", "Made by  specc"),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_of_an_unchanged_spec_it_is_fresh(
    layout: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (TORCH, KERAS):
        text = layout(path.read_text())
        assert text != path.read_text()
        path.write_bytes(text.encode())
    before = TORCH.read_bytes(), KERAS.read_bytes()
    capsys.readouterr()
    assert build() == 0
    assert capsys.readouterr().out == "unchanged net_torch.py\nunchanged net_keras.py\n"
    assert build("--check") == 0
    assert capsys.readouterr().out == "2 programs of 1 spec: all fresh\n"
    assert build("--force") == 0
    assert (TORCH.read_bytes(), KERAS.read_bytes()) == before


@pytest.mark.parametrize("layout", [LAYOUTS["120"], ruff])
def test_of_a_changed_spec_it_is_stale(layout: Change, capsys: pytest.CaptureFixture[str]) -> None:
    TORCH.write_text(layout(TORCH.read_text()))
    spec(9)
    assert build("--check") == 1
    assert "net_torch.py:1:1: error E601" in capsys.readouterr().err
    assert build() == 0
    assert build("--check") == 0


@pytest.mark.parametrize("layout", [LAYOUTS["60"], narrowed, ruff], ids=["60", "narrow", "ruff"])
def test_git_tells_what_black_cannot(
    layout: Change, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = repository(folder, monkeypatch)
    TORCH.write_bytes(layout(TORCH.read_text()).encode())
    commit(git)
    spec(9)
    assert build() == 0
    assert build("--check") == 0


def test_after_an_update_of_specc_it_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    TORCH.write_text(LAYOUTS["120"](TORCH.read_text()))
    monkeypatch.setattr("specc.header.__version__", "9.9.9")
    assert build() == 0


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_is_one(edit: Change) -> None:
    keep_edited(edit(TORCH.read_text()))


@pytest.mark.parametrize("edit", ["a comment", "a comment less", "a number"])
@pytest.mark.parametrize("units", [8, 9], ids=["same spec", "changed spec"])
def test_an_edit_is_one_whatever_the_layout(units: int, edit: str) -> None:
    spec(units)
    keep_edited(LAYOUTS["120"](EDITS[edit](TORCH.read_text())))


def keep_edited(text: str) -> None:
    """Check that a build takes a text in the place of the program for an edit."""
    assert text != TORCH.read_text()
    TORCH.write_text(text)
    assert build() == 1
    assert TORCH.read_text() == text


def test_an_orphan_that_was_laid_out_anew_holds_nobodys_work() -> None:
    Path("pyproject.toml").write_text('[tool.specc]\nspecs = ["*.yaml"]\n')
    TORCH.write_text(LAYOUTS["120"](TORCH.read_text()))
    KERAS.write_text(KERAS.read_text() + "# mine\n")
    os.rename("net.yaml", "other.yaml")
    Path("other.yaml").write_text(SPEC.format(units=8).replace("name: net", "name: other"))
    assert main(["build", "--prune"]) == 0
    assert KERAS.exists()
    assert not TORCH.exists()


@pytest.mark.parametrize(
    "text",
    [
        "x = (",
        "'",
        "x = 1\0",
        "\ud800",
        "(" * 1000,
        "x = " + "-" * 100_000 + "1",
        "x = " + "-" * 900 + "1",
    ],
)
def test_what_is_no_python_is_no_layout(text: str) -> None:
    assert not same_but_layout(text, "x = 1\n")
    assert not same_but_layout("x = 1\n", text)
    assert as_made(f"# Made by specc 1 from a\n{text}") is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("f(a, b)  # c\n", "f(\n    a,\n    b,\n)  # c\n", True),
        ("f(a, b)  # c\n", "f(\n    a,  # c\n    b,\n)\n", False),
        ("x = 'a' 'b'  # c\n", "x = 'ab'  # c\n", True),
        ("x = 1\n# c\n\n\ny = 2\n", "x = 1  # c\ny = 2\n", True),
        ("def f():\n    '''A.\n\n    B.\n    '''\n", "def f():\n  '''A.\n\n  B.'''\n", True),
        ("x = '''\n    a'''\n", "x = '''\n  a'''\n", False),
        ("x = 1e-3\n", "x = 0.001\n", True),
        ("x = 1\n", "x = True\n", False),
    ],
)
def test_same_but_layout(one: str, other: str, same: bool) -> None:
    assert same_but_layout(one, other) is same
