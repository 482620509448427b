"""What every target gives to its template, and the parts that programs of all targets share."""

from __future__ import annotations

import builtins
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, dataclass_transform

from specc.diagnostics import Diagnostic
from specc.expressions import ClassName, Code, Expression, literal, statement
from specc.program import Fit, Program, final_activation
from specc.shapes import UNKNOWN, Shape
from specc.spec.catalogue import CATALOGUE
from specc.spec.data import Csv, Npz
from specc.spec.layers.core import Custom
from specc.spec.word import Word
from specc.targets.names import reserved


@dataclass_transform(frozen_default=True)
class Section:
    """A part of a program: its fields are the names that its template uses.

    A field that is a section itself, or holds some, is placed as their text. Each subclass is a
    dataclass; of its methods only the first is needed, and to make all of them costs time.

    Attributes:
        template: The template's path below `templates/`.
        names: The names of the fields.
    """

    template: ClassVar[str]
    names: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls) -> None:
        """Make a dataclass of the subclass."""
        dataclass(eq=False, repr=False)(cls)
        cls.names = tuple(cls.__annotations__)


@dataclass(frozen=True)
class Text:
    """A part of a program that is always the same: a template without names."""

    template: str
    names: ClassVar[tuple[str, ...]] = ()


Part = Section | Text


class Import(NamedTuple):
    """A statement that imports a module, under another name or not, or names of it."""

    module: str
    names: tuple[str, ...] = ()
    alias: str = ""

    @property
    def gives(self) -> tuple[str, ...]:
        """The names that a program then has."""
        return self.names or (self.alias or self.module,)

    def line(self, used: Collection[str]) -> str | None:
        """Return the statement for what is used, None where nothing is."""
        names = [name for name in self.gives if name in used]
        if not names:
            return None
        if self.names:
            return f"from {self.module} import {', '.join(names)}"
        return f"import {self.module} as {self.alias}" if self.alias else f"import {self.module}"


class WeightPenalty(NamedTuple):
    """How a program penalises a weight: by weight decay, or by a term of the loss."""

    what: str
    is_decay: bool


@dataclass(frozen=True, slots=True)
class View:
    """A lowered program.

    Attributes:
        docstring: Its lines, without quotes.
        imports: What its sections may use from elsewhere, in groups; those stay that they do use.
        custom: The lines that import a user's own classes.
        constants: The lines of its constants.
        sections: What follows, two blank lines apart.
        notes: Where the program differs from the other targets.
        weights: The target's map of weights, where it has one.
        outputs: Where the program has each layer's output, where the target tells.
        noted: The names of the layers of which a note tells, for each that tells of layers.
        gives: What the model gives: `probabilities`, `logits` or `values`. Empty where the target
            does not tell.
        penalties: How weights are penalised, where the target tells.
    """

    docstring: tuple[str, ...]
    imports: tuple[tuple[Import, ...], ...]
    custom: tuple[str, ...]
    constants: tuple[str, ...]
    sections: tuple[Part, ...]
    notes: tuple[Diagnostic, ...] = ()
    weights: tuple[Any, ...] = ()
    outputs: tuple[Any, ...] = ()
    noted: dict[Diagnostic, tuple[str, ...]] = field(default_factory=dict)
    gives: str = ""
    penalties: tuple[WeightPenalty, ...] = ()


@dataclass
class Constants:
    """The constants at the top of a program, each under a name of its own."""

    values: dict[str, Expression] = field(default_factory=dict)

    def add(self, name: str, value: object) -> Code:
        """Add a constant and return its name, numbered where another has it already."""
        expression = value if isinstance(value, Code) else literal(value)
        unique, number = name, 2
        while unique in self.values:
            unique, number = f"{name}_{number}", number + 1
        self.values[unique] = expression
        return Code(unique)

    def once(self, name: str, value: object) -> Code:
        """Add a constant that several places share, unless it is there already."""
        return Code(name) if name in self.values else self.add(name, value)

    def lines(self) -> tuple[str, ...]:
        """Return the assignments."""
        return tuple(statement(f"{name} = ", value) for name, value in self.values.items())


def training_constants(program: Program, constants: Constants) -> None:
    """Add what the spec says of data and training, under names that both programs share."""
    if program.seed is not None:
        constants.add("SEED", program.seed)
    if program.fit is None:
        return
    data, training = program.fit.data, program.fit.training
    if isinstance(data, (Npz, Csv)):
        constants.add("DATA", data.path)
    if isinstance(data, Csv):
        if data.test_path is not None:
            constants.add("TEST_DATA", data.test_path)
        if data.target is not None:
            constants.add("TARGETS", list(data.target))
        if data.delimiter != ",":
            constants.add("DELIMITER", data.delimiter)
    constants.add("EPOCHS", training.epochs)
    constants.add("BATCH_SIZE", training.batch_size)
    if training.validation_split:
        constants.add("VALIDATION_SPLIT", training.validation_split)


