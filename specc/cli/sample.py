"""`specc sample`: random data on which the programs of a spec run."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from specc.cli.terminal import integer, name_of, print_line, read, tell, wrong_call

if TYPE_CHECKING:
    from specc.program import Program

_EXAMPLE = """\
example:
  specc sample specs/lenet5.yaml -o lenet5.npz
  python lenet5_torch.py --data lenet5.npz --epochs 1
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Write random data of the shapes, types and ranges that the programs of a spec read: to "
        "try them out, there is nothing to learn in it. A csv file where the spec's data is one, "
        "else an npz file. Needs numpy alone."
    )
    parser.epilog = _EXAMPLE
    parser.add_argument("spec", metavar="SPEC", help="a spec's file, - for standard input")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="the file to write (default: what the spec's data names, else NAME.npz)",
    )
    parser.add_argument(
        "--rows",
        type=_rows,
        default=100,
        metavar="N",
        help="how many samples to train on; a quarter as many to test (default: 100)",
    )
    parser.add_argument(
        "--seed",
        type=_seed,
        default=0,
        metavar="N",
        help="what the samples are drawn from (default: 0)",
    )
    parser.add_argument("--force", action="store_true", help="overwrite files that are there")


def _rows(text: str) -> int:
    return integer(text, 1, 10**7)


def _seed(text: str) -> int:
    return integer(text, 0, 2**32 - 1)


def run(options: argparse.Namespace) -> int:
    """Write the samples, and return the exit status."""
    from specc.diagnostics import SpeccError
    from specc.pipeline import decode, front

    if find_spec("numpy") is None:
        return wrong_call("it draws with numpy, which is not installed; pip install numpy")
    if options.output in ("", "-"):
        return wrong_call(f"expected the path of a file, found {options.output or 'nothing'}")
    data = read(options.spec)
    if isinstance(data, str):
        return wrong_call(data)
    try:
        program, _ = front(decode(data, name_of(options.spec)))
    except SpeccError as error:
        tell(error.diagnostics)
        return 1
    return _write(program, options)


def _write(program: Program, options: argparse.Namespace) -> int:
    from specc.output import write_files
    from specc.sampling import SampleError, check_places, described, draw, files, place

    path = Path(options.output or place(program))
    try:
        check_places(program, path, named=options.output is not None, force=options.force)
        arrays = draw(program, options.rows, options.seed)
        write_files(files(program, arrays, path))
    except SampleError as error:
        return wrong_call(str(error))
    except MemoryError:
        return wrong_call("the samples do not fit into the memory, ask for fewer by --rows")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return wrong_call(f"cannot write the samples: {reason}")
    for line in described(program, arrays, path):
        print_line(f"wrote {line}")
    return 0
