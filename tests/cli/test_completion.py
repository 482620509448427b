"""`specc completion`: the scripts are what the shells read, and bash completes by them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from specc.cli import VERBS, main, parser
from specc.completion import script
from specc.start import examples

BASH = shutil.which("bash")
needs_bash = pytest.mark.skipif(BASH is None, reason="bash is not installed")


def shell(name: str, *arguments: str, cwd: Path | None = None) -> str:
    """Run a shell, and return what it prints."""
    done = subprocess.run(
        [name, *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=20
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the script, some files and a folder."""
    found = tmp_path_factory.mktemp("completion")
    (found / "script").write_text(script("bash", parser()), encoding="utf-8")
    for name in ("model.yaml", "mode.txt", "other.yaml"):
        (found / name).write_text("")
    (found / "models").mkdir()
    return found


def completed(folder: Path, *line: str) -> list[str]:
    """Return what bash offers for the last word of a line."""
    program = (
        'source ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _shtab_specc; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return sorted(shell("bash", "-c", program, "bash", "specc", *line, cwd=folder).split())


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_shell_accepts_its_script(name: str, tmp_path: Path) -> None:
    text = script(name, parser())
    assert all(verb in text for verb in VERBS)
    assert text == script(name, parser())
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    (tmp_path / "script").write_text(text, encoding="utf-8")
    shell(name, "-n", str(tmp_path / "script"))


@needs_bash
def test_verbs(folder: Path) -> None:
    assert completed(folder, "") == sorted(VERBS)
    assert completed(folder, "bui") == ["build"]


@needs_bash
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("build mod", ["mode.txt", "model.yaml", "models"]),
        ("build model.yaml oth", ["other.yaml"]),
        ("build model.yaml -o mod", ["models"]),
        ("build --target t", ["torch"]),
        ("build --ta", ["--target"]),
        ("verify model", ["model.yaml", "models"]),
        ("verify model.yaml --data oth", ["other.yaml"]),
        ("convert model.yaml oth", ["other.yaml"]),
        ("diff mod", ["mode.txt", "model.yaml", "models"]),
        ("diff model.yaml oth", ["other.yaml"]),
        ("schema -o oth", ["other.yaml"]),
        ("init --from digits", ["digits_cnn", "digits_mlp"]),
        ("explain sgd", ["sgd"]),
        ("explain layer lst", ["lstm", "lstm_cell"]),
        ("explain epo", ["epochs"]),
        ("explain N21", ["N210", "N211", "N212", "N213"]),
        ("completion f", ["fish"]),
    ],
)
def test_words_of_a_line(line: str, offered: list[str], folder: Path) -> None:
    assert completed(folder, *line.split(" ")) == offered


@needs_bash
def test_all_examples(folder: Path) -> None:
    assert completed(folder, "init", "--from", "") == sorted(example.name for example in examples())


@needs_bash
def test_bash_knows_whose_words_they_are(folder: Path) -> None:
    assert "-F _shtab_specc specc" in shell(
        "bash", "-c", "source ./script; complete -p specc", cwd=folder
    )


def test_zsh_completes_each_of_several_words() -> None:
    text = script("zsh", parser())
    assert text.count('\n  "*:a spec') >= 3
    assert '\n  "*:files, or revisions as main..HEAD, and paths:_files"' in text
    assert '\n  "*:as relu, layer relu, N201:(' in text
    assert '\n  "(*)' not in text


def test_it_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    assert capsys.readouterr().out == script("bash", parser())


def test_no_other_verb_imports_it() -> None:
    code = (
        "import sys; from specc.cli import main, parser; parser(); main(['init', '--list']); "
        "print('shtab' in sys.modules, 'specc.schema' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False"
