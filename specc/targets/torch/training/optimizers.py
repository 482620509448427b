"""Keras' optimizers in PyTorch (docs/semantics.md, section 8).

Where Keras' update is not that of torch.optim, `fidelity: exact` has a short hook or class, and
`idiomatic` the nearest arguments and a note.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from specc.expressions import Code, Expression, call, literal
from specc.program import AnyOptimizer
from specc.targets.torch.lowered import Note
from specc.targets.torch.training.schedules import Scheduler
from specc.targets.torch.training.update import (
    PARAMETERS,
    Setting,
    Update,
    adds_l2,
    decay_of,
    has_groups,
)
from specc.targets.torch.weights import Weight
from specc.targets.view import Constants, Section

if TYPE_CHECKING:
    from specc.spec.optimizers import SGD, Adam, RMSprop
    from specc.spec.rare_optimizers import Adadelta, Adagrad, Adamax, Nadam


class ScaleEpsilon(Section):
    """The hook that divides epsilon by the bias correction."""

    template = "torch/training/scale_epsilon.py.jinja"
    epsilon: Code


class KerasSGD(Section):
    """SGD whose momentum holds the learning rate of each step."""

    template = "torch/training/keras_sgd.py.jinja"
    groups: bool
    nesterov: bool


class KerasRMSprop(Section):
    """RMSprop with epsilon under the root."""

    template = "torch/training/keras_rmsprop.py.jinja"
    groups: bool
    momentum: bool
    centered: bool
    state: Code


class KerasAdamax(Section):
    """Adamax that adds epsilon to the maximum."""

    template = "torch/training/keras_adamax.py.jinja"
    groups: bool


def update(
    optimizer: AnyOptimizer,
    exact: bool,
    constants: Constants,
    schedule: Scheduler | None = None,
    weights: Sequence[Weight] = (),
    model: str = "",
    has_l2: bool = False,
) -> Update:
    """Return how PyTorch does the update of a Keras optimizer."""
    rate: Code = literal(optimizer.learning_rate) if schedule is None else schedule.base
    given = "learning_rate" in optimizer.model_fields_set
    if given and schedule is None:
        rate = constants.add("LEARNING_RATE", optimizer.learning_rate)
    at = Setting(exact, rate, not given, schedule is not None, constants, weights, model, has_l2)
    return _rule(optimizer)(optimizer, at)


def _rule(optimizer: AnyOptimizer) -> Callable[..., Update]:
    found = _UPDATES.get(optimizer.word)
    if found is not None:
        return found
    from specc.targets.torch.training.optimizer_classes import UPDATES

    return UPDATES[type(optimizer)]


_MOMENTUM = Note(
    "N221",
    "Keras' momentum holds the learning rate of each step, PyTorch's scales all of it by the "
    "current rate; fidelity: exact matches Keras",
    "Keras' momentum holds the learning rate of each of its steps.",
)


def _sgd(optimizer: SGD, at: Setting) -> Update:
    """torch.optim.SGD. Without momentum its weight decay is Keras' decoupled one."""
    decay = decay_of(optimizer, at)
    momentum = optimizer.momentum
    if momentum and at.scheduled and at.exact:
        value = call("KerasSGD", PARAMETERS, lr=at.rate, momentum=literal(momentum))
        own = KerasSGD(has_groups(optimizer, at), optimizer.nesterov)
        return Update("SGD", value, adds_l2(optimizer), decay=decay, sections=(own,))
    value = call(
        "torch.optim.SGD",
        PARAMETERS,
        lr=at.rate,
        momentum=literal(momentum) if momentum else None,
        weight_decay=decay if decay and not momentum else None,
        nesterov=literal(True) if optimizer.nesterov and momentum else None,
        fused=literal(True),
    )
    return Update(
        name="SGD",
        value=value,
        l2_as_decay=not optimizer.clips() and not (decay and momentum),
        base_decay=None if momentum else decay,
        decay=decay if momentum else None,
        notes=(_MOMENTUM,) if momentum and at.scheduled else (),
    )


def _adam(optimizer: Adam, at: Setting) -> Update:
    """torch.optim.Adam, or AdamW where Keras decays, which it always does decoupled.

    Keras adds epsilon to the root of the uncorrected second moment, PyTorch to the corrected one;
    the hook divides epsilon by the correction before each step.
    """
    decay = decay_of(optimizer, at)
    betas = (optimizer.beta_1, optimizer.beta_2)
    default_rate = at.default_rate and optimizer.learning_rate == 0.001
    value = call(
        "torch.optim.AdamW" if decay else "torch.optim.Adam",
        PARAMETERS,
        lr=None if default_rate else at.rate,
        betas=None if betas == (0.9, 0.999) else literal(betas),
        eps=None if optimizer.epsilon == 1e-8 else literal(optimizer.epsilon),
        weight_decay=decay,
        amsgrad=literal(True) if optimizer.amsgrad else None,
        fused=literal(True),
    )
    message = "PyTorch adds epsilon after the bias correction of the second moment, Keras before it"
    comment = message.removesuffix(" it") + "."
    note = Note("N201", f"{message}; fidelity: exact matches Keras", comment)
    same = at.exact or not optimizer.epsilon
    scales = at.exact and bool(optimizer.epsilon)
    return Update(
        name="AdamW" if decay else "Adam",
        value=value,
        l2_as_decay=adds_l2(optimizer),
        sections=(ScaleEpsilon(literal(optimizer.epsilon)),) if scales else (),
        hook="scale_epsilon" if scales else None,
        notes=() if same else (note,),
    )


