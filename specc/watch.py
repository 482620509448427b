"""Runs an action whenever one of several files changes."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event

_QUIET_MS, _STEP_MS = 200, 50  # after the first change: how long to gather more, and how often


def watch(
    files: Callable[[], Iterable[Path]],
    action: Callable[[], object],
    stop: Event | None = None,
) -> None:
    """Run an action, and again whenever one of several files changes, until stopped.

    An editor that writes a new file and gives it the old one's name changes the file too, as the
    folders are what is watched. A file that is gone for a moment is waited for. Changes within a
    fifth of a second are one.

    Arguments:
        files: Returns the files, in folders that exist. It is asked again after each change in
            those folders; a file that is new counts as changed.
        action: What to run, first at once.
        stop: What ends it when set; without it an interrupt (Ctrl-C) does.

    Errors:
        KeyboardInterrupt: it was interrupted.
        OSError: a folder does not exist.
    """
    gc.enable()  # which a command of a second needs not, see specc.cli
    found = _places(files())
    _folders(found)
    action()
    while not _is_stopped(found, files, action, stop):
        found = _places(files())


def _is_stopped(
    watched: frozenset[str],
    files: Callable[[], Iterable[Path]],
    action: Callable[[], object],
    stop: Event | None,
) -> bool:
    """Watch until files are in other folders than before, or until stopped."""
    from watchfiles import watch as changes

    folders, found = _folders(watched), watched
    for batch in changes(
        *folders,
        watch_filter=None,
        debounce=_QUIET_MS,
        step=_STEP_MS,
        stop_event=stop,
        recursive=False,
        raise_interrupt=True,
    ):
        changed = any(path in found and os.path.exists(path) for _, path in batch)
        before, found = found, _places(files())
        if changed or found - before:
            action()
        if _folders(found) != folders:
            return False
    return True


def _places(files: Iterable[Path]) -> frozenset[str]:
    """Return absolute paths, and what links lead to, which may change in another folder."""
    paths = [os.path.abspath(file) for file in files]
    return frozenset(paths) | frozenset(map(os.path.realpath, paths))


def _folders(files: Iterable[str]) -> list[str]:
    folders = sorted({os.path.dirname(file) for file in files})
    for folder in folders:
        os.scandir(folder).close()
    return folders
