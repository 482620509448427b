# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec ebb7578c93928e27, text e3456111a43864f9
"""The pixels of a scan that show a lesion.

Input: (N, 1, 16, 16). Output: (N, 1, 16, 16).
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchmetrics import Metric, SumMetric
from torchmetrics.classification import BinaryJaccardIndex
from tqdm import tqdm

SEED = 5
EPOCHS = 2
BATCH_SIZE = 4
SHAPES = {"x": ((16, 16, 1),), "y": ((16, 16, 1), (16, 16))}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 1)}
EXPECTED = {"x": "finite numbers", "y": "0 or 1"}
FIGURES = ("loss",)


class Lesions(nn.Module):
    """The pixels of a scan that show a lesion."""

    def __init__(self) -> None:
        super().__init__()
        self.conv2d_1 = nn.Conv2d(1, 8, 3, padding="same")
        self.conv2d_2 = nn.Conv2d(8, 1, 1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.conv2d_1, self.conv2d_2):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.get_parameter("bias"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv2d_1(x))
        return torch.sigmoid(self.conv2d_2(x))


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
    targets = (
        torch.from_numpy(y.astype(np.float32))
        .reshape(-1, 16, 16, 1)
        .permute(0, 3, 1, 2)
    )
    return TensorDataset(inputs, targets)


def loss_fn(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the Dice loss of a batch."""
    overlap = (targets * outputs).sum()
    return 1 - 2 * overlap / (targets.sum() + outputs.sum() + 1e-7)


def build_metrics(device: torch.device) -> dict[str, Metric]:
    """Return the metrics that are no means over samples, without any sample yet."""
    return {
        "binary_iou": BinaryJaccardIndex().to(device),
        "false_negatives": SumMetric().to(device),
    }


@torch.no_grad()
def update_metrics(
    metrics: dict[str, Metric], outputs: torch.Tensor, targets: torch.Tensor
) -> None:
    """Add a batch to the metrics."""
    metrics["binary_iou"].update(outputs >= 0.5, targets.bool())
    metrics["false_negatives"].update(((outputs <= 0.5) & targets.bool()).sum())


def build_optimizer(model: Lesions) -> torch.optim.Optimizer:
    """Return Adam for the weights of the model."""
    # PyTorch adds epsilon after the bias correction of the second moment, Keras before.
    return torch.optim.Adam(model.parameters(), eps=1e-07, fused=True)


def train_one_epoch(
    model: Lesions,
    loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
) -> dict[str, float]:
    """Train on each batch once; return the figures over all samples."""
    model.train()
    totals, samples = torch.zeros(len(FIGURES), device=device), 0
    metrics = build_metrics(device)
    for inputs, targets in tqdm(loader, leave=False, disable=None):
        inputs, targets = inputs.to(device), targets.to(device)
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        figures = [loss]
        totals += len(inputs) * torch.stack(figures).detach()
        samples += len(inputs)
        update_metrics(metrics, outputs, targets)
        optimizer.step()
    means = dict(zip(FIGURES, (totals / samples).tolist(), strict=True))
    others = {name: metric.compute().item() for name, metric in metrics.items()}
    return means | others


@torch.inference_mode()
def evaluate(
    model: Lesions,
    loader: DataLoader,
    device: torch.device,
) -> dict[str, float]:
    """Return the figures over all samples."""
    model.eval()
    totals, samples = torch.zeros(len(FIGURES), device=device), 0
    metrics = build_metrics(device)
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        figures = [loss]
        totals += len(inputs) * torch.stack(figures)
        samples += len(inputs)
        update_metrics(metrics, outputs, targets)
    means = dict(zip(FIGURES, (totals / samples).tolist(), strict=True))
    others = {name: metric.compute().item() for name, metric in metrics.items()}
    return means | others


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
    parser = argparse.ArgumentParser(description="Train lesions.")
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

    model = Lesions().to(device)
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
