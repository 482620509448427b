# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec ab2a5ffadd48d22c, text 5563c2c4b5261049
"""The model activations.

Input: (N, 8). Output: (N, 4).
"""

import torch
import torch.nn.functional as F
from torch import nn


def sparsemax(x: torch.Tensor, dim: int) -> torch.Tensor:
    """Return Keras' sparsemax, whose rows may not sum to 1 as those of the paper do."""
    x = x.movedim(dim, -1)
    ordered = x.sort(dim=-1, descending=True).values
    sums = ordered.cumsum(dim=-1)
    ranks = torch.arange(1, x.size(-1) + 1, device=x.device)
    support = 1 + ranks * ordered > sums
    count = support.sum(dim=-1, keepdim=True)
    threshold = (torch.where(support, sums, 0.0).sum(dim=-1, keepdim=True) - 1) / count
    return F.relu(x - threshold).movedim(-1, dim)


class Activations(nn.Module):
    """The model activations."""

    def __init__(self) -> None:
        super().__init__()
        self.dense_1 = nn.Linear(8, 8)
        self.activation_2 = nn.ELU(0.5)
        self.dense_2 = nn.Linear(8, 8)
        self.activation_3 = nn.ReLU6()
        self.activation_8 = nn.Threshold(0.1, 0.2)
        self.activation_11 = nn.Softshrink(0.1)
        self.dense_3 = nn.Linear(8, 8)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.dense_1, self.dense_2, self.dense_3):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.leaky_relu(self.dense_1(x), 0.1)
        x = torch.where(x > 0.5, x, 0.0).clamp(max=6.0) - 0.1 * F.relu(0.5 - x)
        x = self.activation_2(x)
        x = F.gelu(self.dense_2(x), approximate="tanh")
        x = self.activation_3(x)
        x = (x + torch.sqrt(x.square() + 4.0)) / 2
        x = torch.where(x < 1, (x.clamp(min=-1) + 1).square() / 4, x)
        x = torch.clamp(x, -1.0, 1.0)
        x = F.hardtanh((x + 1) / 2, 0.0, 1.0)
        x = self.activation_8(x)
        x = torch.exp(x)
        x = sparsemax(x, dim=1)
        x = self.activation_11(x)
        return F.glu(self.dense_3(x), dim=1)


if __name__ == "__main__":
    print(Activations())
