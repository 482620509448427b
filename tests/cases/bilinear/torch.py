# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 97863ba21581e13b, text e60098d98fe3d472
"""The model bilinear.

Input: (N, 3, 8, 9). Output: (N, 1, 6, 9).
"""

import torch
import torch.nn.functional as F
from torch import nn


class Bilinear(nn.Module):
    """The model bilinear."""

    def __init__(self) -> None:
        super().__init__()
        self.conv2d_1 = nn.Conv2d(3, 4, 3, padding="same")
        self.max_pooling2d = nn.MaxPool2d(2)
        self.cropping2d = nn.ZeroPad2d((-1, 0, 0, -1))
        self.up_sampling2d = nn.Upsample(scale_factor=(2, 3), mode="bilinear")
        self.conv2d_2 = nn.Conv2d(4, 1, 1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.conv2d_1, self.conv2d_2):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.get_parameter("bias"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv2d_1(x))
        x = self.max_pooling2d(x)
        x = self.cropping2d(x)  # negative: cuts off
        x = self.up_sampling2d(x)
        return torch.sigmoid(self.conv2d_2(x))


if __name__ == "__main__":
    print(Bilinear())
