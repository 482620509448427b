"""How a spec starts, from one of the examples, and how a repository is configured."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from specc.diagnostics import Source, SpeccError, did_you_mean
from specc.fresh import program_file
from specc.pipeline import front
from specc.source import Mapping, load, plain

CONFIGURATION = "pyproject.toml"
SPECS = "specs/*.yaml"
OUTPUT = "generated"
ATTRIBUTES = ".gitattributes"
_ATTRIBUTES_COMMENT = "# Programs by specc: after a merge, `specc build` makes them anew."

# It names classes that a checkout alone has.
_LEFT_OUT = ("custom_layer",)


class StartError(Exception):
    """Raised where a file cannot be made; its text says why."""


@dataclass(frozen=True, slots=True)
class Example:
    """A spec to start from.

    Attributes:
        name: As `digits_mlp`.
        description: What it is, in a line.
        text: The spec's text.
        data: The file that its programs read, or empty.
    """

    name: str
    description: str
    text: str
    data: str


def examples_folder() -> Path:
    """Return where the examples lie: in the package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "specs"
    return installed if installed.is_dir() else package.parent / "specs"


def examples() -> tuple[Example, ...]:
    """Return the specs to start from, in the order of their names."""
    paths = sorted(examples_folder().glob("*.yaml"))
    return tuple(_example(path) for path in paths if path.stem not in _LEFT_OUT)


def _example(path: Path) -> Example:
    text = path.read_text(encoding="utf-8")
    values = plain(load(Source(path.name, text)))
    (data,) = values.get("data", {"": ""}).values()
    read = data["path"] if isinstance(data, dict) else data
    return Example(values["name"], values["description"], text, read)


def find(name: str) -> Example:
    """Return the example of a name.

    Errors:
        StartError: there is none.
    """
    known = {example.name: example for example in examples()}
    if name not in known:
        hint = did_you_mean(name, known) or "`specc init --list` lists them"
        raise StartError(f"expected the name of an example, found {name!r}; {hint}")
    return known[name]


def named(example: Example, name: str) -> str:
    """Return the text of an example under another name, its comments kept.

    Errors:
        StartError: a spec cannot have this name.
    """
    source = Source(example.name, example.text)
    tree = load(source)
    assert isinstance(tree, Mapping)
    span = next(value.span for key, value in tree.entries if key.value == "name")
    lines = example.text.split("\n")
    line = lines[span.line - 1]
    value = name if name.isidentifier() else json.dumps(name)
    lines[span.line - 1] = line[: span.column - 1] + value + line[span.end_column - 1 :]
    text = "\n".join(lines)
    try:
        front(Source("spec.yaml", text))
    except SpeccError as error:
        found = error.diagnostics[0]
        hint = f"; {found.hint}" if found.hint else ""
        raise StartError(found.message + hint) from None
    return text


def place(name: str, configured: bool) -> Path:
    """Return where a spec of that name goes by default.

    Arguments:
        configured: Whether the repository's configuration names the folder specs.
    """
    return Path("specs" if configured or Path("specs").is_dir() else "", f"{name}.yaml")


def check_new(path: Path) -> None:
    """Check that nothing is in the place of a file.

    Errors:
        StartError: something is.
    """
    if os.path.lexists(path):
        raise StartError(f"{path} is there already, and is left as it is")


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, and its folders.

    Errors:
        OSError: it cannot be written, or is there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)


# The repository


def is_configured(folder: Path) -> bool:
    """Tell whether the repository in a folder has a configuration.

    Errors:
        StartError: its pyproject.toml cannot be read.
    """
    return "specc" in _parsed(_read(folder)).get("tool", {})


def configured(
    folder: Path, specs: Sequence[str], output: str, targets: Sequence[str] | None
) -> str:
    """Return the text of a folder's pyproject.toml with [tool.specc] at its end.

    All else in it stays as it is.

    Arguments:
        specs: Globs of the specs.
        output: The folder of the programs.
        targets: Which programs to write, None for all.

    Errors:
        StartError: the file has such a table already, or is none to which one can be added.
    """
    text = _read(folder)
    before = _parsed(text)
    if "specc" in before.get("tool", {}):
        raise StartError(f"{CONFIGURATION} has [tool.specc] already, and is left as it is")
    values: dict[str, Any] = {"specs": list(specs), "output": output}
    if targets is not None:
        values["targets"] = list(targets)
    after = _appended(text, values)
    expected = {**before, "tool": {**before.get("tool", {}), "specc": values}}
    try:
        fits = _parsed(after) == expected
    except StartError:
        fits = False  # as where `tool` is an inline table
    if not fits:
        raise StartError(f"[tool.specc] cannot be added at the end of {CONFIGURATION}")
    return after


def attributes(folder: Path, output: str, targets: Sequence[str]) -> str | None:
    """Return the text of a folder's .gitattributes with lines for programs at its end.

    With `-merge` git leaves a program whole where two branches changed it, and reports a conflict,
    so that it cannot be forgotten to build it anew. None where nothing is to be added.

    Arguments:
        output: The folder of the programs.
        targets: Which programs there are.

    Errors:
        StartError: the file cannot be read.
    """
    text = _read(folder, ATTRIBUTES)
    known = [line.strip() for line in text.splitlines()]
    patterns = [_pattern(output, program_file("*", target)) for target in targets]
    new = [p for p in patterns if not any(line.startswith(f"{p} ") for line in known)]
    lines = [f"{pattern} linguist-generated -merge" for pattern in new]
    return _with_lines(text, [_ATTRIBUTES_COMMENT, *lines, ""]) if lines else None


def _pattern(output: str, name: str) -> str:
    """Return a pattern of .gitattributes for files of a name in a folder."""
    folder = output.replace("\\", "/").strip("/").removeprefix("./")
    escaped = "".join("\\" + c if c in "*?[" else c for c in folder)
    pattern = f"/{name}" if folder in ("", ".") else f"/{escaped}/{name}"
    quoted = any(c.isspace() or c in '\\"' for c in pattern)
    return json.dumps(pattern, ensure_ascii=False) if quoted else pattern


def _appended(text: str, values: dict[str, Any]) -> str:
    # What JSON writes of strings, and of lists of them, is TOML too.
    rows = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return _with_lines(text, ["[tool.specc]", *rows, ""])


def _with_lines(text: str, lines: Sequence[str]) -> str:
    """Return a text with lines at its end, apart from what is there."""
    line_end = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text.strip() else "\n" if text.endswith("\n") else "\n\n"
    return text + (gap + "\n".join(lines)).replace("\n", line_end)


def _read(folder: Path, file: str = CONFIGURATION) -> str:
    try:
        return (folder / file).read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise StartError(f"cannot read {file}: {reason}") from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StartError(f"{CONFIGURATION} is not TOML: {error}") from None
