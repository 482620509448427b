"""Keras' learning-rate schedules in PyTorch (docs/semantics.md, section 8).

Keras gives the rate of each batch, counted from 0; a PyTorch scheduler that takes a step after
each batch has the same count. Where a class of torch.optim.lr_scheduler is equal for all batches,
the program uses it. Else, and where gradients are accumulated, it is a LambdaLR of a function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from specc.expressions import Call, Code, call, literal
from specc.spec.word import Schedule
from specc.targets.view import Constants, Numbers

if TYPE_CHECKING:
    from specc.spec.schedules import (
        CosineDecay,
        CosineDecayRestarts,
        ExponentialDecay,
        InverseTimeDecay,
        PiecewiseConstantDecay,
        PolynomialDecay,
    )


@dataclass(frozen=True, slots=True)
class Scheduler:
    """How a program changes the learning rate.

    Attributes:
        base: The rate that the optimizer begins with; all others are shares of it.
        value: The scheduler.
        function: The name of the function that gives the shares, or None.
        body: Its lines.
        comment: What `value` does that is not word for word, or None.
    """

    base: Code
    value: Call
    function: str | None = None
    body: tuple[str, ...] = ()
    comment: str | None = None


def scheduler(schedule: Schedule, accumulation: Code | None, constants: Constants) -> Scheduler:
    """Return the scheduler of a schedule.

    Args:
        accumulation: The number of batches for each update, or None for one.
    """
    names = Numbers(schedule)
    base = _BASES.get(schedule.word, _start)(schedule, names)
    stock = _CLASSES[schedule.word](schedule, names) if accumulation is None else None
    if stock is not None:
        names.add_to(constants)
        return Scheduler(base, stock)
    body = tuple(_SHARES[schedule.word](schedule, names, base))
    names.add_to(constants)
    optimizer, function, comment = Code("optimizer"), Code(schedule.word), None
    if accumulation is not None:
        comment = "Keras counts batches, not updates."
        batch = f"(update + 1) * {accumulation} - 1"
        function = Code(f"lambda update: {schedule.word}({batch})")
    value = call("torch.optim.lr_scheduler.LambdaLR", optimizer, function)
    return Scheduler(base, value, schedule.word, body, comment)


def _class(name: str, **arguments: Code | None) -> Call:
    return call(f"torch.optim.lr_scheduler.{name}", Code("optimizer"), **arguments)


# What a scheduler's shares are of


def _start(schedule: Schedule, names: Numbers) -> Code:
    return names["initial_learning_rate"]


def _polynomial_base(schedule: PolynomialDecay, names: Numbers) -> Code:
    return names["end_learning_rate"] if _rises(schedule) else names["initial_learning_rate"]


def _rises(schedule: PolynomialDecay) -> bool:
    return schedule.end_learning_rate > schedule.initial_learning_rate


def _cosine_base(schedule: CosineDecay, names: Numbers) -> Code:
    start = schedule.warmup_target is None
    return names["initial_learning_rate" if start else "warmup_target"]


def _piecewise_base(schedule: PiecewiseConstantDecay, names: Numbers) -> Code:
    top = schedule.values.index(max(schedule.values))
    return Code(f"{names['values']}[{0 if schedule.values[0] else top}]")


# PyTorch's classes, where they are equal


def _no_class(schedule: Schedule, names: Numbers) -> None:
    """CosineAnnealingLR rises again after its end, where Keras stays."""


def _exponential_class(schedule: ExponentialDecay, names: Numbers) -> Call | None:
    if not schedule.staircase:
        gamma = Code(f"{names['decay_rate']} ** (1 / {names['decay_steps']})")
        return _class("ExponentialLR", gamma=gamma)
    if not isinstance(schedule.decay_steps, int):
        return None
    return _class("StepLR", step_size=names["decay_steps"], gamma=names["decay_rate"])


def _polynomial_class(schedule: PolynomialDecay, names: Numbers) -> Call | None:
    """PolynomialLR ends at 0 and LinearLR has no power; both stay at the end, as Keras does."""
    if not isinstance(schedule.decay_steps, int) or schedule.cycle or _rises(schedule):
        return None
    if not schedule.end_learning_rate:
        power = names["power"] if schedule.power != 1 else None
        return _class("PolynomialLR", total_iters=names["decay_steps"], power=power)
    if schedule.power != 1:
        return None
    return _class(
        "LinearLR",
        start_factor=literal(1.0),
        end_factor=Code(f"{names['end_learning_rate']} / {names['initial_learning_rate']}"),
        total_iters=names["decay_steps"],
    )


def _restarts_class(schedule: CosineDecayRestarts, names: Numbers) -> Call | None:
    """CosineAnnealingWarmRestarts has periods of whole batches, all from the same rate."""
    whole = schedule.t_mul.is_integer() and isinstance(schedule.first_decay_steps, int)
    if not whole or schedule.m_mul != 1:
        return None
    longer = None if schedule.t_mul == 1 else literal(int(schedule.t_mul))
    least = None
    if schedule.alpha:
        least = Code(f"{names['alpha']} * {names['initial_learning_rate']}")
    first = names["first_decay_steps"]
    return _class("CosineAnnealingWarmRestarts", T_0=first, T_mult=longer, eta_min=least)


def _piecewise_class(schedule: PiecewiseConstantDecay, names: Numbers) -> Call | None:
    """MultiStepLR counts from the batch after a boundary, and has one factor for all."""
    gamma = _factor(schedule.values)
    if gamma is None:
        return None
    milestones = Code(f"[step + 1 for step in {names['boundaries']}]")
    given = None if gamma == 0.1 else literal(gamma)
    return _class("MultiStepLR", milestones=milestones, gamma=given)


def _factor(values: tuple[float, ...]) -> float | None:
    """Return the factor from each value to the next where it is the same, else None."""
    if not values[0]:
        return None
    factor = float(f"{values[1] / values[0]:.12g}")
    powers = (values[0] * factor**n for n in range(len(values)))
    same = all(abs(a - b) <= 1e-9 * a for a, b in zip(values, powers, strict=True))
    return factor if same else None


# The rate of a step as a share of the base


def _passed(schedule: ExponentialDecay | InverseTimeDecay, names: Numbers) -> str:
    """Return how many times `decay_steps` have passed."""
    steps = names["decay_steps"]
    return f"step // {steps}" if schedule.staircase else f"step / {steps}"


def _exponential(schedule: ExponentialDecay, names: Numbers, base: Code) -> list[str]:
    return [f"return {names['decay_rate']} ** ({_passed(schedule, names)})"]


def _inverse_time(schedule: InverseTimeDecay, names: Numbers, base: Code) -> list[str]:
    return [f"return 1 / (1 + {names['decay_rate']} * ({_passed(schedule, names)}))"]


def _polynomial(schedule: PolynomialDecay, names: Numbers, base: Code) -> list[str]:
    steps = names["decay_steps"]
    lines = [f"rest = 1 - min(step / {steps}, 1)"]
    if schedule.cycle:
        lines = [
            f"periods = max(math.ceil(step / {steps}), 1)",
            f"rest = 1 - step / ({steps} * periods)",
        ]
    rest = "rest" if schedule.power == 1 else f"rest**{names['power']}"
    if not schedule.end_learning_rate:
        return [*lines, f"return {rest}"]
    start, end = names["initial_learning_rate"], names["end_learning_rate"]
    return [*lines, f"return (({start} - {end}) * {rest} + {end}) / {base}"]


def _share(cosine: str, schedule: CosineDecay | CosineDecayRestarts, names: Numbers) -> str:
    """Return the statement that keeps `alpha` of the rate."""
    if not schedule.alpha:
        return f"return {cosine}"
    alpha = names["alpha"]
    return f"return (1 - {alpha}) * {cosine} + {alpha}"


def _cosine(schedule: CosineDecay, names: Numbers, base: Code) -> list[str]:
    steps = names["decay_steps"]
    share = _share("0.5 * (1 + math.cos(math.pi * passed))", schedule, names)
    if schedule.warmup_target is None or not schedule.warmup_steps:
        return [f"passed = min(step / {steps}, 1)", share]
    warmup = names["warmup_steps"]
    rising = [f"return step / {warmup}"]
    if schedule.initial_learning_rate:
        start = names["initial_learning_rate"]
        rising = [f"start = {start} / {base}", f"return start + (1 - start) * step / {warmup}"]
    lines = [f"if step < {warmup}:", *(f"    {line}" for line in rising)]
    return [*lines, f"passed = min((step - {warmup}) / {steps}, 1)", share]


def _restarts(schedule: CosineDecayRestarts, names: Numbers, base: Code) -> list[str]:
    first, counts, length = names["first_decay_steps"], schedule.m_mul != 1, "length"
    if schedule.t_mul == 1:
        length = first
        counted, alone = f"restarts, passed = divmod(step, {first})", f"passed = step % {first}"
        lines = [counted if counts else alone]
    else:
        lines = [
            f"passed, length{', restarts' * counts} = step, {first}{', 0' * counts}",
            "while passed >= length:",
            f"    passed, length = passed - length, length * {names['t_mul']}",
            *["    restarts += 1"] * counts,
        ]
    cosine = f"0.5 * (1 + math.cos(math.pi * passed / {length}))"
    cosine = f"{names['m_mul']}**restarts * {cosine}" if counts else cosine
    return [*lines, _share(cosine, schedule, names)]


def _piecewise(schedule: PiecewiseConstantDecay, names: Numbers, base: Code) -> list[str]:
    values, boundaries = names["values"], names["boundaries"]
    return [f"return {values}[sum(step > boundary for boundary in {boundaries})] / {base}"]


# By their words, as to import the classes of all of them costs time.
_BASES: dict[str, Callable[..., Code]] = {
    "polynomial_decay": _polynomial_base,
    "cosine_decay": _cosine_base,
    "piecewise_constant_decay": _piecewise_base,
}

_CLASSES: dict[str, Callable[..., Call | None]] = {
    "exponential_decay": _exponential_class,
    "inverse_time_decay": _no_class,
    "polynomial_decay": _polynomial_class,
    "cosine_decay": _no_class,
    "cosine_decay_restarts": _restarts_class,
    "piecewise_constant_decay": _piecewise_class,
}

_SHARES: dict[str, Callable[..., list[str]]] = {
    "exponential_decay": _exponential,
    "inverse_time_decay": _inverse_time,
    "polynomial_decay": _polynomial,
    "cosine_decay": _cosine,
    "cosine_decay_restarts": _restarts,
    "piecewise_constant_decay": _piecewise,
}
