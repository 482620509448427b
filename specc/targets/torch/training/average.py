"""The moving average of the weights (EMA)."""

from __future__ import annotations

from specc.targets.torch.training.accumulation import interval
from specc.targets.torch.training.feature import Argument, Feature, Training
from specc.targets.view import Section


class UseAverage(Section):
    """The function that sets the weights to their average."""

    template = "torch/training/average.py.jinja"
    class_name: str


def average(at: Training) -> Feature:
    """Average the weights after each batch, and use the average at the end."""
    if not at.fit.optimizer.use_ema:
        return Feature()
    momentum = at.constants.add("EMA_MOMENTUM", at.fit.optimizer.ema_momentum)
    average = f"AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn({momentum}))"
    return Feature(
        after_sections=(UseAverage(at.program.class_name),),
        setup=(f"average = {average}",),
        arguments=(Argument("average", "AveragedModel"),),
        after_step=_after_step(at),
        finish=("use_average(model, average)",),
    )


def _after_step(at: Training) -> tuple[str, ...]:
    """Return the lines that update the average after each batch.

    Keras averages on every batch, also on those that only accumulate, from its first update on;
    `ema_overwrite_frequency` counts updates (keras.optimizers.Optimizer, measured).
    """
    optimizer, steps = at.fit.optimizer, interval(at.fit.optimizer, at.constants)
    lines: tuple[str, ...] = ("average.update_parameters(model)",)
    if steps:
        lines = (f"if number >= {steps}:", f"    {lines[0]}")
    if optimizer.ema_overwrite_frequency is None:
        return lines
    frequency = at.constants.add("EMA_OVERWRITE_FREQUENCY", optimizer.ema_overwrite_frequency)
    count = f"((number - 1) // {steps} + 1)" if steps else "number"
    use = "    use_average(model, average)"
    return (*lines, f"if {count} % {frequency} == 0:", use)
