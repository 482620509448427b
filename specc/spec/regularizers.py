"""Keras' regularizers (https://keras.io/api/layers/regularizers)."""

from typing import Literal

from specc.spec.types import NonNegativeFloat
from specc.spec.word import Regularizer


class L1(Regularizer, word="l1"):
    """`l1 * sum(abs(w))`."""

    l1: NonNegativeFloat = 0.01


class L2(Regularizer, word="l2"):
    """`l2 * sum(w * w)`."""

    l2: NonNegativeFloat = 0.01


class L1L2(Regularizer, word="l1_l2"):
    """`l1 * sum(abs(w)) + l2 * sum(w * w)`."""

    l1: NonNegativeFloat = 0.0
    l2: NonNegativeFloat = 0.0


class OrthogonalRegularizer(Regularizer, word="orthogonal_regularizer"):
    """`factor` times the mean absolute cosine between the rows, or columns, of a matrix."""

    factor: NonNegativeFloat = 0.01
    mode: Literal["rows", "columns"] = "rows"
