"""Weights of classes: in training each sample counts with that of its class."""

from __future__ import annotations

from specc.expressions import Code, call, literal
from specc.targets.torch.training.batch_functions import batch_function
from specc.targets.torch.training.feature import Feature, Training
from specc.targets.torch.training.losses import loss_body

_MOST_LISTED = 1000  # classes whose weights a program names one by one


def class_weight(at: Training) -> Feature:
    """Weigh the loss of training by classes."""
    weights = at.fit.training.class_weight
    if weights is None:
        return Feature()
    head = at.fit.head
    classes = head.classes or max(2, head.target_shapes[0][-1])
    at.constants.add("CLASS_WEIGHT", _table(weights, classes))
    what = "loss of a batch, each sample by the weight of its class"
    body = loss_body(at.fit, at.ends, True)
    return Feature(
        sections=(batch_function(at.ends, "weighted_loss_fn", what, body),),
        losses=("weighted_loss_fn",),
    )


def _table(weights: dict[int, float], classes: int) -> Code:
    if classes <= _MOST_LISTED:
        listed = [float(weights.get(label, 1.0)) for label in range(classes)]
        return Code(str(call("torch.tensor", literal(listed))))
    known = {label: float(weight) for label, weight in weights.items() if label < classes}
    labels, values = literal(list(known)), literal(list(known.values()))
    places = f"0, torch.tensor({labels}), torch.tensor({values})"
    return Code(f"torch.ones({classes}){f'.scatter({places})' if known else ''}")
