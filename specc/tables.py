"""What is shown of a model, as a table for the terminal and as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from textwrap import wrap
from typing import NamedTuple

from specc.diagnostics import bold, printable, style
from specc.program import Fit, Program, activation_of
from specc.shapes import UNKNOWN, Shape
from specc.show import BYTES, Row, Shown, Total
from specc.spec.activations import Linear
from specc.spec.initializers import Ones, Zeros
from specc.spec.variables import Variable
from specc.spec.word import Regularizer, Schedule, Word

WIDTH = 100
_GAP = "  "
_UNITS = ("KiB", "MiB", "GiB", "TiB")
_MAIN = ("kernel", "embeddings", "depthwise")  # weights of which one speaks without their name


# Numbers and words in a few characters


def brief(word: Word, *always: str) -> str:
    """Return a word with what differs from its defaults, as `l2 0.001` or `sgd momentum=0.9`.

    Arguments:
        always: Arguments that are named though they have their defaults.
    """
    given = word.given()
    names = [name for name in word.parameters() if name in given or name in always]
    if len(names) == len(word.parameters()) == 1:
        return f"{word.word} {_value(getattr(word, names[0]))}"
    named = ", ".join(f"{name}={_value(getattr(word, name))}" for name in names)
    return f"{word.word} {named}".rstrip()


def _value(value: object) -> str:
    if isinstance(value, Word):
        return value.word
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str) and re.fullmatch(r"[\w./+-]+", value):
        return value
    return json.dumps(value, ensure_ascii=False)


def memory(count: int) -> str:
    """Return a number of bytes in the unit that fits."""
    if count < 1024:
        return f"{count} B"
    size, units = count / 1024, list(_UNITS)
    while size >= 1023.95 and len(units) > 1:
        size /= 1024
        del units[0]
    return f"{size:,.1f} {units[0]}"


def _number(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"


def _memory(entries: int | None) -> str:
    return "?" if entries is None else memory(entries * BYTES)


def _sizes(shape: Shape) -> str:
    return "[" + ", ".join("?" if size is UNKNOWN else str(size) for size in shape) + "]"


def _total(total: Total, text: str) -> str:
    if total.whole:
        return text
    return f"at least {text}" if total.value else "?"


# The columns of the table


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: for each row, the total being the last, the lines of its cell."""

    head: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    right: bool = False


def _columns(shown: Shown, narrow: int | None = None) -> list[_Column]:
    """Return the columns, without those that hold nothing.

    Arguments:
        narrow: About how wide cells of words are, if their words let them; None for one line.
    """
    rows = [found for row in shown.rows for found in _with_inner(row, 0)]

    def texts(head: str, cells: list[tuple[str, ...]], total: str = "") -> _Column:
        lines = (_lines(cell, narrow) for cell in cells)
        return _Column((head,), (*lines, (total,)))

    def numbers(head: str, cells: list[str], total: str) -> _Column:
        heads = (head,) if narrow is None else tuple(wrap(head, 10))
        return _Column(heads, (*((cell,) for cell in cells), (total,)), right=True)

    costs = shown.parameters, shown.multiply_adds, shown.activations
    # What a layer within another costs is in the other's figures, times the steps.
    columns = [
        texts("layer", [(_layer(row, depth),) for row, depth in rows], "total"),
        texts("output", [(_sizes(row.node.output_shape),) for row, _ in rows]),
        numbers(
            "parameters",
            [_number(row.parameters) for row, _ in rows],
            _total(costs[0], _number(costs[0].value)),
        ),
        numbers(
            "multiply-adds",
            ["" if depth else _number(row.multiply_adds) for row, depth in rows],
            _total(costs[1], _number(costs[1].value)),
        ),
        numbers(
            "memory",
            ["" if depth else _memory(row.activations) for row, depth in rows],
            _total(costs[2], _memory(costs[2].value)),
        ),
        texts("initializer", [tuple(_initializers(row)) for row, _ in rows]),
        texts("regularizer", [tuple(_regularizers(row)) for row, _ in rows]),
        texts("differs", [row.differs for row, _ in rows]),
    ]
    return [column for column in columns if any(line for cell in column.cells for line in cell)]


