"""The optimizer, with a parameter group for each factor of L2 that is weight decay."""

from __future__ import annotations

from typing import NamedTuple

from specc.expressions import Call, Code, call, literal, statement
from specc.targets.torch.penalties import Penalty
from specc.targets.torch.training.feature import Feature, Training
from specc.targets.torch.training.update import Update
from specc.targets.view import Section

_COMMENT = 78  # what fits behind the margin of a parameter group


class Group(NamedTuple):
    """A parameter group, with comments that say why it decays."""

    comments: tuple[str, ...]
    line: str


class BuildOptimizer(Section):
    """The function that makes the optimizer.

    Attributes:
        name: What its docstring calls the optimizer.
        before: Lines that sort the weights.
        groups: The parameter groups that decay; none where all weights are in one.
        optimizer: Lines that make the optimizer and return it.
    """

    template = "torch/training/optimizer.py.jinja"
    class_name: str
    name: str
    before: tuple[str, ...]
    groups: tuple[Group, ...]
    optimizer: tuple[str, ...]


def optimizer_class(at: Training) -> Feature:
    """Define what the optimizer needs of the program."""
    return Feature(sections=at.update.sections)


def optimizer(at: Training) -> Feature:
    """Make the optimizer."""
    found, freezes = at.update, bool(at.model.frozen)
    named = bool(at.decayed or freezes or found.before)
    value = found.value if named else _of_all(found)
    notes = (n.comment for n in found.notes)
    comments = [f"# {c}" for c in (*notes, found.comment) if c]
    section = BuildOptimizer(
        class_name=at.program.class_name,
        name=found.name,
        before=(*_trained(bool(at.decayed), freezes), *_others(at.decayed, freezes)),
        groups=_groups(found, at.decayed),
        optimizer=(*found.before, *comments, *_returned(found, value)),
    )
    return Feature(sections=(section,), setup=("optimizer = build_optimizer(model)",))


def _returned(found: Update, value: Call) -> tuple[str, ...]:
    if found.hook is None:
        return (statement("return ", value, 4),)
    return (
        statement("optimizer = ", value, 4),
        f"optimizer.register_step_pre_hook({found.hook})",
        "return optimizer",
    )


def _trained(grouped: bool, freezes: bool) -> tuple[str, ...]:
    """Return the line that leaves out frozen weights."""
    if not freezes:
        return ()
    if grouped:
        pairs = "[(name, p) for name, p in model.named_parameters() if p.requires_grad]"
        return (f"trained = {pairs}",)
    return ("parameters = [p for p in model.parameters() if p.requires_grad]",)


def _others(decayed: tuple[Penalty, ...], freezes: bool) -> tuple[str, ...]:
    """Return the lines that find the weights without decay."""
    if not decayed:
        return ()
    named = "trained" if freezes else "model.named_parameters()"
    names = [literal(p.parameter) for p in decayed]
    if len(names) == 1:
        return (f"others = [p for name, p in {named} if name != {names[0]}]",)
    listed = Code("{" + ", ".join(names) + "}")
    return (
        statement("decayed = ", listed, 4),
        f"others = [p for name, p in {named} if name not in decayed]",
    )


def _groups(found: Update, decayed: tuple[Penalty, ...]) -> tuple[Group, ...]:
    base = f"{found.base_decay} + " if found.base_decay else ""
    of_factor: dict[Code, list[Penalty]] = {}
    for penalty in decayed:
        of_factor.setdefault(penalty.constant, []).append(penalty)
    return tuple(
        Group(
            _why(held[0]),
            f'{{"params": [{", ".join(p.tensor for p in held)}], '
            f'"weight_decay": {base}2 * {factor}}},',
        )
        for factor, held in of_factor.items()
    )


def _why(penalty: Penalty) -> tuple[str, ...]:
    """Return the comment that says why a weight decay is twice the factor of L2."""
    value = literal(penalty.value)
    head = f"{penalty.what} {value} on {penalty.where}:"
    tail = f"d/dW of {value} * sum(W * W) is {literal(2 * penalty.value)} * W"
    line = f"{head} {tail}"
    return (line,) if len(line) <= _COMMENT else (head, tail)


def _of_all(found: Update) -> Call:
    value = found.value
    return call(value.function, Code("model.parameters()"), *value.args[1:], **dict(value.kwargs))
