"""A build of many specs: which programs are fresh, what the others become, and who else is there.

Nothing is written here: a `Build` tells what differs from what is on disk, and what stands in
the way.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from specc.diagnostics import Diagnostic, Source, Span, has_errors
from specc.fresh import TARGETS, fresh_files, program_file
from specc.header import file_name, read_header

if TYPE_CHECKING:
    from specc.overrides import Change
    from specc.pipeline import Compilation

# From so many specs on, several processes are quicker than one.
_MANY = 24

Progress = Callable[[Iterable[Any], int], Iterable[Any]]
State = Literal["missing", "same", "stale", "edited", "foreign"]

_EDITED = "expected the program as specc made it, found one that was edited by hand"
_FOREIGN = "expected a program that specc made, found another file, a folder or a link"
_PROBLEMS = {
    "missing": ("E603", "expected a program, found none", "run specc build"),
    "stale": (
        "E601",
        "expected the program of the spec as it is now, found an older one",
        "run specc build",
    ),
    "edited": ("E602", _EDITED, "change the spec instead, or overwrite it with --force"),
    "foreign": ("E605", _FOREIGN, "move it away, or overwrite it with --force"),
}


@dataclass(frozen=True)
class Order:
    """One spec to build.

    Attributes:
        name: The name under which messages speak of it.
        data: What its file holds.
        folders: For each target the folder of its program.
        changes: What else it is to say.
    """

    name: str
    data: bytes
    folders: dict[str, Path]
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Program:
    """A program that is not fresh.

    Attributes:
        path: Where it belongs.
        text: What a build writes.
        state: What is there now.
    """

    path: Path
    text: str
    state: State

    def difference(self) -> list[str]:
        """Return a unified diff from what is there to what a build writes."""
        return _difference(self.path, _read(self.path), self.text)

    def edit(self) -> list[str]:
        """Return a unified diff from what a build writes to what is there, which tells the edit."""
        there = _read(self.path)
        name = str(self.path)
        lines = self.text.splitlines(), there.splitlines()
        return list(unified_diff(*lines, f"{name} (as made)", name, lineterm=""))

    def problem(self) -> Diagnostic:
        """Return what is wrong with what is there."""
        code, message, hint = _PROBLEMS[self.state]
        if self.state == "edited" and _made_from(_read(self.path)) != _made_from(self.text):
            message += ", and whose spec has changed since"
        return Diagnostic(code, message, Span(Source(shown(self.path), "")), hint)


@dataclass
class Build:
    """What a build would do.

    Attributes:
        count: How many specs there are.
        fresh: Programs that stay as they are.
        programs: All others.
        orphans: Programs that no spec makes any more.
        diagnostics: What the specs that were compiled gave.
        collision: What is wrong where two specs have one program, else None.
    """

    count: int
    fresh: list[Path] = field(default_factory=list)
    programs: list[Program] = field(default_factory=list)
    orphans: list[Path] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    collision: str | None = None

    @property
    def ok(self) -> bool:
        """Whether no spec has errors and none is in the way of another."""
        return not has_errors(self.diagnostics) and self.collision is None

    def in_the_way(self) -> list[Program]:
        """Return the files that a build must not overwrite: they hold somebody's work."""
        return [program for program in self.programs if program.state in ("edited", "foreign")]

    def problems(self) -> list[Diagnostic]:
        """Return everything on disk that is not as a build would leave it."""
        return [
            *(program.problem() for program in self.programs),
            *(_orphan(path, "E604") for path in self.orphans),
        ]

    def removable(self, force: bool) -> list[Path]:
        """Return the orphans that hold nobody's work, or all of them by force."""
        return [path for path in self.orphans if force or not is_edited(path)]

    def orphan_notes(self, removed: Sequence[Path]) -> list[Diagnostic]:
        """Return a note for each program that no spec makes any more and that was not removed."""
        return [_orphan(path, "N301") for path in self.orphans if path not in removed]


def examine(
    orders: Sequence[Order],
    folders: Iterable[Path] = (),
    progress: Progress | None = None,
    compare: bool = True,
) -> Build:
    """Compile what is not fresh and compare it with what is on disk.

    Arguments:
        orders: The specs.
        folders: Folders that hold programs of these specs and no others.
        progress: Wraps what is waited for, and gets how much there is of it.
        compare: Whether to look what is on disk; if not, every program counts as missing.
    """
    build = Build(len(orders))
    made: list[tuple[Order, list[Path]]] = []
    waiting = []
    for order in orders:
        found = _fresh(order) if compare else None
        if found is None:
            waiting.append(order)
        else:
            build.fresh += found
            made.append((order, found))
    for order, compiled in zip(waiting, _compile_all(waiting, progress), strict=True):
        build.diagnostics += compiled.diagnostics
        paths = [order.folders[target_of(name)] / name for name in compiled.files]
        made.append((order, paths))
        for path, text in zip(paths, compiled.files.values(), strict=True):
            _add(build, path, text, _state(path, text) if compare else "missing")
    build.collision = _collision(made)
    if build.ok:
        known = {path for _, paths in made for path in paths}
        build.orphans = sorted(path for path in _programs_in(folders) if path not in known)
    return build