def _lines(cell: tuple[str, ...], narrow: int | None) -> tuple[str, ...]:
    if narrow is None:
        return (", ".join(cell),)
    lines: list[str] = []
    for text in cell:
        moved = _GAP * ((len(text) - len(text.lstrip())) // len(_GAP))
        filled = wrap(text.lstrip(), narrow - len(moved) - len(_GAP), break_long_words=False)
        lines += [moved + (_GAP if n else "") + line for n, line in enumerate(filled)]
    return tuple(lines) or ("",)


def _with_inner(row: Row, depth: int) -> Iterator[tuple[Row, int]]:
    yield row, depth
    for inner in row.within:
        yield from _with_inner(inner, depth + 1)


def _layer(row: Row, depth: int) -> str:
    layer, name = row.node.layer, str(row.node.name)
    if depth:
        name = _GAP * depth + layer.word
    elif not re.fullmatch(rf"{layer.word}(_\d+)?", name):
        name = f"{name} ({layer.word})"
    activation = activation_of(layer)
    own = activation is not None and activation.word != layer.word
    if activation is not None and own and not isinstance(activation, Linear):
        name = f"{name} {activation.word}"
    return name if layer.trainable else f"{name}, frozen"


def _initializers(row: Row) -> Iterator[str]:
    """Yield what weights begin with, but for zeros and ones that are Keras' defaults."""
    for variable in row.own:
        word = variable.initializer
        field = type(row.node.layer).model_fields.get(f"{variable.stem}_initializer")
        # What no argument sets is no distribution that one chooses.
        if field is None:
            continue
        usual = field.get_default(call_default_factory=True) == word
        if not (usual and isinstance(word, (Zeros, Ones))):
            yield _of_weight(variable, brief(word))


def _regularizers(row: Row) -> Iterator[str]:
    for variable in row.own:
        if variable.regularizer is not None:
            yield _of_weight(variable, _penalty(variable.regularizer))
    activity: Regularizer | None = getattr(row.node.layer, "activity_regularizer", None)
    if activity is not None:
        yield f"output {_penalty(activity)}"


def _penalty(regularizer: Regularizer) -> str:
    return brief(regularizer, *regularizer.parameters()[:1])


def _of_weight(variable: Variable, text: str) -> str:
    return text if variable.stem in _MAIN else f"{variable.stem} {text}"


# What stands beside the table


def _head(program: Program) -> str:
    parts = [f"input {_sizes(program.input.shape)} {program.input.dtype}"]
    parts += [f"output {_sizes(program.graph.output.shape)}"]
    parts += [] if program.seed is None else [f"seed {program.seed}"]
    parts += ["fidelity exact"] if program.exact else []
    return ", ".join(parts)


def _facts(shown: Shown) -> Iterator[tuple[str, str]]:
    """Yield what is told of the whole, each with its name."""
    parameters, trained = shown.parameters, shown.trainable
    weights = _total(parameters, f"{parameters.value:,} ({_memory(parameters.value)} in float32)")
    # What is not told may be frozen, too.
    every = parameters.whole and trained == parameters
    some = "all" if every else _total(trained, f"{trained.value:,}")
    yield "parameters", f"{weights}, {some} trainable"
    products = shown.multiply_adds
    yield "multiply-adds", f"{_total(products, f'{products.value:,}')} for one sample"
    outputs = shown.activations
    told = f"{_total(outputs, _memory(outputs.value))} in float32 for one sample"
    if shown.batch is not None:
        whole = _total(outputs, _memory(outputs.value * shown.batch))
        told += f", {whole} for a batch of {shown.batch}"
    yield "activations", told
    if shown.program.fit is not None:
        yield from _training(shown.program.fit)


def _training(fit: Fit) -> Iterator[tuple[str, str]]:
    yield "loss", brief(fit.head.loss)
    yield "optimizer", brief(fit.optimizer, "learning_rate")
    if isinstance(fit.optimizer.learning_rate, Schedule):
        yield "schedule", brief(fit.optimizer.learning_rate)
    if fit.figures:
        found = [(brief(f.metric), brief(f.written), f.name) for f in fit.figures]
        told = (m if w == m else f"{name} ({m})" for m, w, name in found)
        yield "metrics", ", ".join(told)
    training = fit.training
    epochs = f"{training.epochs:,} epoch{'s' if training.epochs > 1 else ''}"
    more = f", validation_split={training.validation_split}" if training.validation_split else ""
    yield "training", f"{epochs} in batches of {training.batch_size:,}{more}"
    if training.callbacks:
        yield "callbacks", "; ".join(map(brief, training.callbacks))


_DIFFERS = "what differs between the targets"
_ALIKE = "nothing differs between the targets"


# For the terminal


def as_table(shown: Shown, color: bool = False) -> str:
    """Return it as text for the terminal, in lines of 100 columns where names allow it.

    Arguments:
        color: Whether the title, the head and the totals of the table are bold, and the codes of
            notes have the colour that they have in a build.
    """
    program = shown.program
    strong: Callable[[str], str] = bold if color else str
    title = f"{program.name}: {program.description}" if program.description else str(program.name)
    grid = _table(shown)
    lines = [*map(strong, _wrapped(printable(title))), _head(program), ""]
    lines += [
        *map(strong, grid.head),
        grid.rule,
        *grid.rows,
        grid.rule,
        *map(strong, grid.total),
        "",
    ]
    facts = list(_facts(shown))
    room = max(len(name) for name, _ in facts)
    for name, text in facts:
        lines += _wrapped(printable(text), f"{name:<{room}}{_GAP}")
    lines += ["", f"{_DIFFERS}:" if shown.differences else _ALIKE]
    for found in shown.differences:
        code = found.note.code
        first, *more = _wrapped(printable(found.note.message), f"  {code}{_GAP}")
        start, end = style("note", color)
        lines += [first.replace(code, start + code + end, 1), *more]
    return "\n".join(lines)


def _wrapped(text: str, head: str = "") -> list[str]:
    return wrap(
        text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False
    )


class _Grid(NamedTuple):
    """The lines of a table."""

    head: list[str]
    rows: list[str]
    total: list[str]
    rule: str


def _table(shown: Shown) -> _Grid:
    """Return the table in the first of its forms that is narrow enough, else in the narrowest."""
    for narrow in (None, 32, 24):
        grid = _aligned(_columns(shown, narrow))
        if len(grid.rule) <= WIDTH:
            return grid
    return _aligned(_columns(shown, 18))


def _aligned(columns: list[_Column]) -> _Grid:
    widths = [max(len(line) for cell in (c.head, *c.cells) for line in cell) for c in columns]

    def lines(cells: list[tuple[str, ...]]) -> Iterator[str]:
        for parts in zip_longest(*cells, fillvalue=""):
            sized = zip(parts, widths, columns, strict=True)
            yield _GAP.join(p.rjust(w) if c.right else p.ljust(w) for p, w, c in sized).rstrip()

    rule = "-" * (sum(widths) + len(_GAP) * (len(widths) - 1))
    *rows, total = zip(*(column.cells for column in columns), strict=True)
    head = list(lines([column.head for column in columns]))
    body = [line for row in rows for line in lines(list(row))]
    return _Grid(head, body, list(lines(list(total))), rule)


# As Markdown


def as_markdown(shown: Shown) -> str:
    """Return it as Markdown, in which nothing of the spec is markup."""
    program = shown.program
    lines = [f"### `{program.name}`", ""]
    if program.description:
        # Nor is it a heading or a list by what it begins with.
        text = _plain(program.description).lstrip()
        lines += [re.sub(r"^(\d*)([#+\-.)])", r"\1\\\2", text), ""]
    lines += [_head(program), "", *_pipes(_columns(shown)), ""]
    lines += [f"- **{name}**: {_plain(text)}" for name, text in _facts(shown)]
    lines += ["", f"**{_DIFFERS}**" if shown.differences else f"**{_ALIKE}**"]
    found = [f"- **{d.note.code}**: {_plain(d.note.message)}" for d in shown.differences]
    return "\n".join([*lines, *([""] if found else []), *found])


def _pipes(columns: list[_Column]) -> list[str]:
    rows = [[" ".join(column.head) for column in columns]]
    rows += [["---:" if column.right else "---" for column in columns]]
    for row in zip(*(column.cells for column in columns), strict=True):
        # What is within another layer is moved in: blanks at a cell's start count for nothing.
        (first,), *others = row
        depth = (len(first) - len(first.lstrip())) // len(_GAP)
        rows.append(["&nbsp;" * 4 * depth + first.lstrip(), *(", ".join(cell) for cell in others)])
    rows[-1] = [f"**{cell}**" if cell else "" for cell in rows[-1]]
    return [f"| {' | '.join(row)} |" for row in rows]


def _plain(text: str) -> str:
    text = re.sub(r"[\\`*\[\]<>|~&]", r"\\\g<0>", printable(text.replace("\n", " ")))
    # Within a word, an underscore is one.
    return re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)
