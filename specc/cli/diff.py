"""`specc diff`: what a change of specs means."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from specc.cli.terminal import print_line, print_painted, tell, uses_color, wrong_call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specc.changes.reading import Report

_EXAMPLES = """\
examples:
  specc diff old.yaml new.yaml
  specc diff HEAD                       what the files as they are change
  specc diff HEAD -- specs/
  specc diff main..HEAD --format markdown
  specc diff main...HEAD                since the branch began
  specc diff v1:specs/mlp.yaml specs/mlp.yaml
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.usage = (
        "specc diff [options] OLD NEW\n       specc diff [options] REVISIONS [-- PATH ...]"
    )
    parser.description = (
        "Tell what a change of specs means: layers, shapes and cost, training, what becomes of "
        "trained weights. OLD and NEW are files, revisions of the repository, or REVISION:FILE; "
        "one revision alone is compared with the files as they are."
    )
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "sides", nargs="+", metavar="OLD [NEW]", help="files, or revisions as main..HEAD, and paths"
    )
    parser.add_argument(
        "--code", action="store_true", help="show what changes in each program, too"
    )
    parser.add_argument(
        "--format",
        choices=("terminal", "markdown", "json"),
        default="terminal",
        help="(default: terminal)",
    )
    parser.add_argument(
        "--exit-code",
        action="store_true",
        help="exit with 1 where there is more than a change of the text",
    )


def run(options: argparse.Namespace) -> int:
    """Compare, and return the exit status."""
    from specc.changes.reading import report
    from specc.revisions import RevisionError, read_versions

    try:
        versions = read_versions(options.sides)
    except RevisionError as error:
        return wrong_call(str(error))
    reports = [report(one, options.code) for one in versions]
    tell(error for found in reports for error in found.errors)
    _print(reports, options.format)
    wrong = any(found.status == "wrong" for found in reports)
    return int(wrong or (options.exit_code and any(found.meaningful for found in reports)))


def _print(reports: Sequence[Report], form: str) -> None:
    if form == "json":
        from specc.changes.data import to_json

        print_line(to_json(reports))
    elif form == "markdown":
        from specc.changes.markdown import markdown

        print_line(markdown(reports))
    else:
        from specc.changes.terminal import terminal

        print_painted(terminal(reports, uses_color(sys.stdout)))
