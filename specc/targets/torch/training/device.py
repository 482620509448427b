"""Where a program computes, and how it holds images there."""

from __future__ import annotations

from specc.targets.torch.layout import outside
from specc.targets.torch.training.feature import Feature, Training


def device(at: Training) -> Feature:
    """Make the model on the GPU where there is one; convolutions have channels last."""
    held = outside(at.program, at.program.input.shape)
    convert = "nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)"
    return Feature(
        start=('device = torch.device("cuda" if torch.cuda.is_available() else "cpu")',),
        setup=(
            f"model = {at.program.class_name}().to(device)",
            *([convert] if at.model.convolves and held.first else []),
        ),
    )
