"""Batches, and the order of samples in them."""

from __future__ import annotations

from specc.targets.torch.training.feature import Feature, Training
from specc.targets.view import Part, Section, Text


class TrainLoader(Section):
    """Makes batches, in an order that no seed sets."""

    template = "torch/training/train_loader.py.jinja"
    shuffles: bool


def batches(at: Training) -> Feature:
    """Cut the samples into batches; a seed sets their order on every device alike."""
    shuffles = at.fit.training.shuffle
    loader: Part = TrainLoader(shuffles)
    if shuffles and at.program.seed is not None:
        loader = Text("torch/training/seeded_loader.py.jinja")
    return Feature(data=(loader,))
