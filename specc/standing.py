"""What stands in the place of a program, and what a build may do with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from specc import __version__
from specc.diagnostics import Diagnostic, Source, Span
from specc.header import Header, read_header, with_digests_of
from specc.merges import first_mark, sides

if TYPE_CHECKING:
    from specc.owners import Known

# How a program compares with what a build writes:
#   missing, same; stale: of an older spec; merged: both sides of a merge, none edited;
#   edited: by hand; other: of another spec; foreign: no file that specc made.
State = Literal["missing", "same", "stale", "merged", "edited", "other", "foreign"]
KEPT: tuple[State, ...] = ("edited", "other", "foreign")

_PROBLEMS = {
    "missing": ("E603", "expected a program, found none", "run specc build"),
    "stale": (
        "E601",
        "expected the program of the spec as it is now, found an older one",
        "run specc build",
    ),
    "merged": (
        "E608",
        "expected a program, found both sides of a merge with conflict markers",
        "run specc build",
    ),
    "edited": (
        "E602",
        "expected the program as specc made it, found one that was edited by hand",
        "change the spec instead, or overwrite it with --force",
    ),
    "foreign": (
        "E605",
        "expected a program that specc made, found another file, a folder or a link",
        "move it away, or overwrite it with --force",
    ),
}

# Gives the text of a program as an older spec made it, or None.
Remake = Callable[[Header], str | None]


@dataclass(frozen=True)
class Program:
    """A program, and what is in its place.

    Attributes:
        path: Where it belongs.
        text: What a build writes.
        spec: Its spec.
        state: What is there now.
        made: Where it was edited: its text as it was made, or None where nothing tells that.
        other: The other spec whose program is there, or whose it was and which is gone.
    """

    path: Path
    text: str
    spec: Source
    state: State = "missing"
    made: str | None = None
    other: str | None = None

    def difference(self) -> list[str]:
        """Return a unified diff from what is there to what a build writes."""
        from difflib import unified_diff

        name = shown(self.path)
        lines = _read(self.path).splitlines(), self.text.splitlines()
        return list(unified_diff(*lines, name, f"{name} (new)", lineterm=""))

    def edit(self) -> list[str]:
        """Return a unified diff that tells the edit: from what was made to what is there.

        Where nothing tells what was made, it is from what a build writes.
        """
        from difflib import unified_diff

        before, label = (self.text, "new") if self.made is None else (self.made, "as made")
        name = str(self.path)
        lines = before.splitlines(), _read(self.path).splitlines()
        return list(unified_diff(*lines, f"{name} ({label})", name, lineterm=""))

    def problem(self) -> Diagnostic:
        """Return what is wrong with what is there; `other` is told once for a spec instead."""
        code, message, hint = _PROBLEMS[self.state]
        span = Span(Source(shown(self.path), ""))
        if self.state == "edited":
            message += self._since()
            span = self._edited_line()
        return Diagnostic(code, message, span, hint)

    def notes(self) -> list[Diagnostic]:
        """Return what is worth a note where a build overwrites what is there."""
        span = Span(Source(shown(self.path), ""))
        found = []
        if self.state == "merged":
            message = "expected a program, found both sides of a merge, neither edited by hand"
            hint = "it is made anew from the spec as it is now"
            found.append(Diagnostic("N302", message, span, hint, "note"))
        if self.state == "stale" and self.other is not None:
            message = (
                f"expected a program of {self.spec.name}, found one of {self.other}, which is gone"
            )
            hint = f"it is the program of {self.spec.name} now"
            found.append(Diagnostic("N303", message, span, hint, "note"))
        return found

    def _since(self) -> str:
        """Return what else holds of an edited program: conflicts, or an older spec."""
        there = _read(self.path)
        mark = first_mark(there)
        if mark is not None:
            return f", with conflict markers from line {mark} on"
        old, new = read_header(there.encode()), read_header(self.text.encode())
        if old is None or new is None or old.spec == new.spec:
            return ""
        by = old.version != __version__
        since = (
            f", and that specc {old.version} made" if by else ", and whose spec has changed since"
        )
        apart = "" if self.made is not None else ", so that the edit cannot be told apart"
        return since + apart

    def _edited_line(self) -> Span:
        there = _read(self.path)
        mark = first_mark(there)
        if self.made is None and mark is None:
            return Span(Source(shown(self.path), ""))
        lines = there.splitlines()
        line = mark or _first_difference((self.made or "").splitlines(), lines)
        end = len(lines[line - 1]) + 1 if lines else 1
        return Span(Source(shown(self.path), there), line, 1, line, end)


def standing(program: Program, data: bytes, target: str, remake: Remake, known: Known) -> Program:
    """Return the program with what stands in its place.

    Arguments:
        program: With its path, its text and its spec's name.
        data: What the spec's file holds.
        target: What it is a program of.
        remake: Gives the text of what is there as it was made.
        known: Gives the specs of the repository.
    """
    there = _data(program.path)
    if not isinstance(there, bytes):
        return replace(program, state=there)
    if there.replace(b"\r\n", b"\n") == program.text.encode():
        return replace(program, state="same")
    text = there.decode("utf-8", "replace")
    if _is_merge(program.path, text):
        return replace(program, state="merged")
    found = read_header(there)
    if found is None:
        return replace(program, state="foreign" if there else "stale")
    from specc.owners import Claim, other_spec

    claim = Claim(found, program.path, target, program.spec.name, data)
    other = other_spec(claim, known)
    if other is not None:
        return replace(program, state="other", other=other)
    if not claim.is_same_file and not claim.is_same_text:
        program = replace(program, other=found.file)
    return _compared(program, text.replace("\r\n", "\n"), found, remake)


def problems(programs: Iterable[Program]) -> list[Diagnostic]:
    """Return what is wrong with what is in the place of programs.

    Those of one spec that are another's give one message, which stands where the spec has its name.
    """
    found = []
    taken: dict[tuple[str, str], list[Program]] = {}
    for program in programs:
        if program.state == "other" and program.other is not None:
            taken.setdefault((program.spec.name, program.other), []).append(program)
        else:
            found.append(program.problem())
    return [*(_taken(other, each) for (_, other), each in taken.items()), *found]


def _taken(other: str, programs: list[Program]) -> Diagnostic:
    source = programs[0].spec
    paths = " and ".join(shown(program.path) for program in programs)
    many = "s" if len(programs) > 1 else ""
    message = (
        f"expected a name that no other spec has, found that of {shown(Path(other))}: {paths} "
        f"would be overwritten by the program{many} of {source.name}"
    )
    hint = "give one of the two specs another name, or overwrite with --force"
    return Diagnostic("E606", message, _name_of(source), hint)


def _name_of(source: Source) -> Span:
    """Return where a spec without mistakes has its name."""
    from specc.source import Mapping, load

    tree = load(source)
    assert isinstance(tree, Mapping)
    return next((value.span for key, value in tree.entries if key.value == "name"), tree.span)


def is_edited(path: Path) -> bool:
    """Tell whether a program is there and not as specc made it, but for its layout."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    found = read_header(data)
    if found is None or not found.edited:
        return False
    from specc.layout import as_made

    return as_made(data.decode("utf-8", "replace")) is None


