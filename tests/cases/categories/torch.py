# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 27478138e9a48dd7, text 4bef5df72b1fe254
"""Ages in bins, embedded, and postcodes that a vocabulary names.

Input: (N, 6). Output: (N, 3).
"""

import torch
import torch.nn.functional as F
from torch import nn


class Normalization(nn.Module):
    """`(x - mean) / sqrt(variance)`, or with `invert` the way back."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(
        self, mean: torch.Tensor, variance: torch.Tensor, invert: bool = False
    ) -> None:
        super().__init__()
        self.invert = invert
        self.register_buffer("mean", mean, persistent=False)
        self.register_buffer("std", variance.sqrt().clamp(min=1e-7), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.invert:
            return x * self.std + self.mean
        return (x - self.mean) / self.std


class Discretization(nn.Module):
    """The bin, from 0, in which each number lies; a boundary lies in the upper one."""

    boundaries: torch.Tensor

    def __init__(self, boundaries: list[float]) -> None:
        super().__init__()
        self.register_buffer("boundaries", torch.tensor(boundaries), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.bucketize(x.contiguous(), self.boundaries, right=True)


class IntegerLookup(nn.Module):
    """The value of each key; what is no key has the value `unknown`, or is an error."""

    keys: torch.Tensor
    values: torch.Tensor

    def __init__(
        self,
        keys: list[int] | range,
        values: list[int] | range,
        unknown: int | None = None,
    ) -> None:
        super().__init__()
        ordered, order = torch.tensor(keys).sort()
        self.unknown = unknown
        self.register_buffer("keys", ordered, persistent=False)
        self.register_buffer("values", torch.tensor(values)[order], persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.long().contiguous()
        places = torch.searchsorted(self.keys, x).clamp(max=len(self.keys) - 1)
        known = self.keys[places] == x
        if self.unknown is None:
            if not known.all():
                raise ValueError(
                    f"not in the vocabulary: {x[~known].unique().tolist()}"
                )
            return self.values[places]
        return torch.where(known, self.values[places], self.unknown)


class Categories(nn.Module):
    """Ages in bins, embedded, and postcodes that a vocabulary names."""

    def __init__(self) -> None:
        super().__init__()
        self.bins = Discretization([18.0, 30.0, 45.0, 65.0])
        self.known = IntegerLookup([3, 0, 1, 2, 4], range(5))
        self.embedding = nn.Embedding(5, 8)
        self.flatten = nn.Flatten()
        self.dense = nn.Linear(48, 6)
        self.thirds = Discretization([-0.5, 0.5])
        self.normalization = Normalization(
            torch.tensor([2.0, 2.0, 2.0]), torch.tensor([1.0, 2.0, 1.0]), invert=True
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        nn.init.uniform_(self.embedding.weight, -0.05, 0.05)
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.bins(x)
        x = self.known(x)
        x = self.embedding(x)
        x = self.flatten(x)
        x = torch.tanh(self.dense(x))
        x = self.thirds(x)
        x = F.one_hot(x, 3).sum(dim=1).float()
        return self.normalization(x)


if __name__ == "__main__":
    print(Categories())
