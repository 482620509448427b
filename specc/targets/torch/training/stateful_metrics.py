"""Metrics that are no means over samples: objects that take batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from specc.expressions import Code, call, literal, statement
from specc.program import Figure
from specc.targets.torch.training.feature import Feature, Training
from specc.targets.view import Section

if TYPE_CHECKING:
    from specc.targets.torch.training.accumulators import Accumulator


class StatefulMetrics(Section):
    """The functions of the metrics that are no means over samples."""

    template = "torch/training/stateful_metrics.py.jinja"
    outputs: str
    objects: tuple[str, ...]
    updates: tuple[str, ...]


def stateful_metrics(at: Training) -> Feature:
    """Define the metrics that are no means over samples, and give them each batch."""
    figures = [figure for figure in at.fit.figures if not figure.metric.is_mean]
    if not figures:
        return Feature()
    # Few programs have any, and to import the classes of all of them costs time.
    from specc.targets.torch.training.accumulators import accumulator, batch_of, own_sections

    batch = batch_of(at.program, at.fit, at.ends)
    found = [accumulator(figure.metric, batch) for figure in figures]
    section = StatefulMetrics(
        at.ends.outputs,
        objects=tuple(_objects(figures, found)),
        updates=(*_probabilities(at, found), *_updates(figures, found)),
    )
    return Feature(
        sections=(*own_sections(found), section),
        before_epoch=("metrics = build_metrics(device)",),
        after_forward=(f"update_metrics(metrics, {at.ends.outputs}, targets)",),
    )


def _objects(figures: Sequence[Figure], found: Sequence[Accumulator]) -> Iterator[str]:
    for figure, accumulator in zip(figures, found, strict=True):
        value = Code(f"{accumulator.value}.to(device)")
        yield statement(f"{literal(figure.name)}: ", value, 8, ",")


def _updates(figures: Sequence[Figure], found: Sequence[Accumulator]) -> Iterator[str]:
    for figure, accumulator in zip(figures, found, strict=True):
        function = f"metrics[{literal(figure.name)}].update"
        yield statement("", call(function, *map(Code, accumulator.inputs)), 4)


def _probabilities(at: Training, found: Sequence[Accumulator]) -> Iterator[str]:
    """Yield the line that makes what the Keras model gives, where some metrics take that."""
    if at.ends.logits and not all(accumulator.of_logits for accumulator in found):
        yield f"outputs = {at.ends.probabilities()}"
