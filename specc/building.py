"""A build of many specs: which programs are fresh, what the others become, and who else is there.

Nothing is written here: a `Build` tells what differs from what is on disk, and what stands in
the way.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc import __version__
from specc.diagnostics import ChangeError, Diagnostic, Source, Span, has_errors
from specc.fresh import fresh_files, program_file
from specc.header import Header, file_name, read_header
from specc.standing import KEPT, Program, is_edited, problems, shown, standing
from specc.targets import TARGETS

if TYPE_CHECKING:
    from specc.overrides import Change
    from specc.owners import Known
    from specc.pipeline import Compilation

# From so many specs on, several processes are quicker than one.
_MANY = 24

Progress = Callable[[Iterable[Any], int], Iterable[Any]]


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
        return [program for program in self.programs if program.state in KEPT]

    def problems(self) -> list[Diagnostic]:
        """Return everything on disk that is not as a build would leave it."""
        return [
            *problems(self.programs),
            *(_orphan(path, "E604") for path in self.orphans),
        ]

    def notes(self) -> list[Diagnostic]:
        """Return what is worth a note where a build overwrites what is there."""
        return [note for program in self.programs for note in program.notes()]

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
    known: Known = tuple,
) -> Build:
    """Compile what is not fresh and compare it with what is on disk.

    Arguments:
        orders: The specs.
        folders: Folders that hold programs of these specs and no others.
        progress: Wraps what is waited for, and gets how much there is of it.
        compare: Whether to look what is on disk; if not, every program counts as missing.
        known: Gives the specs of the repository, those of the orders left out.
    """
    from specc.pipeline import decode

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
    programs = []
    for order, compiled in zip(waiting, _compile_all(waiting, progress), strict=True):
        build.diagnostics += compiled.diagnostics
        paths = {name: order.folders[target_of(name)] / name for name in compiled.files}
        made.append((order, list(paths.values())))
        programs += [(order, paths[name], text) for name, text in compiled.files.items()]
    build.collision = _collision(made)
    if not build.ok:
        return build
    specs = _specs(orders, known)
    for order, path, text in programs:
        program = Program(path, text, decode(order.data, order.name))
        _add(build, _standing(order, program, specs) if compare else program)
    ours = {path for _, paths in made for path in paths}
    build.orphans = sorted(path for path in _programs_in(folders) if path not in ours)
    return build


def _specs(orders: Sequence[Order], known: Known) -> Known:
    """Return what gives all specs that are known, and asks for them once at most."""
    return cache(lambda: (*known(), *(Path(order.name) for order in orders)))


def _standing(order: Order, program: Program, known: Known) -> Program:
    target = target_of(program.path.name)
    return standing(program, order.data, target, lambda found: _remade(order, target, found), known)


def _remade(order: Order, target: str, found: Header) -> str | None:
    """Return the text of a program as this specc made it from an older text of its spec.

    None where git does not have that text, or another version of specc made the program.
    """
    from specc.history import past_texts
    from specc.overrides import parse
    from specc.pipeline import compile_bytes

    texts = past_texts(order.name, found.file) if found.version == __version__ else ()
    for data in texts:
        if found.is_of(data, target):
            try:
                changes = [parse(change) for change in found.changes]
                files = compile_bytes(data, found.file, target, changes=changes).files
            except ChangeError:
                return None
            made = next(iter(files.values()), "")
            again = read_header(made.encode())
            return made if again is not None and again.text == found.text else None
    return None


def target_of(name: str) -> str:
    """Return the target of a program, by the name of its file."""
    return next(target for target in TARGETS if name.endswith(program_file("", target)))


def _fresh(order: Order) -> list[Path] | None:
    folders = {target: str(folder) for target, folder in order.folders.items()}
    told = tuple(change.text for change in order.changes)
    found = fresh_files(order.data, file_name(order.name), folders, told)
    return None if found is None else [Path(path) for path in found]


def _add(build: Build, program: Program) -> None:
    if program.state == "same":
        build.fresh.append(program.path)
    else:
        build.programs.append(program)


def _orphan(path: Path, code: str) -> Diagnostic:
    message = "expected a program with a spec, found one whose spec is gone"
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
