"""Which specs a call is about: files, all below folders, or those of the configuration."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from specc.settings import Settings


class CallError(Exception):
    """A call that cannot be carried out; its text says why."""


def add_specs(parser: argparse.ArgumentParser) -> None:
    """Give a verb the specs that it is about: `options.specs`."""
    parser.add_argument(
        "specs",
        nargs="*",
        metavar="SPEC",
        help="a spec's file, a folder for all specs below it, - for standard input (default: the "
        "specs of [tool.specc])",
    )


def configured() -> Settings | None:
    """Return the configuration, None where there is none.

    Errors:
        CallError: it is wrong.
    """
    from specc.fresh import is_configured

    if not is_configured():
        return None
    from specc.settings import SettingsError, find_settings

    try:
        return find_settings(Path())
    except SettingsError as error:
        raise CallError(str(error)) from None


def chosen(given: Sequence[str], settings: Settings | None) -> list[str]:
    """Return the files of the specs that a call is about, - for standard input.

    Arguments:
        given: Files, folders and - as the call has them; none for what the configuration names.

    Errors:
        CallError: there is none.
    """
    if given:
        return expanded(given)
    if settings is None or not settings.specs:
        raise CallError("expected a SPEC, or a pyproject.toml with specs in [tool.specc]")
    found = [os.path.relpath(path) for path in settings.spec_files()]
    if not found:
        globs = ", ".join(settings.specs)
        raise CallError(f"expected specs, found none that match {globs} in {settings.root}")
    return found


def expanded(given: Sequence[str]) -> list[str]:
    """Return files as they are given, and for each folder the specs below it.

    Errors:
        CallError: there is none below a folder, or it cannot be read.
    """
    return [spec for name in given for spec in _named(name)]


def _named(name: str) -> list[str]:
    if name == "-" or not os.path.isdir(name):
        return [name]
    from specc.spec_files import specs_below

    try:
        found = [str(path) for path in specs_below(Path(name))]
    except OSError as error:
        raise CallError(f"cannot read {error.filename}: {error.strerror}") from None
    if not found:
        raise CallError(f"expected specs below {name}, found no YAML with name, input and layers")
    return found
