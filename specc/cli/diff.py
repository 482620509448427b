"""`specc diff`: what a change of specs means."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from specc.cli.terminal import print_text, tell, uses_color, wrong_call

if TYPE_CHECKING:
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


class _Mixed(argparse.ArgumentParser):
    """Takes options also between revisions and paths: `diff HEAD --code -- specs/`."""

    _mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self._mixing:
            return super().parse_known_args(args, namespace)
        words = list(args)
        end = words.index("--") if "--" in words else len(words)
        self._mixing = True
        try:
            found, unknown = self.parse_known_intermixed_args(words[:end], namespace)
        finally:
            self._mixing = False
        found.paths = words[end + 1 :]
        return found, unknown


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.__class__ = _Mixed
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
        "sides", nargs="*", metavar="OLD NEW", help="files, or revisions as main..HEAD, and paths"
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
        versions = read_versions(options.sides, options.paths)
    except RevisionError as error:
        return wrong_call(str(error))
    reports = [report(one, options.code) for one in versions]
    tell(error for found in reports for error in found.errors)
    status = _print(_text(reports, options.format))
    if status:
        return status
    wrong = any(found.status == "wrong" for found in reports)
    return int(wrong or (options.exit_code and any(found.meaningful for found in reports)))


def _text(reports: Sequence[Report], form: str) -> str:
    if form == "json":
        from specc.changes.data import to_json

        return to_json(reports)
    if form == "markdown":
        from specc.changes.markdown import markdown

        return markdown(reports)
    from specc.changes.terminal import terminal

    return terminal(reports, uses_color(sys.stdout))


def _print(text: str) -> int:
    # Nothing in the text steers a terminal but specc's own colours.
    return print_text(text + "\n", sys.stdout.encoding or "utf-8")
