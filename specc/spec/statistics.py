"""Keras' metrics that are no means over samples: counts, curves, scores of classes.

Each accumulates over an epoch what its figure is made of (https://keras.io/api/metrics).
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from specc.shapes import UNKNOWN, Shape, ShapeError, text
from specc.spec.editor import INTEGER, NULL, NUMBER, at_least, between, list_of, takes
from specc.spec.limits import BITS, ONE_HOT, Limits, numbers_below
from specc.spec.types import Integers, NonNegativeInt, PositiveFloat, PositiveInt, Rate, expected
from specc.spec.word import Metric


class Statistic(Metric, is_mean=False):
    """A metric whose figure of an epoch is no mean over samples."""


def _one_threshold(value: object) -> object:
    if isinstance(value, tuple):
        if len(value) != 1:
            raise expected("one threshold from 0 to 1, as several give several figures")
        value = value[0]
    return value


def _edges(value: tuple[float, ...]) -> tuple[float, ...]:
    if not value or not all(0 <= edge <= 1 for edge in value):
        raise expected("a list of numbers from 0 to 1")
    return value


def _weights(value: tuple[float, ...]) -> tuple[float, ...]:
    if not all(weight >= 0 for weight in value):
        raise expected("a list of numbers of at least 0")
    return value


_SHARES = (between(0, 1), NULL)
Threshold = Annotated[
    Rate | None,
    BeforeValidator(_one_threshold),
    takes(*_SHARES, list_of({"anyOf": list(_SHARES)}, 1, 1)),
]
Edges = Annotated[tuple[float, ...], AfterValidator(_edges), takes(list_of(between(0, 1), 1))]
LabelWeights = Annotated[
    tuple[float, ...], AfterValidator(_weights), takes(list_of(at_least(0, NUMBER)))
]
Average = Literal["micro", "macro", "weighted"]


def _check_class(class_id: int | None, output: Shape) -> None:
    if class_id is not None and class_id >= output[-1]:
        what = f"a class from 0 to {output[-1] - 1}, as the output is {text(output)}"
        raise ShapeError(f"expected {what}, found {class_id}", "class_id")


def _check_vector(word: str, output: Shape) -> None:
    if len(output) != 1:
        message = f"{word} expects a vector for each sample, found {text(output)}"
        raise ShapeError(message, None, "put a flatten before the last layer")
    if output[-1] is UNKNOWN:
        raise ShapeError(f"{word} expects a known number of units, found {text(output)}")


class _Count(Statistic, direction="", entries=BITS):
    """How many answers are of one kind; an output above `thresholds` says 1."""

    thresholds: Threshold = None


class TruePositives(_Count, word="true_positives"):
    """How many outputs are above the threshold where the target is 1."""


class FalsePositives(_Count, word="false_positives"):
    """How many outputs are above the threshold where the target is 0."""


class TrueNegatives(_Count, word="true_negatives"):
    """How many outputs are not above the threshold where the target is 0."""


class FalseNegatives(_Count, word="false_negatives"):
    """How many outputs are not above the threshold where the target is 1."""


class _Share(Statistic, direction="up", entries=BITS):
    """A share of right answers.

    `thresholds`: An output above it says 1; 0.5, or with `top_k` none. `top_k`: The largest outputs
    of a sample alone say 1. `class_id`: That entry of the last axis alone counts.
    """

    thresholds: Threshold = None
    top_k: PositiveInt | None = None
    class_id: NonNegativeInt | None = None

    def check(self, output: Shape, targets: str) -> None:
        _check_class(self.class_id, output)
        if self.top_k is not None and self.top_k > output[-1]:
            message = f"expected at most the {output[-1]} of {text(output)}, found {self.top_k}"
            raise ShapeError(message, "top_k")


class Precision(_Share, word="precision"):
    """The share of right ones in what is said to be 1."""


class Recall(_Share, word="recall"):
    """The share of what is 1 that is said to be."""


def _several(value: object) -> object:
    if value == 1:
        raise expected("at least 2 thresholds, as one leaves nothing to choose from")
    return value


Thresholds = Annotated[PositiveInt, BeforeValidator(_several), takes(at_least(2))]


class BestAt(Statistic, direction="up", entries=BITS):
    """The best of one share over all thresholds at which another one is large enough."""

    @property
    def least(self) -> float:
        """How large the other share must be."""
        value: float = getattr(self, self.parameters()[0])
        return value

    def check(self, output: Shape, targets: str) -> None:
        _check_class(getattr(self, "class_id", None), output)


class SensitivityAtSpecificity(BestAt, word="sensitivity_at_specificity"):
    """The best share of found positives, where enough negatives are seen as such."""

    specificity: Rate
    num_thresholds: Thresholds = 200
    class_id: NonNegativeInt | None = None


class SpecificityAtSensitivity(BestAt, word="specificity_at_sensitivity"):
    """The best share of negatives seen as such, where enough positives are found."""

    sensitivity: Rate
    num_thresholds: Thresholds = 200
    class_id: NonNegativeInt | None = None


class PrecisionAtRecall(BestAt, word="precision_at_recall"):
    """The best precision, where the recall is large enough."""

    recall: Rate
    num_thresholds: Thresholds = 200
    class_id: NonNegativeInt | None = None


class RecallAtPrecision(BestAt, word="recall_at_precision"):
    """The best recall, where the precision is large enough."""

    precision: Rate
    num_thresholds: Thresholds = 200
    class_id: NonNegativeInt | None = None


class AUC(Statistic, word="auc", direction="up", entries=BITS):
    """The area under a curve over thresholds, even ones or `thresholds`.

    `multi_label`: The mean of the areas of each entry of the output, weighted by `label_weights`;
    without it these weigh the entries of one curve.
    """

    num_thresholds: Annotated[int, Field(gt=1)] = 200
    curve: Literal["ROC", "PR", "PRGAIN", "roc", "pr", "prgain"] = "ROC"
    summation_method: Literal[
        "interpolation", "minoring", "majoring", "Interpolation", "Minoring", "Majoring"
    ] = "interpolation"
    thresholds: Edges | None = None
    multi_label: bool = False
    num_labels: PositiveInt | None = None
    label_weights: LabelWeights | None = None
    from_logits: bool = False

    def edges(self) -> tuple[float, ...]:
        """Return the thresholds between those at both ends, or nothing where they are even."""
        inner = tuple(sorted(self.thresholds or ()))
        last = len(inner) + 1
        even = (abs(edge - n / last) <= 1e-7 + 1e-5 * n / last for n, edge in enumerate(inner, 1))
        return () if all(even) else inner

    def check(self, output: Shape, targets: str) -> None:
        if self.multi_label or self.label_weights is not None:
            _check_vector("auc of labels", output)
        if self.num_labels is not None and not self.multi_label:
            raise ShapeError("num_labels needs multi_label: true", "num_labels")
        for name, number in (
            ("num_labels", self.num_labels),
            ("label_weights", None if self.label_weights is None else len(self.label_weights)),
        ):
            if number not in (None, output[-1]):
                message = f"expected {output[-1]} labels, as the output has, found {number}"
                raise ShapeError(message, name)


class FScore(Statistic, direction="up", entries=BITS):
    """The harmonic mean of precision and recall of each class.

    `threshold`: An output above it says 1; without it the largest output of a sample does.
    """

    average: Average | None = None
    threshold: Annotated[float, Field(gt=0, le=1)] | None = None

    def check(self, output: Shape, targets: str) -> None:
        if self.average is None:
            message = f"{self.word} without average gives a figure for each class, expected one"
            raise ShapeError(message, None, f"write {self.word}: {{average: macro}}")
        _check_vector(self.word, output)

    def slip(self, output: Shape) -> tuple[str, str] | None:
        if output[-1] > 1 or self.threshold is not None:
            return None
        message = f"{self.word} without threshold takes every output of one unit for a 1"
        return message, "set threshold: 0.5"


class F1Score(FScore, word="f1_score", keras_name="f1_score"):
    """The harmonic mean of precision and recall."""


class FBetaScore(FScore, word="f_beta_score", keras_name="fbeta_score"):
    """The harmonic mean of precision and recall, where recall counts `beta` times."""

    order: ClassVar[tuple[str, ...]] = ("average", "beta")
    beta: PositiveFloat = 1.0


class Overlap(Statistic, direction="up", entries=ONE_HOT):
    """The mean, over classes, of their overlap in outputs and targets over their union.

    Classes that are in neither do not count. `sparse_y_true`, `sparse_y_pred`: Whether targets and
    outputs are numbers of classes, and not one entry for each class. `ignore_class`: Targets of
    that class do not count.
    """

    def classes(self) -> Sequence[int]:
        """Return the classes that count: a range, as long as it may be, where all do."""
        found: tuple[int, ...] | None = getattr(self, "target_class_ids", None)
        return range(self.number()) if found is None else found

    def number(self) -> int:
        """Return the number of classes."""
        number: int = getattr(self, "num_classes", 2)
        return number

    def limits(self, output: Shape) -> Limits:
        if getattr(self, "sparse_y_true", False):
            return numbers_below(self.number(), getattr(self, "ignore_class", None))
        return super().limits(output)

    def takes(self) -> tuple[str, ...]:
        return ("classes", "values") if getattr(self, "sparse_y_true", False) else ("values",)

    def check(self, output: Shape, targets: str) -> None:
        ids: tuple[int, ...] = getattr(self, "target_class_ids", None) or ()
        beyond = [c for c in ids if not 0 <= c < self.number()]
        if beyond:
            message = f"expected classes from 0 to {self.number() - 1}, found {beyond[0]}"
            raise ShapeError(message, "target_class_ids")
        if getattr(self, "axis", -1) != -1:
            raise ShapeError(f"expected -1, found {getattr(self, 'axis', -1)}", "axis")
        numbers = getattr(self, "sparse_y_true", False), getattr(self, "sparse_y_pred", False)
        if targets == "classes" and numbers[1]:
            message = f"{self.word} takes the output for numbers of classes"
            raise ShapeError(message, "sparse_y_pred", "set sparse_y_pred: false")
        if targets == "values" and numbers[0] > numbers[1]:
            message = f"{self.word} takes targets for numbers of classes, the output for one-hot"
            raise ShapeError(message, "sparse_y_pred", "set sparse_y_true: false")
        if targets == "values" and numbers[0] < numbers[1]:
            message = f"{self.word} takes the output for numbers of classes, targets for one-hot"
            raise ShapeError(message, "sparse_y_pred", "set sparse_y_pred: false")
        if not numbers[1] and self.number() != output[-1]:
            message = f"expected {output[-1]}, as the output has, found {self.number()}"
            raise ShapeError(message, "num_classes")

    def slip(self, output: Shape) -> tuple[str, str] | None:
        if not getattr(self, "sparse_y_pred", False):
            return None
        message = f"{self.word} cuts outputs to integers, so all from 0 to 1 count as class 0"
        return message, "use binary_io_u for probabilities, or set sparse_y_pred: false"


def _ids(value: tuple[int, ...]) -> tuple[int, ...]:
    if not value:
        raise expected("a list of classes")
    return value


Ids = Annotated[Integers, AfterValidator(_ids), takes(list_of(INTEGER, 1))]


class IoU(Overlap, word="io_u"):
    """The mean overlap of the classes `target_class_ids`."""

    num_classes: PositiveInt
    target_class_ids: Ids
    ignore_class: int | None = None
    sparse_y_true: bool = True
    sparse_y_pred: bool = True
    axis: int = -1


class MeanIoU(Overlap, word="mean_io_u"):
    """The mean overlap of all classes."""

    num_classes: PositiveInt
    ignore_class: int | None = None
    sparse_y_true: bool = True
    sparse_y_pred: bool = True
    axis: int = -1


class OneHotIoU(Overlap, word="one_hot_io_u"):
    """The mean overlap of the classes `target_class_ids`; targets are one-hot."""

    num_classes: PositiveInt
    target_class_ids: Ids
    ignore_class: int | None = None
    sparse_y_pred: bool = False
    axis: int = -1


class OneHotMeanIoU(Overlap, word="one_hot_mean_io_u"):
    """The mean overlap of all classes; targets are one-hot."""

    num_classes: PositiveInt
    ignore_class: int | None = None
    sparse_y_pred: bool = False
    axis: int = -1


class BinaryIoU(Overlap, word="binary_io_u", entries=BITS):
    """The mean overlap of 0 and 1; an output from `threshold` on says 1."""

    target_class_ids: Ids = (0, 1)
    threshold: float = 0.5

    def check(self, output: Shape, targets: str) -> None:
        beyond = [c for c in self.target_class_ids if c not in (0, 1)]
        if beyond:
            raise ShapeError(f"expected the classes 0 and 1, found {beyond[0]}", "target_class_ids")


class RootMeanSquaredError(Statistic, word="root_mean_squared_error"):
    """The root of the mean of `(y - p)**2`."""


class R2Score(Statistic, word="r2_score", direction="up", keras_name="r2_score"):
    """The share of the targets' variance that the outputs explain, the mean over outputs.

    `class_aggregation`: `variance_weighted_average` weighs each by the variance of its targets.
    """

    refused: ClassVar[dict[str, str]] = {
        **Statistic.refused,
        "num_regressors": "Keras cannot compute the adjusted score in a training",
    }
    class_aggregation: Literal["uniform_average", "variance_weighted_average"] | None = (
        "uniform_average"
    )

    def check(self, output: Shape, targets: str) -> None:
        if self.class_aggregation is None:
            message = f"{self.word} without class_aggregation gives several figures, expected one"
            raise ShapeError(message, "class_aggregation")
        _check_vector(self.word, output)
