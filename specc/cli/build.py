"""`specc build`: specs to programs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from specc.cli import EXAMPLE
from specc.cli.terminal import compile_spec, print_line, tell, wrong_call

if TYPE_CHECKING:
    from specc.pipeline import Compilation


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = "Compile specs to programs."
    parser.epilog = EXAMPLE
    parser.add_argument(
        "specs", nargs="+", metavar="SPEC", help="a spec's file, - for standard input"
    )
    parser.add_argument(
        "--target",
        choices=("torch", "keras", "all"),
        default="all",
        help="which programs to write (default: all)",
    )
    parser.add_argument(
        "-o",
        "--output",
        default=".",
        metavar="DIR",
        help="folder of the programs (default: the current one), - for standard output",
    )


def run(options: argparse.Namespace) -> int:
    """Build, and return the exit status."""
    from specc.pipeline import check_collisions, write_files

    results: list[Compilation] = []
    for spec in options.specs:
        found = compile_spec(spec, options.target)
        if isinstance(found, str):
            return wrong_call(found)
        results.append(found)
    tell(diagnostic for result in results for diagnostic in result.diagnostics)
    if not all(result.ok for result in results):
        return 1
    collision = check_collisions(results)
    if collision is not None:
        return wrong_call(collision)
    files = {name: text for result in results for name, text in result.files.items()}
    if options.output == "-":
        return _print_program(files)
    try:
        paths = write_files(files, Path(options.output))
    except OSError as error:
        return wrong_call(f"cannot write to {options.output}: {error.strerror or error}")
    for path in paths:
        print_line(f"wrote {path}")
    return 0


def _print_program(files: dict[str, str]) -> int:
    if len(files) != 1:
        return wrong_call(
            f"standard output takes one program, found {len(files)}: name one SPEC and one --target"
        )
    (text,) = files.values()
    try:
        # Bytes, so that the program is the same whatever the terminal's encoding and line ends are.
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # Python would try once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return wrong_call(f"cannot write to standard output: {error.strerror}")
    return 0
