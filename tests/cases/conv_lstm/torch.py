# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 8c5466e1b2293b4c, text 092514dae7b6d090
"""The next frame of a video, and what a dropout drops within its gates.

Input: (N, 3, 5, 9, 8). Output: (N, 3, 9, 8).
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

EPOCHS = 2
BATCH_SIZE = 32
SHAPES = {"x": ((5, 9, 8, 3),), "y": ((9, 8, 3),)}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (-3.4e38, 3.4e38)}
EXPECTED = {"x": "finite numbers", "y": "finite numbers"}
CONV_LSTM2D_2_L2 = 0.0001
FIGURES = ("loss",)


def each_step(layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Call a layer once for each step, axis 1 of `x`, as Keras does."""
    return torch.stack([layer(step) for step in x.unbind(1)], dim=1)


class ConvLSTM2d(nn.Module):
    """An LSTM whose products with weights are convolutions.

    Takes each step as a sample, (N * steps, channels, ...). Gives the output of the
    last step, (N, filters, ...), or with `return_sequences` of all, again as samples.
    Dropout has a mask for each gate, the same at all steps, as in Keras.
    """

    def __init__(
        self,
        channels: int,
        filters: int,
        kernel_size: int | tuple[int, int],
        steps: int,
        stride: int | tuple[int, int] = 1,
        padding: str | int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        bias: bool = True,
        activation: Callable[[torch.Tensor], torch.Tensor] = torch.tanh,
        recurrent_activation: Callable[[torch.Tensor], torch.Tensor] = torch.sigmoid,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        go_backwards: bool = False,
    ) -> None:
        super().__init__()
        self.input = nn.Conv2d(
            4 * channels, 4 * filters, kernel_size, stride, padding, dilation, 4, bias
        )
        self.recurrent = nn.Conv2d(
            4 * filters, 4 * filters, kernel_size, padding="same", groups=4, bias=False
        )
        self.steps = steps
        self.activation = activation
        self.recurrent_activation = recurrent_activation
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.return_sequences = return_sequences
        self.go_backwards = go_backwards

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.cat([x] * 4, dim=1).unflatten(0, (-1, self.steps))
        x = x * F.dropout(torch.ones_like(x[:, :1]), self.dropout, self.training)
        x = self.input(x.flatten(0, 1)).unflatten(0, (-1, self.steps))
        h = c = torch.zeros_like(x[:, 0].chunk(4, dim=1)[0])
        mask = torch.ones_like(torch.cat([h] * 4, dim=1))
        mask = F.dropout(mask, self.recurrent_dropout, self.training)
        outputs = []
        steps = x.unbind(dim=1)
        for step in reversed(steps) if self.go_backwards else steps:
            gates = step + self.recurrent(torch.cat([h] * 4, dim=1) * mask)
            i, f, g, o = gates.chunk(4, dim=1)
            i, f, o = (self.recurrent_activation(gate) for gate in (i, f, o))
            c = f * c + i * self.activation(g)
            h = o * self.activation(c)
            outputs.append(h)
        if self.return_sequences:
            h = torch.stack(outputs, dim=1).flatten(0, 1)
        return h


class ConvLstm(nn.Module):
    """The next frame of a video, and what a dropout drops within its gates."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_lstm2d_1 = ConvLSTM2d(
            3, 4, 3, 5, padding="same", return_sequences=True
        )
        # The running variance is the unbiased one, n / (n - 1) of Keras'.
        self.time_distributed = nn.BatchNorm2d(4, eps=0.001, momentum=0.01)
        self.conv_lstm2d_2 = ConvLSTM2d(
            4,
            4,
            3,
            5,
            padding="same",
            activation=F.relu,
            recurrent_activation=F.hardsigmoid,
            dropout=0.2,
        )
        self.conv2d = nn.Conv2d(4, 3, 3, padding="same")
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.conv_lstm2d_1, self.conv_lstm2d_2):
            nn.init.xavier_uniform_(layer.input.weight)
            nn.init.orthogonal_(layer.recurrent.weight)
            nn.init.zeros_(layer.get_parameter("input.bias"))
            # unit_forget_bias
            nn.init.ones_(layer.get_parameter("input.bias").chunk(4)[1])
        nn.init.xavier_uniform_(self.conv2d.weight)
        nn.init.zeros_(self.conv2d.get_parameter("bias"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.transpose(1, 2).flatten(0, 1)  # each step as a sample
        x = self.conv_lstm2d_1(x)
        x = each_step(self.time_distributed, x.unflatten(0, (-1, 5))).flatten(0, 1)
        x = self.conv_lstm2d_2(x)
        return torch.sigmoid(self.conv2d(x))


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    return ~((low <= array) & (array <= high))  # true for NaN


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Return the four arrays; raise ValueError where one is not as expected."""
    names = ("x_train", "y_train", "x_test", "y_test")
    try:
        with np.load(path) as file:
            arrays = {name: np.asarray(file[name]) for name in names if name in file}
    except Exception as error:
        message = f"{path}: expected an npz file of numbers: {error}"
        raise ValueError(message) from error
    for name in names:
        shapes = SHAPES[name[0]]
        shape = " or ".join(str(("N", *shape)) for shape in shapes).replace("'", "")
        if name not in arrays:
            raise ValueError(f"{path}: no array {name}, expected one of shape {shape}")
        array = arrays[name]
        if array.ndim == 0 or array.shape[1:] not in shapes or array.size == 0:
            found = f"{name} has shape {array.shape}"
            raise ValueError(f"{path}: {found}, expected {shape}")
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{path}: {name} holds {array.dtype}, expected numbers")
        wrong = outside(name[0], array)
        if wrong.any():
            place = np.unravel_index(wrong.argmax(), wrong.shape)
            found = f"{name}{[int(n) for n in place]} is {array[place]}"
            raise ValueError(f"{path}: {found}, expected {EXPECTED[name[0]]}")
    for x, y in (("x_train", "y_train"), ("x_test", "y_test")):
        if len(arrays[x]) != len(arrays[y]):
            found = f"{x} has {len(arrays[x])} rows, but {y} {len(arrays[y])}"
            raise ValueError(f"{path}: {found}")
    return arrays


