"""What every target gives to its template, and the parts that programs of all targets share."""

from __future__ import annotations

import builtins
import re
from dataclasses import dataclass, field
from typing import Any

from specc.diagnostics import Diagnostic
from specc.expressions import ClassName, Code, Expression, literal, statement
from specc.names import METRIC_NAMES
from specc.program import Fit, Program
from specc.shapes import UNKNOWN, Shape
from specc.spec.catalogue import CATALOGUE
from specc.spec.data import Csv, Npz
from specc.spec.layers.core import Custom
from specc.spec.word import Word

# Names that programs use at module level; a custom class of such a name gets another one. Metrics
# and schedules are functions of PyTorch programs.
_OWN_NAMES = """Any AveragedModel BatchNorm1d BatchNorm2d BatchNorm3d Callable ConvLSTM1d
    ConvLSTM2d ConvLSTM3d DataLoader EinsumDense EpochLine F FtrlOptimizer GaussianDropout
    GaussianNoise KerasAdafactor KerasAdamax KerasGRU KerasLSTM KerasRMSprop KerasRNN KerasSGD
    LambOptimizer LionOptimizer MuonOptimizer PReLU Path Rescaling ResetBeforeGRU ScheduleFreeAdamW
    SpectralNormalization TensorDataset WholeCheckpoint WholeCheckpoint2 WholeCheckpoint3 argparse
    build_metrics build_model build_optimizer build_scheduler check_path compact compile_model
    constrain copy csv describe each_step evaluate find_row fits get_ema_multi_avg_fn keras
    l2_penalty largest layers loss_fn main math max_norm_ mean_cosine min_max_norm_ nn np
    orthogonal outside pack pd penalty random read_arrays rms save scale_epsilon sparsemax spread
    sys to_dataset torch tqdm train_one_epoch truncated_normal_ unit_norm_ unpack update_metrics
    use_average weighted_loss_fn"""
TAKEN = METRIC_NAMES | {
    *_OWN_NAMES.split(),
    *dir(builtins),
    *CATALOGUE["metric"],
    *CATALOGUE["schedule"],
}


@dataclass(frozen=True, slots=True)
class View:
    """A lowered program.

    Attributes:
        template: The template's path below `templates/`.
        context: What the template places: names, ready lines, flags.
        notes: Where the program differs from the other targets.
        weights: The target's map of weights, where it has one.
        outputs: Where the program has each layer's output, where the target tells.
        noted: The names of the layers of which a note tells, for each that tells of layers.
    """

    template: str
    context: dict[str, Any]
    notes: tuple[Diagnostic, ...] = ()
    weights: tuple[Any, ...] = ()
    outputs: tuple[Any, ...] = ()
    noted: dict[Diagnostic, tuple[str, ...]] = field(default_factory=dict)


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

    def lines(self) -> list[str]:
        """Return the assignments."""
        return [statement(f"{name} = ", value) for name, value in self.values.items()]


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


def numbers(word: Word) -> dict[str, Code]:
    """Return the expression of each argument of a word: a constant where the spec sets it."""
    given = word.given()
    values = {name: getattr(word, name) for name in word.parameters()}
    return {
        name: Code(name.upper()) if name in given and type(value) is not bool else _number(value)
        for name, value in values.items()
    }


def _number(value: object) -> Code:
    return literal(list(value) if isinstance(value, tuple) else value)


def add_numbers(word: Word, text: str, constants: Constants) -> None:
    """Add those of a word's constants that a text uses, in Keras' order."""
    used = set(re.findall(r"\w+", text))
    for name, expression in numbers(word).items():
        if expression == name.upper() and expression in used:
            constants.add(expression, _number(getattr(word, name)))


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


def docstring(program: Program, input_shape: str, output: str) -> list[str]:
    """Return the lines of a module's docstring, without quotes."""
    first = program.description or f"The model {program.name}."
    return [*_prose(first), "", f"Input: {input_shape}. Output: {output}."]


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


def custom_classes(program: Program, target: str) -> tuple[list[str], dict[str, Code]]:
    """Return the import lines of custom layers and the name of each import path."""
    lines: list[str] = []
    modules: dict[str, list[str]] = {}
    names: dict[str, Code] = {}
    used = {*TAKEN, program.class_name}
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
    return sorted(lines), names
