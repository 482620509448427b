"""Keras' constraints in PyTorch: a function that every batch ends with.

Keras takes norms over axes of its own weights, so each axis goes through the map of weights.
"""

from __future__ import annotations

from collections.abc import Sequence

from specc.expressions import Code, call, literal, statement
from specc.spec.constraints import MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from specc.spec.word import Constraint
from specc.targets.torch.training.feature import Feature, Training
from specc.targets.torch.weights import Weight, dimensions
from specc.targets.view import Constants, Section, Text

_BODY = 4


class Constrain(Section):
    """The function that every batch ends with."""

    template = "torch/training/constraints.py.jinja"
    class_name: str
    lines: tuple[str, ...]


def norms(at: Training) -> Feature:
    """Define the functions that set norms."""
    return Feature(sections=at.norms)


def constraints(at: Training) -> Feature:
    """Bring weights within their constraints after each batch."""
    if not at.constrained:
        return Feature()
    section = Constrain(at.program.class_name, at.constrained)
    return Feature(sections=(section,), after_step=("constrain(model)",))


NORMS = ("max_norm", "unit_norm", "min_max_norm")


def constraint_lines(
    weights: Sequence[Weight], constants: Constants
) -> tuple[tuple[str, ...], tuple[Text, ...]]:
    """Return the lines that constrain a model's weights, and the functions that they need."""
    lines: list[str] = []
    helpers: set[str] = set()
    limits: dict[str, tuple[str, tuple[Code, ...]]] = {}
    for weight in weights:
        constraint = weight.variable.constraint
        if constraint is None or weight.frozen or not weight.variable.trainable:
            continue
        if isinstance(constraint, NonNeg):
            lines.append(f"{weight.tensor}.clamp_(min=0)")
            continue
        key = weight.variable.path
        if key not in limits:
            limits[key] = _limits(constraint, weight, constants)
        function, numbers = limits[key]
        helpers.add(function)
        if weight.row is None or 0 not in _axes(weight):
            tensor, dims = _along(weight)
            lines.append(_line(function, tensor, numbers, dims))
        elif weight.row == 0:
            lines += _rows([w for w in weights if w.variable is weight.variable], function, numbers)
    needed = (name for name in NORMS if name in helpers)
    return tuple(lines), tuple(Text(f"torch/training/{name}.py.jinja") for name in needed)


def _line(function: str, tensor: Code, numbers: tuple[Code, ...], dims: tuple[int, ...]) -> str:
    dim = literal(dims[0] if len(dims) == 1 else dims)
    return statement("", call(f"{function}_", tensor, *numbers, dim=dim), _BODY)


def _rows(parts: list[Weight], function: str, numbers: tuple[Code, ...]) -> list[str]:
    """Return the lines of a norm over what PyTorch holds as several tensors."""
    tensors = ", ".join(part.tensor for part in parts)
    whole = Code("whole")
    return [
        statement("whole = ", call("torch.stack", Code(f"[{tensors}]")), _BODY),
        _line(function, whole, numbers, tuple(sorted(_axes(parts[0])))),
        *(f"{part.tensor}.copy_(whole[{part.row}])" for part in parts),
    ]


def _axes(weight: Weight) -> set[int]:
    """Return the axes of the norm in Keras' weight."""
    constraint, rank = weight.variable.constraint, len(weight.variable.shape)
    return {axis % rank for axis in constraint.axes()} if constraint else set()


def _limits(
    constraint: Constraint, weight: Weight, constants: Constants
) -> tuple[str, tuple[Code, ...]]:
    """Return the helper that sets the norms, and its numbers as constants of the program."""
    if isinstance(constraint, UnitNorm):
        return "unit_norm", ()
    main = weight.variable.stem in ("kernel", "embeddings")
    where = weight.layer if main else f"{weight.layer}_{weight.variable.stem}"
    if isinstance(constraint, MaxNorm):
        return "max_norm", (constants.add(f"{where}_MAX_NORM".upper(), constraint.max_value),)
    assert isinstance(constraint, MinMaxNorm)
    return "min_max_norm", (
        constants.add(f"{where}_MIN_NORM".upper(), constraint.min_value),
        constants.add(f"{where}_MAX_NORM".upper(), constraint.max_value),
        constants.add(f"{where}_NORM_RATE".upper(), constraint.rate),
    )


def _along(weight: Weight) -> tuple[Code, tuple[int, ...]]:
    """Return a view of PyTorch's tensor, and its dimensions, that are the axes of the constraint.

    Where PyTorch holds several of Keras' axes as one, and the norm goes over some of them, the
    view takes them apart.
    """
    axes, shape = _axes(weight), weight.variable.shape
    if weight.row is not None:
        axes, shape = {axis - 1 for axis in axes}, shape[1:]
    whole = dimensions(shape, weight.transform)
    # Axes of a single entry need no dimension of their own, unless there is no other.
    longer = [[part for part in parts if part[1] > 1] or parts for parts in whole]
    for held in (longer, whole):
        view, dims = _taken_apart(held, axes)
        if dims:
            return Code(weight.tensor + view), dims
    raise AssertionError(f"no axes {axes} in {whole}")


def _taken_apart(held: list[list[tuple[int, int]]], axes: set[int]) -> tuple[str, tuple[int, ...]]:
    """Return what splits the dimensions that hold `axes` beside others, and where they then are."""
    view, dims, place = "", [], 0
    for parts in held:
        inside = [axis in axes for axis, _ in parts]
        apart = any(inside) and not all(inside)
        if apart:
            view += f".unflatten({place}, {literal(tuple(size for _, size in parts))})"
        dims += [place + n for n, found in enumerate(inside if apart else inside[:1]) if found]
        place += len(parts) if apart else 1
    return view, tuple(dims)