def to_dataset(x: np.ndarray, y: np.ndarray) -> TensorDataset:
    """Return inputs and targets as the model and the loss take them."""
    inputs = torch.from_numpy(x.astype(np.float32)).permute(0, 4, 1, 2, 3)
    targets = (
        torch.from_numpy(y.astype(np.float32)).reshape(-1, 9, 8, 3).permute(0, 3, 1, 2)
    )
    return TensorDataset(inputs, targets)


def loss_fn(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error of a batch."""
    return F.mse_loss(outputs, targets)


@torch.no_grad()
def l2_penalty(model: ConvLstm) -> torch.Tensor:
    """Return the L2 of the loss, whose gradient is the optimizer's weight decay."""
    return CONV_LSTM2D_2_L2 * model.conv_lstm2d_2.input.weight.square().sum()


def build_optimizer(model: ConvLstm) -> torch.optim.Optimizer:
    """Return Adam for the weights of the model."""
    others = [
        p
        for name, p in model.named_parameters()
        if name != "conv_lstm2d_2.input.weight"
    ]
    parameters: list[dict[str, Any]] = [
        # L2 0.0001 on conv_lstm2d_2: d/dW of 0.0001 * sum(W * W) is 0.0002 * W
        {
            "params": [model.conv_lstm2d_2.input.weight],
            "weight_decay": 2 * CONV_LSTM2D_2_L2,
        },
        {"params": others},
    ]
    # PyTorch adds epsilon after the bias correction of the second moment, Keras before.
    return torch.optim.Adam(parameters, eps=1e-07, fused=True)


def train_one_epoch(
    model: ConvLstm,
    loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
) -> dict[str, float]:
    """Train on each batch once; return the means of the figures over all samples."""
    model.train()
    totals, samples = torch.zeros(len(FIGURES), device=device), 0
    for inputs, targets in tqdm(loader, leave=False, disable=None):
        inputs, targets = inputs.to(device), targets.to(device)
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        figures = [loss + l2_penalty(model)]
        totals += len(inputs) * torch.stack(figures).detach()
        samples += len(inputs)
        optimizer.step()
    return dict(zip(FIGURES, (totals / samples).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: ConvLstm,
    loader: DataLoader,
    device: torch.device,
) -> dict[str, float]:
    """Return the means of the figures over all samples."""
    model.eval()
    totals, samples = torch.zeros(len(FIGURES), device=device), 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        outputs = model(inputs)
        loss = loss_fn(outputs, targets) + l2_penalty(model)
        figures = [loss]
        totals += len(inputs) * torch.stack(figures)
        samples += len(inputs)
    return dict(zip(FIGURES, (totals / samples).tolist(), strict=True))


def describe(figures: dict[str, float]) -> str:
    """Return figures as one line."""
    return " - ".join(f"{name}: {value:.4f}" for name, value in figures.items())


def check_path(path: str) -> None:
    """Make a file's folder, or leave with a line that says why it cannot be written."""
    partial = Path(f"{path}.partial")
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.touch()
        partial.unlink()
    except OSError as error:
        sys.exit(f"{path}: {error}")
    if Path(path).exists() and not Path(path).is_file():
        sys.exit(f"{path}: expected a file, found a folder or a device")


def save(state: dict[str, Any], path: str) -> None:
    """Write a file beside its place, then move it there: it is whole, old or new."""
    partial = Path(f"{path}.partial")
    torch.save(state, partial)
    partial.replace(path)


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train conv_lstm.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained weights (.pt)")
    args = parser.parse_args()
    if args.epochs < 1:
        parser.error(f"argument --epochs: expected 1 or more, found {args.epochs}")
    if args.save is not None:
        check_path(args.save)

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    try:
        arrays = read_arrays(args.data)
    except ValueError as error:
        sys.exit(str(error))
    train_set = to_dataset(arrays["x_train"], arrays["y_train"])
    test_set = to_dataset(arrays["x_test"], arrays["y_test"])
    train_loader = DataLoader(train_set, batch_size=BATCH_SIZE, shuffle=True)

    model = ConvLstm().to(device)
    nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
    optimizer = build_optimizer(model)

    try:
        for epoch in range(args.epochs):
            figures = train_one_epoch(model, train_loader, optimizer, device)
            print(f"Epoch {epoch + 1}/{args.epochs} - {describe(figures)}")
        test_loader = DataLoader(test_set, batch_size=BATCH_SIZE)
        print(f"Test - {describe(evaluate(model, test_loader, device))}")
    except KeyboardInterrupt:
        if not args.save:
            raise
        save(model.state_dict(), args.save)
        print(f"Interrupted: {args.save} has the weights as they are", file=sys.stderr)
        sys.exit(130)
    if args.save:
        save(model.state_dict(), args.save)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
