"""Keras' metrics that are means of distances and of correlations (https://keras.io/api/metrics)."""

from specc.shapes import Shape, ShapeError
from specc.spec.limits import AT_LEAST_0, DISTRIBUTION, ONE_HOT, SIGNS
from specc.spec.word import Metric


class MeanAbsolutePercentageError(Metric, word="mean_absolute_percentage_error"):
    """Mean of `100 * abs((y - p) / y)`."""


class MeanSquaredLogarithmicError(
    Metric, word="mean_squared_logarithmic_error", entries=AT_LEAST_0
):
    """Mean of `(log(1 + y) - log(1 + p))**2`, negative values counting as 0."""


class LogCoshError(Metric, word="log_cosh_error"):
    """Mean of `log(cosh(p - y))`."""


class Poisson(Metric, word="poisson", entries=AT_LEAST_0):
    """Mean of `p - y * log(p)`."""


class KLDivergence(Metric, word="kl_divergence", entries=DISTRIBUTION):
    """Sum of `y * log(y / p)` over the classes."""


class CosineSimilarity(Metric, word="cosine_similarity", direction="up"):
    """The cosine between target and output: 1 is the best, where the loss has -1."""

    axis: int = -1


class Hinge(Metric, word="hinge", entries=SIGNS):
    """Mean of `max(1 - y * p, 0)`; a batch of 0 and 1 alone counts as -1 and 1."""


class SquaredHinge(Metric, word="squared_hinge", entries=SIGNS):
    """Mean of `max(1 - y * p, 0)**2`, targets as for `hinge`."""


class CategoricalHinge(Metric, word="categorical_hinge", entries=ONE_HOT):
    """The loss of that name as a figure."""


class _Correlation(Metric, kind="correlation", direction="up"):
    """A correlation along the last axis of each sample."""

    axis: int = -1

    def check(self, output: Shape, targets: str) -> None:
        super().check(output, targets)
        if output[-1] == 1:
            message = f"{self.word} correlates the entries of each sample, found one unit"
            raise ShapeError(message, None, "use r2_score for the correlation over samples")


class PearsonCorrelation(_Correlation, word="pearson_correlation"):
    """Pearson's correlation of output and target along the last axis, the mean over samples."""


class ConcordanceCorrelation(_Correlation, word="concordance_correlation"):
    """Lin's concordance of output and target along the last axis, the mean over samples."""
