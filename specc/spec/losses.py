"""Keras' losses (https://keras.io/api/losses)."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from specc.spec.editor import NUMBER, at_least, takes
from specc.spec.limits import DISTRIBUTION, SHARES
from specc.spec.types import Fraction, NonNegativeFloat, PositiveFloat, expected
from specc.spec.word import Loss


def _reduction(value: object) -> object:
    if value in (None, "none"):
        raise expected("a reduction to the one number that training needs")
    return value


Reduction = Annotated[
    Literal["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight"],
    BeforeValidator(_reduction),
]


class KerasLoss(Loss):
    """What every loss of Keras takes.

    `reduction`: `sum_over_batch_size` and `mean` divide the weighted sum by the number of values,
    `mean_with_sample_weight` by the sum of the weights.
    """

    name: str | None = Field(None, description="Its name in Keras.")
    reduction: Reduction = "sum_over_batch_size"

    @classmethod
    def parameters(cls) -> list[str]:
        """Return the arguments in Keras' order: those of the class before those of all."""
        own = (name for name in cls.model_fields if name not in ("name", "reduction"))
        return list(dict.fromkeys((*cls.order, *own, "reduction")))


class MeanSquaredError(KerasLoss, word="mean_squared_error", kind="regression"):
    """Mean of `(y - p)**2`."""


class MeanAbsoluteError(KerasLoss, word="mean_absolute_error", kind="regression"):
    """Mean of `abs(y - p)`."""


class Huber(KerasLoss, word="huber", kind="regression"):
    """Squared within `delta`, absolute beyond."""

    delta: PositiveFloat = 1.0


class BinaryCrossentropy(
    KerasLoss,
    word="binary_crossentropy",
    kind="multilabel",
    end="sigmoid",
    entries=SHARES,
    is_crossentropy=True,
):
    """Crossentropy of independent probabilities; targets have the shape of the output."""

    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1


class CategoricalCrossentropy(
    KerasLoss,
    word="categorical_crossentropy",
    kind="multiclass",
    end="softmax",
    entries=DISTRIBUTION,
    is_crossentropy=True,
):
    """Crossentropy of classes; targets are one-hot, of the shape of the output."""

    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1


def _alpha(value: object) -> object:
    if isinstance(value, (list, tuple)):
        raise expected("a number, as one for each class is not translated")
    return value


class BinaryFocalCrossentropy(
    KerasLoss,
    word="binary_focal_crossentropy",
    kind="multilabel",
    end="sigmoid",
    entries=SHARES,
    is_crossentropy=True,
):
    """Crossentropy of independent probabilities, each times `(1 - p)**gamma` of the right answer.

    `alpha` counts with `apply_class_balancing` alone: the weight of 1, `1 - alpha` that of 0.
    """

    apply_class_balancing: bool = False
    alpha: NonNegativeFloat = 0.25
    gamma: NonNegativeFloat = 2.0
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1

    def sees_logits(self) -> bool:
        # A sigmoid of its own hides where the output came from.
        return not self.from_logits


class CategoricalFocalCrossentropy(
    KerasLoss,
    word="categorical_focal_crossentropy",
    kind="multiclass",
    end="softmax",
    entries=DISTRIBUTION,
    is_crossentropy=True,
):
    """Crossentropy of classes, times `alpha * (1 - p)**gamma`; targets are one-hot."""

    alpha: Annotated[NonNegativeFloat, BeforeValidator(_alpha), takes(at_least(0, NUMBER))] = 0.25
    gamma: NonNegativeFloat = 2.0
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1

    def sees_logits(self) -> bool:
        return False  # it works on probabilities


class SparseCategoricalCrossentropy(
    KerasLoss,
    word="sparse_categorical_crossentropy",
    kind="multiclass",
    end="softmax",
    targets="classes",
    is_crossentropy=True,
):
    """Crossentropy of classes; targets are integers."""

    order: ClassVar[tuple[str, ...]] = ("from_logits", "ignore_class", "reduction")
    from_logits: bool = False
    ignore_class: int | None = None
    axis: int = -1

    def sees_logits(self) -> bool:
        return self.ignore_class is None  # its mask hides where the output came from


class CategoricalGeneralizedCrossEntropy(
    KerasLoss,
    word="categorical_generalized_cross_entropy",
    kind="multiclass",
    end="softmax",
    targets="classes",
    is_string=False,
):
    """`(1 - p**q) / q` of the probability of the right class; targets are integers.

    Between the crossentropy, which `q` near 0 gives, and the absolute error, which `q` near 1 does.
    """

    q: Annotated[float, Field(gt=0, lt=1)] = 0.5
