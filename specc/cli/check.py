"""`specc check`: mistakes in specs, and what a reviewer would find."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from specc.cli.chosen import CallError, add_specs, chosen, configured
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
    add_specs(parser)
    parser.add_argument(
        "--watch",
        action="store_true",
        help="check again whenever one of the files or the configuration changes",
    )
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    """Check, and return the exit status: 0 where there is neither error nor warning."""
    try:
        specs, settings = _given(options)
    except CallError as error:
        return wrong_call(str(error))
    if options.watch:
        return _watch(options, _files(specs, settings))
    return _check(specs, settings, options.output_format)


def _given(options: argparse.Namespace) -> tuple[list[str], Settings | None]:
    """Return the specs and the configuration.

    Errors:
        CallError: there is no spec, or the configuration is wrong.
    """
    settings = configured()
    specs = chosen(options.specs, settings)
    if settings is not None:
        from specc.check import unknown_code

        wrong = unknown_code([*settings.ignore, *sum(settings.per_file_ignores.values(), ())])
        if wrong:
            raise CallError(f"{settings.file}: {wrong} in [tool.specc.check]")
    return specs, settings


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
        with suppress(CallError):  # which the check tells
            known[:] = _files(*_given(options))
        return known

    def check() -> None:
        try:
            specs, settings = _given(options)
        except CallError as error:
            wrong_call(str(error))
        else:
            _check(specs, settings, options.output_format)

    try:
        watch(files, check)
    except OSError as error:
        return wrong_call(f"cannot watch {error.filename}: {error.strerror}")
    return 0


def _files(specs: list[str], settings: Settings | None) -> list[Path]:
    """Return the specs, and the configuration where there is one."""
    paths = [Path(spec) for spec in specs]
    return paths if settings is None else [*paths, settings.file]
