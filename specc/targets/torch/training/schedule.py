"""The schedule of the learning rate."""

from __future__ import annotations

from specc.expressions import statement
from specc.targets.torch.training.feature import Argument, Feature, Training
from specc.targets.view import Section


class BuildScheduler(Section):
    """The functions that make the scheduler.

    Attributes:
        function: The name of the function that gives shares of `base`, or None.
        body: Its lines.
    """

    template = "torch/training/schedule.py.jinja"
    function: str | None
    base: str
    body: tuple[str, ...]
    comment: str | None
    scheduler: str


def schedule(at: Training) -> Feature:
    """Change the learning rate with each update."""
    found = at.schedule
    if found is None:
        return Feature()
    scheduler = statement("return ", found.value, 4)
    section = BuildScheduler(found.function, found.base, found.body, found.comment, scheduler)
    return Feature(
        sections=(section,),
        setup=("scheduler = build_scheduler(optimizer)",),
        arguments=(Argument("scheduler", "torch.optim.lr_scheduler.LRScheduler"),),
        with_step=("scheduler.step()",),
    )
