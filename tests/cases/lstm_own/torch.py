# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 9e084e7a18eebf3c, text 4d74186fa0bfa125
"""LSTM layers with dropout of the state and activations of their own.

Input: (N, 10, 3). Output: (N, 1).
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn


class KerasLSTM(nn.Module):
    """An LSTM with Keras' dropout: a mask for each gate, the same at all steps.

    Takes sequences (N, T, features) and gives the outputs of all steps, (N, T, units).
    """

    def __init__(
        self,
        features: int,
        units: int,
        bias: bool = True,
        activation: Callable[[torch.Tensor], torch.Tensor] = torch.tanh,
        recurrent_activation: Callable[[torch.Tensor], torch.Tensor] = torch.sigmoid,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.input = nn.Linear(features, 4 * units, bias)
        self.recurrent = nn.Linear(units, 4 * units, bias=False)
        self.activation = activation
        self.recurrent_activation = recurrent_activation
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = c = x.new_zeros(len(x), self.recurrent.in_features)
        ones = x.new_ones(4, len(x), 1, x.shape[2])
        x = x * F.dropout(ones, self.dropout, self.training)
        x = x @ self.input.weight.unflatten(0, (4, 1, -1)).mT
        if self.input.bias is not None:
            x = x + self.input.bias.unflatten(0, (4, 1, 1, -1))
        kernels = self.recurrent.weight.unflatten(0, (4, -1)).mT
        ones = h.new_ones(4, *h.shape)
        masks = F.dropout(ones, self.recurrent_dropout, self.training)
        outputs = []
        for step in x.unbind(dim=2):
            i, f, g, o = step + (h * masks) @ kernels
            i, f, o = (self.recurrent_activation(gate) for gate in (i, f, o))
            c = f * c + i * self.activation(g)
            h = o * self.activation(c)
            outputs.append(h)
        return torch.stack(outputs, dim=1)


class LstmOwn(nn.Module):
    """LSTM layers with dropout of the state and activations of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm_1 = KerasLSTM(3, 8, dropout=0.1, recurrent_dropout=0.2)
        self.lstm_2 = KerasLSTM(
            8, 4, activation=F.softsign, recurrent_activation=F.hardsigmoid
        )
        self.dense = nn.Linear(4, 1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.lstm_1, self.lstm_2):
            nn.init.xavier_uniform_(layer.input.weight)
            nn.init.orthogonal_(layer.recurrent.weight)
            nn.init.zeros_(layer.input.bias)
            nn.init.ones_(layer.input.bias.chunk(4)[1])  # unit_forget_bias
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.lstm_1(x)
        x = self.lstm_2(x)[:, -1]
        return self.dense(x)


if __name__ == "__main__":
    print(LstmOwn())
