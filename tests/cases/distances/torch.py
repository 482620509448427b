# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 3c1d6ce36518c8a3, text 45d7a5a95ce7a53e
"""A spectrum from a spectrum, by the cosine between the two.

Input: (N, 12). Output: (N, 8).
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
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

EPOCHS = 3
BATCH_SIZE = 32
VALIDATION_SPLIT = 0.2
SHAPES = {"x": ((12,),), "y": ((8,),)}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 1)}
EXPECTED = {"x": "finite numbers", "y": "one-hot rows"}
FIGURES = (
    "loss",
    "mape",
    "msle",
    "log_cosh_error",
    "poisson",
    "kl_divergence",
    "cosine_similarity",
    "categorical_hinge",
)


class Spectrum(nn.Module):
    """A spectrum from a spectrum, by the cosine between the two."""

    def __init__(self) -> None:
        super().__init__()
        self.dense_1 = nn.Linear(12, 16)
        self.output = nn.Linear(16, 8)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.dense_1, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.dense_1(x))
        return F.softmax(self.output(x), dim=1)


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
    targets = torch.from_numpy(y.astype(np.float32)).reshape(-1, 8)
    return TensorDataset(inputs, targets)


def loss_fn(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the negated cosine similarity of a batch."""
    return -F.cosine_similarity(outputs, targets, dim=1, eps=1e-7).sum()


def mean_absolute_percentage_error(
    outputs: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    """Return the mean absolute percentage error of a batch."""
    return (100 * (outputs - targets) / targets.abs().clamp(min=1e-7)).abs().mean()


def mean_squared_logarithmic_error(
    outputs: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    """Return the mean squared logarithmic error of a batch."""
    outputs = torch.log1p(outputs.clamp(min=1e-7))
    targets = torch.log1p(targets.clamp(min=1e-7))
    return F.mse_loss(outputs, targets)


def log_cosh_error(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the log cosh error of a batch."""
    errors = outputs - targets
    return (errors + F.softplus(-2 * errors) - math.log(2)).mean()


def poisson(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the Poisson loss of a batch."""
    return F.poisson_nll_loss(outputs, targets, log_input=False, eps=1e-7)


def kl_divergence(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the Kullback-Leibler divergence of a batch."""
    outputs = outputs.clamp(1e-7, 1)
    targets = targets.clamp(1e-7, 1)
    return (targets * (targets / outputs).log()).sum(dim=1).mean()


def cosine_similarity(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the cosine similarity of a batch."""
    return F.cosine_similarity(outputs, targets, dim=1, eps=1e-7).mean()


def categorical_hinge(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the categorical hinge loss of a batch."""
    right = (targets * outputs).sum(dim=1)
    wrong = ((1 - targets) * outputs).amax(dim=1)
    return F.relu(wrong - right + 1).mean()


def build_optimizer(model: Spectrum) -> torch.optim.Optimizer:
    """Return SGD for the weights of the model."""
    return torch.optim.SGD(model.parameters(), lr=0.01, fused=True)


def train_one_epoch(
    model: Spectrum,
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
        figures = [
            loss,
            mean_absolute_percentage_error(outputs, targets),
            mean_squared_logarithmic_error(outputs, targets),
            log_cosh_error(outputs, targets),
            poisson(outputs, targets),
            kl_divergence(outputs, targets),
            cosine_similarity(outputs, targets),
            categorical_hinge(outputs, targets),
        ]
        totals += len(inputs) * torch.stack(figures).detach()
        samples += len(inputs)
        optimizer.step()
    return dict(zip(FIGURES, (totals / samples).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: Spectrum,
    loader: DataLoader,
    device: torch.device,
) -> dict[str, float]:
    """Return the means of the figures over all samples."""
    model.eval()
    totals, samples = torch.zeros(len(FIGURES), device=device), 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        figures = [
            loss,
            mean_absolute_percentage_error(outputs, targets),
            mean_squared_logarithmic_error(outputs, targets),
            log_cosh_error(outputs, targets),
            poisson(outputs, targets),
            kl_divergence(outputs, targets),
            cosine_similarity(outputs, targets),
            categorical_hinge(outputs, targets),
        ]
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
    parser = argparse.ArgumentParser(description="Train spectrum.")
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
    # The last samples validate, as in Keras.
    kept = int(len(train_set) * (1 - VALIDATION_SPLIT))
    if not 0 < kept < len(train_set):
        sys.exit(f"{args.data}: {len(train_set)} samples are too few to split")
    val_set = TensorDataset(*train_set[kept:])
    train_set = TensorDataset(*train_set[:kept])
    val_loader = DataLoader(val_set, batch_size=BATCH_SIZE)
    train_loader = DataLoader(train_set, batch_size=BATCH_SIZE, shuffle=True)

    model = Spectrum().to(device)
    optimizer = build_optimizer(model)

    try:
        for epoch in range(args.epochs):
            figures = train_one_epoch(model, train_loader, optimizer, device)
            validation = evaluate(model, val_loader, device)
            figures |= {f"val_{name}": value for name, value in validation.items()}
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
