"""What makes a folder a repository of specs: configuration, and files for editors, git and CI."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

from specc.fresh import program_file
from specc.settings import SettingsError, find_settings
from specc.start import StartError
from specc.targets import TARGETS

CONFIGURATION = "pyproject.toml"
SPECS = "specs/*.yaml"
OUTPUT = "generated"
SCHEMA = "specc.schema.json"
ATTRIBUTES = ".gitattributes"
_ATTRIBUTES_COMMENT = "# Programs by specc: after a merge, `specc build` makes them anew."

_HOOKS = r"""# The hooks run the specc of the environment in which git commits: activate it first.
repos:
  - repo: local
    hooks:
      - id: specc-fmt
        name: specc fmt
        entry: specc fmt
        language: system
        files: '(\.ya?ml|^pyproject\.toml)$'
        pass_filenames: false
      - id: specc-check
        name: specc check
        entry: specc check
        language: system
        files: '(\.ya?ml|^pyproject\.toml)$'
        pass_filenames: false
      - id: specc-build
        name: specc build
        entry: specc build
        language: system
        files: '(\.ya?ml|\.py|^pyproject\.toml)$'
        pass_filenames: false
"""
_WORKFLOW = """\
name: models
on: pull_request
jobs:
  specs:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: {{fetch-depth: 0}}
      - uses: actions/setup-python@v5
        with: {{python-version: "3.12"}}
      - run: pip install specc=={version}
      - run: specc fmt --check
      - run: specc check --output-format github
      - run: specc build --check --output-format github
      - run: specc diff --format markdown origin/${{{{ github.base_ref }}}}...HEAD >> "$GITHUB_STEP_SUMMARY"
        if: always()
"""  # noqa: E501


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a repository.

    Attributes:
        path: Where it goes.
        text: What it holds.
        told: What is said when it is written.
        advice: What to do by hand where another file is in its place.
    """

    path: Path
    text: str
    told: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a folder lacks, to be a repository of specs.

    Attributes:
        folder: Where its specs go, relative to the folder.
        has_specs: Whether there are any.
        parts: The files that it lacks, and its pyproject.toml where that lacks [tool.specc].
        kept: A line for each file that is there already.
    """

    folder: str
    has_specs: bool
    parts: tuple[Part, ...]
    kept: tuple[str, ...]


def outline(output: str, targets: Sequence[str] | None, version: str) -> Outline:
    """Return what the current folder lacks, to be a repository of specs.

    Arguments:
        output: The folder of the programs.
        targets: Which programs to write, None for all.
        version: That of specc which CI installs.

    Errors:
        StartError: its pyproject.toml cannot be read, or cannot be added to.
    """
    here = Path()
    globs: Sequence[str] = (SPECS,)
    outputs = dict.fromkeys(targets or TARGETS, output)
    missing, kept = [], []
    if is_configured(here):
        globs, outputs = _known(here)
        kept.append(f"[tool.specc] is in {CONFIGURATION} already, and is left as it is")
    else:
        text = configured(here, globs, output, targets)
        told = f"wrote [tool.specc] into {CONFIGURATION}"
        missing.append(Part(Path(CONFIGURATION), text, told))
    lines = attributes(here, outputs)
    if lines is not None:
        told = f"wrote how git merges programs into {ATTRIBUTES}"
        missing.append(Part(Path(ATTRIBUTES), lines, told))
    for part in _parts(globs, version):
        if not os.path.lexists(part.path):
            missing.append(part)
        elif _holds(part):
            kept.append(f"{part.path} is there already")
        else:
            kept.append(f"{part.path} is there already, and is left as it is; {part.advice}")
    has_specs = any(path.is_file() for glob in globs for path in here.glob(glob))
    return Outline(_folder(globs), has_specs, tuple(missing), tuple(kept))


def _known(folder: Path) -> tuple[Sequence[str], dict[str, str]]:
    """Return the globs of a configuration that is there, and the folder of each target."""
    try:
        settings = find_settings(folder)
    except SettingsError as error:
        raise StartError(str(error)) from None
    assert settings is not None
    outputs = {t: os.path.relpath(path, settings.root) for t, path in settings.outputs.items()}
    return settings.specs or (SPECS,), outputs


def _folder(globs: Sequence[str]) -> str:
    """Return the folder in which the first glob finds specs."""
    parts = globs[0].split("/")[:-1]
    named = [n for n, part in enumerate(parts) if set(part) & set("*?[")]
    return "/".join(parts[: named[0]] if named else parts)


def _holds(part: Part) -> bool:
    try:
        return part.path.read_text(encoding="utf-8") == part.text
    except (OSError, UnicodeDecodeError):
        return False


def _parts(globs: Sequence[str], version: str) -> list[Part]:
    """Return the files that are specc's alone, or are left alone where they are there."""
    from specc.schema import text

    schemas = {"yaml.schemas": {f"./{SCHEMA}": list(globs)}}
    hooks = "add hooks of `repo: local` for `specc fmt`, `specc check` and `specc build`"
    return [
        _new(SCHEMA, text(), f"`specc schema -o {SCHEMA}` writes it anew"),
        _new(
            ".vscode/settings.json",
            json.dumps(schemas, indent=2, ensure_ascii=False) + "\n",
            f"add {json.dumps(schemas, ensure_ascii=False)[1:-1]}",
        ),
        _new(".pre-commit-config.yaml", _HOOKS, hooks),
        _new(
            ".github/workflows/specc.yml",
            _WORKFLOW.format(version=version),
            "run `specc check` and `specc build --check` in it",
        ),
    ]


def _new(path: str, text: str, advice: str) -> Part:
    return Part(Path(path), text, f"wrote {path}", advice)


def hook_commands() -> list[str]:
    """Return the commands that make git run the hooks, where the current folder is its root."""
    if not Path(".git").exists():
        return []
    install = [] if which("pre-commit") else ["pip install pre-commit"]
    return [*install, "pre-commit install"]


# Its configuration


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
    values: dict[str, object] = {"specs": list(specs), "output": output}
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


def attributes(folder: Path, outputs: Mapping[str, str]) -> str | None:
    """Return the text of a folder's .gitattributes with lines for programs at its end.

    With `-merge` git leaves a program whole where two branches changed it, and reports a conflict,
    so that it cannot be forgotten to build it anew. None where nothing is to be added.

    Arguments:
        outputs: For each target the folder of its programs.

    Errors:
        StartError: the file cannot be read.
    """
    text = _read(folder, ATTRIBUTES)
    known = [line.strip() for line in text.splitlines()]
    patterns = [_git_pattern(o, program_file("*", target)) for target, o in outputs.items()]
    new = [p for p in patterns if not any(line.startswith(f"{p} ") for line in known)]
    lines = [f"{pattern} linguist-generated -merge" for pattern in new]
    return _with_lines(text, [_ATTRIBUTES_COMMENT, *lines, ""]) if lines else None


def _git_pattern(output: str, name: str) -> str:
    """Return a pattern of .gitattributes for files of a name in a folder."""
    folder = output.replace("\\", "/").strip("/").removeprefix("./")
    escaped = "".join("\\" + c if c in "*?[" else c for c in folder)
    pattern = f"/{name}" if folder in ("", ".") else f"/{escaped}/{name}"
    quoted = any(c.isspace() or c in '\\"' for c in pattern)
    return json.dumps(pattern, ensure_ascii=False) if quoted else pattern


def _appended(text: str, values: dict[str, object]) -> str:
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
