"""Which files are specs: told by what they hold, for folders and for revisions of a repository."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from specc.diagnostics import Source, SpeccError
from specc.source import Mapping, load, read_spec

ENDINGS = (".yaml", ".yml")
_FLOW = re.compile(r"\ufeff?(?:\s|---|#[^\n]*\n)*+\{")
_TOP = re.compile(r"^[\"']?(name|input|layers)[\"']?[ \t]*:", re.MULTILINE)


def is_spec(path: str, data: bytes | None) -> bool:
    """Tell whether a file is a spec: YAML with a spec's keys at its top."""
    if data is None or not path.endswith(ENDINGS):
        return False
    text = data.decode("utf-8", "replace")
    if len(set(_TOP.findall(text))) > 1:  # two of them, as a word may be misspelt
        return True
    return bool(_FLOW.match(text)) and "layers" in _keys(Source(path, text))


def _keys(source: Source) -> set[object]:
    try:
        tree = load(source)
    except SpeccError:
        return set()
    return {key.value for key, _ in tree.entries} if isinstance(tree, Mapping) else set()


def specs_below(folder: Path) -> list[Path]:
    """Return the specs in a folder and in those below it, sorted.

    Hidden folders and virtual environments are left out, and links to folders are not followed.

    Errors:
        OSError: a folder or a file cannot be read.
    """
    return sorted(path for path in _files(folder) if _holds_spec(path))


def _files(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not _is_left_out(Path(here, name))]
        yield from (Path(here, name) for name in files if name.endswith(ENDINGS))


def _raise(error: OSError) -> None:
    raise error


def _is_left_out(folder: Path) -> bool:
    return folder.name.startswith(".") or (folder / "pyvenv.cfg").exists()


def _holds_spec(path: Path) -> bool:
    try:
        return path.is_file() and is_spec(str(path), read_spec(path))
    except ValueError:  # it holds more than a spec may
        return False
