# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec caa0a7c7534350c6, text 787c9ba8e5aae41d
"""Weights within limits.

Input: (N, 3, 12, 10). Output: (N, 4), logits.
"""

import argparse
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

SEED = 5
EPOCHS = 10
BATCH_SIZE = 32
SHAPES = {"x": ((12, 10, 3),), "y": ((), (1,))}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 3)}
EXPECTED = {"x": "finite numbers", "y": "whole numbers, 0 to 3"}
LEARNING_RATE = 0.05
CONV2D_MAX_NORM = 3.0
DEPTHWISE_CONV2D_DEPTHWISE_MIN_NORM = 0.5
DEPTHWISE_CONV2D_DEPTHWISE_MAX_NORM = 1.5
DEPTHWISE_CONV2D_DEPTHWISE_NORM_RATE = 1.0
DENSE_BIAS_MAX_NORM = 1.0
EMA_MOMENTUM = 0.9
FIGURES = ("loss", "accuracy")


class Constraints(nn.Module):
    """Weights within limits."""

    def __init__(self) -> None:
        super().__init__()
        self.conv2d = nn.Conv2d(3, 8, 3)
        self.depthwise_conv2d = nn.Conv2d(8, 16, 3, groups=8)
        # The running variance is the unbiased one, n / (n - 1) of Keras'.
        self.batch_normalization = nn.BatchNorm2d(16, eps=0.001, momentum=0.01)
        self.flatten = nn.Flatten()
        self.dense = nn.Linear(768, 4)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        nn.init.xavier_uniform_(self.conv2d.weight)
        nn.init.zeros_(self.conv2d.get_parameter("bias"))
        # glorot_uniform
        nn.init.uniform_(
            self.depthwise_conv2d.weight, -math.sqrt(6 / 90), math.sqrt(6 / 90)
        )
        nn.init.zeros_(self.depthwise_conv2d.get_parameter("bias"))
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv2d(x))
        x = self.depthwise_conv2d(x)
        x = self.batch_normalization(x)
        x = self.flatten(x)
        return self.dense(x)  # logits: the softmax is part of the loss

    def probabilities(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the Keras model returns, of shape (N, 4)."""
        return F.softmax(self(x), dim=1)


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    wrong = ~((low <= array) & (array <= high))  # true for NaN
    if kind == "y":
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
    inputs = torch.from_numpy(x.astype(np.float32)).permute(0, 3, 1, 2)
    targets = torch.from_numpy(y.astype(np.int64)).reshape(-1)
    return TensorDataset(inputs, targets)


def loss_fn(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the sparse categorical crossentropy of a batch."""
    return F.cross_entropy(logits, targets)


def accuracy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the accuracy of a batch."""
    return (logits.argmax(dim=1) == targets).float().mean()


def max_norm_(weight: torch.Tensor, largest: float, dim: int | tuple[int, ...]) -> None:
    """Shorten a weight to norms over `dim` of at most `largest`, as Keras does."""
    norm = torch.linalg.vector_norm(weight, dim=dim, keepdim=True)
    weight.mul_(norm.clamp(max=largest) / (1e-07 + norm))


def unit_norm_(weight: torch.Tensor, dim: int | tuple[int, ...]) -> None:
    """Bring a weight to norms over `dim` of 1, as Keras does."""
    weight.div_(1e-07 + torch.linalg.vector_norm(weight, dim=dim, keepdim=True))


def min_max_norm_(
    weight: torch.Tensor,
    smallest: float,
    largest: float,
    rate: float,
    dim: int | tuple[int, ...],
) -> None:
    """Move norms over `dim` by `rate` to between two limits, as Keras does."""
    norm = torch.linalg.vector_norm(weight, dim=dim, keepdim=True)
    goal = rate * norm.clamp(smallest, largest) + (1 - rate) * norm
    weight.mul_(goal / (1e-07 + norm))


def build_optimizer(model: Constraints) -> torch.optim.Optimizer:
    """Return SGD for the weights of the model."""
    return torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, fused=True)


@torch.no_grad()
def constrain(model: Constraints) -> None:
    """Bring the weights within their constraints, which Keras does after each batch."""
    max_norm_(model.conv2d.weight, CONV2D_MAX_NORM, dim=(1, 2, 3))
    min_max_norm_(
        model.depthwise_conv2d.weight.unflatten(0, (8, 2)),
        DEPTHWISE_CONV2D_DEPTHWISE_MIN_NORM,
        DEPTHWISE_CONV2D_DEPTHWISE_MAX_NORM,
        DEPTHWISE_CONV2D_DEPTHWISE_NORM_RATE,
        dim=0,
    )
    model.batch_normalization.weight.clamp_(min=0)
    unit_norm_(model.dense.weight, dim=1)
    max_norm_(model.dense.bias, DENSE_BIAS_MAX_NORM, dim=0)


def train_one_epoch(
    model: Constraints,
    loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
    average: AveragedModel,
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
        optimizer.step()
        average.update_parameters(model)
        constrain(model)
    return dict(zip(FIGURES, (totals / samples).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: Constraints,
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


@torch.no_grad()
def use_average(model: Constraints, average: AveragedModel) -> None:
    """Set the weights of the model to their moving average."""
    pairs = zip(model.parameters(), average.module.parameters(), strict=True)
    for parameter, mean in pairs:
        parameter.copy_(mean)


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
    parser = argparse.ArgumentParser(description="Train constraints.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained weights (.pt)")
    args = parser.parse_args()
    if args.epochs < 1:
        parser.error(f"argument --epochs: expected 1 or more, found {args.epochs}")
    if args.save is not None:
        check_path(args.save)

    torch.manual_seed(SEED)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    try:
        arrays = read_arrays(args.data)
    except ValueError as error:
        sys.exit(str(error))
    train_set = to_dataset(arrays["x_train"], arrays["y_train"])
    test_set = to_dataset(arrays["x_test"], arrays["y_test"])
    shuffle = torch.Generator().manual_seed(SEED)
    train_loader = DataLoader(
        train_set, batch_size=BATCH_SIZE, shuffle=True, generator=shuffle
    )

    model = Constraints().to(device)
    nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
    optimizer = build_optimizer(model)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(EMA_MOMENTUM))

    try:
        for epoch in range(args.epochs):
            figures = train_one_epoch(model, train_loader, optimizer, device, average)
            print(f"Epoch {epoch + 1}/{args.epochs} - {describe(figures)}")
        use_average(model, average)
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
