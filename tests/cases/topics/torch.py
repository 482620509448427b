# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec fa8984544043db76, text 88daa9b20fb8435e
"""The topic of a text, of which some are rare.

Input: (N, 20). Output: (N, 6), logits.
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
from torchmetrics import Metric
from torchmetrics.classification import BinaryPrecision, MultilabelF1Score
from tqdm import tqdm

SEED = 5
EPOCHS = 2
BATCH_SIZE = 8
SHAPES = {"x": ((20,),), "y": ((6,),)}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 1)}
EXPECTED = {"x": "finite numbers", "y": "one-hot rows"}
FIGURES = ("loss", "accuracy", "top_k_categorical_accuracy")


class Topics(nn.Module):
    """The topic of a text, of which some are rare."""

    def __init__(self) -> None:
        super().__init__()
        self.dense_1 = nn.Linear(20, 16)
        self.dense_2 = nn.Linear(16, 6)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.dense_1, self.dense_2):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.dense_1(x))
        return self.dense_2(x)  # logits: the softmax is part of the loss

    def probabilities(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the Keras model returns, of shape (N, 6)."""
        return F.softmax(self(x), dim=1)


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    wrong = ~((low <= array) & (array <= high))  # true for NaN
    if kind == "y":
        wrong |= array != np.floor(array)
        known = np.where(wrong, 0, array)
        sums = known.sum(axis=-1, keepdims=True, dtype=float)
        wrong |= np.abs(sums - 1) > 1e-3
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
    inputs = torch.from_numpy(x.astype(np.float32))
    targets = torch.from_numpy(y.astype(np.float32)).reshape(-1, 6)
    return TensorDataset(inputs, targets)


def loss_fn(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the categorical crossentropy of a batch."""
    return F.cross_entropy(logits, targets)


def accuracy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the accuracy of a batch."""
    return (logits.argmax(dim=1) == targets.argmax(dim=1)).float().mean()


def top_k_categorical_accuracy(
    logits: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    """Return the top k categorical accuracy of a batch."""
    outputs = F.softmax(logits, dim=1)
    right = outputs.gather(1, targets.argmax(dim=1, keepdim=True))
    above = (outputs > right).sum(dim=1)
    return (above < 3).float().mean()


def largest(outputs: torch.Tensor, k: int, dim: int) -> torch.Tensor:
    """Mark the `k` largest entries along a dimension, of equal ones the first."""
    order = outputs.argsort(dim=dim, descending=True, stable=True).narrow(dim, 0, k)
    return torch.zeros_like(outputs, dtype=torch.bool).scatter(dim, order, True)


class ThresholdMetric(Metric):
    """Counts of outputs between even thresholds, of positives and of negatives.

    An output has the number of the first threshold that it is not above, as in Keras;
    torchmetrics counts one on a threshold as above it.
    """

    lowest = 0
    positives: torch.Tensor
    negatives: torch.Tensor

    def __init__(self, thresholds: int = 200) -> None:
        super().__init__()
        zeros = torch.zeros(thresholds)
        self.add_state("positives", zeros.clone(), dist_reduce_fx="sum")
        self.add_state("negatives", zeros.clone(), dist_reduce_fx="sum")

    def numbers(self, outputs: torch.Tensor) -> torch.Tensor:
        last = len(self.positives) - 1
        return (outputs * last).ceil().clamp(min=self.lowest).long()

    def update(self, outputs: torch.Tensor, targets: torch.Tensor) -> None:
        numbers, right = self.numbers(outputs).flatten(), targets.flatten().bool()
        size = len(self.positives)
        self.positives += torch.bincount(numbers[right], minlength=size)
        self.negatives += torch.bincount(numbers[~right], minlength=size)

    def counts(self) -> tuple[torch.Tensor, ...]:
        """Return hits, false alarms, misses and right passes at each threshold."""
        misses, passes = self.positives.cumsum(0), self.negatives.cumsum(0)
        return misses[-1] - misses, passes[-1] - passes, misses, passes


class SensitivityAtSpecificity(ThresholdMetric):
    """Best sensitivity where the specificity is large enough, as in Keras."""

    def __init__(self, least: float, thresholds: int = 200) -> None:
        super().__init__(thresholds)
        self.least = least

    def compute(self) -> torch.Tensor:
        hits, alarms, misses, passes = self.counts()
        sensitivity = (hits / (hits + misses)).nan_to_num()
        specificity = (passes / (passes + alarms)).nan_to_num()
        return torch.where(specificity >= self.least, sensitivity, 0.0).max()


def build_metrics(device: torch.device) -> dict[str, Metric]:
    """Return the metrics that are no means over samples, without any sample yet."""
    return {
        "f1_score": MultilabelF1Score(num_labels=6).to(device),
        "precision": BinaryPrecision().to(device),
        "sensitivity_at_specificity": SensitivityAtSpecificity(0.9).to(device),
    }


@torch.no_grad()
def update_metrics(
    metrics: dict[str, Metric], logits: torch.Tensor, targets: torch.Tensor
) -> None:
    """Add a batch to the metrics."""
    outputs = F.softmax(logits, dim=1)
    metrics["f1_score"].update(
        outputs == outputs.amax(dim=1, keepdim=True), targets.bool()
    )
    metrics["precision"].update(largest(outputs, 2, dim=1), targets.bool())
    metrics["sensitivity_at_specificity"].update(outputs[:, 5], targets[:, 5])


def build_optimizer(model: Topics) -> torch.optim.Optimizer:
    """Return Adam for the weights of the model."""
    # PyTorch adds epsilon after the bias correction of the second moment, Keras before.
    return torch.optim.Adam(model.parameters(), eps=1e-07, fused=True)


def train_one_epoch(
    model: Topics,
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
        logits = model(inputs)
        loss = loss_fn(logits, targets)
        optimizer.zero_grad()
        loss.backward()
        figures = [
            loss,
            accuracy(logits, targets),
            top_k_categorical_accuracy(logits, targets),
        ]
        totals += len(inputs) * torch.stack(figures).detach()
        samples += len(inputs)
        update_metrics(metrics, logits, targets)
        optimizer.step()
    means = dict(zip(FIGURES, (totals / samples).tolist(), strict=True))
    others = {name: metric.compute().item() for name, metric in metrics.items()}
    both = means | others
    return {
        name: both[name]
        for name in (
            "loss",
            "accuracy",
            "f1_score",
            "precision",
            "top_k_categorical_accuracy",
            "sensitivity_at_specificity",
        )
    }


@torch.inference_mode()
def evaluate(
    model: Topics,
    loader: DataLoader,
    device: torch.device,
) -> dict[str, float]:
    """Return the figures over all samples."""
    model.eval()
    totals, samples = torch.zeros(len(FIGURES), device=device), 0
    metrics = build_metrics(device)
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        logits = model(inputs)
        loss = loss_fn(logits, targets)
        figures = [
            loss,
            accuracy(logits, targets),
            top_k_categorical_accuracy(logits, targets),
        ]
        totals += len(inputs) * torch.stack(figures)
        samples += len(inputs)
        update_metrics(metrics, logits, targets)
    means = dict(zip(FIGURES, (totals / samples).tolist(), strict=True))
    others = {name: metric.compute().item() for name, metric in metrics.items()}
    both = means | others
    return {
        name: both[name]
        for name in (
            "loss",
            "accuracy",
            "f1_score",
            "precision",
            "top_k_categorical_accuracy",
            "sensitivity_at_specificity",
        )
    }


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
    parser = argparse.ArgumentParser(description="Train topics.")
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

    model = Topics().to(device)
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
