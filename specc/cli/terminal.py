"""What the verbs share: reading specs, printing lines and diagnostics, saying what went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import argparse

    from specc.diagnostics import Diagnostic
    from specc.pipeline import Compilation


FORMATS = ("text", "json", "github", "sarif")


def add_format(parser: argparse.ArgumentParser) -> None:
    """Give a verb the option in which format it tells diagnostics: `options.output_format`."""
    parser.add_argument(
        "--output-format",
        choices=FORMATS,
        default="text",
        help="format of the findings: text on standard error (default), or on standard output "
        "json, github (commands that annotate a pull request) or sarif",
    )


def tell(diagnostics: Iterable[Diagnostic], form: str = "text", together: bool = False) -> None:
    """Print diagnostics: text to standard error, other formats to standard output.

    Arguments:
        form: One of `FORMATS`.
        together: Whether text tells a note that several specs have only once.

    Errors:
        SystemExit: standard output takes no more, as on a full disk.
    """
    if form == "text":
        color = uses_color(sys.stderr)
        texts: Iterable[str] = (diagnostic.render(color) for diagnostic in diagnostics)
        if together:
            from specc.grouping import rendered

            texts = rendered(diagnostics, color)
        for text in texts:
            print(text, file=sys.stderr)
        return
    from specc.formats import formatted

    # Machines expect UTF-8, whatever the terminal has.
    data = formatted(diagnostics, form).encode("utf-8")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python would try again at its end
        raise SystemExit(wrong_call(f"cannot write what is found: {error.strerror}")) from None


def compile_spec(spec: str, target: str) -> Compilation | str:
    """Compile a spec that an argument names, or return why it cannot be read."""
    from specc.pipeline import compile_bytes

    data = read(spec)
    if isinstance(data, str):
        return data
    return compile_bytes(data, name_of(spec), target)


def name_of(spec: str) -> str:
    """Return the name under which messages speak of the spec that an argument names."""
    return "<stdin>" if spec == "-" else spec


def read(spec: str) -> bytes | str:
    """Return what a file holds, - being standard input, or why it cannot be read."""
    from specc.diagnostics import printable
    from specc.source import read_spec, read_stream

    # Only what reading raises is a wrong call; such an error while compiling is a fault.
    try:
        return read_stream(sys.stdin.buffer) if spec == "-" else read_spec(Path(spec))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return f"cannot read {printable(spec)}: {reason or error}"


def print_text(text: str, encoding: str = "utf-8") -> int:
    """Write a text to standard output as it is, and return the exit status.

    As bytes, so that it is the same whatever the terminal's encoding and line ends are. Where
    standard output takes no more, as on a full disk, one line tells it.
    """
    try:
        sys.stdout.buffer.write(text.encode(encoding, "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # Python would try once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return wrong_call(f"cannot write to standard output: {error.strerror}")
    return 0


def print_line(text: str, stream: TextIO | None = None) -> None:
    """Print a line that may hold characters which the terminal's encoding lacks.

    Arguments:
        stream: Where to, at once; standard output without it.
    """
    encoding = (stream or sys.stdout).encoding or "utf-8"
    line = _harmless(text).encode(encoding, "backslashreplace").decode(encoding)
    print(line, file=stream, flush=stream is not None)


def wrong_call(message: str) -> int:
    """Print what is wrong with the call and return the exit status for it."""
    print(f"specc: {_harmless(message)}", file=sys.stderr)
    return 2


def _harmless(text: str) -> str:
    from specc.diagnostics import printable

    return "\n".join(map(printable, text.split("\n")))


def integer(text: str, least: int, most: int) -> int:
    """Return the integer that an option's value is.

    Errors:
        argparse.ArgumentTypeError: it is none, or out of range.
    """
    from argparse import ArgumentTypeError

    if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
        raise ArgumentTypeError(f"expected an integer from {least} to {most}, found {text!r}")
    return int(text)


def uses_color(stream: TextIO) -> bool:
    """Tell whether a stream shows colours: on a terminal, unless NO_COLOR is set."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return is_terminal(stream) and not plain


def is_terminal(stream: TextIO) -> bool:
    """Tell whether somebody sees what is written as it comes."""
    return stream.isatty()
