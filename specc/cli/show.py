"""`specc show`: what a model is made of, and what it costs."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from specc.cli.chosen import CallError, add_specs, chosen, configured
from specc.cli.terminal import name_of, print_text, read, tell, uses_color, wrong_call

if TYPE_CHECKING:
    from specc.program import Program

_EXAMPLE = """\
example:
  specc show specs/digits_mlp.yaml
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Show the models of specs as tables: their layers, what they cost, how they are trained, "
        "and what differs between the programs. Needs no framework."
    )
    parser.epilog = _EXAMPLE
    add_specs(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--format", choices=("table", "markdown", "json"), default="table", help="(default: table)"
    )
    what.add_argument(
        "--program",
        action="store_true",
        help="print the spec with all that was resolved, each default included",
    )


def run(options: argparse.Namespace) -> int:
    """Show, and return the exit status."""
    from specc.diagnostics import SpeccError, in_source_order
    from specc.pipeline import decode, front

    programs, status = [], 0
    try:
        specs = chosen(options.specs, None if options.specs else configured())
    except CallError as error:
        return wrong_call(str(error))
    for spec in specs:
        data = read(spec)
        if isinstance(data, str):
            return wrong_call(data)
        try:
            program, notes = front(decode(data, name_of(spec)))
        except SpeccError as error:
            tell(error.diagnostics)
            status = 1
            continue
        tell(in_source_order(notes))
        programs.append(program)
    # One file is one object of JSON; a folder is a list, however many specs are below it.
    single = options.specs == specs and len(specs) == 1
    return _print(programs, options, single) or status


def _print(programs: list[Program], options: argparse.Namespace, single: bool) -> int:
    if options.program:
        from specc.written_out import written_out

        return print_text("---\n".join(map(written_out, programs)))
    from specc.show import as_json, show
    from specc.tables import as_markdown, as_table

    shown = list(map(show, programs))
    if options.format == "json":
        texts = [as_json(shown, single)] if shown or not single else []
    elif options.format == "markdown":
        texts = list(map(as_markdown, shown))
    else:
        color = uses_color(sys.stdout)
        texts = [as_table(each, color) for each in shown]
    encoding = (sys.stdout.encoding or "utf-8") if options.format == "table" else "utf-8"
    return print_text("\n".join(text + "\n" for text in texts), encoding)
