"""Clipped gradients."""

from __future__ import annotations

from collections.abc import Sequence

from specc.expressions import LINE_LENGTH, Code
from specc.targets.torch.training.feature import Feature, Training, indented
from specc.targets.torch.weights import Weight


def clipping(at: Training) -> Feature:
    """Clip gradients as Keras does: `clipnorm` each weight by itself."""
    optimizer, add = at.fit.optimizer, at.constants.add
    lines: tuple[str, ...] = ()
    if optimizer.clipnorm is not None:
        lines = _each(at.model.weights, add("CLIPNORM", optimizer.clipnorm))
    elif optimizer.global_clipnorm is not None:
        bound = add("GLOBAL_CLIPNORM", optimizer.global_clipnorm)
        lines = (f"nn.utils.clip_grad_norm_(model.parameters(), {bound})",)
    elif optimizer.clipvalue is not None:
        bound = add("CLIPVALUE", optimizer.clipvalue)
        lines = (f"nn.utils.clip_grad_value_(model.parameters(), {bound})",)
    return Feature(before_step=lines)


def _each(weights: Sequence[Weight], bound: Code) -> tuple[str, ...]:
    rows = [w for w in weights if w.row is not None]
    clip = f"    nn.utils.clip_grad_norm_(parameter, {bound})"
    if rows:
        return (*_paired(rows), "for parameter in [*others, *biases]:", clip)
    return ("for parameter in model.parameters():  # each by itself, as in Keras", clip)


def _paired(rows: Sequence[Weight]) -> tuple[str, ...]:
    """Return the lines that name what Keras holds as one weight, and the other weights."""
    groups: dict[str, list[str]] = {}
    for weight in rows:
        groups.setdefault(weight.variable.path, []).append(weight.tensor)
    pairs = [f"({', '.join(group)})" for group in groups.values()]
    line = f"biases = [{', '.join(pairs)}]"
    short = len(line) <= LINE_LENGTH - 12
    return (
        "# each by itself, as in Keras, which holds the two biases of a GRU as one",
        *([line] if short else ["biases = [", *indented(f"{pair}," for pair in pairs), "]"]),
        "paired = {id(bias) for pair in biases for bias in pair}",
        "others = (p for p in model.parameters() if id(p) not in paired)",
    )
