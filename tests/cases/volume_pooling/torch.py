# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 4902e14dabf95ac9, text ea0e0912613830bb
"""The model volume_pooling.

Input: (N, 2, 9, 10, 11). Output: (N, 3).
"""

import torch
import torch.nn.functional as F
from torch import nn


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
        nn.init.xavier_uniform_(self.conv3d.weight)
        nn.init.zeros_(self.conv3d.get_parameter("bias"))
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

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
