# Made by specc 0.1.0 from autoencoder.yaml
# Change the spec, not this file. Digests: spec 2241208c1b1f4af1, text e10bb18316b41d9d
"""An autoencoder of 28x28 images with a code of 32 numbers.

Input: (N, 784). Output: (N, 784).
"""

import torch
import torch.nn.functional as F
from torch import nn


class Autoencoder(nn.Module):
    """An autoencoder of 28x28 images with a code of 32 numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.dense_1 = nn.Linear(784, 128)
        self.code = nn.Linear(128, 32)
        self.dense_3 = nn.Linear(32, 128)
        self.output = nn.Linear(128, 784)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.dense_1, self.code, self.dense_3, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.dense_1(x))
        x = F.relu(self.code(x))
        x = F.relu(self.dense_3(x))
        return torch.sigmoid(self.output(x))


if __name__ == "__main__":
    print(Autoencoder())
