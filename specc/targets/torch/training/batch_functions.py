"""Functions of a batch: the loss, the weighted loss, and metrics that are means over samples."""

from __future__ import annotations

from specc.expressions import Expression, statement
from specc.targets.torch.ends import Ends
from specc.targets.torch.training.feature import Feature, Training
from specc.targets.torch.training.losses import loss_body
from specc.targets.view import Section


class BatchFunction(Section):
    """A function of what the model gives for a batch.

    Attributes:
        what: What it returns.
    """

    template = "torch/training/batch_function.py.jinja"
    signature: tuple[str, ...]
    what: str
    before: tuple[str, ...]
    value: str


def batch_function(
    ends: Ends, function: str, what: str, body: tuple[list[str], Expression]
) -> BatchFunction:
    """Return a function of a batch, of what stands before its value and the value."""
    before, value = body
    signature = tuple(ends.signature(function))
    return BatchFunction(signature, what, tuple(before), statement("return ", value, 4))


def title(word: str) -> str:
    """Return what prose calls a loss or metric."""
    title = word.replace("_", " ").replace("kl ", "Kullback-Leibler ")
    for name in ("poisson", "dice", "tversky"):
        title = title.replace(name, name.capitalize())
    title = title.replace("ctc", "CTC")
    ends = ("huber", "poisson", "hinge", "dice", "tversky", "circle", "ctc")
    return f"{title} loss" if word.endswith(ends) else title


def loss(at: Training) -> Feature:
    """Define the loss."""
    word = at.fit.head.loss.word
    negated = "negated " if word == "cosine_similarity" else ""
    what = f"{negated}{title(word)} of a batch"
    return Feature(
        sections=(batch_function(at.ends, "loss_fn", what, loss_body(at.fit, at.ends, False)),)
    )
