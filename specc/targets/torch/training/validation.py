"""Validation: the last samples are kept to evaluate on."""

from __future__ import annotations

from specc.targets.torch.training.feature import Feature, Training
from specc.targets.view import Text


def validation(at: Training) -> Feature:
    """Keep the last samples to evaluate on after each epoch."""
    if not at.fit.training.validation_split:
        return Feature()
    return Feature(
        data=(Text("torch/training/validation.py.jinja"),),
        after_training=(
            "validation = evaluate(model, val_loader, device)",
            'figures |= {f"val_{name}": value for name, value in validation.items()}',
        ),
    )
