"""Verbs take folders and, without arguments, the specs of [tool.specc]; the hooks call them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
import yaml

from specc.cli import main, parser
from specc.spec_files import specs_below

ROOT = Path(__file__).parents[2]
SPEC = "name: {name}\ninput: [4]\nlayers: [{{dense: 3}}]\n"
TIDY = "name: {name}\n\ninput: [4]\nlayers:\n  - dense: 3\n"
VERBS = ("check", "fmt", "show", "build")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a current folder with specs in a folder, and with what is none beside them."""
    monkeypatch.chdir(tmp_path)
    for path in ("specs/b.yaml", "specs/deep/a.yml", "other/c.yaml"):
        write(path, SPEC.format(name=Path(path).stem))
    write("specs/docker-compose.yaml", "services: {web: {image: nginx}}\nname: shop\n")
    write("specs/notes.txt", SPEC.format(name="notes"))
    for hidden in (".cache", "venv/lib"):
        write(f"specs/{hidden}/d.yaml", SPEC.format(name="d"))
    write("specs/venv/pyvenv.cfg", "")
    return tmp_path


def write(path: str, text: str) -> None:
    """Write a file below the current folder."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def configure() -> None:
    """Write a configuration with the specs of one folder."""
    write("pyproject.toml", '[tool.specc]\nspecs = ["other/*.yaml"]\noutput = "out"\n')


def test_the_specs_below_a_folder(folder: Path) -> None:
    found = specs_below(Path("specs"))
    assert [path.as_posix() for path in found] == ["specs/b.yaml", "specs/deep/a.yml"]
    # One whose layers are misspelt is a spec with a mistake, not something else.
    write("specs/e.yaml", "name: e\ninput: [4]\nlayer: [{dense: 3}]\n")
    assert Path("specs/e.yaml") in specs_below(Path("specs"))


def names(verb: str, capsys: pytest.CaptureFixture[str], *given: str) -> list[str]:
    """Return of which models a verb tells."""
    options = {"build": ["-o", "out"] if given else [], "show": ["--format", "json"]}
    assert main([verb, *given, *options.get(verb, [])]) == 0
    told = capsys.readouterr()
    if verb == "show":
        return [shown["name"] for shown in json.loads(told.out)]
    if verb == "check":
        return [told.err.split(" ")[0]]
    if verb == "build":
        return sorted(path.stem.removesuffix("_torch") for path in Path("out").glob("*_torch.py"))
    return [Path(line.split()[-1]).stem for line in told.out.splitlines()]


@pytest.mark.parametrize("verb", VERBS)
def test_a_folder_is_all_specs_below_it(
    folder: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    found = names(verb, capsys, "specs", "other/c.yaml")
    assert sorted(found) == (["3"] if verb == "check" else ["a", "b", "c"])


@pytest.mark.parametrize("verb", VERBS)
def test_without_arguments_those_of_the_configuration(
    folder: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    assert main([verb]) == 2
    assert "expected " in capsys.readouterr().err
    configure()
    assert names(verb, capsys) == (["1"] if verb == "check" else ["c"])


@pytest.mark.parametrize("verb", VERBS)
def test_what_holds_no_spec_is_a_wrong_call(
    folder: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    Path("empty").mkdir()
    assert main([verb, "empty"]) == 2
    told = capsys.readouterr().err
    assert told == "specc: expected specs below empty, found no YAML with name, input and layers\n"
    write("pyproject.toml", '[tool.specc]\nspecs = ["none/*.yaml"]\n')
    assert main([verb]) == 2
    assert "found none that match none/*.yaml" in capsys.readouterr().err


def test_one_file_is_shown_as_one_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "other/c.yaml", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "c"
    assert main(["show", "other", "--format", "json"]) == 0
    assert [shown["name"] for shown in json.loads(capsys.readouterr().out)] == ["c"]


def test_each_spec_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "specs"]) == 0
    whole = capsys.readouterr().out
    assert main(["show", "specs/b.yaml"]) == 0
    first = capsys.readouterr().out
    assert whole.startswith(first + "\na\n")
    assert main(["show", "specs", "--program"]) == 0
    documents = list(yaml.safe_load_all(capsys.readouterr().out))
    assert [document["name"] for document in documents] == ["b", "a"]
    # One that is wrong stops no other.
    write("specs/a.yaml", SPEC.format(name="x").replace("dense", "dens"))
    assert main(["show", "specs", "--format", "json"]) == 1
    told = capsys.readouterr()
    assert "error E201" in told.err
    assert [shown["name"] for shown in json.loads(told.out)] == ["b", "a"]


def test_a_folder_is_formatted(folder: Path) -> None:
    assert main(["fmt", "specs", "--check"]) == 1
    assert main(["fmt", "specs"]) == 0
    assert Path("specs/deep/a.yml").read_text() == TIDY.format(name="a")
    assert Path("specs/notes.txt").read_text() == SPEC.format(name="notes")
    assert main(["fmt", "specs", "--check"]) == 0


def test_a_change_of_a_folder_of_one_spec(folder: Path) -> None:
    assert main(["build", "other", "-o", "out", "--set", "layers.dense.units=5"]) == 0
    assert main(["build", "specs", "-o", "out", "--set", "layers.dense.units=5"]) == 2


@pytest.mark.parametrize(
    ("terminal", "variables", "colored"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_show_has_colour_on_a_terminal(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    terminal: bool,
    variables: dict[str, str],
    colored: bool,
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), "utf-8")
    monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    more = "optimizer: adam\nloss: mse\n"
    write("a.yaml", SPEC.format(name="a") + more)
    assert main(["show", "a.yaml"]) == 0
    text = stream.buffer.getvalue().decode()  # type: ignore[attr-defined]
    assert ("\033[" in text) is colored
    if colored:
        lines = text.splitlines()
        bold = [line for line in lines if line.startswith("\033[1m")]
        assert [line[4:].split()[0].removesuffix("\033[0m") for line in bold] == [
            *("a", "layer", "total")
        ]
        (note,) = (line for line in lines if "N201" in line and "\033" in line)
        assert note.startswith("  \033[1;36mN201\033[0m  PyTorch")


# The hooks


HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def test_there_is_a_hook_for_each_verb_that_guards_a_commit() -> None:
    assert [hook["id"] for hook in HOOKS] == ["specc-check", "specc-build", "specc-fmt"]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_calls_what_there_is(folder: Path, hook: dict[str, str]) -> None:
    program, *arguments = hook["entry"].split()
    assert program == "specc"
    assert hook["language"] == "python"
    assert hook["pass_filenames"] is False
    options = parser(arguments[0]).parse_args(arguments)
    assert options.specs == []
    configure()
    assert main(arguments) == 0
