"""`specc build`: specs to programs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from specc.cli import EXAMPLE
from specc.cli.chosen import CallError, expanded
from specc.cli.terminal import add_format, name_of, print_line, print_text, read, tell, wrong_call
from specc.targets import TARGETS

if TYPE_CHECKING:
    from specc.building import Build, Order
    from specc.overrides import Change
    from specc.settings import Settings
    from specc.standing import Program


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Compile specs to programs. Without SPEC, build all specs of the repository, as "
        "[tool.specc] in its pyproject.toml says."
    )
    parser.epilog = EXAMPLE
    parser.add_argument(
        "specs",
        nargs="*",
        metavar="SPEC",
        help="a spec's file, a folder for all specs below it, - for standard input",
    )
    parser.add_argument(
        "--target",
        choices=(*TARGETS, "all"),
        default="all",
        help="which programs to write (default: all)",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        help="folder of the programs (default: as configured, else the current one), "
        "- for standard output",
    )
    parser.add_argument(
        "--set",
        dest="changes",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change the spec: layers.output.units=20, optimizer.adam.learning_rate=3e-4",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit 1 where a program is stale, edited, missing, orphaned or another "
        "spec's",
    )
    parser.add_argument("--diff", action="store_true", help="write nothing; show what would change")
    parser.add_argument(
        "--force",
        action="store_true",
        help="overwrite programs that were edited by hand or are another spec's",
    )
    parser.add_argument("--prune", action="store_true", help="remove programs whose spec is gone")
    parser.add_argument(
        "--watch",
        action="store_true",
        help="build again whenever one of the specs or the configuration changes",
    )
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    """Build, once or whenever a spec changes, and return the exit status."""
    if not options.watch:
        return _build(options)
    if "-" in (*options.specs, options.output):
        return wrong_call("standard input and output cannot be watched; name files")
    try:
        _watch(options)
    except CallError as error:
        return wrong_call(str(error))
    except OSError as error:
        return wrong_call(f"cannot watch {error.filename}: {error.strerror}")
    return 0


def _watch(options: argparse.Namespace) -> None:
    from specc.watch import watch

    known = _watched(options)

    def files() -> list[Path]:
        with suppress(CallError):  # which the build tells
            known[:] = _watched(options)
        return known

    watch(files, lambda: _build(options))


def _watched(options: argparse.Namespace) -> list[Path]:
    """Return the specs, and the configuration where there is one."""
    settings = None if options.specs and options.output else _settings()
    specs = [Path(spec) for spec in expanded(options.specs) or _found(settings)]
    return specs if settings is None else [*specs, settings.file]


def _build(options: argparse.Namespace) -> int:
    from specc.building import examine
    from specc.diagnostics import ChangeError, SpeccError

    try:
        settings = None if options.specs and options.output else _settings()
        orders, folders = _orders(options, settings)
    except CallError as error:
        return wrong_call(str(error))
    except SpeccError as error:
        tell(error.diagnostics, options.output_format)
        return 1
    try:
        known = tuple if settings is None else settings.spec_files
        build = examine(orders, folders, _progress, options.output != "-", known)
    except ChangeError as error:
        return wrong_call(str(error))
    if not build.ok:
        tell(build.diagnostics, options.output_format, together=build.count > 1)
        return 1 if build.collision is None else wrong_call(build.collision)
    if options.output == "-":
        tell(build.diagnostics)
        return _print_program([program.text for program in build.programs])
    if options.check or options.diff:
        return _compare(build, options)
    return _write(build, options)


# What to build


def _orders(
    options: argparse.Namespace, settings: Settings | None
) -> tuple[list[Order], list[Path]]:
    """Return what is to be built, and the folders that hold no other programs."""
    from specc.building import Order

    changes = _changes(options)
    if not options.specs and (settings is None or not settings.specs):
        raise CallError(
            "expected SPEC, or a pyproject.toml with specs in [tool.specc], here or above; "
            "see specc build --help"
        )
    if options.output == "-" and (options.check or options.diff):
        raise CallError("--check and --diff compare files, which -o - does not write")
    if options.output == "-" and options.output_format != "text":
        raise CallError("standard output takes the program or what is found, not both")
    if options.diff and options.output_format != "text":
        raise CallError("--diff is text")
    folders = _folders(options, settings)
    specs = expanded(options.specs) or _found(settings)
    orders = [Order(name_of(spec), _data(spec), folders, changes) for spec in specs]
    return orders, [] if options.specs or options.output else list(folders.values())


def _changes(options: argparse.Namespace) -> tuple[Change, ...]:
    if not options.changes:
        return ()
    from specc.diagnostics import ChangeError
    from specc.overrides import parse

    if len(expanded(options.specs)) != 1:
        raise CallError("--set changes one spec; name it")
    try:
        return tuple(parse(text) for text in options.changes)
    except ChangeError as error:
        raise CallError(str(error)) from None


def _settings() -> Settings | None:
    from specc.fresh import is_configured

    if not is_configured():
        return None
    from specc.settings import SettingsError, find_settings

    try:
        return find_settings(Path())
    except SettingsError as error:
        raise CallError(str(error)) from None


def _folders(options: argparse.Namespace, settings: Settings | None) -> dict[str, Path]:
    from specc.pipeline import targets_of

    targets = targets_of(options.target)
    if options.output or settings is None:
        return dict.fromkeys(targets, Path("." if options.output == "-" else options.output or "."))
    found = {target: path for target, path in settings.outputs.items() if target in targets}
    if not found:
        raise CallError(f"{settings.file} has no target {options.target}")
    return {target: _near(path) for target, path in found.items()}


def _near(path: Path) -> Path:
    from specc.standing import shown

    return Path(shown(path))


def _found(settings: Settings | None) -> list[str]:
    if settings is None:
        raise CallError("expected SPEC, or a pyproject.toml with specs in [tool.specc]")
    found = [str(_near(path)) for path in settings.spec_files()]
    if not found:
        globs = ", ".join(settings.specs)
        raise CallError(f"expected specs, found none that match {globs} in {settings.root}")
    return found


def _data(spec: str) -> bytes:
    data = read(spec)
    if isinstance(data, str):
        raise CallError(data)
    return data


# What becomes of it


def _progress(found: Iterable[object], total: int) -> Iterable[object]:
    """Show a bar on a terminal where it takes more than a second."""
    if total < 2 or not sys.stderr.isatty():
        return found
    from tqdm import tqdm

    bar: Iterator[object] = tqdm(found, total=total, delay=1, unit="spec", leave=False)
    return bar


def _compare(build: Build, options: argparse.Namespace) -> int:
    if options.diff:
        for program in build.programs:
            for line in program.difference():
                print_line(line)
    if not options.check:
        return 0
    problems = build.problems()
    tell(problems, options.output_format)
    total = len(build.fresh) + len(build.programs)
    if not problems and options.output_format == "text":
        print_line(f"{_count(total, 'program')} of {_count(build.count, 'spec')}: all fresh")
    return 1 if problems else 0


def _write(build: Build, options: argparse.Namespace) -> int:
    from specc.output import write_files
    from specc.standing import problems

    blocked = [] if options.force else build.in_the_way()
    removed = [] if blocked or not options.prune else build.removable(options.force)
    found = problems(blocked) or [*build.notes(), *build.orphan_notes(removed)]
    told = [*build.diagnostics, *found]
    tell(told, options.output_format, together=build.count > 1)
    if blocked:
        _tell_edits(blocked, options.output_format)
        return 1
    try:
        write_files({program.path: program.text for program in build.programs})
        for path in removed:
            path.unlink(missing_ok=True)
    except OSError as error:
        place = options.output or ("." if options.specs else error.filename)
        return wrong_call(f"cannot write to {place}: {error.strerror or error}")
    if options.output_format == "text":
        (_tell_files if options.specs else _tell_summary)(build, removed)
    return 0


def _tell_edits(blocked: list[Program], form: str) -> None:
    for program in blocked:
        if program.state == "edited" and form == "text":
            for line in program.edit():
                print(line, file=sys.stderr)


def _tell_files(build: Build, removed: list[Path]) -> None:
    for program in build.programs:
        print_line(f"wrote {program.path}")
    for path in build.fresh:
        print_line(f"unchanged {path}")
    for path in removed:
        print_line(f"removed {path}")


def _tell_summary(build: Build, removed: list[Path]) -> None:
    parts = [f"{_count(len(build.programs), 'program')} written", f"{len(build.fresh)} unchanged"]
    if removed:
        parts.append(f"{len(removed)} removed")
    print_line(f"{_count(build.count, 'spec')}: {', '.join(parts)}")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _print_program(texts: list[str]) -> int:
    if len(texts) != 1:
        return wrong_call(
            f"standard output takes one program, found {len(texts)}: name one SPEC and one --target"
        )
    return print_text(texts[0])
