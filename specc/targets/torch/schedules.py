"""Keras' learning-rate schedules in PyTorch (docs/semantics.md, section 8).

Keras gives the rate of each batch, counted from 0; a PyTorch scheduler that takes a step after
each batch has the same count. Where a class of torch.optim.lr_scheduler is equal for all batches,
the program uses it. Else, and where gradients are accumulated, it is a LambdaLR of a function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from specc.expressions import Call, Code, call, literal
from specc.spec.word import Schedule
from specc.targets.view import Constants, add_numbers, numbers

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
    body: list[str] = field(default_factory=list)
    comment: str | None = None


Names = dict[str, Code]
Rule = tuple[Code, Call | None, list[str]]


def scheduler(schedule: Schedule, accumulation: Code | None, constants: Constants) -> Scheduler:
    """Return the scheduler of a schedule.

    Arguments:
        accumulation: The number of batches for each update, or None for one.
    """
    names = numbers(schedule)
    base, stock, body = _RULES[schedule.word](schedule, names)
    if stock is not None and accumulation is None:
        add_numbers(schedule, f"{base} {stock}", constants)
        return Scheduler(base, stock)
    add_numbers(schedule, " ".join((base, *body)), constants)
    optimizer, function, comment = Code("optimizer"), Code(schedule.word), None
    if accumulation is not None:
        comment = "Keras counts batches, not updates."
        batch = f"(update + 1) * {accumulation} - 1"
        function = Code(f"lambda update: {schedule.word}({batch})")
    value = call("torch.optim.lr_scheduler.LambdaLR", optimizer, function)
    return Scheduler(base, value, schedule.word, body, comment)


def _class(name: str, **arguments: Code | None) -> Call:
    return call(f"torch.optim.lr_scheduler.{name}", Code("optimizer"), **arguments)


def _passed(schedule: ExponentialDecay | InverseTimeDecay, names: Names) -> str:
    """Return how many times `decay_steps` have passed."""
    steps = names["decay_steps"]
    return f"step // {steps}" if schedule.staircase else f"step / {steps}"


def _exponential(schedule: ExponentialDecay, names: Names) -> Rule:
    rate, steps = names["decay_rate"], names["decay_steps"]
    body = [f"return {rate} ** ({_passed(schedule, names)})"]
    stock: Call | None = _class("ExponentialLR", gamma=Code(f"{rate} ** (1 / {steps})"))
    if schedule.staircase:
        whole = isinstance(schedule.decay_steps, int)
        stock = _class("StepLR", step_size=steps, gamma=rate) if whole else None
    return names["initial_learning_rate"], stock, body


def _inverse_time(schedule: InverseTimeDecay, names: Names) -> Rule:
    body = [f"return 1 / (1 + {names['decay_rate']} * ({_passed(schedule, names)}))"]
    return names["initial_learning_rate"], None, body


def _polynomial(schedule: PolynomialDecay, names: Names) -> Rule:
    """PolynomialLR ends at 0 and LinearLR has no power; both stay at the end, as Keras does."""
    start, end = names["initial_learning_rate"], names["end_learning_rate"]
    steps = names["decay_steps"]
    rising = schedule.end_learning_rate > schedule.initial_learning_rate
    base = end if rising else start
    stock = None
    if isinstance(schedule.decay_steps, int) and not schedule.cycle and not rising:
        if not schedule.end_learning_rate:
            power = names["power"] if schedule.power != 1 else None
            stock = _class("PolynomialLR", total_iters=steps, power=power)
        elif schedule.power == 1:
            stock = _class(
                "LinearLR",
                start_factor=literal(1.0),
                end_factor=Code(f"{end} / {start}"),
                total_iters=steps,
            )
    lines = [f"rest = 1 - min(step / {steps}, 1)"]
    if schedule.cycle:
        lines = [
            f"periods = max(math.ceil(step / {steps}), 1)",
            f"rest = 1 - step / ({steps} * periods)",
        ]
    rest = "rest" if schedule.power == 1 else f"rest**{names['power']}"
    share = [f"return (({start} - {end}) * {rest} + {end}) / {base}"]
    return base, stock, lines + (share if schedule.end_learning_rate else [f"return {rest}"])


def _share(cosine: str, schedule: CosineDecay | CosineDecayRestarts, names: Names) -> str:
    """Return the statement that keeps `alpha` of the rate."""
    if not schedule.alpha:
        return f"return {cosine}"
    alpha = names["alpha"]
    return f"return (1 - {alpha}) * {cosine} + {alpha}"


def _cosine(schedule: CosineDecay, names: Names) -> Rule:
    """CosineAnnealingLR rises again after its end, where Keras stays."""
    start, steps = names["initial_learning_rate"], names["decay_steps"]
    share = _share("0.5 * (1 + math.cos(math.pi * passed))", schedule, names)
    if schedule.warmup_target is None or not schedule.warmup_steps:
        base = start if schedule.warmup_target is None else names["warmup_target"]
        return base, None, [f"passed = min(step / {steps}, 1)", share]
    target, warmup = names["warmup_target"], names["warmup_steps"]
    rising = [f"start = {start} / {target}", f"return start + (1 - start) * step / {warmup}"]
    if not schedule.initial_learning_rate:
        rising = [f"return step / {warmup}"]
    lines = [f"if step < {warmup}:", *(f"    {line}" for line in rising)]
    return target, None, [*lines, f"passed = min((step - {warmup}) / {steps}, 1)", share]


def _restarts(schedule: CosineDecayRestarts, names: Names) -> Rule:
    """CosineAnnealingWarmRestarts has periods of whole batches, all from the same rate."""
    start, first = names["initial_learning_rate"], names["first_decay_steps"]
    whole = schedule.t_mul.is_integer() and isinstance(schedule.first_decay_steps, int)
    stock = None
    if whole and schedule.m_mul == 1:
        longer = None if schedule.t_mul == 1 else literal(int(schedule.t_mul))
        least = Code(f"{names['alpha']} * {start}") if schedule.alpha else None
        stock = _class("CosineAnnealingWarmRestarts", T_0=first, T_mult=longer, eta_min=least)
    counts, length = schedule.m_mul != 1, "length"
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
    return start, stock, [*lines, _share(cosine, schedule, names)]


def _piecewise(schedule: PiecewiseConstantDecay, names: Names) -> Rule:
    """MultiStepLR counts from the batch after a boundary, and has one factor for all."""
    boundaries, values = names["boundaries"], names["values"]
    top = schedule.values.index(max(schedule.values))
    base = Code(f"{values}[{0 if schedule.values[0] else top}]")
    place = f"{values}[sum(step > boundary for boundary in {boundaries})]"
    gamma = _factor(schedule.values)
    stock = None
    if gamma is not None:
        milestones = Code(f"[step + 1 for step in {boundaries}]")
        given = None if gamma == 0.1 else literal(gamma)
        stock = _class("MultiStepLR", milestones=milestones, gamma=given)
    return base, stock, [f"return {place} / {base}"]


def _factor(values: tuple[float, ...]) -> float | None:
    """Return the factor from each value to the next where it is the same, else None."""
    if not values[0]:
        return None
    factor = float(f"{values[1] / values[0]:.12g}")
    powers = (values[0] * factor**n for n in range(len(values)))
    same = all(abs(a - b) <= 1e-9 * a for a, b in zip(values, powers, strict=True))
    return factor if same else None


# By their words, as to import the classes of all of them costs time.
_RULES: dict[str, Callable[..., Rule]] = {
    "exponential_decay": _exponential,
    "inverse_time_decay": _inverse_time,
    "polynomial_decay": _polynomial,
    "cosine_decay": _cosine,
    "cosine_decay_restarts": _restarts,
    "piecewise_constant_decay": _piecewise,
}
