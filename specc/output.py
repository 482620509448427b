"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Mapping
from errno import EISDIR
from pathlib import Path

# After so many seconds, a file that was written beside its place is what a killed build left.
_ABANDONED = 600
_ENDING = ".tmp"


def write_files(files: Mapping[Path, str | bytes]) -> None:
    """Write texts or bytes, all or none of them. Folders are made where they are missing.

    Each is written beside its place first and then moved, so that no reader sees half a file,
    whenever the process is killed. A file keeps its mode. A link is replaced, not followed.

    Errors:
        OSError: a file cannot be written. None is, unless it was the last step that failed.
    """
    for folder in {path.parent for path in files}:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder)
    for path in files:
        if path.is_dir():
            raise IsADirectoryError(EISDIR, f"{path.name} is a folder")
    written: list[tuple[str, Path]] = []
    try:
        for path, content in files.items():
            written.append((_write_beside(path, content), path))
        for beside, path in written:
            os.replace(beside, path)
    finally:
        _remove(beside for beside, _ in written)


def _write_beside(path: Path, content: str | bytes) -> str:
    # A random name, so that two builds at once are in nobody's way.
    name = str(path.with_name(f".{path.name}.{os.urandom(6).hex()}{_ENDING}"))
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _mode(path))
    try:
        with open(handle, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        _remove([name])
        raise
    return name


def _mode(path: Path) -> int:
    try:
        found = path.lstat().st_mode
    except OSError:
        return 0o666
    return stat.S_IMODE(found) if stat.S_ISREG(found) else 0o666


def _remove_abandoned(folder: Path) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            if not (entry.name.startswith(".") and entry.name.endswith(_ENDING)):
                continue
            middle = entry.name.removesuffix(_ENDING).rpartition(".")[2]
            old = time.time() - entry.stat(follow_symlinks=False).st_mtime > _ABANDONED
            if old and len(middle) == 12 and not set(middle) - set("0123456789abcdef"):
                _remove([entry.path])


def _remove(names: Iterable[str]) -> None:
    for name in names:
        if os.path.exists(name):
            os.remove(name)
