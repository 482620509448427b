# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 4a0a26d4f9fddb14, text 877c2d38c3f93644
"""The model decoder.

Input: (N, 32). Output: (N, 1, 84, 84).
"""

import torch
import torch.nn.functional as F
from torch import nn


class Decoder(nn.Module):
    """The model decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(32, 98)
        self.conv2d_transpose_1 = nn.ConvTranspose2d(2, 8, 3, stride=2)
        self.conv2d_transpose_2 = nn.ConvTranspose2d(8, 4, 4, stride=2, padding=1)
        self.conv2d_transpose_3 = nn.ConvTranspose2d(
            4, 1, 2, stride=3, output_padding=1
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)
        for layer in (
            self.conv2d_transpose_1,
            self.conv2d_transpose_2,
            self.conv2d_transpose_3,
        ):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.get_parameter("bias"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.dense(x))
        x = x.reshape(-1, 7, 7, 2)
        x = x.permute(0, 3, 1, 2)  # channels first
        x = self.conv2d_transpose_1(x)[:, :, :-1, :-1]  # TensorFlow cuts the end
        x = F.relu(x)
        x = F.relu(self.conv2d_transpose_2(x))
        return torch.sigmoid(self.conv2d_transpose_3(x))


if __name__ == "__main__":
    print(Decoder())
