"""Which arrays the programs of a model read: names, shapes, types and the numbers they may hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from operator import and_

from specc.program import Fit, Program
from specc.shapes import Shape
from specc.spec.limits import BITS, Limits, of_type
from specc.spec.word import Loss, Metric


@dataclass(frozen=True, slots=True)
class Array:
    """An array that both programs read.

    Attributes:
        name: Its name in an npz file: `x_train`.
        shapes: The shapes that a sample may have, the first being the programs' own.
        dtype: The type of numbers in which it is best stored.
        limits: Which numbers it may hold.
    """

    name: str
    shapes: tuple[Shape, ...]
    dtype: str
    limits: Limits


def arrays(program: Program) -> tuple[Array, ...]:
    """Return the arrays that the programs read; none where they train nothing."""
    fit = program.fit
    if fit is None:
        return ()
    inputs, targets = input_limits(program), target_limits(program, fit)
    kind = "int64" if fit.head.integers else "float32"
    return tuple(
        array
        for part in ("train", "test")
        for array in (
            Array(f"x_{part}", (program.input.shape,), program.input.dtype, inputs),
            Array(f"y_{part}", fit.head.target_shapes, kind, targets),
        )
    )


def input_limits(program: Program) -> Limits:
    """Return which numbers inputs may hold: those of their type that the first layer takes.

    Layers that hand integers on come before it, as `reshape` and `permute` do.
    """
    found = replace(of_type(program.input.dtype), padding=_padding(program))
    for node in program.graph.walk():
        layer = node.work.layer
        limits = layer.limits()
        if limits is not None:
            return found & limits
        if not layer.returns_integers(True):
            break
    return found


def _padding(program: Program) -> float | None:
    """Return what stands for padding where a mean over the rest of a sample must have a rest."""
    graph = program.graph
    for first in graph.users(graph.input):
        mask = first.made_mask
        if mask is not None and any(node.layer.divides_by_mask for node in graph.users(mask)):
            value: float = getattr(first.layer, "mask_value", 0)
            return value
    return None


def target_limits(program: Program, fit: Fit) -> Limits:
    """Return which numbers targets may hold: those that the loss and all metrics take."""
    output = program.graph.output.shape
    words: list[Loss | Metric] = [fit.head.loss, *(figure.metric for figure in fit.figures)]
    found = reduce(and_, (word.limits(output) for word in words))
    if fit.training.class_weight is not None and output[-1] == 1:
        return found & BITS  # the classes that are weighted
    return found
