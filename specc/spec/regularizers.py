"""Keras' regularizers (https://keras.io/api/layers/regularizers)."""

from __future__ import annotations

from typing import ClassVar, Literal

from specc.spec.word import NonNegativeFloat, Regularizer


class L1(Regularizer):
    """`l1 * sum(abs(w))`."""

    word: ClassVar[str] = "l1"
    l1: NonNegativeFloat = 0.01


class L2(Regularizer):
    """`l2 * sum(w * w)`."""

    word: ClassVar[str] = "l2"
    l2: NonNegativeFloat = 0.01


class L1L2(Regularizer):
    """`l1 * sum(abs(w)) + l2 * sum(w * w)`."""

    word: ClassVar[str] = "l1_l2"
    l1: NonNegativeFloat = 0.0
    l2: NonNegativeFloat = 0.0


class OrthogonalRegularizer(Regularizer):
    """`factor` times the mean absolute cosine between the rows, or columns, of a matrix."""

    word: ClassVar[str] = "orthogonal_regularizer"
    factor: NonNegativeFloat = 0.01
    mode: Literal["rows", "columns"] = "rows"
