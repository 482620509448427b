"""`specc show`: what a model is made of, and what it costs."""

from __future__ import annotations

import argparse
import sys

from specc.cli.terminal import name_of, print_text, read, tell, wrong_call

_EXAMPLE = """\
example:
  specc show specs/digits_mlp.yaml
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Show the model of a spec as a table: its layers, what they cost, how it is trained, and "
        "what differs between the programs. Needs no framework."
    )
    parser.epilog = _EXAMPLE
    parser.add_argument("spec", metavar="SPEC", help="a spec's file, - for standard input")
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

    data = read(options.spec)
    if isinstance(data, str):
        return wrong_call(data)
    try:
        program, notes = front(decode(data, name_of(options.spec)))
    except SpeccError as error:
        tell(error.diagnostics)
        return 1
    tell(in_source_order(notes))
    if options.program:
        from specc.written_out import written_out

        return print_text(written_out(program))
    from specc.show import as_json, show
    from specc.tables import as_markdown, as_table

    shown = show(program)
    if options.format == "table":
        return print_text(as_table(shown) + "\n", sys.stdout.encoding or "utf-8")
    write = as_json if options.format == "json" else as_markdown
    return print_text(write(shown) + "\n")
