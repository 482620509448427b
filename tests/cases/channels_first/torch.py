# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 153faefd15a4767c, text 3de4e440f390f9bb
"""The model channels_first.

Input: (N, 3, 8, 6). Output: (N, 2).
"""

import torch
import torch.nn.functional as F
from torch import nn


class ChannelsFirst(nn.Module):
    """The model channels_first."""

    def __init__(self) -> None:
        super().__init__()
        self.conv2d = nn.Conv2d(3, 4, 3)
        # The running variance is the unbiased one, n / (n - 1) of Keras'.
        self.batch_normalization = nn.BatchNorm2d(4, eps=0.001, momentum=0.01)
        self.max_pooling2d = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.dense = nn.Linear(24, 2)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        nn.init.xavier_uniform_(self.conv2d.weight)
        nn.init.zeros_(self.conv2d.get_parameter("bias"))
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv2d(x))
        x = self.batch_normalization(x)
        x = self.max_pooling2d(x)
        x = self.flatten(x)
        return F.softmax(self.dense(x), dim=1)


if __name__ == "__main__":
    print(ChannelsFirst())