def target_of(name: str) -> str:
    """Return the target of a program, by the name of its file."""
    return next(target for target in TARGETS if name.endswith(program_file("", target)))


def shown(path: Path) -> str:
    """Return a path as messages have it: from the current folder where it is below that."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _fresh(order: Order) -> list[Path] | None:
    folders = {target: str(folder) for target, folder in order.folders.items()}
    told = tuple(change.text for change in order.changes)
    found = fresh_files(order.data, file_name(order.name), folders, told)
    return None if found is None else [Path(path) for path in found]


def _add(build: Build, path: Path, text: str, state: State) -> None:
    if state == "same":
        build.fresh.append(path)
    else:
        build.programs.append(Program(path, text, state))


def _state(path: Path, text: str) -> State:
    if path.is_symlink():
        return "foreign"
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except OSError:
        return "foreign"
    if data == text.encode():
        return "same"
    found = read_header(data)
    if found is None:
        return "foreign" if data else "stale"
    return "edited" if found.edited else "stale"


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _difference(path: Path, before: str, after: str) -> list[str]:
    name = shown(path)
    lines = before.splitlines(), after.splitlines()
    return list(unified_diff(*lines, name, f"{name} (new)", lineterm=""))


def _made_from(text: str) -> str | None:
    found = read_header(text.encode())
    return None if found is None else found.spec


def _orphan(path: Path, code: str) -> Diagnostic:
    message = "expected a program of a spec, found one whose spec is gone"
    hint = "remove it with specc build --prune"
    if is_edited(path):
        hint = "it was edited by hand: remove it with specc build --prune --force"
    span = Span(Source(shown(path), ""))
    return Diagnostic(code, message, span, hint, "error" if code[0] == "E" else "note")


def _collision(made: Iterable[tuple[Order, list[Path]]]) -> str | None:
    seen: dict[str, str] = {}
    for order, paths in made:
        for path in paths:
            # Windows and macOS take names that differ in case for one file.
            key = str(path).lower()
            if key in seen:
                return (
                    f"{seen[key]} and {order.name} would both write {path.name}; "
                    "give them other names"
                )
            seen[key] = order.name
    return None


def _programs_in(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the files in folders that specc made."""
    for folder in sorted(set(folders)):
        if not folder.is_dir():
            continue
        with os.scandir(folder) as entries:
            names = [e.name for e in entries if e.name.endswith(".py") and not e.is_symlink()]
        for name in names:
            ours = any(name.endswith(program_file("", target)) for target in TARGETS)
            if ours and _is_made_by_specc(folder / name):
                yield folder / name


def is_edited(path: Path) -> bool:
    """Tell whether a program is there and not as specc made it."""
    try:
        found = read_header(path.read_bytes())
    except OSError:
        return False
    return found is not None and found.edited


def _is_made_by_specc(path: Path) -> bool:
    try:
        return read_header(path.read_bytes()) is not None
    except OSError:
        return False


def _compile_all(
    orders: Sequence[Order],
    progress: Progress | None,
) -> Iterator[Compilation]:
    """Yield what each spec compiles to, by several processes where that is quicker."""
    found = _in_parallel(orders) if len(orders) >= _MANY else map(_compile, orders)
    yield from progress(found, len(orders)) if progress else found


def _compile(order: Order) -> Compilation:
    from dataclasses import replace

    from specc.pipeline import compile_bytes

    target = "all" if len(order.folders) == len(TARGETS) else next(iter(order.folders))
    found = compile_bytes(order.data, order.name, target, changes=order.changes)
    # What else it holds is much, and a process would have to send it.
    return replace(found, program=None, weights={}, outputs={})


def _in_parallel(orders: Sequence[Order]) -> Iterator[Compilation]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    _compile(orders[0])  # so that the processes have the modules already
    fork = "fork" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if fork else None)
    workers = min(os.cpu_count() or 1, 8)
    with ProcessPoolExecutor(workers, context) as pool:
        yield from pool.map(_compile, orders, chunksize=8)
