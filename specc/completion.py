"""The command line as a script by which a shell completes it.

shtab writes the script off the parser; here each argument is told what it holds, by its metavar.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import shtab

from specc.codes import CODES
from specc.explain import KEYS
from specc.spec.catalogue import CATALOGUE
from specc.spec.refused import REFUSED
from specc.start import examples

_FILES = ("SPEC", "FILE", "WEIGHTS", "OUT", "OLD NEW")
_FOLDERS = ("DIR",)


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """Return the script for a shell, ended by one line end.

    Arguments:
        shell: bash, zsh or fish.
        parser: The whole command line; what its arguments hold is added to it.
    """
    words = {"EXAMPLE": [example.name for example in examples()], "[FAMILY] WORD": _words()}
    for verb in _verbs(parser):
        for action in verb._actions:
            _tell(action, words)
    text = shtab.complete(parser, shell).rstrip("\n") + "\n"
    # shtab has zsh complete only the first of several words.
    return re.sub(r'^  "\(\*\)::?', '  "*:', text, flags=re.MULTILINE) if shell == "zsh" else text


def _words() -> list[str]:
    """Return what can be explained."""
    found = {word for family in CATALOGUE.values() for word in family}
    found |= {word for family in REFUSED.values() for word in family}
    return sorted(found | set(CATALOGUE) | set(KEYS)) + list(CODES)


def _verbs(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield the parsers of the verbs, each with a description of one line."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            purposes = {choice.dest: choice.help for choice in action._choices_actions}
            for name, verb in action.choices.items():
                verb.description = purposes[name]
                yield verb


def _tell(action: argparse.Action, words: dict[str, list[str]]) -> None:
    metavar = str(action.metavar)
    if metavar in _FILES or metavar in _FOLDERS:
        files = shtab.FILE if metavar in _FILES else shtab.DIRECTORY
        action.complete = files  # type: ignore[attr-defined]
    elif metavar in words:
        action.choices = words[metavar]
