# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 57fe5bddd44e083a, text 3b843b103655f7db
"""The model csv_plain.

Input: (N, 4). Output: (N, 3), logits.
"""

import argparse
import csv
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812
from torch.utils.data import DataLoader, Subset, TensorDataset
from tqdm import tqdm

DATA = "train.csv"
EPOCHS = 1
BATCH_SIZE = 4
VALIDATION_SPLIT = 0.25
FIGURES = ("loss",)


class CsvPlain(nn.Module):
    """The model csv_plain."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(4, 3)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dense(x)  # logits: the softmax is part of the loss

    def probabilities(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the Keras model returns, of shape (N, 3)."""
        return F.softmax(self(x), dim=1)


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
    columns = [len(header) - 1]
    x, y = np.delete(table, columns, axis=1), table[:, columns]
    if x.shape[1] != 4:
        sys.exit(f"{path}: the inputs have {x.shape[1]} columns, expected 4")
    if y.shape[1] != 1:
        sys.exit(f"{path}: the target has {y.shape[1]} columns, expected 1")
    low, high = y.min(), y.max()
    if not 0 <= low <= high <= 2:
        sys.exit(f"{path}: the target holds {low} to {high}, expected 0 to 2")
    return x, y


def to_dataset(x: np.ndarray, y: np.ndarray) -> TensorDataset:
    """Return inputs and targets as the model and the loss take them."""
    inputs = torch.from_numpy(x.astype(np.float32))
    targets = torch.from_numpy(y.astype(np.int64)).reshape(-1)
    return TensorDataset(inputs, targets)


def loss_fn(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the sparse categorical crossentropy of a batch."""
    return F.cross_entropy(logits, targets)


def build_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    """Return SGD for the weights of the model."""
    return torch.optim.SGD(model.parameters(), lr=0.01, fused=True)


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
        figures = [loss]
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
        figures = [loss]
        totals += len(inputs) * torch.stack(figures)
    return dict(zip(FIGURES, (totals / len(loader.dataset)).tolist(), strict=True))


def describe(figures: dict[str, float]) -> str:
    """Return figures as one line."""
    return " - ".join(f"{name}: {value:.4f}" for name, value in figures.items())


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train csv_plain.")
    parser.add_argument(
        "--data", default=DATA, help="CSV file for training (%(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained weights (.pt)")
    args = parser.parse_args()

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    train_set = to_dataset(*read_arrays(args.data))
    # The last samples validate, as in Keras.
    kept = int(len(train_set) * (1 - VALIDATION_SPLIT))
    if not 0 < kept < len(train_set):
        sys.exit(f"{args.data}: {len(train_set)} samples are too few to split")
    val_set = Subset(train_set, range(kept, len(train_set)))
    train_set = Subset(train_set, range(kept))
    val_loader = DataLoader(val_set, batch_size=BATCH_SIZE)
    train_loader = DataLoader(train_set, batch_size=BATCH_SIZE)

    model = CsvPlain().to(device)
    optimizer = build_optimizer(model)

    for epoch in range(args.epochs):
        figures = train_one_epoch(model, train_loader, optimizer, device)
        validation = evaluate(model, val_loader, device)
        figures |= {f"val_{name}": value for name, value in validation.items()}
        print(f"Epoch {epoch + 1}/{args.epochs} - {describe(figures)}")

    if args.save:
        torch.save(model.state_dict(), args.save)


if __name__ == "__main__":
    main()
