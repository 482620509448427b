"""The command line: one function a verb, which parses and prints and decides nothing.

Exit status: 0 done, 1 a spec is wrong or its programs differ, 2 the call is wrong, 3 a fault of
specc itself.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from specc import __version__

if TYPE_CHECKING:
    from specc.pipeline import Compilation

    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]

EXAMPLE = """\
example:
  specc build specs/digits_mlp.yaml --target torch
  writes digits_mlp_torch.py; `python digits_mlp_torch.py` trains it

The language of specs is described in the README.
"""


def run() -> int:
    """Run the command of this process, which is too short for the garbage collector to serve."""
    gc.disable()
    # To look for plugins of pydantic reads the metadata of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    return main()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the output has gone; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except Exception:
        import traceback

        traceback.print_exc()
        print(
            f"\nThis is a fault of specc {__version__}, not of the spec. Please report it, with "
            "the spec and the lines above.",
            file=sys.stderr,
        )
        return 3
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="specc",
        description="Compile model specs to Keras and PyTorch programs that are the same model.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"specc {__version__}")
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_build(verbs)
    _add_verify(verbs)
    _add_convert(verbs)
    _add_explain(verbs)
    return parser


def _add_build(verbs: Verbs) -> None:
    build = verbs.add_parser(
        "build",
        help="compile specs to programs",
        description="Compile specs to programs.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    build.add_argument(
        "specs", nargs="+", metavar="SPEC", help="a spec's file, - for standard input"
    )
    build.add_argument(
        "--target",
        choices=("torch", "keras", "all"),
        default="all",
        help="which programs to write (default: all)",
    )
    build.add_argument(
        "-o",
        "--output",
        default=".",
        metavar="DIR",
        help="folder of the programs (default: the current one), - for standard output",
    )
    build.set_defaults(run=_build)


def _add_verify(verbs: Verbs) -> None:
    verify = verbs.add_parser(
        "verify",
        help="prove that the programs of a spec are the same model",
        description="Build both programs of a spec, run them with the same weights, and compare "
        "sizes, outputs, loss, gradients and training. Needs both frameworks.",
    )
    verify.add_argument("spec", metavar="SPEC", help="a spec's file, - for standard input")
    verify.add_argument(
        "--data", metavar="FILE", help="take samples from this file, as the programs' --data does"
    )
    verify.add_argument(
        "--format", choices=("table", "json"), default="table", help="(default: table)"
    )
    verify.add_argument(
        "--seed",
        type=_seed,
        default=0,
        metavar="N",
        help="what weights and random samples are drawn from (default: 0)",
    )
    verify.add_argument(
        "--steps",
        type=_count,
        default=20,
        metavar="N",
        help="length of the training run (default: 20)",
    )
    verify.set_defaults(run=_verify)


def _seed(text: str) -> int:
    return _integer(text, 0, 2**32 - 1)


def _add_convert(verbs: Verbs) -> None:
    convert = verbs.add_parser(
        "convert",
        help="carry trained weights from one program to the other",
        description="Read the weights of one program of a spec and write them for the other. The "
        "files' endings tell which: .keras and .weights.h5 of Keras, .pt and .safetensors of "
        "PyTorch. The optimizer's state is not carried over. Needs both frameworks.",
    )
    convert.add_argument("spec", metavar="SPEC", help="a spec's file, - for standard input")
    convert.add_argument("weights", metavar="WEIGHTS", help="the file to read")
    convert.add_argument("-o", "--output", required=True, metavar="OUT", help="the file to write")
    convert.set_defaults(run=_convert)


def _add_explain(verbs: Verbs) -> None:
    explain = verbs.add_parser(
        "explain",
        help="tell what a word of the language means and becomes",
        description="Tell of a word its arguments, an example, what it becomes in Keras and in "
        "PyTorch, and what differs; of a code what it means. Without a word, list all of them.",
    )
    explain.add_argument(
        "words", nargs="*", metavar="[FAMILY] WORD", help="as relu, layer relu, N201"
    )
    explain.set_defaults(run=_explain)


def _count(text: str) -> int:
    return _integer(text, 1, 10**6)


def _integer(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(
            f"expected an integer from {least} to {most}, found {text!r}"
        )
    return int(text)


def _build(options: argparse.Namespace) -> int:
    from specc.pipeline import check_collisions, write_files

    results: list[Compilation] = []
    for spec in options.specs:
        found = _compile(spec, options.target)
        if isinstance(found, str):
            return _wrong_call(found)
        results.append(found)
    _tell(results)
    if not all(result.ok for result in results):
        return 1
    collision = check_collisions(results)
    if collision is not None:
        return _wrong_call(collision)
    files = {name: text for result in results for name, text in result.files.items()}
    if options.output == "-":
        return _print_program(files)
    try:
        paths = write_files(files, Path(options.output))
    except OSError as error:
        return _wrong_call(f"cannot write to {options.output}: {error.strerror or error}")
    for path in paths:
        _print_line(f"wrote {path}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from specc.pipeline import compile_bytes
    from specc.verify import VerifyError, missing_frameworks, verify

    missing = missing_frameworks()
    if missing is not None:
        return _wrong_call(missing)
    data = _read(options.spec)
    if isinstance(data, str):
        return _wrong_call(data)
    name = _name(options.spec)
    compilation = compile_bytes(data, name)
    _tell([compilation])
    if not compilation.ok:
        return 1
    try:
        # Standard output holds the report alone, whatever a custom layer prints.
        with redirect_stdout(sys.stderr):
            exact = compile_bytes(data, name, exact=True)
            report = verify(compilation, exact, options.data, options.seed, options.steps)
    except VerifyError as error:
        return _wrong_call(str(error))
    _print_line(report.to_json() if options.format == "json" else report.to_table())
    return 0 if report.ok else 1


def _convert(options: argparse.Namespace) -> int:
    from specc.verify import VerifyError, convert, missing_frameworks

    missing = missing_frameworks(reference=False)
    if missing is not None:
        return _wrong_call(missing)
    found = _compile(options.spec, "all")
    if isinstance(found, str):
        return _wrong_call(found)
    if not found.ok:
        _tell([found])
        return 1
    try:
        with redirect_stdout(sys.stderr):
            count = convert(found, Path(options.weights), Path(options.output))
    except VerifyError as error:
        return _wrong_call(str(error))
    _print_line(f"wrote {options.output}: {count} weights")
    return 0


def _explain(options: argparse.Namespace) -> int:
    from specc.explain import explain, overview, unknown
    from specc.spec.catalogue import CATALOGUE

    *families, word = options.words or [None]
    if word is None:
        _print_line(overview())
        return 0
    if len(families) > 1 or not set(families) <= set(CATALOGUE):
        return _wrong_call(f"expected [FAMILY] WORD, a family being one of {', '.join(CATALOGUE)}")
    found = explain(word, *families)
    if found is None:
        return _wrong_call(unknown(word, *families))
    _print_line(found)
    return 0


def _tell(results: Sequence[Compilation]) -> None:
    color = _uses_color(sys.stderr)
    for result in results:
        for diagnostic in result.diagnostics:
            print(diagnostic.render(color), file=sys.stderr)


def _compile(spec: str, target: str) -> Compilation | str:
    from specc.pipeline import compile_bytes

    data = _read(spec)
    if isinstance(data, str):
        return data
    return compile_bytes(data, _name(spec), target)


def _name(spec: str) -> str:
    return "<stdin>" if spec == "-" else spec


def _read(spec: str) -> bytes | str:
    """Return what a file holds, or why it cannot be read."""
    # Only what reading raises is a wrong call; such an error while compiling is a fault.
    try:
        return sys.stdin.buffer.read() if spec == "-" else Path(spec).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return f"cannot read {spec}: {reason or error}"


def _print_program(files: dict[str, str]) -> int:
    if len(files) != 1:
        return _wrong_call(
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
        return _wrong_call(f"cannot write to standard output: {error.strerror}")
    return 0


def _print_line(text: str) -> None:
    # A path may hold characters that the terminal's encoding lacks.
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))


def _wrong_call(message: str) -> int:
    print(f"specc: {message}", file=sys.stderr)
    return 2


def _uses_color(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
