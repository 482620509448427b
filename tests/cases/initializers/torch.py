# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 5fed9d438511ad95, text 3b48d14977ff9016
"""The model initializers.

Input: (N, 8). Output: (N, 8).
"""

import math

import torch
from torch import nn

SEED = 5


def truncated_normal_(
    weight: torch.Tensor, std: float, generator: torch.Generator | None = None
) -> None:
    """Draw from Keras' truncated normal, whose deviation after the cut is `std`."""
    std /= 0.87962566103423978
    nn.init.trunc_normal_(weight, std=std, a=-2 * std, b=2 * std, generator=generator)


class Initializers(nn.Module):
    """The model initializers."""

    def __init__(self) -> None:
        super().__init__()
        self.dense_1 = nn.Linear(8, 8)
        self.dense_2 = nn.Linear(8, 8)
        self.dense_3 = nn.Linear(8, 8)
        self.dense_4 = nn.Linear(8, 8)
        self.dense_5 = nn.Linear(8, 8)
        self.dense_6 = nn.Linear(8, 8, bias=False)
        self.dense_7 = nn.Linear(8, 8)
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        # he_normal
        truncated_normal_(
            self.dense_1.weight,
            std=math.sqrt(2 / 8),
            generator=torch.Generator().manual_seed(1),
        )
        nn.init.ones_(self.dense_1.bias)
        nn.init.orthogonal_(
            self.dense_2.weight, gain=2.0, generator=torch.Generator().manual_seed(2)
        )
        nn.init.zeros_(self.dense_2.bias)
        nn.init.eye_(self.dense_3.weight).mul_(0.5)
        nn.init.constant_(self.dense_3.bias, 0.1)
        # variance_scaling
        nn.init.uniform_(self.dense_4.weight, -math.sqrt(9 / 8), math.sqrt(9 / 8))
        nn.init.uniform_(self.dense_4.bias, -0.1, 0.1)
        nn.init.trunc_normal_(
            self.dense_5.weight,
            mean=0.1,
            std=0.2,
            a=-0.30000000000000004,
            b=0.5,
            generator=torch.Generator().manual_seed(3),
        )
        # he_uniform
        nn.init.uniform_(self.dense_5.bias, -math.sqrt(6 / 8), math.sqrt(6 / 8))
        truncated_normal_(self.dense_6.weight, std=math.sqrt(2 / 16))  # glorot_normal
        nn.init.kaiming_uniform_(
            self.dense_7.weight,
            nonlinearity="linear",
            generator=torch.Generator().manual_seed(4),
        )
        nn.init.zeros_(self.dense_7.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.dense_1(x)
        x = self.dense_2(x)
        x = self.dense_3(x)
        x = self.dense_4(x)
        x = self.dense_5(x)
        x = self.dense_6(x)
        return self.dense_7(x)


if __name__ == "__main__":
    torch.manual_seed(SEED)
    print(Initializers())
