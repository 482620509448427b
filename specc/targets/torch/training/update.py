"""What the lowering of an optimizer takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from specc.expressions import Call, Code
from specc.program import AnyOptimizer
from specc.targets.torch.lowered import Note
from specc.targets.torch.weights import Weight
from specc.targets.view import Constants, Part

PARAMETERS = Code("parameters")


@dataclass(frozen=True, slots=True)
class Setting:
    """Where an optimizer works.

    Attributes:
        exact: Whether the spec asks for `fidelity: exact`.
        rate: The expression of the learning rate.
        default_rate: Whether the spec leaves the rate at Keras' default.
        scheduled: Whether the rate changes.
        weights: The map of weights.
        model: The model's name.
        has_l2: Whether some weights have L2.
    """

    exact: bool
    rate: Code
    default_rate: bool
    scheduled: bool
    constants: Constants
    weights: Sequence[Weight]
    model: str
    has_l2: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """How a program updates weights.

    Attributes:
        name: What the docstring calls the optimizer.
        value: The optimizer; its first argument stands for the parameters, unless `before` sets
            what it takes.
        l2_as_decay: Whether L2 is the same update as a parameter group's weight decay: not where
            gradients are clipped, nor where a decoupled decay moves the weights before it.
        base_decay: Weight decay of every parameter within the optimizer, as an expression.
        decay: The decoupled decay that must be done by hand before each step, or None.
        sections: Functions or classes of the program that it needs.
        before: Lines of `build_optimizer` before the optimizer.
        hook: The name of a function to run before each step, or None.
        notes: Where it differs from Keras.
        comment: Why its arguments are what they are, where no note says it.
    """

    name: str
    value: Call
    l2_as_decay: bool
    base_decay: Code | None = None
    decay: Code | None = None
    sections: tuple[Part, ...] = ()
    before: tuple[str, ...] = ()
    hook: str | None = None
    notes: tuple[Note, ...] = ()
    comment: str | None = None


def decay_of(optimizer: AnyOptimizer, at: Setting) -> Code | None:
    """Return the optimizer's decoupled weight decay as a constant of the program, or None."""
    if not optimizer.weight_decay:
        return None
    return at.constants.add("WEIGHT_DECAY", optimizer.weight_decay)


def adds_l2(optimizer: AnyOptimizer) -> bool:
    """Tell whether L2 can be a weight decay that is added to the gradient."""
    return not optimizer.clips() and not optimizer.weight_decay


def has_groups(optimizer: AnyOptimizer, at: Setting) -> bool:
    """Tell whether an optimizer adds the weight decay of a parameter group to the gradient."""
    return at.has_l2 and adds_l2(optimizer)
