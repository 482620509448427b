"""Keras' losses of distances between numbers (https://keras.io/api/losses)."""

from specc.spec.limits import AT_LEAST_0, DISTRIBUTION, ONE_HOT, SIGNS
from specc.spec.losses import KerasLoss


class MeanAbsolutePercentageError(
    KerasLoss, word="mean_absolute_percentage_error", kind="regression"
):
    """Mean of `100 * abs((y - p) / y)`."""


class MeanSquaredLogarithmicError(
    KerasLoss, word="mean_squared_logarithmic_error", kind="regression", entries=AT_LEAST_0
):
    """Mean of `(log(1 + y) - log(1 + p))**2`, negative values counting as 0."""


class LogCosh(KerasLoss, word="log_cosh", kind="regression"):
    """Mean of `log(cosh(p - y))`."""


class Poisson(KerasLoss, word="poisson", kind="counts", entries=AT_LEAST_0):
    """Mean of `p - y * log(p)`; the output is the expected count."""


class KLDivergence(
    KerasLoss, word="kl_divergence", kind="distribution", end="softmax", entries=DISTRIBUTION
):
    """Sum of `y * log(y / p)` over the classes; targets and outputs are probabilities."""


class CosineSimilarity(KerasLoss, word="cosine_similarity", kind="similarity"):
    """The cosine between target and output, negated, so that -1 is the best."""

    axis: int = -1


class Hinge(KerasLoss, word="hinge", kind="hinge", entries=SIGNS):
    """Mean of `max(1 - y * p, 0)`.

    Targets are -1 or 1. A batch that has only 0 and 1 is turned into those.
    """


class SquaredHinge(KerasLoss, word="squared_hinge", kind="hinge", entries=SIGNS):
    """Mean of `max(1 - y * p, 0)**2`, targets as for `hinge`."""


class CategoricalHinge(
    KerasLoss,
    word="categorical_hinge",
    kind="multiclass_hinge",
    entries=ONE_HOT,
    of_two="hinge",
):
    """By how much the best wrong class comes near the right one; targets are one-hot."""
