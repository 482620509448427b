"""`specc verify`: the proof that both programs of a spec are the same model."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, TextIO

from specc.cli.terminal import (
    integer,
    is_terminal,
    name_of,
    print_line,
    read,
    tell,
    wrong_call,
)

if TYPE_CHECKING:
    from specc.verify.report import Report


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Build both programs of a spec, run them with the same weights, and compare sizes, "
        "outputs, loss, gradients and training. Needs both frameworks."
    )
    parser.add_argument("spec", metavar="SPEC", help="a spec's file, - for standard input")
    parser.add_argument(
        "--data", metavar="FILE", help="take samples from this file, as the programs' --data does"
    )
    parser.add_argument(
        "--format", choices=("table", "json"), default="table", help="(default: table)"
    )
    parser.add_argument(
        "--seed",
        type=_seed,
        default=0,
        metavar="N",
        help="what weights and random samples are drawn from (default: 0)",
    )
    parser.add_argument(
        "--steps",
        type=_count,
        default=20,
        metavar="N",
        help="length of the training run (default: 20)",
    )


def _seed(text: str) -> int:
    return integer(text, 0, 2**32 - 1)


def _count(text: str) -> int:
    return integer(text, 1, 10**6)


def run(options: argparse.Namespace) -> int:
    """Verify, and return the exit status."""
    from specc.pipeline import compile_bytes
    from specc.verify import VerifyError, missing_frameworks, verify

    missing = missing_frameworks()
    if missing is not None:
        return wrong_call(missing)
    data = read(options.spec)
    if isinstance(data, str):
        return wrong_call(data)
    name = name_of(options.spec)
    compilation = compile_bytes(data, name)
    tell(compilation.diagnostics)
    if not compilation.ok:
        return 1
    watched = options.format == "table" and is_terminal(sys.stdout)
    follow = _Rows(options.steps, sys.stdout) if watched else None
    try:
        # Standard output holds the report alone, whatever a custom layer prints.
        with redirect_stdout(sys.stderr):
            exact = compile_bytes(data, name, exact=True)
            report = verify(compilation, exact, options.data, options.seed, options.steps, follow)
    except VerifyError as error:
        return wrong_call(str(error))
    if options.format == "json":
        print_line(report.to_json())
    else:
        print_line("\n".join(report.closing()) if follow else report.to_table())
    return 0 if report.ok else 1


class _Rows:
    """Prints each check on a terminal as soon as it is made, as some take minutes."""

    def __init__(self, steps: int, stream: TextIO) -> None:
        from specc.verify.report import fixed_widths

        self.widths, self.stream = fixed_widths(steps), stream
        self.printed: int | None = None

    def __call__(self, report: Report) -> None:
        """Print what is new in a report."""
        lines = report.lines(self.widths, self.printed or 0)
        if self.printed is None:
            lines = report.opening(self.widths) + lines
        self.printed = len(report.checks)
        for line in lines:
            print_line(line, self.stream)
