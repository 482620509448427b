"""The only place that chains the steps: load, validate, resolve, lower, render, format, write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc.diagnostics import (
    Diagnostic,
    Source,
    Span,
    SpeccError,
    has_errors,
    in_source_order,
)
from specc.fresh import program_file
from specc.header import file_name, header, sealed, spec_digest
from specc.program import Program
from specc.targets import TARGETS, lower

if TYPE_CHECKING:
    from specc.overrides import Change
    from specc.targets.view import View


@dataclass(frozen=True)
class Compilation:
    """What one spec gives.

    Attributes:
        files: The programs' texts, by file name; none where the spec has errors.
        diagnostics: Errors and notes, in source order.
        program: The resolved model, or None where the spec has errors.
        weights: For each target its map of weights, where it has one.
        outputs: For each target where its program has each layer's output, where it tells.
    """

    files: dict[str, str] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    program: Program | None = None
    weights: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    outputs: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the spec has no errors."""
        return not has_errors(self.diagnostics)


def targets_of(target: str) -> list[str]:
    """Return the names of the targets that one name, or "all", stands for.

    Errors:
        ValueError: there is no such target.
    """
    if target == "all":
        return list(TARGETS)
    if target not in TARGETS:
        raise ValueError(f"expected a target of {', '.join(TARGETS)} or all, found {target!r}")
    return [target]


def compile_path(path: Path, target: str = "all") -> Compilation:
    """Compile the spec in a file; see `compile_source`.

    Errors:
        OSError: the file cannot be read.
    """
    targets_of(target)
    return compile_bytes(path.read_bytes(), str(path), target)


def compile_bytes(
    data: bytes,
    name: str,
    target: str = "all",
    exact: bool = False,
    changes: Sequence[Change] = (),
) -> Compilation:
    """Compile the spec that bytes hold; see `compile_source`."""
    try:
        return compile_source(decode(data, name), target, exact, changes)
    except SpeccError as error:
        return Compilation(diagnostics=error.diagnostics)


def decode(data: bytes, name: str) -> Source:
    """Return the text that the bytes of a spec hold.

    Errors:
        SpeccError: they are no UTF-8.
    """
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        from specc.foreign import refuse_binary

        refuse_binary(data, name)
        # What the decoder was given: the data without a byte order mark.
        line, column = Source(name, error.object[: error.start].decode()).end()
        readable = Source(name, data.decode("utf-8-sig", "replace"))
        span = Span(readable, line, column, line, column + 1)
        message = f"expected UTF-8 text, found the byte 0x{error.object[error.start]:02x}"
        raise SpeccError([Diagnostic("E100", message, span)]) from None


def compile_source(
    source: Source, target: str = "all", exact: bool = False, changes: Sequence[Change] = ()
) -> Compilation:
    """Compile one spec for one or all targets; mistakes are diagnostics.

    Arguments:
        exact: Whether to build with `fidelity: exact`, whatever the spec says.
        changes: What else the spec is to say.

    Errors:
        ValueError: there is no such target.
        ChangeError: a change is of something that the spec does not have.
    """
    targets = targets_of(target)
    told = tuple(change.text for change in changes)
    try:
        program, diagnostics = front(source, changes)
    except SpeccError as error:
        return Compilation(diagnostics=error.diagnostics)
    program = replace(program, exact=True) if exact else program
    files, weights, outputs = {}, {}, {}
    for name in targets:
        view = lower(program, name)
        diagnostics += view.notes
        weights[name], outputs[name] = view.weights, view.outputs
        files[program_file(program.name, name)] = _text(view, program, source, name, told)
    return Compilation(files, in_source_order(diagnostics), program, weights, outputs)


@dataclass(frozen=True)
class Analysis:
    """What the front end makes of a spec without errors.

    Attributes:
        spec: The spec itself, with every default.
        tree: The values of its text.
        places: Where its words stand.
        notes: In any order.
    """

    program: Program
    spec: Any
    tree: Any
    places: Any
    notes: list[Diagnostic]


def front(source: Source, changes: Sequence[Change] = ()) -> tuple[Program, list[Diagnostic]]:
    """Return the program that a spec describes with some changes, and notes.

    Errors:
        SpeccError: the spec has mistakes.
        ChangeError: a change is of something that the spec does not have.
    """
    found = analyse(source, changes)
    return found.program, found.notes


def analyse(source: Source, changes: Sequence[Change] = ()) -> Analysis:
    """Return what the front end makes of a spec with some changes.

    After a mistake each step goes on with what the one before could make of the spec, so that all
    mistakes are told in one run.

    Errors:
        SpeccError: the spec has mistakes.
        ChangeError: a change is of something that the spec does not have.
    """
    from specc.source import load
    from specc.validate import validate

    found: list[Diagnostic] = []
    tree: Any = None
    try:
        tree = _step(found, load, source)
        if changes and found:
            raise SpeccError([])  # what is to be changed may be what a mistake hides
        if changes:
            from specc.overrides import apply

            tree = apply(changes, tree)
        spec, places = _step(found, validate, tree, source)
        program, notes = _resolved(spec, places, file_name(source.name))
    except SpeccError as error:
        _refuse_foreign(source, tree)
        raise SpeccError([*found, *error.diagnostics]) from None
    if has_errors(found):
        _refuse_foreign(source, tree)
        raise SpeccError(found)
    return Analysis(program, spec, tree, places, notes)


def _resolved(spec: Any, places: Any, file: str) -> tuple[Program, list[Diagnostic]]:
    """Return the program of a spec that all targets can do, and notes on it.

    Errors:
        SpeccError: the model has mistakes, or a target cannot do it.
    """
    from specc.resolve import resolve
    from specc.targets import refuse
    from specc.targets.names import reserved

    told: list[Diagnostic] = []
    program, notes = _step(told, resolve, spec, places, file, reserved())
    told += [*notes, *refuse(program, places)]
    if has_errors(told):
        # Notes on how programs differ are of those that there are.
        raise SpeccError(each for each in told if not each.code.startswith("N2"))
    return program, told


def _refuse_foreign(source: Source, tree: Any) -> None:
    from specc.foreign import refuse_foreign

    refuse_foreign(source, tree)


def _step(found: list[Diagnostic], run: Callable[..., object], *arguments: object) -> Any:
    """Return what a step gives, or what it could make of a spec with mistakes."""
    try:
        return run(*arguments)
    except SpeccError as error:
        if error.rest is None:
            raise
        found += error.diagnostics
        return error.rest


def _text(
    view: View, program: Program, source: Source, target: str, changes: tuple[str, ...]
) -> str:
    from specc.render import format_code, program_text

    made_from = spec_digest(
        source.text.encode("utf-8", "surrogatepass"), program.file, target, changes
    )
    text = program_text(view, header(program.file, made_from, changes))
    return sealed(format_code(text))


def check_collisions(results: Iterable[Compilation]) -> str | None:
    """Return what is wrong where two specs would write the same file, else None."""
    seen: dict[str, str] = {}
    for result in results:
        source = result.program.span.source.name if result.program else ""
        for name in result.files:
            # Windows and macOS take names that differ in case for one file.
            if name.lower() in seen:
                first = seen[name.lower()]
                return f"{first} and {source} would both write {name}; give them other names"
            seen[name.lower()] = source
    return None
