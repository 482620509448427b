"""A layer of one's own that takes an image, channels first."""

import torch
from torch import nn


class Permute(nn.Module):
    """Put the axes in another order, which `dims` counts as Keras does."""

    def __init__(self, dims: list[int]) -> None:
        super().__init__()
        place = {1: 2, 2: 3, 3: 1}
        height, width, channels = (place[d] for d in dims)
        self.order = (0, channels, height, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.permute(self.order)


class Path(nn.Identity):
    """A class of a name that the program has another use for."""