def shown(path: Path) -> str:
    """Return a path as messages have it: from the current folder where it is below that."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _data(path: Path) -> bytes | State:
    """Return what a file holds, or the state of what is none."""
    if path.is_symlink():
        return "foreign"
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except OSError:
        return "foreign"


def _is_merge(path: Path, there: str) -> bool:
    """Tell whether a file is what git made of two programs, neither of them edited by hand.

    Where git merged a part of the file by itself, neither side is whole in it. Then it is asked for
    them, and no line may be there that neither of them has.
    """
    both = sides(there)
    if both is None:
        return False
    from specc.history import merged_texts
    from specc.layout import as_made

    if all(as_made(side) is not None for side in both):
        return True
    lines = {line for side in both for line in side.splitlines()}
    return any(
        lines <= {*ours.splitlines(), *theirs.splitlines()}
        and as_made(ours) is not None
        and as_made(theirs) is not None
        for ours, theirs in merged_texts(str(path))
    )


def _compared(program: Program, there: str, found: Header, remake: Remake) -> Program:
    """Return a program of this spec as what it is: the same, stale, or edited."""
    if not found.edited:
        return replace(program, state="stale")
    from specc.layout import as_made, same_but_layout

    if same_but_layout(there, program.text):
        return replace(program, state="same")
    # A merge that was resolved by hand has the digests of one side, and the new program else.
    resolved = with_digests_of(there, program.text)
    if resolved is not None and same_but_layout(resolved, program.text):
        return replace(program, state="stale")
    made = program.text if found.spec == _spec_of(program.text) else None
    if made is None:
        if as_made(there) is not None:
            return replace(program, state="stale")
        made = remake(found) if found.spec else None
        if made is not None and same_but_layout(there, made):
            return replace(program, state="stale")
    return replace(program, state="edited", made=made)


def _spec_of(text: str) -> str | None:
    found = read_header(text.encode())
    return None if found is None else found.spec


def _first_difference(before: list[str], after: list[str]) -> int:
    """Return the first line of `after` that differs, counted from 1."""
    pairs = enumerate(zip(before, after, strict=False), 1)
    shortest = min(len(before), len(after))
    return next((n for n, (old, new) in pairs if old != new), min(shortest + 1, len(after) or 1))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
