# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 9707bf6fe02c6933, text 44b767f2b7675330
"""GRU layers over words, padding left out.

Input: (N, 12). Output: (N, 3), logits.
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
BATCH_SIZE = 4
SHAPES = {"x": ((12,),), "y": ((), (1,))}
RANGES = {"x": (0, 49), "y": (0, 2)}
EXPECTED = {"x": "whole numbers, 0 to 49", "y": "whole numbers, 0 to 2"}
LEARNING_RATE = 0.002
CLIPNORM = 1.0
FIGURES = ("loss", "accuracy")


def compact(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return sequences with the steps that count first, in their order."""
    order = mask.int().argsort(dim=1, descending=True, stable=True)
    return x.take_along_dim(order.unsqueeze(2), dim=1)


def spread(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return outputs of compact sequences at the steps of the mask.

    As in Keras, a step that does not count repeats the output before it, 0 at first.
    """
    places = mask.cumsum(dim=1).unsqueeze(2)
    return F.pad(x, (0, 0, 1, 0)).take_along_dim(places, dim=1)


class ResetBeforeGRU(nn.Module):
    """A GRU that resets the state before the product with the kernel; nn.GRU after it.

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
        self.input = nn.Linear(features, 3 * units, bias)
        self.recurrent = nn.Linear(units, 3 * units, bias=False)
        self.activation = activation
        self.recurrent_activation = recurrent_activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = x.new_zeros(len(x), self.recurrent.in_features)
        kz, kr, kn = self.recurrent.weight.unflatten(0, (3, -1)).mT
        outputs = []
        for step in self.input(x).unbind(dim=1):
            xz, xr, xn = step.chunk(3, dim=1)
            z = self.recurrent_activation(xz + h @ kz)
            r = self.recurrent_activation(xr + h @ kr)
            h = z * h + (1 - z) * self.activation(xn + (r * h) @ kn)
            outputs.append(h)
        return torch.stack(outputs, dim=1)


class Gru(nn.Module):
    """GRU layers over words, padding left out."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(50, 8)
        self.gru_1 = nn.GRU(8, 10, batch_first=True)
        self.gru_2 = ResetBeforeGRU(10, 6, activation=F.relu)
        self.dense = nn.Linear(6, 3)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        nn.init.uniform_(self.embedding.weight, -0.05, 0.05)
        nn.init.xavier_uniform_(self.gru_1.get_parameter("weight_ih_l0"))
        nn.init.orthogonal_(self.gru_1.get_parameter("weight_hh_l0"))
        nn.init.zeros_(self.gru_1.get_parameter("bias_ih_l0"))
        nn.init.zeros_(self.gru_1.get_parameter("bias_hh_l0"))
        nn.init.xavier_uniform_(self.gru_2.input.weight)
        nn.init.orthogonal_(self.gru_2.recurrent.weight)
        nn.init.zeros_(self.gru_2.input.bias)
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mask = x != 0
        x = self.embedding(x)
        x, _ = self.gru_1(compact(x, mask))
        x = spread(x, mask)
        x = self.gru_2(compact(x, mask))
        x = spread(x, mask)[:, -1]
        return self.dense(x)  # logits: the softmax is part of the loss

    def probabilities(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the Keras model returns, of shape (N, 3)."""
        return F.softmax(self(x), dim=1)


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    wrong = ~((low <= array) & (array <= high))  # true for NaN
    wrong |= array != np.floor(array)
    return wrong


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
    inputs = torch.from_numpy(x.astype(np.int32))
    targets = torch.from_numpy(y.astype(np.int64)).reshape(-1)
    return TensorDataset(inputs, targets)


def loss_fn(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the sparse categorical crossentropy of a batch."""
    return F.cross_entropy(logits, targets)


def accuracy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the accuracy of a batch."""
    return (logits.argmax(dim=1) == targets).float().mean()


def build_optimizer(model: Gru) -> torch.optim.Optimizer:
    """Return Adam for the weights of the model."""
    # PyTorch adds epsilon after the bias correction of the second moment, Keras before.
    return torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, eps=1e-07, fused=True)


def train_one_epoch(
    model: Gru,
    loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
) -> dict[str, float]:
    """Train on each batch once; return the means of the figures over all samples."""
    model.train()
    totals, samples = torch.zeros(len(FIGURES), device=device), 0
    for inputs, targets in tqdm(loader, leave=False, disable=None):
        inputs, targets = inputs.to(device), targets.to(device)
        logits = model(inputs)
        loss = loss_fn(logits, targets)
        optimizer.zero_grad()
        loss.backward()
        figures = [loss, accuracy(logits, targets)]
        totals += len(inputs) * torch.stack(figures).detach()
        samples += len(inputs)
        # each by itself, as in Keras, which holds the two biases of a GRU as one
        biases = [
            (
                model.gru_1.get_parameter("bias_ih_l0"),
                model.gru_1.get_parameter("bias_hh_l0"),
            ),
        ]
        paired = {id(bias) for pair in biases for bias in pair}
        others = (p for p in model.parameters() if id(p) not in paired)
        for parameter in [*others, *biases]:
            nn.utils.clip_grad_norm_(parameter, CLIPNORM)
        optimizer.step()
    return dict(zip(FIGURES, (totals / samples).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: Gru,
    loader: DataLoader,
    device: torch.device,
) -> dict[str, float]:
    """Return the means of the figures over all samples."""
    model.eval()
    totals, samples = torch.zeros(len(FIGURES), device=device), 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        logits = model(inputs)
        loss = loss_fn(logits, targets)
        figures = [loss, accuracy(logits, targets)]
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
    parser = argparse.ArgumentParser(description="Train gru.")
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

    model = Gru().to(device)
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
