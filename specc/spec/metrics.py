"""Keras' metrics (https://keras.io/api/metrics)."""

from typing import ClassVar

from specc.shapes import Shape, ShapeError
from specc.spec.limits import BITS, DISTRIBUTION, LABELS, SHARES, Limits, numbers_below
from specc.spec.types import Fraction, PositiveInt
from specc.spec.word import Metric

_ACCURACY = "write accuracy, which fits every loss"


class Accuracy(Metric, word="accuracy", kind="accuracy", direction="up"):
    """The share of right answers, of the kind that Keras takes for `accuracy`: binary where the
    output has one unit, sparse where targets are integers, else categorical."""


class BinaryAccuracy(
    Metric,
    word="binary_accuracy",
    kind="accuracy",
    direction="up",
    entries=BITS,
    instead=_ACCURACY,
):
    """The share of outputs above `threshold` exactly where the target is 1."""

    threshold: Fraction = 0.5


class CategoricalAccuracy(
    Metric,
    word="categorical_accuracy",
    kind="accuracy",
    direction="up",
    of_classes=True,
    instead=_ACCURACY,
):
    """The share of samples whose largest output is the largest target."""


class SparseCategoricalAccuracy(
    Metric,
    word="sparse_categorical_accuracy",
    kind="accuracy",
    direction="up",
    kinds=("classes",),
    entries=LABELS,
    of_classes=True,
    instead=_ACCURACY,
):
    """The share of samples whose largest output is at the integer target."""


class MeanSquaredError(Metric, word="mean_squared_error"):
    """Mean of `(y - p)**2`."""


class MeanAbsoluteError(Metric, word="mean_absolute_error"):
    """Mean of `abs(y - p)`."""


class BinaryCrossentropy(Metric, word="binary_crossentropy", entries=SHARES, is_crossentropy=True):
    """The loss of that name as a figure."""

    from_logits: bool = False
    label_smoothing: Fraction = 0.0


class CategoricalCrossentropy(
    Metric,
    word="categorical_crossentropy",
    entries=DISTRIBUTION,
    of_classes=True,
    is_crossentropy=True,
):
    """The loss of that name as a figure."""

    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1


class SparseCategoricalCrossentropy(
    Metric,
    word="sparse_categorical_crossentropy",
    kinds=("classes",),
    of_classes=True,
    is_crossentropy=True,
):
    """The loss of that name as a figure."""

    from_logits: bool = False
    ignore_class: int | None = None
    axis: int = -1

    def limits(self, output: Shape) -> Limits:
        return numbers_below(output[-1], self.ignore_class)

    def check_mask(self) -> None:
        if self.ignore_class is not None:
            message = "ignore_class of a metric is not translated where a mask reaches the loss"
            raise ShapeError(message, "ignore_class")


class TopKCategoricalAccuracy(
    Metric,
    word="top_k_categorical_accuracy",
    kind="accuracy",
    direction="up",
    of_classes=True,
    instead="use sparse_top_k_categorical_accuracy",
):
    """The share of samples whose largest target is at one of the `k` largest outputs."""

    k: PositiveInt = 5


class SparseTopKCategoricalAccuracy(
    Metric,
    word="sparse_top_k_categorical_accuracy",
    kind="accuracy",
    direction="up",
    kinds=("classes",),
    entries=LABELS,
    of_classes=True,
    instead="use top_k_categorical_accuracy",
):
    """The share of samples whose integer target is at one of the `k` largest outputs."""

    refused: ClassVar[dict[str, str]] = {
        **Metric.refused,
        "from_sorted_ids": "a trained model gives scores, not sorted numbers of classes",
    }
    k: PositiveInt = 5
