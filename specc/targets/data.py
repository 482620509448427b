"""How programs of all targets read their arrays, and what these may hold."""

from __future__ import annotations

import math

from specc.expressions import LINE_LENGTH, Code, call, literal, statement
from specc.limits import arrays
from specc.program import Fit, Program
from specc.shapes import UNKNOWN, Shape
from specc.spec.data import Csv, Npz
from specc.spec.limits import LARGEST, Limits
from specc.targets.view import Constants, open_shape, target_sizes


def data_context(program: Program, constants: Constants) -> dict[str, object]:
    """Return what the shared template of `read_arrays` places; adds its tables to the constants."""
    fit = program.fit
    if fit is None:
        return {"fit": False, "npz": False, "csv": False}
    csv = isinstance(fit.data, Csv)
    data = fit.data if isinstance(fit.data, Csv) else None
    return {
        "fit": True,
        "npz": not csv,
        "csv": csv,
        "named_data": fit.data is not None,
        "has_test": data is None or data.test_path is not None,
        "any_size": any(
            UNKNOWN in shape for shape in (program.input.shape, *fit.head.target_shapes)
        ),
        **_numbers(program, constants, shapes=not csv),
        **_turned(fit),
        **(_table(program, fit, data) if data else {}),
        "data_help": "CSV file for training" if csv else "npz file with the arrays",
    }


def _numbers(program: Program, constants: Constants, shapes: bool) -> dict[str, object]:
    """Add the tables of shapes and of numbers; return the lines that tell which are wrong."""
    x, y = arrays(program)[:2]
    if shapes:
        samples = {a.name[0]: literal(tuple(map(open_shape, a.shapes))) for a in (x, y)}
        constants.add("SHAPES", _table_of("SHAPES", samples))
    ranges = {a.name[0]: Code(f"({_bound(a.limits.low)}, {_bound(a.limits.high)})") for a in (x, y)}
    constants.add("RANGES", _table_of("RANGES", ranges))
    words = {a.name[0]: literal(a.limits.words()) for a in (x, y)}
    constants.add("EXPECTED", _table_of("EXPECTED", words))
    found = _outside(x.limits, y.limits)
    return {"outside_lines": found, "plain_ranges": not found}


def _table_of(name: str, values: dict[str, Code]) -> Code:
    """Return a dictionary, with an entry a line where it is too long for one."""
    entries = [f"{literal(key)}: {value}" for key, value in values.items()]
    line = "{" + ", ".join(entries) + "}"
    if len(f"{name} = {line}") <= LINE_LENGTH:
        return Code(line)
    return Code("{\n" + "".join(f"    {entry},\n" for entry in entries) + "}")


def _bound(value: float) -> str:
    """Return the text of a bound, that of float32 as people write it."""
    return str(literal(value)).replace("e+", "e") if abs(value) == LARGEST else literal(value)


def _outside(x: Limits, y: Limits) -> list[str]:
    """Return the lines that find what is wrong beside the ranges."""
    inputs, targets = _rules(x), _rules(y)
    both = [line for line in inputs if line in targets]
    lines = list(both)
    for kind, found in (("x", inputs), ("y", targets)):
        own = [line for line in found if line not in both]
        lines += [f'if kind == "{kind}":', *(f"    {line}" for line in own)] if own else []
    return lines


def _rules(limits: Limits) -> list[str]:
    lines = ["wrong |= array != np.floor(array)"] if limits.whole else []
    if limits.members is not None:
        lines.append(f"wrong |= ~np.isin(array, {literal(list(limits.members))})")
    if limits.rule == "sums":
        lines.append("known = np.where(wrong, 0, array)")
        lines.append("sums = known.sum(axis=-1, keepdims=True, dtype=float)")
        lines.append("wrong |= np.abs(sums - 1) > 1e-3")
    if limits.rule == "signs":
        lines.append("wrong |= (array == 0) & (array == -1).any()")
    if limits.rule == "ends":
        lines.append("wrong[:, 1:] |= (array[:, :-1] == 0) & (array[:, 1:] != 0)")
    if limits.padding is not None:
        lines.append("axes = tuple(range(1, array.ndim))")
        padded = f"(array == {literal(limits.padding)}).all(axis=axes, keepdims=True)"
        lines.append(f"wrong |= {padded}  # their mean is none")
    if limits.also is not None:
        lines.append(f"wrong &= array != {limits.also}")
    return lines


def _table(program: Program, fit: Fit, data: Csv) -> dict[str, object]:
    """Return what a table of numbers needs; its inputs and targets have known sizes."""
    shape = program.input.shape
    split = data.delimiter != ","
    inputs = "numbers[:, inputs]"
    read = call(
        "pd.read_csv",
        Code("file"),
        sep=Code("DELIMITER") if split else None,
        header=literal(None),
        na_filter=literal(False),
        low_memory=literal(False),
    )
    return {
        "columns": math.prod(shape) + math.prod(fit.head.target_shapes[0]),
        "has_names": data.header,
        "named_targets": data.target is not None,
        "csv_arguments": "file, delimiter=DELIMITER" if split else "file",
        "csv_start": -1 if data.header else 0,
        "read_table": statement("table = ", read, 12),
        "delimiter_shown": "{DELIMITER!r}" if split else "','",
        "below": " below the names" if data.header else "",
        "x_value": inputs if len(shape) == 1 else _reshaped(inputs, shape),
    }


def _turned(fit: Fit) -> dict[str, object]:
    """Return how a Keras program brings targets into the one shape that serves."""
    comment = ""
    if fit.head.loss.word == "categorical_generalized_cross_entropy":
        comment = "# Of targets (N, 1) Keras would compare each with every output."
    elif (
        not fit.head.integers
        and len(fit.head.target_shapes) > 1
        and isinstance(fit.data, Npz | None)
    ):
        comment = "# Keras' metrics, unlike its losses, do not add a missing last axis."
    return {
        "turn_targets": bool(comment),
        "turn_comment": comment,
        "y_train": _in_first_shape(fit, "y_train"),
        "y_test": _in_first_shape(fit, "y_test"),
    }


def _in_first_shape(fit: Fit, array: str) -> str:
    """Return targets in the first of their shapes."""
    sizes = target_sizes(fit, array)
    return array if sizes is None else f"{array}.reshape({sizes})"


def _reshaped(name: str, shape: Shape) -> str:
    return f"{name}.reshape({', '.join(map(str, (-1, *shape)))})"
