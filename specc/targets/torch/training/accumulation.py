"""Accumulated gradients: an update after each few batches."""

from __future__ import annotations

from specc.expressions import Code
from specc.program import AnyOptimizer
from specc.targets.torch.training.feature import Argument, Feature, Training
from specc.targets.view import Constants


def interval(optimizer: AnyOptimizer, constants: Constants) -> Code | None:
    """Return the number of batches for each update as a constant, or None for one."""
    steps = optimizer.gradient_accumulation_steps
    return constants.once("ACCUMULATION_STEPS", steps) if steps else None


def accumulation(at: Training) -> Feature:
    """Update after each few batches, by the mean of their gradients."""
    steps = interval(at.fit.optimizer, at.constants)
    if steps is None:
        return Feature()
    return Feature(
        backward=(f"(loss / {steps}).backward()",),
        guard=(f"if number % {steps} == 0:",),
        with_step=("optimizer.zero_grad()",),
    )


def batch_numbers(at: Training) -> Feature:
    """Count batches from 1 over all epochs, where something depends on the count."""
    optimizer = at.fit.optimizer
    counts = optimizer.gradient_accumulation_steps, optimizer.ema_overwrite_frequency
    if counts == (None, None):
        return Feature()
    start = "start=1 + epoch * len(loader)"
    return Feature(
        arguments=(Argument("epoch", "int"),),
        batches=(
            f"batches = enumerate(tqdm(loader, leave=False, disable=None), {start})",
            "for number, (inputs, targets) in batches:",
        ),
    )
