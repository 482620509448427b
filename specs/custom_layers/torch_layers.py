"""Layers of one's own for PyTorch; specs name them by import path."""

import torch
from torch import nn


class MatMul(nn.Module):
    """x @ w, where w has the shape (features, units)."""

    def __init__(self, features: int, units: int) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.empty(features, units))
        nn.init.xavier_uniform_(self.w)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.w
