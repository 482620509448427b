"""`specc fmt`: specs in one form."""

from __future__ import annotations

import argparse
import os
import sys
from difflib import unified_diff
from pathlib import Path

from specc.cli.chosen import CallError, add_specs, chosen, configured
from specc.cli.terminal import name_of, print_line, print_text, read, tell, wrong_call


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Put specs into one form: layout, quotes and the order of keys. Comments and what a spec "
        "says stay. Standard input goes to standard output."
    )
    add_specs(parser)
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing, and exit with 1 where a file would change",
    )
    parser.add_argument(
        "--diff", action="store_true", help="write nothing, and print what would change"
    )


def run(options: argparse.Namespace) -> int:
    """Format, and return the exit status: the greatest one of the files."""
    try:
        specs = chosen(options.specs, None if options.specs else configured())
    except CallError as error:
        return wrong_call(str(error))
    return max(_format(spec, options) for spec in specs)


def _format(spec: str, options: argparse.Namespace) -> int:
    from specc.canonical import ChangedError, canonical
    from specc.diagnostics import SpeccError
    from specc.foreign import is_json
    from specc.pipeline import decode

    data = read(spec)
    if isinstance(data, str):
        return wrong_call(data)
    try:
        source = decode(data, name_of(spec))
        if is_json(source):
            print(f"left {source.name} as it is: it is JSON", file=sys.stderr)
            return (
                print_text(source.text)
                if spec == "-" and not (options.check or options.diff)
                else 0
            )
        text = canonical(source)
    except SpeccError as error:
        tell(error.diagnostics)
        return 1
    except ChangedError as error:
        print(f"specc: {error}. This is a bug in specc; please report it", file=sys.stderr)
        return 3
    changes = text.encode() != data
    if options.diff:
        _print_difference(source.name, data.decode("utf-8"), text)
    if options.check or options.diff:
        if changes and options.check:
            print(f"would format {source.name}", file=sys.stderr)
        return 1 if changes and options.check else 0
    return _write(spec, text, changes)


def _write(spec: str, text: str, changes: bool) -> int:
    from specc.output import write_files

    if spec == "-":
        return print_text(text)
    if not changes:
        return 0
    # Through a link, to the file itself.
    path = Path(os.path.realpath(spec))
    try:
        write_files({path: text})
    except OSError as error:
        return wrong_call(f"cannot write {spec}: {error.strerror or error}")
    print_line(f"formatted {spec}")
    return 0


def _print_difference(name: str, before: str, after: str) -> None:
    old, new = before.splitlines(), after.splitlines()
    for line in unified_diff(old, new, name, f"{name} (formatted)", lineterm=""):
        print_line(line)
