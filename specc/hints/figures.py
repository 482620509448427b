"""Which figure of a training a monitor most likely meant."""

from __future__ import annotations

import re
from collections.abc import Mapping

from specc.diagnostics import nearest
from specc.spec.catalogue import CATALOGUE, load

_VALIDATION = re.compile(r"(val|valid|validation|eval|test|dev)[_/. -]+(.+)")
_TRAINING = re.compile(r"(train|training|tr)[_/. -]+(.+)")


def figure_meant(monitor: str, figures: Mapping[str, object], validates: bool) -> str | None:
    """Return the hint about a monitor that no figure of a training has, or None.

    Arguments:
        figures: The metrics of the training by their names, without the loss.
        validates: Whether the training reports them for validation, too.
    """
    match = _VALIDATION.fullmatch(monitor)
    training = _TRAINING.fullmatch(monitor)
    base = match[2] if match else training[2] if training else monitor
    known = ("loss", *figures)
    same = base if base in known else _alias(base, figures) or nearest(base, known)
    if same is None:
        word = nearest(base, CATALOGUE["metric"]) if base not in CATALOGUE["metric"] else base
        return f"add {word} to metrics" if word else None
    name = f"val_{same}" if match else same
    lacks = match is not None and not validates
    if name == monitor:
        return "set validation_split in training" if lacks else None
    needs = ", which needs validation_split" if lacks else ""
    if same == nearest(base, known):
        return f"did you mean {name!r}{needs}?"
    return f"it is called {name!r}{needs}"


def _alias(base: str, figures: Mapping[str, object]) -> str | None:
    """Return the figure of the metric of which `base` is another name, or None."""
    cls = load("metric", base)
    return next((name for name, metric in figures.items() if cls and type(metric) is cls), None)
