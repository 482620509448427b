# Made by specc 0.1.0 from dense_relu.yaml
# Change the spec, not this file. Digests: spec 9d535e9ae90d6acd, text 31863e322105087a
"""A single dense layer with ReLU.

Input: (N, 16). Output: (N, 32).
"""

import torch
import torch.nn.functional as F
from torch import nn


class DenseRelu(nn.Module):
    """A single dense layer with ReLU."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(16, 32)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.dense(x))


if __name__ == "__main__":
    print(DenseRelu())
