"""What a concern of training adds to a program, and what all concerns know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from specc.expressions import Code
from specc.program import Fit, Program
from specc.targets.torch.ends import Ends
from specc.targets.torch.model import Model
from specc.targets.torch.penalties import Penalty
from specc.targets.torch.training.schedules import Scheduler
from specc.targets.torch.training.update import Update
from specc.targets.view import Constants, Part


@dataclass(frozen=True, slots=True)
class Training:
    """What features know of a program.

    Attributes:
        ends: How the model ends.
        penalties: Those on weights that are terms of the loss.
        decayed: Those that are weight decay of parameter groups.
        schedule: How the learning rate changes, or None.
        update: How weights are updated.
        constrained: Lines that bring weights within their constraints.
        norms: The functions that these lines call.
    """

    program: Program
    fit: Fit
    model: Model
    constants: Constants
    ends: Ends
    penalties: tuple[Penalty, ...]
    decayed: tuple[Penalty, ...]
    schedule: Scheduler | None
    update: Update
    constrained: tuple[str, ...]
    norms: tuple[Part, ...]


class Argument(NamedTuple):
    """An argument that `main` gives to `train_one_epoch` under the same name."""

    name: str
    type: str


class Feature(NamedTuple):
    """What a concern of training adds to a program: lines, without their margin, and sections.

    Attributes:
        sections: Functions and classes before the loop.
        after_sections: Those after it.
        start: Where `main` starts.
        path_checks: Where it looks at its arguments.
        data: Where it reads data, as sections with their margin.
        setup: Where it makes the model and what trains it.
        before_loop: Before the first epoch.
        arguments: Of `train_one_epoch`.
        before_epoch: Where `train_one_epoch` and `evaluate` start.
        batches: The head of the loop over batches, in place of the plain one.
        losses: The function of the loss in training, in place of the plain one.
        terms: Terms of the loss, in training and evaluation.
        evaluated_terms: Terms of the loss in evaluation, which training reports.
        figures: Expressions of figures beside the loss.
        backward: The backward pass, in place of the plain one.
        after_forward: After the figures, in training and evaluation.
        guard: What stands before a step that not every batch takes.
        before_step: Before the optimizer's step.
        with_step: After it, as often as it.
        after_step: After each batch.
        after_training: After the batches of an epoch, before its figures are told.
        after_epoch: After that.
        finish: After the last epoch.
        best_states: What holds the best weights, or None before there are any.
    """

    sections: tuple[Part, ...] = ()
    after_sections: tuple[Part, ...] = ()
    start: tuple[str, ...] = ()
    path_checks: tuple[str, ...] = ()
    data: tuple[Part, ...] = ()
    setup: tuple[str, ...] = ()
    before_loop: tuple[str, ...] = ()
    arguments: tuple[Argument, ...] = ()
    before_epoch: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    evaluated_terms: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    backward: tuple[str, ...] = ()
    after_forward: tuple[str, ...] = ()
    guard: tuple[str, ...] = ()
    before_step: tuple[str, ...] = ()
    with_step: tuple[str, ...] = ()
    after_step: tuple[str, ...] = ()
    after_training: tuple[str, ...] = ()
    after_epoch: tuple[str, ...] = ()
    finish: tuple[str, ...] = ()
    best_states: tuple[Code, ...] = ()


# Where one feature alone can stand, as its lines are there in place of others.
_ALONE = ("batches", "losses", "backward", "guard")


def together(features: Iterable[Feature]) -> Feature:
    """Return what several features add, at each place in their order.

    Raises:
        ValueError: two of them would stand in place of the same lines.
    """
    found = list(features)
    for place in _ALONE:
        if sum(bool(getattr(feature, place)) for feature in found) > 1:
            raise ValueError(f"expected one feature with {place}, found several")
    return Feature(*(tuple(chain.from_iterable(place)) for place in zip(*found, strict=True)))


def indented(lines: Iterable[str]) -> tuple[str, ...]:
    """Return lines within a block."""
    return tuple(f"    {line}" for line in lines)
