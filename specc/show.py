"""What a model is made of, as data: its layers with their costs, totals, training, differences.

`specc/tables.py` writes it for people, `as_json` for programs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from specc.costs import cost
from specc.diagnostics import Diagnostic
from specc.program import Fit, Node, Program
from specc.spec.layers.core import Custom
from specc.spec.variables import Variable
from specc.spec.word import Schedule
from specc.targets import TARGETS, lower
from specc.written_out import arguments, spelled

BYTES = 4  # of a float32


@dataclass(frozen=True, slots=True)
class Row:
    """One layer.

    Attributes:
        node: The layer at its place.
        parameters: How many numbers its weights hold; None where the spec does not tell them all.
        trainable: How many of them training changes, likewise.
        multiply_adds: Those of one sample, None where a size is open or not told.
        activations: How many numbers its output holds for one sample, None where a size is open.
        differs: The codes of the notes on it.
        within: The layers within it, whose weights are its own too. Their `multiply_adds` are
            those of one step where it goes through steps.
    """

    node: Node
    parameters: int | None
    trainable: int | None
    multiply_adds: int | None
    activations: int | None
    differs: tuple[str, ...] = ()
    within: tuple[Row, ...] = ()

    @property
    def own(self) -> tuple[Variable, ...]:
        """The weights that no layer within it holds."""
        return self.node.own


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over the layers.

    Attributes:
        value: The sum of what is known.
        whole: Whether all is known; else the sum is at least `value`.
    """

    value: int
    whole: bool

    def times(self, factor: int) -> Total:
        """Return the total of `factor` of them."""
        return Total(self.value * factor, self.whole)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in which the targets differ.

    Attributes:
        note: The code, the place and what to know.
        target: The target whose program tells of it.
        layers: The layers that it is about; none where it is about training.
    """

    note: Diagnostic
    target: str
    layers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is shown of a model.

    Attributes:
        batch: How many samples a batch of its training has, None where it has no training.
    """

    program: Program
    rows: tuple[Row, ...]
    differences: tuple[Difference, ...]

    @property
    def batch(self) -> int | None:
        """The size of a batch in training, or None."""
        return self.program.fit.training.batch_size if self.program.fit else None

    @property
    def parameters(self) -> Total:
        """The numbers in all weights."""
        return _total({row.node.module: row.parameters for row in self.rows}.values())

    @property
    def trainable(self) -> Total:
        """The numbers in the weights that training changes."""
        return _total({row.node.module: row.trainable for row in self.rows}.values())

    @property
    def multiply_adds(self) -> Total:
        """The multiply-adds of a forward pass of one sample."""
        return _total(row.multiply_adds for row in self.rows)

    @property
    def activations(self) -> Total:
        """The numbers in the outputs of all layers for one sample."""
        return _total(row.activations for row in self.rows)


def _total(values: Iterable[int | None]) -> Total:
    found = list(values)
    return Total(sum(value or 0 for value in found), None not in found)


def show(program: Program) -> Shown:
    """Return what is to be shown of a model."""
    differences = tuple(sorted(_differences(program), key=_place))
    codes: dict[str, tuple[str, ...]] = {}
    for found in differences:
        for name in found.layers:
            codes[name] = tuple(dict.fromkeys((*codes.get(name, ()), found.note.code)))
    return Shown(program, tuple(_row(node, codes) for node in program.graph.nodes), differences)


def _differences(program: Program) -> Iterable[Difference]:
    for target in TARGETS:
        view = lower(program, target)
        for note in dict.fromkeys(view.notes):
            yield Difference(note, target, view.noted.get(note, ()))


def _place(found: Difference) -> tuple[int, int, str]:
    return found.note.span.line, found.note.span.column, found.note.code


def _row(node: Node, codes: dict[str, tuple[str, ...]]) -> Row:
    found = cost(node)
    known = all(not isinstance(inner.layer, Custom) for inner in node.walk())
    return Row(
        node=node,
        parameters=found.parameters if known else None,
        trainable=found.trainable if known else None,
        multiply_adds=found.multiply_adds,
        activations=found.activations,
        # A layer within another may have its name; the note is the other's.
        differs=() if node.module.inside else codes.get(node.name, ()),
        within=tuple(_row(inner, codes) for inner in node.nested),
    )


# JSON


def as_json(shown: Sequence[Shown], single: bool = False) -> str:
    """Return all of it as JSON, whose keys stay the same.

    Arguments:
        single: Whether to write the one model that there is, in place of a list of models.
    """
    models = [_finite(_model(each)) for each in shown]
    return json.dumps(models[0] if single else models, indent=2)


def _model(shown: Shown) -> dict[str, object]:
    program = shown.program
    return {
        "name": str(program.name),
        "description": program.description,
        "seed": program.seed,
        "fidelity": "exact" if program.exact else "idiomatic",
        "input": arguments(program.input),
        "output_shape": spelled(program.graph.output.shape),
        "layers": [_layer(row) for row in shown.rows],
        "totals": _totals(shown),
        "training": _training(program.fit) if program.fit else None,
        "differences": [_difference(found) for found in shown.differences],
    }


def _finite(value: object) -> object:
    """Return data in which infinity and what is no number, which JSON lacks, are texts."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _layer(row: Row) -> dict[str, object]:
    node = row.node
    return {
        "name": str(node.name),
        "type": node.layer.word,
        "arguments": {k: v for k, v in arguments(node.layer).items() if k != "name"},
        "inputs": [str(value.name) for value in node.inputs],
        "input_shape": spelled(node.input_shape),
        "output_shape": spelled(node.output_shape),
        "parameters": row.parameters,
        "trainable_parameters": row.trainable,
        "multiply_adds": row.multiply_adds,
        "activations": row.activations,
        "activation_bytes": None if row.activations is None else row.activations * BYTES,
        "weights": [_weight(variable) for variable in row.own],
        "differs": list(row.differs),
        "layers": [_layer(inner) for inner in row.within],
    }


def _weight(variable: Variable) -> dict[str, object]:
    return {
        "name": variable.name,
        "path": variable.path,
        "shape": spelled(variable.shape),
        "trainable": variable.trainable,
        "initializer": spelled(variable.initializer),
        "regularizer": spelled(variable.regularizer),
        "constraint": spelled(variable.constraint),
    }


def _totals(shown: Shown) -> dict[str, object]:
    totals = {
        "parameters": shown.parameters,
        "trainable_parameters": shown.trainable,
        "multiply_adds": shown.multiply_adds,
        "activations": shown.activations,
    }
    batch = shown.activations.times(BYTES * (shown.batch or 1)).value
    return {
        **{name: total.value for name, total in totals.items()},
        "weight_bytes": shown.parameters.value * BYTES,
        "activation_bytes": shown.activations.value * BYTES,
        "batch_size": shown.batch,
        "batch_activation_bytes": None if shown.batch is None else batch,
        "at_least": [name for name, total in totals.items() if not total.whole],
    }


def _training(fit: Fit) -> dict[str, object]:
    rate = fit.optimizer.learning_rate
    return {
        "optimizer": spelled(fit.optimizer),
        "schedule": spelled(rate) if isinstance(rate, Schedule) else None,
        "loss": spelled(fit.head.loss),
        "metrics": {figure.name: spelled(figure.metric) for figure in fit.figures},
        "data": spelled(fit.data),
        **arguments(fit.training),
    }


def _difference(found: Difference) -> dict[str, object]:
    return {
        "code": found.note.code,
        "target": found.target,
        "layers": list(found.layers),
        "line": found.note.span.line,
        "message": found.note.message,
    }