def _rmsprop(optimizer: RMSprop, at: Setting) -> Update:
    """torch.optim.RMSprop, or in exact programs a class that adds epsilon under the root.

    The root of epsilon is nearer to Keras than epsilon itself where gradients are small.
    """
    epsilon = literal(optimizer.epsilon)
    # Its momentum holds learning rates as well.
    by_class = at.exact and bool(optimizer.epsilon or (optimizer.momentum and at.scheduled))
    common: dict[str, Expression | None] = {
        "momentum": literal(optimizer.momentum) if optimizer.momentum else None,
    }
    centered = literal(True) if optimizer.centered else None
    decay = decay_of(optimizer, at)
    if by_class:
        rho = literal(optimizer.rho)
        value = call("KerasRMSprop", PARAMETERS, lr=at.rate, rho=rho, eps=epsilon, **common)
    else:
        alpha = None if optimizer.rho == 0.99 else literal(optimizer.rho)
        eps = Code(f"math.sqrt({epsilon})") if optimizer.epsilon else literal(0.0)
        value = call(
            "torch.optim.RMSprop",
            PARAMETERS,
            lr=at.rate,
            alpha=alpha,
            eps=eps,
            centered=centered,
            **common,
        )
    message = (
        "Keras takes the root of the mean square plus epsilon, PyTorch adds epsilon to the root"
    )
    comment = "Keras adds epsilon under the root of the mean square, PyTorch to the root."
    note = Note("N202", f"{message}; fidelity: exact matches Keras", comment)
    other_root = (note,) if optimizer.epsilon else ()
    other_rate = (_MOMENTUM,) if optimizer.momentum and at.scheduled else ()
    return Update(
        name="RMSprop",
        value=value,
        l2_as_decay=adds_l2(optimizer),
        decay=decay,
        sections=(_own_rmsprop(optimizer, at),) if by_class else (),
        notes=() if at.exact else (*other_root, *other_rate),
    )


def _own_rmsprop(optimizer: RMSprop, at: Setting) -> KerasRMSprop:
    names = ["square"] + ["mean"] * optimizer.centered + ["momentum"] * bool(optimizer.momentum)
    return KerasRMSprop(
        groups=has_groups(optimizer, at),
        momentum=bool(optimizer.momentum),
        centered=optimizer.centered,
        state=literal(tuple(names)),
    )


def _adagrad(optimizer: Adagrad, at: Setting) -> Update:
    """torch.optim.Adagrad; epsilon under Keras' root is an accumulator that starts higher."""
    decay, start = decay_of(optimizer, at), literal(optimizer.initial_accumulator_value)
    value = call(
        "torch.optim.Adagrad",
        PARAMETERS,
        lr=at.rate,
        initial_accumulator_value=Code(f"{start} + {literal(optimizer.epsilon)}"),
        eps=literal(0.0),
    )
    comment = "Keras has epsilon under the root: it is part of the accumulator."
    same = adds_l2(optimizer)
    return Update("Adagrad", value, same, decay=decay, comment=comment)


def _adadelta(optimizer: Adadelta, at: Setting) -> Update:
    """torch.optim.Adadelta, whose defaults are others."""
    decay = decay_of(optimizer, at)
    value = call(
        "torch.optim.Adadelta",
        PARAMETERS,
        lr=at.rate,
        rho=None if optimizer.rho == 0.9 else literal(optimizer.rho),
        eps=literal(optimizer.epsilon),
    )
    return Update("Adadelta", value, adds_l2(optimizer), decay=decay)


def _adamax(optimizer: Adamax, at: Setting) -> Update:
    """torch.optim.Adamax, or in exact programs a class that adds epsilon to the maximum."""
    decay = decay_of(optimizer, at)
    by_class = at.exact and bool(optimizer.epsilon)
    betas = (optimizer.beta_1, optimizer.beta_2)
    value = call(
        "KerasAdamax" if by_class else "torch.optim.Adamax",
        PARAMETERS,
        lr=at.rate,
        betas=literal(betas) if by_class or betas != (0.9, 0.999) else None,
        eps=literal(optimizer.epsilon),
    )
    message = "PyTorch adds epsilon to each gradient before the maximum, Keras to the maximum"
    note = Note("N209", f"{message}; fidelity: exact matches Keras", f"{message}.")
    return Update(
        name="Adamax",
        value=value,
        l2_as_decay=adds_l2(optimizer),
        decay=decay,
        sections=(KerasAdamax(has_groups(optimizer, at)),) if by_class else (),
        notes=() if at.exact or not optimizer.epsilon else (note,),
    )


def _nadam(optimizer: Nadam, at: Setting) -> Update:
    """torch.optim.NAdam; Keras' momentum decays by 0.96 for each step, PyTorch's by far less."""
    decay = decay_of(optimizer, at)
    betas = (optimizer.beta_1, optimizer.beta_2)
    value = call(
        "torch.optim.NAdam",
        PARAMETERS,
        lr=at.rate,
        betas=None if betas == (0.9, 0.999) else literal(betas),
        eps=literal(optimizer.epsilon),
        weight_decay=decay,
        momentum_decay=literal(1.0),
        decoupled_weight_decay=literal(True) if decay else None,
    )
    return Update("NAdam", value, adds_l2(optimizer))


# By their words, as to import the classes of all of them costs time.
_UPDATES: dict[str, Callable[..., Update]] = {
    "sgd": _sgd,
    "adam": _adam,
    "adamw": _adam,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
    "adadelta": _adadelta,
    "adamax": _adamax,
    "nadam": _nadam,
}
