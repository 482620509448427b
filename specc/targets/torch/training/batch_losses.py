"""Keras' losses that look at a batch as a whole, in PyTorch (docs/semantics.md, section 9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from specc.expressions import Code, literal
from specc.targets.torch.ends import EPSILON, Ends, Values

if TYPE_CHECKING:
    from specc.spec.overall import CTC, Circle, Dice, Tversky


def _sum(axis: int | tuple[int, ...] | None, ends: Ends) -> str:
    dims = () if axis is None else ends.dims(axis)
    return f".sum({f'dim={literal(dims if len(dims) > 1 else dims[0])}' if dims else ''})"


def _dice(loss: Dice, ends: Ends) -> Values:
    """The formula: PyTorch has no such loss."""
    total = _sum(loss.axis, ends)
    before = (f"overlap = (targets * outputs){total}",)
    value = f"1 - 2 * overlap / (targets{total} + outputs{total} + {EPSILON})"
    return _ratio(value, before, loss.axis)


def _tversky(loss: Tversky, ends: Ends) -> Values:
    """The formula: PyTorch has no such loss."""
    total = _sum(loss.axis, ends)
    before = (
        f"overlap = (targets * outputs){total}",
        f"missed = (targets * (1 - outputs)){total}",
        f"wrong = ((1 - targets) * outputs){total}",
    )
    weighted = f"{literal(loss.alpha)} * missed + {literal(loss.beta)} * wrong"
    value = f"1 - overlap / (overlap + {weighted} + {EPSILON})"
    return _ratio(value, before, loss.axis)


def _ratio(value: str, before: tuple[str, ...], axis: int | tuple[int, ...] | None) -> Values:
    if axis is None:
        return Values(Code(value), before, alone=True)
    return Values(Code(f"({value})"), before, by_sample=True)


def _circle(loss: Circle, ends: Ends) -> Values:
    """The formula: PyTorch has no such loss."""
    gamma, margin = literal(loss.gamma), literal(loss.margin)
    pairs = "same.clone().fill_diagonal_(False)" if loss.remove_diagonal else "same"
    before = (
        "distances = (1 - outputs @ outputs.T).clamp(min=0)",
        "same = targets.unsqueeze(0) == targets.unsqueeze(1)",
        f"pairs = {pairs}",
        f"near = {gamma} * (distances + {margin}) * (distances - {margin})",
        f"far = {gamma} * (1 + {margin} - distances).clamp(min=0) * (1 - {margin} - distances)",
        "near = torch.where(pairs, near, -torch.inf).logsumexp(dim=1)",
        "far = torch.where(same, -torch.inf, far).logsumexp(dim=1)",
        "losses = F.softplus(near + far)  # 0 does not count: a label without a pair",
    )
    return Values(Code("losses"), before, by_sample=True, counts="losses > 0")


def _ctc(loss: CTC, ends: Ends) -> Values:
    """F.ctc_loss without its own mean, which divides by the numbers of labels."""
    before = (
        "steps = F.log_softmax(outputs, dim=2).transpose(0, 1)",
        "lengths = targets.new_full((len(outputs),), outputs.size(1))",
        "labels = (targets != 0).sum(dim=1)",
    )
    value = 'F.ctc_loss(steps, targets, lengths, labels, reduction="none")'
    return Values(Code(value), before, by_sample=True)


OVERALL: dict[str, Callable[..., Values]] = {
    "dice": _dice,
    "tversky": _tversky,
    "circle": _circle,
    "ctc": _ctc,
}
