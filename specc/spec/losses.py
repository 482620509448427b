"""Keras' losses (https://keras.io/api/losses)."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from specc.shapes import Shape, ShapeError, text
from specc.spec.editor import NUMBER, at_least, takes
from specc.spec.word import Axes, Fraction, Loss, NonNegativeFloat, PositiveFloat, expected


def _reduction(value: Any) -> Any:
    if value in (None, "none"):
        raise expected("a reduction to the one number that training needs")
    return value


Reduction = Annotated[
    Literal["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight"],
    BeforeValidator(_reduction),
]


class _Common(Loss):
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


class MeanSquaredError(_Common, word="mean_squared_error"):
    """Mean of `(y - p)**2`."""


class MeanAbsoluteError(_Common, word="mean_absolute_error"):
    """Mean of `abs(y - p)`."""


class Huber(_Common, word="huber"):
    """Squared within `delta`, absolute beyond."""

    delta: PositiveFloat = 1.0


class MeanAbsolutePercentageError(_Common, word="mean_absolute_percentage_error"):
    """Mean of `100 * abs((y - p) / y)`."""


class MeanSquaredLogarithmicError(_Common, word="mean_squared_logarithmic_error"):
    """Mean of `(log(1 + y) - log(1 + p))**2`, negative values counting as 0."""


class LogCosh(_Common, word="log_cosh"):
    """Mean of `log(cosh(p - y))`."""


class Poisson(_Common, word="poisson"):
    """Mean of `p - y * log(p)`; the output is the expected count."""


class KLDivergence(_Common, word="kl_divergence", end="softmax"):
    """Sum of `y * log(y / p)` over the classes; targets and outputs are probabilities."""


class CosineSimilarity(_Common, word="cosine_similarity"):
    """The cosine between target and output, negated, so that -1 is the best."""

    axis: int = -1


class Hinge(_Common, word="hinge"):
    """Mean of `max(1 - y * p, 0)`.

    Targets are -1 or 1. A batch that has only 0 and 1 is turned into those.
    """


class SquaredHinge(_Common, word="squared_hinge"):
    """Mean of `max(1 - y * p, 0)**2`, targets as for `hinge`."""


class CategoricalHinge(_Common, word="categorical_hinge"):
    """By how much the best wrong class comes near the right one; targets are one-hot."""


class BinaryCrossentropy(_Common, word="binary_crossentropy", end="sigmoid"):
    """Crossentropy of independent probabilities; targets have the shape of the output."""

    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1


class CategoricalCrossentropy(_Common, word="categorical_crossentropy", end="softmax"):
    """Crossentropy of classes; targets are one-hot, of the shape of the output."""

    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1


def _alpha(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        raise expected("a number, as one for each class is not translated")
    return value


class BinaryFocalCrossentropy(_Common, word="binary_focal_crossentropy", end="sigmoid"):
    """Crossentropy of independent probabilities, each times `(1 - p)**gamma` of the right answer.

    `alpha` counts with `apply_class_balancing` alone: the weight of 1, `1 - alpha` that of 0.
    """

    apply_class_balancing: bool = False
    alpha: NonNegativeFloat = 0.25
    gamma: NonNegativeFloat = 2.0
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1


class CategoricalFocalCrossentropy(_Common, word="categorical_focal_crossentropy", end="softmax"):
    """Crossentropy of classes, times `alpha * (1 - p)**gamma`; targets are one-hot."""

    alpha: Annotated[NonNegativeFloat, BeforeValidator(_alpha), takes(at_least(0, NUMBER))] = 0.25
    gamma: NonNegativeFloat = 2.0
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1


class SparseCategoricalCrossentropy(
    _Common, word="sparse_categorical_crossentropy", end="softmax", targets="classes"
):
    """Crossentropy of classes; targets are integers."""

    order: ClassVar[tuple[str, ...]] = ("from_logits", "ignore_class", "reduction")
    from_logits: bool = False
    ignore_class: int | None = None
    axis: int = -1


class CategoricalGeneralizedCrossEntropy(
    _Common,
    word="categorical_generalized_cross_entropy",
    end="softmax",
    targets="classes",
    is_string=False,
):
    """`(1 - p**q) / q` of the probability of the right class; targets are integers.

    Between the crossentropy, which `q` near 0 gives, and the absolute error, which `q` near 1 does.
    """

    q: Annotated[float, Field(gt=0, lt=1)] = 0.5


class _Overlap(_Common, takes_mask=False):
    """What is summed over samples and entries before it is compared."""

    def check(self, output: Shape) -> None:
        axis, rank = getattr(self, "axis", None), len(output)
        axes = () if axis is None else axis if isinstance(axis, tuple) else (axis,)
        places = {a + rank + 1 if a < 0 else a for a in axes}
        if len(places) < len(axes) or not places <= set(range(rank + 1)):
            what = f"axes of {text(output)}, each once and 0 being the batch"
            raise ShapeError(f"expected {what}, found {text(axes)}", "axis")


class Dice(_Overlap, word="dice", end="sigmoid"):
    """1 less twice the overlap over the sum of both, each summed over all samples and entries.

    `axis`: Sums along these axes alone, 0 being the batch; the loss is then the mean over the rest.
    """

    order: ClassVar[tuple[str, ...]] = ("reduction", "axis")
    axis: Axes | None = None


class Tversky(_Overlap, word="tversky", end="sigmoid"):
    """As `dice`, where misses count `alpha` times and false alarms `beta` times."""

    order: ClassVar[tuple[str, ...]] = ("alpha", "beta", "reduction", "axis")
    alpha: NonNegativeFloat = 0.5
    beta: NonNegativeFloat = 0.5
    axis: Axes | None = None


class Circle(_Common, word="circle", targets="labels"):
    """Pulls the outputs of one label together and pushes those of two apart.

    Outputs are vectors of length 1, as `unit_normalization` gives; targets are integers. A sample
    without another of its label in the batch does not count.
    """

    gamma: NonNegativeFloat = 80.0
    margin: float = 0.4
    remove_diagonal: bool = True

    def check(self, output: Shape) -> None:
        if len(output) != 1:
            raise ShapeError(f"circle expects a vector for each sample, found {text(output)}")


class CTC(_Common, word="ctc", targets="sequences", takes_mask=False):
    """What aligns labels to the steps of a sequence, 0 being the class between two labels.

    Targets are integers `(N, labels)` from 1, with 0 behind the last one of a sample.
    """

    def check(self, output: Shape) -> None:
        if len(output) != 2:
            message = f"ctc expects logits for each step of a sequence, found {text(output)}"
            raise ShapeError(message)
