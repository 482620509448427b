"""Keras' losses (https://keras.io/api/losses)."""

from typing import ClassVar, Literal

from specc.spec.word import Fraction, Loss, PositiveFloat

Reduction = Literal["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight"]


class _Common(Loss):
    """What every loss of Keras takes.

    `reduction`: `sum_over_batch_size` and `mean` divide the weighted sum by the number of values,
    `mean_with_sample_weight` by the sum of the weights.
    """

    name: str | None = None
    reduction: Reduction = "sum_over_batch_size"

    @classmethod
    def parameters(cls) -> list[str]:
        """Return the arguments in Keras' order: those of the class before those of all."""
        own = (name for name in cls.model_fields if name not in ("name", "reduction"))
        return list(dict.fromkeys((*cls.order, *own, "reduction")))


class MeanSquaredError(_Common, word="mean_squared_error"):
    """Mean of `(y - p)**2`."""


class MeanAbsoluteError(_Common, word="mean_absolute_error"):
    """Mean of `abs(y - p)`."""


class Huber(_Common, word="huber"):
    """Squared within `delta`, absolute beyond."""

    delta: PositiveFloat = 1.0


class BinaryCrossentropy(_Common, word="binary_crossentropy"):
    """Crossentropy of independent probabilities; targets have the shape of the output."""

    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1


class CategoricalCrossentropy(_Common, word="categorical_crossentropy"):
    """Crossentropy of classes; targets are one-hot, of the shape of the output."""

    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1


class SparseCategoricalCrossentropy(_Common, word="sparse_categorical_crossentropy"):
    """Crossentropy of classes; targets are integers."""

    order: ClassVar[tuple[str, ...]] = ("from_logits", "ignore_class", "reduction")
    from_logits: bool = False
    ignore_class: int | None = None
    axis: int = -1
