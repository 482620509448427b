# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 4b6e666b7c18e45a, text 24ad5fe897285ab9
"""The model sequence_pooling.

Input: (N, 30, 4). Output: (N, 3).
"""

import torch
from torch import nn


class SequencePooling(nn.Module):
    """The model sequence_pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.zero_padding1d = nn.ZeroPad1d((3, 0))
        self.conv1d = nn.Conv1d(4, 8, 4)
        self.max_pooling1d = nn.MaxPool1d(2)
        self.average_pooling1d = nn.AvgPool1d(3)
        self.up_sampling1d = nn.Upsample(scale_factor=3)
        self.cropping1d = nn.ZeroPad1d((0, -1))
        self.dense = nn.Linear(8, 3)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        nn.init.xavier_uniform_(self.conv1d.weight)
        nn.init.zeros_(self.conv1d.get_parameter("bias"))
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.transpose(1, 2)  # channels first
        x = self.zero_padding1d(x)
        x = torch.tanh(self.conv1d(x))
        x = self.max_pooling1d(x)
        x = self.average_pooling1d(x)
        x = self.up_sampling1d(x)
        x = self.cropping1d(x)  # negative: cuts off
        x = x.mean(dim=2)
        return self.dense(x)


if __name__ == "__main__":
    print(SequencePooling())
