"""The decoupled weight decay that the optimizer of PyTorch does not do."""

from __future__ import annotations

from specc.targets.torch.training.feature import Feature, Training, indented


def decay(at: Training) -> Feature:
    """Decay weights before the update, as Keras does."""
    found, scheduled = at.update, at.schedule is not None
    if found.decay is None:
        return Feature()
    rate = "rate" if scheduled else dict(found.value.kwargs)["lr"]
    inner: tuple[str, ...] = (f"parameter.mul_(1 - {rate} * {found.decay})",)
    if at.model.frozen:
        inner = ("if parameter.requires_grad:", *indented(inner))
    return Feature(
        before_step=(
            *(('rate = optimizer.param_groups[0]["lr"]',) if scheduled else ()),
            "with torch.no_grad():  # decoupled weight decay, of biases too, as in Keras",
            "    for parameter in model.parameters():",
            *indented(indented(inner)),
        )
    )
