# Made by specc 0.1.0 from logistic_regression.yaml
# Change the spec, not this file. Digests: spec b9c09dc193fae67d, text 9fc0b6ee3701476d
"""Logistic regression on five features.

Input: (N, 5). Output: (N, 1), logits.
"""

import argparse
import csv
import math
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812
from torch.utils.data import DataLoader, Subset, TensorDataset
from tqdm import tqdm

SEED = 1
DATA = "data/train.csv"
TEST_DATA = "data/test.csv"
TARGETS = ["label"]
EPOCHS = 50
BATCH_SIZE = 32
VALIDATION_SPLIT = 0.2
LEARNING_RATE = 0.1
FIGURES = ("loss", "accuracy")


def truncated_normal_(weight: torch.Tensor, std: float) -> None:
    """Draw from Keras' truncated normal, whose deviation after the cut is `std`."""
    std /= 0.87962566103423978
    nn.init.trunc_normal_(weight, std=std, a=-2 * std, b=2 * std)


class LogisticRegression(nn.Module):
    """Logistic regression on five features."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(5, 1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        truncated_normal_(self.dense.weight, std=math.sqrt(2 / 5))  # he_normal
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dense(x)  # logits: the sigmoid is part of the loss

    def probabilities(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the Keras model returns, of shape (N, 1)."""
        return torch.sigmoid(self(x))


def read_arrays(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Read inputs and targets, or leave with a line that says what is wrong."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            header, *rows = filter(None, csv.reader(file))
        table = np.array(rows, dtype=float)
    except (OSError, ValueError, csv.Error) as error:
        sys.exit(f"{path}: expected a line of names and rows of numbers: {error}")
    if table.shape[1:] != (len(header),):
        sys.exit(
            f"{path}: the table has shape {table.shape}, expected (N, {len(header)})"
        )
    missing = [name for name in TARGETS if name not in header]
    if missing:
        sys.exit(f"{path}: no column {missing[0]!r}, expected one of {header}")
    columns = [header.index(name) for name in TARGETS]
    x, y = np.delete(table, columns, axis=1), table[:, columns]
    if x.shape[1] != 5:
        sys.exit(f"{path}: the inputs have {x.shape[1]} columns, expected 5")
    if y.shape[1] != 1:
        sys.exit(f"{path}: the target has {y.shape[1]} columns, expected 1")
    return x, y


def to_dataset(x: np.ndarray, y: np.ndarray) -> TensorDataset:
    """Return inputs and targets as the model and the loss take them."""
    inputs = torch.from_numpy(x.astype(np.float32))
    targets = torch.from_numpy(y.astype(np.float32)).reshape(-1, 1)
    return TensorDataset(inputs, targets)


def loss_fn(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the binary crossentropy of a batch."""
    return F.binary_cross_entropy_with_logits(logits, targets)


def accuracy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the accuracy of a batch."""
    return ((logits > 0) == targets).float().mean()


def build_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    """Return SGD for the weights of the model."""
    return torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, fused=True)


def train_one_epoch(
    model: nn.Module,
    loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
) -> dict[str, float]:
    """Train on each batch once; return the means of the figures over all samples."""
    model.train()
    totals = torch.zeros(len(FIGURES), device=device)
    for inputs, targets in tqdm(loader, leave=False, disable=None):
        inputs, targets = inputs.to(device), targets.to(device)
        logits = model(inputs)
        loss = loss_fn(logits, targets)
        optimizer.zero_grad()
        loss.backward()
        figures = [loss, accuracy(logits, targets)]
        totals += len(inputs) * torch.stack(figures).detach()
        optimizer.step()
    return dict(zip(FIGURES, (totals / len(loader.dataset)).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: nn.Module, loader: DataLoader, device: torch.device
) -> dict[str, float]:
    """Return the means of the figures over all samples."""
    model.eval()
    totals = torch.zeros(len(FIGURES), device=device)
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        logits = model(inputs)
        loss = loss_fn(logits, targets)
        figures = [loss, accuracy(logits, targets)]
        totals += len(inputs) * torch.stack(figures)
    return dict(zip(FIGURES, (totals / len(loader.dataset)).tolist(), strict=True))


def describe(figures: dict[str, float]) -> str:
    """Return figures as one line."""
    return " - ".join(f"{name}: {value:.4f}" for name, value in figures.items())


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train logistic_regression.")
    parser.add_argument(
        "--data", default=DATA, help="CSV file for training (%(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained weights (.pt)")
    args = parser.parse_args()

    torch.manual_seed(SEED)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    train_set = to_dataset(*read_arrays(args.data))
    test_set = to_dataset(*read_arrays(TEST_DATA))
    # The last samples validate, as in Keras.
    kept = int(len(train_set) * (1 - VALIDATION_SPLIT))
    if not 0 < kept < len(train_set):
        sys.exit(f"{args.data}: {len(train_set)} samples are too few to split")
    val_set = Subset(train_set, range(kept, len(train_set)))
    train_set = Subset(train_set, range(kept))
    val_loader = DataLoader(val_set, batch_size=BATCH_SIZE)
    shuffle = torch.Generator().manual_seed(SEED)
    train_loader = DataLoader(
        train_set, batch_size=BATCH_SIZE, shuffle=True, generator=shuffle
    )

    model = LogisticRegression().to(device)
    optimizer = build_optimizer(model)

    for epoch in range(args.epochs):
        figures = train_one_epoch(model, train_loader, optimizer, device)
        validation = evaluate(model, val_loader, device)
        figures |= {f"val_{name}": value for name, value in validation.items()}
        print(f"Epoch {epoch + 1}/{args.epochs} - {describe(figures)}")

    test_loader = DataLoader(test_set, batch_size=BATCH_SIZE)
    print(f"Test - {describe(evaluate(model, test_loader, device))}")
    if args.save:
        torch.save(model.state_dict(), args.save)


if __name__ == "__main__":
    main()
