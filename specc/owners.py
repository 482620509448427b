"""Whose program it is that stands in a place: of this spec, of one under its old name, of another.

A header has the name of its spec's file and no folder, as programs are the same everywhere. So
another spec is looked for where specs are: among the known ones, beside this one, and near.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from specc.fresh import program_file, written_name
from specc.header import Header, file_name
from specc.source import read_spec

_MOST_FOLDERS = 500
_STANDARD_INPUT = "<stdin>"

Known = Callable[[], Iterable[Path]]


@dataclass(frozen=True)
class Claim:
    """A program, and the spec that would write it.

    Attributes:
        found: The header of what is there.
        path: Where it is.
        target: What it is a program of.
        spec: How messages call the spec.
        data: What its file holds.
    """

    found: Header
    path: Path
    target: str
    spec: str
    data: bytes

    @property
    def is_same_file(self) -> bool:
        """Whether the header names the spec's file."""
        return self.found.names(file_name(self.spec))

    @property
    def is_same_text(self) -> bool:
        """Whether the program was made from this text, under whatever name."""
        return self.found.is_of(self.data, self.target)


def other_spec(claim: Claim, known: Known) -> str | None:
    """Return the other spec whose program it is, or None where a build may write its own.

    A spec that was renamed keeps its program: it has the same text, or its old file is gone. A
    program of standard input is that of the next text from there, and of a file with the same text.

    Arguments:
        known: Gives specs of the repository.
    """
    found = claim.found
    own = claim.is_same_file and (claim.is_same_text or found.file == _STANDARD_INPUT)
    piped = _STANDARD_INPUT in (found.file, claim.spec)
    if not found.file or own or (piped and claim.is_same_text):
        return None
    if found.file == _STANDARD_INPUT:
        return _STANDARD_INPUT
    for path in _candidates(claim, known):
        with suppress(OSError, ValueError):
            if _owns(path, claim):
                return os.path.normpath(path)
    return None


def _owns(path: str, claim: Claim) -> bool:
    """Tell whether a spec of the header's name has the program, as far as can be told."""
    data = read_spec(Path(path))
    if claim.found.is_of(data, claim.target):
        return True
    # Of two files of one name the text alone decides: mostly it is this spec's older program.
    name = written_name(data)
    named = name is None or program_file(name, claim.target) == claim.path.name
    return named and not claim.is_same_file


def _candidates(claim: Claim, known: Known) -> Iterator[str]:
    """Yield other files of the header's name that are as near to the program as the spec is."""
    here = os.path.dirname(claim.spec)
    seen = set()
    for path in (*_named(known(), claim.found.file), *_near(claim, here)):
        place = os.path.realpath(path)
        if place in seen or not os.path.isfile(path):
            continue
        seen.add(place)
        same = os.path.exists(claim.spec) and os.path.samefile(path, claim.spec)
        if not same and _common(path, claim) >= _common(claim.spec, claim):
            yield path


def _named(paths: Iterable[Path], file: str) -> list[str]:
    return [str(path) for path in paths if file_name(str(path)) == file]


def _near(claim: Claim, here: str) -> Iterator[str]:
    """Yield where the file might be: beside spec and program, in folders beside and below."""
    folders = [here, os.curdir, str(claim.path.parent)]
    for parent in dict.fromkeys((os.path.join(here, os.pardir), os.curdir)):
        with suppress(OSError), os.scandir(parent) as entries:
            inside = (entry.path for entry in entries if entry.is_dir())
            folders += [path for path, _ in zip(inside, range(_MOST_FOLDERS), strict=False)]
    for folder in folders:
        yield os.path.join(folder, claim.found.file)


def _common(path: str, claim: Claim) -> int:
    """Return how many folders a spec and the program have in common."""
    places = os.path.realpath(os.path.dirname(path)), os.path.realpath(claim.path.parent)
    try:
        return len(Path(os.path.commonpath(places)).parts)
    except ValueError:  # on different drives
        return 0
