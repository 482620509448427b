"""Crossentropies as metrics, which Keras computes from logits whatever the loss."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Figure, Program, final_activation
from specc.spec.activations import Sigmoid
from specc.spec.word import Activation
from specc.validate import Places


def refuse_metrics(program: Program, places: Places) -> Iterator[Diagnostic]:
    """Yield which metrics need logits that a program trained on probabilities does not have."""
    fit = program.fit
    if fit is None:
        return
    end = final_activation(program.last)
    if end is None or fit.head.logits is not None:
        return
    for figure in fit.figures:
        if figure.metric.is_crossentropy:
            yield _of_logits(figure, end, fit.head.loss.word, places)


def _of_logits(figure: Figure, end: Activation, loss: str, places: Places) -> Diagnostic:
    word, place = figure.metric.word, places.of(figure.written)
    if figure.metric.of_classes != isinstance(end, Sigmoid):
        message = (
            f"Keras computes {word} from the logits, the PyTorch program from "
            "probabilities cut at 1e-7; they differ where outputs are saturated"
        )
        return Diagnostic("N107", message, place, None, "note")
    message = (
        f"Keras computes {word} from the logits of the {end.word} at the end, "
        f"which a program trained on {loss} does not have"
    )
    return Diagnostic("E502", message, place, "choose another metric")
