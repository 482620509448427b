"""`specc convert`: trained weights from one program of a spec to the other."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from pathlib import Path

from specc.cli.terminal import compile_spec, print_line, tell, wrong_call


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Read the weights of one program of a spec and write them for the other. The files' "
        "endings tell which: .keras and .weights.h5 of Keras, .pt and .safetensors of PyTorch. "
        "The optimizer's state is not carried over. Needs both frameworks."
    )
    parser.add_argument("spec", metavar="SPEC", help="a spec's file, - for standard input")
    parser.add_argument("weights", metavar="WEIGHTS", help="the file to read")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the file to write")


def run(options: argparse.Namespace) -> int:
    """Convert, and return the exit status."""
    from specc.verify import VerifyError, convert, missing_frameworks

    missing = missing_frameworks(reference=False)
    if missing is not None:
        return wrong_call(missing)
    found = compile_spec(options.spec, "all")
    if isinstance(found, str):
        return wrong_call(found)
    if not found.ok:
        tell(found.diagnostics)
        return 1
    try:
        with redirect_stdout(sys.stderr):
            count = convert(found, Path(options.weights), Path(options.output))
    except VerifyError as error:
        return wrong_call(str(error))
    print_line(f"wrote {options.output}: {count} weights")
    return 0
