# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 198478b5756fe307, text a75ebe06b02b6905
"""Directions that differ, and a dropout of each.

Input: (N, 12, 4). Output: (N, 2).
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn


class KerasLSTM(nn.Module):
    """An LSTM of any activations.

    Takes sequences (N, T, features) and gives the outputs of all steps, (N, T, units).
    """

    def __init__(
        self,
        features: int,
        units: int,
        bias: bool = True,
        activation: Callable[[torch.Tensor], torch.Tensor] = torch.tanh,
        recurrent_activation: Callable[[torch.Tensor], torch.Tensor] = torch.sigmoid,
    ) -> None:
        super().__init__()
        self.input = nn.Linear(features, 4 * units, bias)
        self.recurrent = nn.Linear(units, 4 * units, bias=False)
        self.activation = activation
        self.recurrent_activation = recurrent_activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = c = x.new_zeros(len(x), self.recurrent.in_features)
        outputs = []
        for step in self.input(x).unbind(dim=1):
            i, f, g, o = (step + self.recurrent(h)).chunk(4, dim=1)
            i, f, o = (self.recurrent_activation(gate) for gate in (i, f, o))
            c = f * c + i * self.activation(g)
            h = o * self.activation(c)
            outputs.append(h)
        return torch.stack(outputs, dim=1)


class BidirectionalGru(nn.Module):
    """Directions that differ, and a dropout of each."""

    def __init__(self) -> None:
        super().__init__()
        self.bidirectional_1 = nn.ModuleList(
            [nn.GRU(4, 6, batch_first=True), nn.GRU(4, 6, batch_first=True)]
        )
        self.bidirectional_2 = nn.ModuleList(
            [KerasLSTM(6, 5, activation=F.softsign), nn.RNN(6, 5, batch_first=True)]
        )
        self.bidirectional_2[1].bias_hh_l0.requires_grad_(False)  # Keras has one bias
        self.dense = nn.Linear(10, 2)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in self.bidirectional_1:
            nn.init.xavier_uniform_(layer.get_parameter("weight_ih_l0"))
            nn.init.orthogonal_(layer.get_parameter("weight_hh_l0"))
            nn.init.zeros_(layer.get_parameter("bias_ih_l0"))
            nn.init.zeros_(layer.get_parameter("bias_hh_l0"))
        nn.init.xavier_uniform_(self.bidirectional_2.get_parameter("0.input.weight"))
        nn.init.orthogonal_(self.bidirectional_2.get_parameter("0.recurrent.weight"))
        nn.init.zeros_(self.bidirectional_2.get_parameter("0.input.bias"))
        # unit_forget_bias
        nn.init.ones_(self.bidirectional_2.get_parameter("0.input.bias").chunk(4)[1])
        nn.init.xavier_uniform_(self.bidirectional_2.get_parameter("1.weight_ih_l0"))
        nn.init.orthogonal_(self.bidirectional_2.get_parameter("1.weight_hh_l0"))
        nn.init.zeros_(self.bidirectional_2.get_parameter("1.bias_ih_l0"))
        nn.init.zeros_(self.bidirectional_2.get_parameter("1.bias_hh_l0"))
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # the same features at all steps, as in Keras
        dropped = x * F.dropout(torch.ones_like(x[:, :1]), 0.2, self.training)
        ahead, _ = self.bidirectional_1[0](dropped)
        dropped = x * F.dropout(torch.ones_like(x[:, :1]), 0.2, self.training)
        back, _ = self.bidirectional_1[1](dropped.flip(1))
        x = (ahead + back.flip(1)) / 2
        ahead = self.bidirectional_2[0](x)[:, -1]
        _, h = self.bidirectional_2[1](x.flip(1))
        back = h[-1]
        x = torch.cat([ahead, back], dim=1)
        return self.dense(x)


if __name__ == "__main__":
    print(BidirectionalGru())
