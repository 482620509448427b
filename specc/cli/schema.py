"""`specc schema`: the language as a JSON Schema, for editors."""

from __future__ import annotations

import argparse
from pathlib import Path

from specc.cli.terminal import print_line, wrong_call

_EXAMPLE = """\
example:
  specc schema -o specc.schema.json
  and as first line of a spec in the same folder:
  # yaml-language-server: $schema=specc.schema.json
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Print the language of specs as a JSON Schema, with which an editor that has a YAML "
        "language server completes, explains and checks specs."
    )
    parser.epilog = _EXAMPLE
    parser.add_argument(
        "-o",
        "--output",
        default="-",
        metavar="FILE",
        help="where to write it (default: -, standard output)",
    )


def run(options: argparse.Namespace) -> int:
    """Print or write the schema, and return the exit status."""
    from specc.output import write_files
    from specc.schema import text

    if options.output == "-":
        print_line(text().removesuffix("\n"))
        return 0
    path = Path(options.output)
    try:
        write_files({path: text()})
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return wrong_call(f"cannot write {path}: {reason}")
    print_line(f"wrote {path}")
    return 0
