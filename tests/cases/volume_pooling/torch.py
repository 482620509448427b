# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 4902e14dabf95ac9, text ab7dfdbdbac9b8ae
"""The model volume_pooling.

Input: (N, 2, 9, 10, 11). Output: (N, 3).
"""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812


class VolumePooling(nn.Module):
    """The model volume_pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.zero_padding3d = nn.ZeroPad3d((2, 0, 0, 0, 0, 1))
        self.conv3d = nn.Conv3d(2, 4, 2)
        self.max_pooling3d = nn.MaxPool3d(
            3, stride=2, padding=(1, 1, 0), ceil_mode=True
        )
        self.average_pooling3d = nn.AvgPool3d(
            3, stride=2, padding=(1, 1, 0), ceil_mode=True, count_include_pad=False
        )
        self.cropping3d = nn.ZeroPad3d((0, 0, 0, 0, -1, 0))
        self.up_sampling3d = nn.Upsample(scale_factor=(1, 2, 2))
        self.dense = nn.Linear(4, 3)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.conv3d, self.dense):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.zero_padding3d(x)
        x = F.relu(self.conv3d(x))
        x = self.max_pooling3d(x)
        x = self.average_pooling3d(x)
        x = self.cropping3d(x)  # negative: cuts off
        x = self.up_sampling3d(x)
        x = x.amax(dim=(2, 3, 4))
        return self.dense(x)


if __name__ == "__main__":
    print(VolumePooling())
