"""Keras' losses and metrics of distances in PyTorch (docs/semantics.md, section 9)."""

from __future__ import annotations

from collections.abc import Callable

from specc.expressions import Code, call, literal
from specc.spec.losses import CategoricalGeneralizedCrossEntropy, Huber
from specc.spec.word import Loss, Metric, Word
from specc.targets.torch.ends import EPSILON, Values

_TARGETS = Code("targets")


def distance(word: Loss | Metric, outputs: Code, dim: int) -> Values:
    """Return how far outputs are from targets, `dim` being PyTorch's dimension of the last axis."""
    return _DISTANCES[word.word](word, outputs, dim)


def _squared(word: Word, outputs: Code, dim: int) -> Values:
    """F.mse_loss."""
    return Values(call("F.mse_loss", outputs, _TARGETS))


def _absolute(word: Word, outputs: Code, dim: int) -> Values:
    """F.l1_loss."""
    return Values(call("F.l1_loss", outputs, _TARGETS))


def _huber(word: Huber, outputs: Code, dim: int) -> Values:
    """F.huber_loss."""
    delta = None if word.delta == 1 else literal(word.delta)
    return Values(call("F.huber_loss", outputs, _TARGETS, delta=delta))


def _percentage(word: Word, outputs: Code, dim: int) -> Values:
    """The formula: PyTorch has no such loss."""
    size = f"targets.abs().clamp(min={EPSILON})"
    return Values(Code(f"(100 * ({outputs} - targets) / {size}).abs()"))


def _logarithmic(word: Word, outputs: Code, dim: int) -> Values:
    """F.mse_loss of logarithms."""
    clamped = f"clamp(min={EPSILON})"
    before = (
        f"outputs = torch.log1p({outputs}.{clamped})",
        f"targets = torch.log1p(targets.{clamped})",
    )
    return Values(call("F.mse_loss", Code("outputs"), _TARGETS), before)


def _log_cosh(word: Word, outputs: Code, dim: int) -> Values:
    """The formula in a form that does not overflow."""
    before = (f"errors = {outputs} - targets",)
    return Values(Code("(errors + F.softplus(-2 * errors) - math.log(2))"), before)


def _poisson(word: Word, outputs: Code, dim: int) -> Values:
    """F.poisson_nll_loss, whose epsilon has another default."""
    rate, epsilon = literal(False), Code(EPSILON)
    return Values(call("F.poisson_nll_loss", outputs, _TARGETS, log_input=rate, eps=epsilon))


def _divergence(word: Word, outputs: Code, dim: int) -> Values:
    """The formula: F.kl_div takes logarithms, and Keras clips both sides."""
    before = (
        f"outputs = {outputs}.clamp({EPSILON}, 1)",
        f"targets = targets.clamp({EPSILON}, 1)",
    )
    return Values(Code(f"(targets * (targets / outputs).log()).sum(dim={dim})"), before, True)


def _cosine(word: Word, outputs: Code, dim: int) -> Values:
    """F.cosine_similarity, negated as a loss."""
    found = call("F.cosine_similarity", outputs, _TARGETS, dim=literal(dim), eps=Code(EPSILON))
    return Values(Code(f"{'-' if isinstance(word, Loss) else ''}{found}"), by_sample=True)


_SIGNS = (
    "binary = ((targets == 0) | (targets == 1)).all()  # then 0 counts as -1, as in Keras",
    "targets = torch.where(binary, 2 * targets - 1, targets)",
)


def _hinge(word: Word, outputs: Code, dim: int) -> Values:
    """The formula: F.hinge_embedding_loss is another one."""
    return Values(Code(f"F.relu(1 - targets * {outputs})"), _SIGNS)


def _squared_hinge(word: Word, outputs: Code, dim: int) -> Values:
    """The formula."""
    return Values(Code(f"F.relu(1 - targets * {outputs}).square()"), _SIGNS)


def _categorical_hinge(word: Word, outputs: Code, dim: int) -> Values:
    """The formula: F.multi_margin_loss adds up all wrong classes, Keras takes the best one."""
    before = (
        f"right = (targets * {outputs}).sum(dim={dim})",
        f"wrong = ((1 - targets) * {outputs}).amax(dim={dim})",
    )
    return Values(Code("F.relu(wrong - right + 1)"), before, True)


def _pearson(word: Word, outputs: Code, dim: int) -> Values:
    """The formula: torchmetrics correlates over samples, Keras within each."""
    before = (
        *_centred(outputs, dim),
        f"covariance = (outputs * targets).mean(dim={dim})",
        f"spread = outputs.square().mean(dim={dim}) * targets.square().mean(dim={dim})",
    )
    return Values(Code("(covariance / spread.sqrt())"), before, True)


def _concordance(word: Word, outputs: Code, dim: int) -> Values:
    """The formula: torchmetrics correlates over samples, Keras within each."""
    before = (
        f"distance = ({outputs}.mean(dim={dim}) - targets.mean(dim={dim})).square()",
        *_centred(outputs, dim),
        f"covariance = (outputs * targets).mean(dim={dim})",
        f"spread = (outputs.square() + targets.square()).mean(dim={dim}) + distance",
    )
    return Values(Code(f"(2 * covariance / (spread + {EPSILON}))"), before, True)


def _centred(outputs: Code, dim: int) -> tuple[str, str]:
    return (
        f"outputs = {outputs} - {outputs}.mean(dim={dim}, keepdim=True)",
        f"targets = targets - targets.mean(dim={dim}, keepdim=True)",
    )


def _generalized(word: CategoricalGeneralizedCrossEntropy, outputs: Code, dim: int) -> Values:
    """The formula: PyTorch has no such loss."""
    before = (f"right = {outputs}.gather({dim}, targets.unsqueeze({dim})).squeeze({dim})",)
    q = literal(word.q)
    return Values(Code(f"((1 - right**{q}) / {q})"), before, True)


_DISTANCES: dict[str, Callable[..., Values]] = {
    "mean_squared_error": _squared,
    "mean_absolute_error": _absolute,
    "huber": _huber,
    "mean_absolute_percentage_error": _percentage,
    "mean_squared_logarithmic_error": _logarithmic,
    "log_cosh": _log_cosh,
    "log_cosh_error": _log_cosh,
    "poisson": _poisson,
    "kl_divergence": _divergence,
    "cosine_similarity": _cosine,
    "hinge": _hinge,
    "squared_hinge": _squared_hinge,
    "categorical_hinge": _categorical_hinge,
    "pearson_correlation": _pearson,
    "concordance_correlation": _concordance,
    "categorical_generalized_cross_entropy": _generalized,
}
