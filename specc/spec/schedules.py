"""Keras' learning-rate schedules (https://keras.io/api/optimizers/learning_rate_schedules).

A schedule gives the learning rate of each batch, counted from 0 over all epochs.
"""

from itertools import pairwise
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from specc.spec.editor import NUMBER, at_least, list_of, takes
from specc.spec.types import NonNegativeFloat, PositiveFloat, expected
from specc.spec.word import Schedule


def _steps(value: Any) -> object:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < value < float("inf"):
        raise expected("a number of batches above 0")
    return int(value) if value == int(value) else value


def _boundaries(value: Any) -> object:
    whole = isinstance(value, tuple) and all(type(v) is int and v >= 0 for v in value)
    if not whole or not value or any(a >= b for a, b in pairwise(value)):
        raise expected("a list of batch numbers from 0 on, each larger than the one before")
    return value


def _end(value: object, info: ValidationInfo) -> object:
    if not value and info.data.get("initial_learning_rate") == 0:
        raise expected("a number above 0, as initial_learning_rate is 0")
    return value


def _values(value: Any, info: ValidationInfo) -> object:
    plain = isinstance(value, tuple) and all(type(v) in (int, float) for v in value)
    if not plain or not all(0 <= v < float("inf") for v in value) or not any(value):
        raise expected("a list of numbers of at least 0, one of them above 0")
    boundaries = info.data.get("boundaries")
    if boundaries is not None and len(value) != len(boundaries) + 1:
        raise expected(f"{len(boundaries) + 1} values, one more than there are boundaries")
    return tuple(map(float, value))


_ABOVE_0 = {**NUMBER, "exclusiveMinimum": 0}
Steps = Annotated[int | float, BeforeValidator(_steps), takes(_ABOVE_0)]
WholeSteps = Annotated[int, Field(ge=0)]
Boundaries = Annotated[
    tuple[int, ...],
    BeforeValidator(_boundaries),
    takes({**list_of(at_least(0), 1), "uniqueItems": True}),
]
Values = Annotated[
    tuple[float, ...],
    BeforeValidator(_values),
    takes({**list_of(at_least(0, NUMBER)), "contains": _ABOVE_0}),
]


class Decay(Schedule):
    """The base of the schedules that go on from one rate."""

    initial_learning_rate: NonNegativeFloat

    def peak(self) -> float:
        return self.initial_learning_rate


class ExponentialDecay(Decay, word="exponential_decay"):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`.

    With `staircase` the exponent is rounded down, so that the rate falls each `decay_steps`.
    """

    initial_learning_rate: PositiveFloat
    decay_steps: Steps
    decay_rate: NonNegativeFloat
    staircase: bool = False

    def reaches_zero(self) -> bool:
        return not self.decay_rate


class InverseTimeDecay(Decay, word="inverse_time_decay"):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`.

    With `staircase` the quotient is rounded down, so that the rate falls each `decay_steps`.
    """

    initial_learning_rate: PositiveFloat
    decay_steps: Steps
    decay_rate: NonNegativeFloat
    staircase: bool = False


class PolynomialDecay(Decay, word="polynomial_decay"):
    """From `initial_learning_rate` to `end_learning_rate` in `decay_steps`, by a power of the rest.

    It then stays, or with `cycle` starts again over twice the steps, thrice, and so on.
    """

    decay_steps: Steps
    end_learning_rate: Annotated[NonNegativeFloat, AfterValidator(_end)] = 0.0001
    power: NonNegativeFloat = 1.0
    cycle: bool = False

    def reaches_zero(self) -> bool:
        return not (self.end_learning_rate and self.initial_learning_rate)


class CosineDecay(Decay, word="cosine_decay"):
    """Half a cosine from `initial_learning_rate` to `alpha` of it in `decay_steps`; it then stays.

    With `warmup_target` the rate first rises in a line to it in `warmup_steps`, and falls from
    there.
    """

    order: ClassVar[tuple[str, ...]] = ("initial_learning_rate", "decay_steps", "alpha")
    decay_steps: Steps
    alpha: NonNegativeFloat = 0.0
    warmup_target: PositiveFloat | None = None
    warmup_steps: WholeSteps = 0

    def reaches_zero(self) -> bool:
        rises = self.warmup_target is not None and self.warmup_steps > 0
        return not self.alpha or (rises and not self.initial_learning_rate)

    def peak(self) -> float:
        return max(self.initial_learning_rate, self.warmup_target or 0.0)


class CosineDecayRestarts(Decay, word="cosine_decay_restarts"):
    """Half a cosine in `first_decay_steps`, and again, each time `t_mul` as long.

    Each time the rate starts from `m_mul` of the start before.
    """

    initial_learning_rate: PositiveFloat
    first_decay_steps: Steps
    t_mul: Annotated[float, Field(ge=1)] = 2.0
    m_mul: NonNegativeFloat = 1.0
    alpha: NonNegativeFloat = 0.0

    def reaches_zero(self) -> bool:
        return not (self.alpha or self.m_mul)


class PiecewiseConstantDecay(Schedule, word="piecewise_constant_decay"):
    """The first of `values` up to the batch `boundaries[0]`, that one included, then the next."""

    boundaries: Boundaries
    values: Values

    def reaches_zero(self) -> bool:
        return not all(self.values)

    def peak(self) -> float:
        return max(self.values)
