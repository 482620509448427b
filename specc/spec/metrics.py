"""Keras' metrics (https://keras.io/api/metrics)."""

from __future__ import annotations

from typing import ClassVar

from specc.spec.word import Fraction, Metric


class Accuracy(Metric):
    """The share of right answers, of the kind that Keras takes for `accuracy`: binary where the
    output has one unit, sparse where targets are integers, else categorical."""

    word: ClassVar[str] = "accuracy"
    direction: ClassVar[str] = "up"


class BinaryAccuracy(Metric):
    """The share of outputs above `threshold` exactly where the target is 1."""

    word: ClassVar[str] = "binary_accuracy"
    direction: ClassVar[str] = "up"
    threshold: Fraction = 0.5


class CategoricalAccuracy(Metric):
    """The share of samples whose largest output is the largest target."""

    word: ClassVar[str] = "categorical_accuracy"
    direction: ClassVar[str] = "up"


class SparseCategoricalAccuracy(Metric):
    """The share of samples whose largest output is at the integer target."""

    word: ClassVar[str] = "sparse_categorical_accuracy"
    direction: ClassVar[str] = "up"


class MeanSquaredError(Metric):
    """Mean of `(y - p)**2`."""

    word: ClassVar[str] = "mean_squared_error"


class MeanAbsoluteError(Metric):
    """Mean of `abs(y - p)`."""

    word: ClassVar[str] = "mean_absolute_error"


class BinaryCrossentropy(Metric):
    """The loss of that name as a figure."""

    word: ClassVar[str] = "binary_crossentropy"
    from_logits: bool = False
    label_smoothing: Fraction = 0.0


class CategoricalCrossentropy(Metric):
    """The loss of that name as a figure."""

    word: ClassVar[str] = "categorical_crossentropy"
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1


class SparseCategoricalCrossentropy(Metric):
    """The loss of that name as a figure."""

    word: ClassVar[str] = "sparse_categorical_crossentropy"
    from_logits: bool = False
    ignore_class: int | None = None
    axis: int = -1
