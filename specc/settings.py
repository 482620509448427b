"""A repository's configuration: `[tool.specc]` in its pyproject.toml.

[tool.specc]
specs = ["specs/*.yaml"]
targets = ["keras", "torch"]
output = "generated"           # or {keras = "models/keras", torch = "models/torch"}

[tool.specc.check]
ignore = ["W305"]
per-file-ignores = {"specs/old_*.yaml" = ["W301"]}
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from specc.diagnostics import did_you_mean
from specc.targets import TARGETS

FILE = "pyproject.toml"
_KEYS = ("specs", "targets", "output", "check")
_CHECK_KEYS = ("ignore", "per-file-ignores")


class SettingsError(Exception):
    """A configuration that is wrong. Its text names the file, the key and what was expected."""


@dataclass(frozen=True)
class Settings:
    """What a repository asks for.

    Attributes:
        root: Its folder, to which all paths are relative.
        specs: Globs of its specs.
        outputs: For each target the folder of its programs.
        ignore: Codes of findings that `specc check` does not tell.
        per_file_ignores: For globs of specs, further ones.
    """

    root: Path
    specs: tuple[str, ...] = ()
    outputs: dict[str, Path] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    per_file_ignores: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """Where the repository says so."""
        return self.root / FILE

    def spec_files(self) -> tuple[Path, ...]:
        """Return the files that the globs find, sorted, each once, below the current folder's."""
        found = {path for glob in self.specs for path in self.root.glob(glob) if path.is_file()}
        return tuple(sorted(found))


def find_settings(start: Path) -> Settings | None:
    """Return the configuration of the repository that a folder is in, or None where it has none.

    It is in the first pyproject.toml with a table [tool.specc], from the folder upwards.

    Errors:
        SettingsError: the configuration is wrong, or cannot be read.
    """
    here = start.absolute()
    for folder in (here, *here.parents):
        table = _table(folder / FILE)
        if table is not None:
            return _settings(folder, table)
    return None


def _table(path: Path) -> object:
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}") from None
    if b"specc" not in data:
        return None
    try:
        return tomllib.loads(data.decode("utf-8")).get("tool", {}).get("specc")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise SettingsError(f"{path}: expected TOML with a table [tool.specc]: {error}") from None


class _Reader:
    """Reads one table, and tells of its mistakes by file and key."""

    def __init__(self, path: Path, name: str, table: object, keys: tuple[str, ...]) -> None:
        self.path, self.name = path, name
        if not isinstance(table, dict):
            raise SettingsError(f"{path}: expected a table [{name}], found {table!r}")
        self.table: dict[str, Any] = table
        for key in table:
            if key not in keys:
                hint = did_you_mean(key, keys) or f"its keys are {', '.join(keys)}"
                raise SettingsError(f"{path}: unknown key {key!r} in [{name}]; {hint}")

    def wrong(self, key: str, what: str) -> SettingsError:
        found = self.table.get(key)
        return SettingsError(f"{self.path}: {key} of [{self.name}] expects {what}, found {found!r}")

    def strings(self, key: str, what: str) -> tuple[str, ...]:
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, what)
        return tuple(value)


def _settings(root: Path, table: object) -> Settings:
    reader = _Reader(root / FILE, "tool.specc", table, _KEYS)
    specs = reader.strings("specs", 'a list of globs, as ["specs/*.yaml"]')
    if any(not _is_inside(glob) for glob in specs):
        raise reader.wrong("specs", "globs of files below its folder")
    check = _Reader(root / FILE, "tool.specc.check", reader.table.get("check", {}), _CHECK_KEYS)
    return Settings(
        root,
        specs,
        _outputs(reader),
        check.strings("ignore", 'a list of codes, as ["W301"]'),
        _per_file(check),
    )


def _outputs(reader: _Reader) -> dict[str, Path]:
    expected = f"a list of {' and '.join(TARGETS)}"
    targets = reader.strings("targets", expected) or tuple(TARGETS)
    if set(targets) - set(TARGETS):
        raise reader.wrong("targets", expected)
    output = reader.table.get("output", ".")
    folders = output if isinstance(output, dict) else dict.fromkeys(targets, output)
    expected = "a folder below that of the file, or one for each target"
    if set(targets) - set(folders) or set(folders) - set(TARGETS):
        raise reader.wrong("output", expected)
    # A configuration of strangers must not make a build write anywhere else.
    if not all(isinstance(folder, str) and _is_inside(folder) for folder in folders.values()):
        raise reader.wrong("output", expected)
    root = reader.path.parent
    return {target: root / folders[target] for target in TARGETS if target in targets}


def _is_inside(path: str) -> bool:
    windows = path.replace("\\", "/")
    rooted = windows.startswith("/") or windows[1:2] == ":"
    return bool(path) and "\0" not in path and not rooted and ".." not in windows.split("/")


def _per_file(check: _Reader) -> dict[str, tuple[str, ...]]:
    expected = 'a table of globs and lists of codes, as {"specs/old_*.yaml" = ["W301"]}'
    table = check.table.get("per-file-ignores", {})
    if not isinstance(table, dict):
        raise check.wrong("per-file-ignores", expected)
    inner = _Reader(check.path, f"{check.name}.per-file-ignores", table, tuple(table))
    return {glob: inner.strings(glob, "a list of codes") for glob in table}
