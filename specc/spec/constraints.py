"""Keras' constraints (https://keras.io/api/layers/constraints).

Keras applies them after each batch, once the weights are updated. `axis` is that of the weight as
Keras holds it: 0 is the inputs of a dense kernel, [0, 1, 2] all but the filters of a conv2d kernel.
"""

from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from specc.spec.types import Axes, NonNegativeFloat, Rate, expected
from specc.spec.word import Constraint


def _largest(value: float, info: ValidationInfo) -> float:
    smallest = info.data.get("min_value", 0.0)
    if value < smallest:
        raise expected(f"at least min_value, which is {smallest}")
    return value


class MaxNorm(Constraint, word="max_norm"):
    """The norm over `axis` is at most `max_value`."""

    max_value: NonNegativeFloat = 2.0
    axis: Axes = 0


class NonNeg(Constraint, word="non_neg"):
    """What is below 0 becomes 0."""


class UnitNorm(Constraint, word="unit_norm"):
    """The norm over `axis` is 1."""

    axis: Axes = 0


class MinMaxNorm(Constraint, word="min_max_norm"):
    """The norm over `axis` moves by the share `rate` to between `min_value` and `max_value`."""

    min_value: NonNegativeFloat = 0.0
    max_value: Annotated[NonNegativeFloat, AfterValidator(_largest)] = 1.0
    rate: Rate = 1.0
    axis: Axes = 0
