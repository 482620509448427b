"""Runs an action whenever one of several files changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event

_QUIET_MS, _STEP_MS = 200, 50  # after the first change: how long to gather more, and how often


def watch(
    paths: Iterable[Path],
    action: Callable[[frozenset[Path]], object],
    stop: Event | None = None,
) -> None:
    """Run an action with all paths, and again with those whose file has changed, until stopped.

    An editor that writes a new file and gives it the old one's name changes the file too, as the
    folders are what is watched. A file that is gone for a moment is waited for. Changes within a
    fifth of a second are one.

    Arguments:
        paths: The files, in folders that exist.
        action: What to run, first at once.
        stop: What ends it when set; without it an interrupt (Ctrl-C) does.

    Errors:
        KeyboardInterrupt: it was interrupted.
        OSError: a folder does not exist.
    """
    from watchfiles import watch as changes

    files = {os.path.abspath(path): path for path in paths}
    # Where a file is a link, what it leads to may change in another folder.
    files |= {os.path.realpath(path): path for path in files.values()}
    folders = sorted({os.path.dirname(file) for file in files})
    for folder in folders:
        os.scandir(folder).close()
    action(frozenset(files.values()))
    found = changes(
        *folders,
        watch_filter=lambda _, path: path in files,
        debounce=_QUIET_MS,
        step=_STEP_MS,
        stop_event=stop,
        recursive=False,
        raise_interrupt=True,
    )
    for batch in found:
        changed = frozenset(files[path] for _, path in batch if os.path.exists(path))
        if changed:
            action(changed)
