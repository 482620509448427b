"""Metrics that are means over samples, and the figures of an epoch."""

from __future__ import annotations

from specc.expressions import Code, literal, statement
from specc.program import Figure, Fit
from specc.targets.torch.training.batch_functions import BatchFunction, batch_function, title
from specc.targets.torch.training.feature import Feature, Training
from specc.targets.torch.training.losses import metric_body
from specc.targets.view import Text


def means(fit: Fit) -> list[Figure]:
    """Return the metrics that are means over samples."""
    return [figure for figure in fit.figures if figure.metric.is_mean]


def is_complete(fit: Fit) -> bool:
    """Tell whether all figures of an epoch are means over samples."""
    return all(figure.metric.is_mean for figure in fit.figures)


def weighs_by_mask(at: Training) -> bool:
    """Tell whether metrics weigh by what a mask leaves."""
    return at.ends.masked and bool(means(at.fit))


def metrics(at: Training) -> Feature:
    """Define the metrics that are means over samples; functions are named after their words."""
    words = [figure.written.word for figure in means(at.fit)]
    names = [_function(word, words[:n].count(word)) for n, word in enumerate(words)]
    found = zip(names, words, means(at.fit), strict=True)
    return Feature(
        sections=tuple(_metric(at, name, word, figure) for name, word, figure in found),
        before_epoch=_before_epoch(at),
        figures=tuple(f"{name}({at.ends.arguments})" for name in names),
    )


def _function(word: str, before_it: int) -> str:
    return f"{word}_{before_it + 1}" if before_it else word


def _metric(at: Training, name: str, word: str, figure: Figure) -> BatchFunction:
    body = metric_body(figure.metric, at.ends)
    return batch_function(at.ends, name, f"{title(word)} of a batch", body)


def _before_epoch(at: Training) -> tuple[str, ...]:
    if not weighs_by_mask(at):
        return ("totals, samples = torch.zeros(len(FIGURES), device=device), 0",)
    return (
        "totals = torch.zeros(len(FIGURES), device=device)",
        "counts = torch.zeros_like(totals)",
    )


def totals(at: Training, figures: str) -> tuple[str, ...]:
    """Return the lines that add the figures of a batch to those of the epoch."""
    if not weighs_by_mask(at):
        return (f"totals += len(inputs) * {figures}", "samples += len(inputs)")
    return (
        "weights = figure_weights(mask)",
        f"totals += weights * {figures}",
        "counts += weights",
    )


def masked_metrics(at: Training) -> Feature:
    """Define by how much each figure of a batch counts."""
    if not weighs_by_mask(at):
        return Feature()
    return Feature(sections=(Text("torch/training/figure_weights.py.jinja"),))


def result(at: Training) -> tuple[str, ...]:
    """Return the lines that return an epoch's figures in the order of the spec."""
    count = "counts.clamp(min=1)" if weighs_by_mask(at) else "samples"
    found = f"dict(zip(FIGURES, (totals / {count}).tolist(), strict=True))"
    kinds = [figure.metric.is_mean for figure in at.fit.figures]
    if all(kinds):
        return (f"return {found}",)
    others = "{name: metric.compute().item() for name, metric in metrics.items()}"
    lines = (f"means = {found}", f"others = {others}")
    if kinds == sorted(kinds, reverse=True):
        return (*lines, "return means | others")
    names = literal(("loss", *(figure.name for figure in at.fit.figures)))
    ordered = Code(f"{{name: both[name] for name in {names}}}")
    return (*lines, "both = means | others", statement("return ", ordered, 4))
