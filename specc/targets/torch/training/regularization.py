"""Penalties: terms of the loss, and what evaluation adds for those that are weight decay."""

from __future__ import annotations

from collections.abc import Sequence

from specc.targets.torch.penalties import Penalty
from specc.targets.torch.training.feature import Feature, Training
from specc.targets.view import Part, Section


class PenaltyFunction(Section):
    """The function of the terms of the loss."""

    template = "torch/training/penalty.py.jinja"
    class_name: str
    lines: tuple[str, ...]


class L2PenaltyFunction(Section):
    """The function of what is weight decay in training."""

    template = "torch/training/l2_penalty.py.jinja"
    class_name: str
    lines: tuple[str, ...]


def regularization(at: Training) -> Feature:
    """Add the penalties to the loss."""
    name = at.program.class_name
    sections: list[Part] = []
    if at.penalties:
        sections.append(PenaltyFunction(name, _sum(at.penalties)))
    if at.decayed:
        sections.append(L2PenaltyFunction(name, _sum(at.decayed)))
    of_weights = ("penalty(model)",) if at.penalties else ()
    of_outputs = ("activity_penalty",) if at.model.activity else ()
    return Feature(
        sections=tuple(sections),
        terms=(*of_weights, *of_outputs),
        evaluated_terms=("l2_penalty(model)",) if at.decayed else (),
    )


def _sum(penalties: Sequence[Penalty]) -> tuple[str, ...]:
    """Return the lines of a sum of penalties, one term a line where one line is too short."""
    terms = [str(p.term()) for p in penalties]
    line = "return " + " + ".join(terms)
    if len(terms) < 2 or len(line) + 4 <= 88:
        return (line,)
    return ("return (", *(f"    {'+ ' if n else ''}{t}" for n, t in enumerate(terms)), ")")
