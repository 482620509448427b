"""How programs of all targets read their arrays, and what these may hold."""

from __future__ import annotations

import math

from specc.expressions import LINE_LENGTH, Code, call, literal, statement
from specc.limits import arrays
from specc.program import Fit, Program
from specc.shapes import UNKNOWN, Shape
from specc.spec.data import Csv
from specc.spec.limits import LARGEST, Limits
from specc.targets.view import Constants, Part, Section, Text, open_shape


class Outside(Section):
    """The function that tells which numbers are not as expected.

    Attributes:
        rules: Lines that find what is wrong beside the ranges.
    """

    template = "shared/outside.py.jinja"
    rules: tuple[str, ...]


class ReadNpz(Section):
    """The function that reads an npz file."""

    template = "shared/read_npz.py.jinja"
    any_size: bool


class ReadCsv(Section):
    """The functions that read a table of numbers, whose inputs and targets have known sizes."""

    template = "shared/read_csv.py.jinja"
    columns: int
    has_names: bool
    named_targets: bool
    csv_arguments: str
    csv_start: int
    read_table: str
    delimiter_shown: str
    below: str
    x_value: str


class Options(Section):
    """The options of a program's command line.

    Attributes:
        named_data: Whether the spec names the data.
        saved: What `--save` writes.
        ending: The ending that the file must have, or None.
        path_checks: Lines that look at further paths.
    """

    template = "shared/options.py.jinja"
    name: str
    named_data: bool
    data_help: str
    saved: str
    ending: str | None
    path_checks: tuple[str, ...]


class CheckPath(Section):
    """The function that looks whether a file can be written.

    Attributes:
        partial: Where a file is written before it gets its name.
    """

    template = "shared/check_path.py.jinja"
    partial: str


def options(
    program: Program, saved: str, path_checks: tuple[str, ...], ending: str | None = None
) -> Options:
    """Return the options of a program that trains."""
    fit = program.fit
    assert fit is not None
    help = "CSV file for training" if is_csv(fit) else "npz file with the arrays"
    return Options(program.name, fit.data is not None, help, saved, ending, path_checks)


def is_csv(fit: Fit) -> bool:
    """Tell whether a program reads tables, not arrays."""
    return isinstance(fit.data, Csv)


def has_test(fit: Fit) -> bool:
    """Tell whether there are data to test on."""
    return not isinstance(fit.data, Csv) or fit.data.test_path is not None


def reading(program: Program, constants: Constants) -> tuple[Part, ...]:
    """Return the functions that read arrays; adds their tables to the constants."""
    fit = program.fit
    if fit is None:
        return ()
    x, y = arrays(program)[:2]
    if not isinstance(fit.data, Csv):
        samples = {a.name[0]: literal(tuple(map(open_shape, a.shapes))) for a in (x, y)}
        constants.add("SHAPES", _table_of("SHAPES", samples))
    ranges = {a.name[0]: Code(f"({_bound(a.limits.low)}, {_bound(a.limits.high)})") for a in (x, y)}
    constants.add("RANGES", _table_of("RANGES", ranges))
    words = {a.name[0]: literal(a.limits.words()) for a in (x, y)}
    constants.add("EXPECTED", _table_of("EXPECTED", words))
    outside = Outside(tuple(_outside(x.limits, y.limits)))
    if isinstance(fit.data, Csv):
        return outside, _table(program, fit, fit.data)
    any_size = any(UNKNOWN in shape for shape in (program.input.shape, *fit.head.target_shapes))
    fits = (Text("shared/fits.py.jinja"),) if any_size else ()
    return *fits, outside, ReadNpz(any_size)


def _table_of(name: str, values: dict[str, Code]) -> Code:
    """Return a dictionary, with an entry a line where it is too long for one."""
    entries = [f"{literal(key)}: {value}" for key, value in values.items()]
    line = "{" + ", ".join(entries) + "}"
    if len(f"{name} = {line}") <= LINE_LENGTH:
        return Code(line)
    return Code("{\n" + "".join(f"    {entry},\n" for entry in entries) + "}")


def _bound(value: float) -> Code:
    """Return the expression of a bound, that of float32 as people write it."""
    return _ENDS.get(value) or literal(value)


_ENDS = {LARGEST: Code("3.4e38"), -LARGEST: Code("-3.4e38")}


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


def _table(program: Program, fit: Fit, data: Csv) -> ReadCsv:
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
    return ReadCsv(
        columns=math.prod(shape) + math.prod(fit.head.target_shapes[0]),
        has_names=data.header,
        named_targets=data.target is not None,
        csv_arguments="file, delimiter=DELIMITER" if split else "file",
        csv_start=-1 if data.header else 0,
        read_table=statement("table = ", read, 12),
        delimiter_shown="{DELIMITER!r}" if split else "','",
        below=" below the names" if data.header else "",
        x_value=inputs if len(shape) == 1 else _reshaped(inputs, shape),
    )


def _reshaped(name: str, shape: Shape) -> str:
    return f"{name}.reshape({', '.join(map(str, (-1, *shape)))})"