class Numbers:
    """The numbers of a word as expressions: constants where the spec sets them.

    It remembers which were asked for, so that a program has the constants that it uses.
    """

    def __init__(self, word: Word) -> None:
        self._word, self._used = word, set[str]()

    def __getitem__(self, name: str) -> Code:
        """Return the expression of an argument."""
        self._used.add(name)
        value = getattr(self._word, name)
        if name in self._word.given() and type(value) is not bool:
            return Code(name.upper())
        return _number(value)

    def add_to(self, constants: Constants) -> None:
        """Add the constants that were asked for, in Keras' order."""
        given = self._word.given()
        for name in self._word.parameters():
            value = getattr(self._word, name)
            if name in self._used and name in given and type(value) is not bool:
                constants.add(name.upper(), _number(value))


def _number(value: object) -> Code:
    return literal(list(value) if isinstance(value, tuple) else value)


def target_sizes(fit: Fit, array: str) -> str | None:
    """Return the arguments of `reshape` that give targets the first of their shapes.

    None where they have it already, which leaves out the call.

    Arguments:
        array: The expression of the targets, whose own sizes stand where none is known.
    """
    first = fit.head.target_shapes[0]
    if UNKNOWN not in first:
        return ", ".join(map(str, (-1, *first)))
    if len(fit.head.target_shapes) == 1:
        return None
    if fit.head.classes is not None:
        return f"{array}.shape[:{len(first) + 1}]"
    return f"*{array}.shape[:{len(first)}], 1"


def given(program: Program) -> str:
    """Return what a model gives that ends as the spec says, as `View.gives`."""
    if final_activation(program.last) is not None:
        return "probabilities"
    logits = program.fit is not None and getattr(program.fit.head.loss, "from_logits", False)
    return "logits" if logits else "values"


def docstring(program: Program, input_shape: str, output: str) -> tuple[str, ...]:
    """Return the lines of a module's docstring, without quotes."""
    first = program.description or f"The model {program.name}."
    return (*_prose(first), "", f"Input: {input_shape}. Output: {output}.")


def description_line(program: Program) -> str:
    """Return one line for a class or function docstring: the description where it is short."""
    plain = f"The model {program.name}."
    lines = _prose(program.description or plain)
    return lines[0] if len(lines) == 1 else plain


def _prose(value: str) -> list[str]:
    """Return text that is safe inside a docstring: printable, no backslash, no triple quote."""
    clean = "".join(c if c.isprintable() else " " for c in value)
    words = clean.replace("\\", "/").replace('"', "'").split()
    lines: list[str] = []
    for word in words or ["-"]:
        if lines and len(lines[-1]) + 1 + len(word) <= 80:
            lines[-1] += " " + word
        else:
            lines.append(word[:80])
    if not lines[-1].endswith((".", "!", "?")):
        lines[-1] += "."
    return lines


def batch_shape(shape: tuple[int, ...]) -> str:
    """Return a shape with its batch axis for prose: `(N, 28, 28)`."""
    sizes = ("None" if size is UNKNOWN else str(size) for size in shape)
    return f"({', '.join(['N', *sizes])})" if shape else "(N,)"


def open_shape(shape: Shape) -> tuple[int | None, ...]:
    """Return a shape as Keras writes it, None standing for any size."""
    return tuple(None if size is UNKNOWN else size for size in shape)


def custom_classes(program: Program, target: str) -> tuple[tuple[str, ...], dict[str, Code]]:
    """Return the import lines of custom layers and the name of each import path."""
    lines: list[str] = []
    modules: dict[str, list[str]] = {}
    names: dict[str, Code] = {}
    used = {*_taken(), program.class_name}
    for node in program.graph.walk():
        if not isinstance(node.layer, Custom):
            continue
        path: str = getattr(node.layer, target)
        if path in names:
            continue
        module, _, name = path.partition(":")
        alias = name
        while alias in used or alias.isupper():
            alias = ClassName(f"custom_{alias}")
        used.add(alias)
        names[path] = Code(alias)
        if alias == name:
            modules.setdefault(module, []).append(name)
        else:
            lines.append(f"from {module} import {name} as {alias}")
    lines += [f"from {module} import {', '.join(sorted(n))}" for module, n in modules.items()]
    return tuple(sorted(lines)), names


def _taken() -> set[str]:
    """Return the names that a custom class would hide; it gets another one instead."""
    # Metrics and schedules are functions of some programs.
    words = *CATALOGUE["metric"], *CATALOGUE["schedule"]
    return {*reserved().top, *dir(builtins), *words}
