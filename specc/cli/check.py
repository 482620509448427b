"""`specc check`: mistakes in specs, and what a reviewer would find."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from specc.cli.terminal import add_format, name_of, read, tell, wrong_call

if TYPE_CHECKING:
    from specc.diagnostics import Diagnostic
    from specc.settings import Settings


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Find mistakes in specs, and what a reviewer would find. Nothing is written and no data is "
        "read. `specc explain CODE` tells why something is found and what to do; a comment "
        "`# specc: ignore CODE` at the end of its line silences a warning."
    )
    parser.add_argument(
        "specs",
        nargs="*",
        metavar="SPEC",
        help="a spec's file, - for standard input (default: the specs of [tool.specc])",
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="check again whenever one of the files or the configuration changes",
    )
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    """Check, and return the exit status: 0 where there is neither error nor warning."""
    given = _given(options)
    if isinstance(given, str):
        return wrong_call(given)
    if options.watch:
        return _watch(options, _files(*given))
    return _check(*given, options.output_format)


def _given(options: argparse.Namespace) -> tuple[list[str], Settings | None] | str:
    """Return the specs and the configuration, or what is wrong."""
    settings = _settings()
    if isinstance(settings, str):
        return settings
    specs = options.specs
    if settings is not None and not specs:
        specs = [os.path.relpath(path) for path in settings.spec_files()]
    if not specs:
        return "expected a SPEC, or a pyproject.toml with specs in [tool.specc]"
    return _wrong_codes(settings) or (specs, settings)


def _settings() -> Settings | str | None:
    """Return the configuration, None where there is none, or what is wrong with it."""
    from specc.fresh import is_configured

    if not is_configured():
        return None
    from specc.settings import SettingsError, find_settings

    try:
        return find_settings(Path())
    except SettingsError as error:
        return str(error)


def _wrong_codes(settings: Settings | None) -> str | None:
    from specc.check import unknown_code

    if settings is None:
        return None
    wrong = unknown_code([*settings.ignore, *sum(settings.per_file_ignores.values(), ())])
    return f"{settings.file}: {wrong} in [tool.specc.check]" if wrong else None


def _check(specs: Collection[str], settings: Settings | None, form: str) -> int:
    from specc.check import check, ignored, summary

    found: list[Diagnostic] = []
    for spec in specs:
        data = read(spec)
        if isinstance(data, str):
            return wrong_call(data)
        ignore: frozenset[str] = frozenset()
        if settings is not None:
            given = settings.ignore, settings.per_file_ignores
            ignore = ignored(Path(spec), settings.root, *given)
        found += check(data, name_of(spec), ignore)
    tell(found, form)
    if form == "text":
        print(summary(len(specs), found), file=sys.stderr)
    return int(any(diagnostic.severity != "note" for diagnostic in found))


def _watch(options: argparse.Namespace, known: list[Path]) -> int:
    from specc.watch import watch

    if "-" in options.specs:
        return wrong_call("standard input cannot be watched; name a file")

    def files() -> list[Path]:
        given = _given(options)
        if not isinstance(given, str):
            known[:] = _files(*given)
        return known

    def check() -> None:
        given = _given(options)
        if isinstance(given, str):
            wrong_call(given)
        else:
            _check(*given, options.output_format)

    try:
        watch(files, check)
    except OSError as error:
        return wrong_call(f"cannot watch {error.filename}: {error.strerror}")
    return 0


def _files(specs: list[str], settings: Settings | None) -> list[Path]:
    """Return the specs, and the configuration where there is one."""
    paths = [Path(spec) for spec in specs]
    return paths if settings is None else [*paths, settings.file]
