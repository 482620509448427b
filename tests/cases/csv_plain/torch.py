# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 57fe5bddd44e083a, text 6b7a946c486cacbf
"""The model csv_plain.

Input: (N, 4). Output: (N, 3), logits.
"""

import argparse
import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

DATA = "train.csv"
EPOCHS = 1
BATCH_SIZE = 4
VALIDATION_SPLIT = 0.25
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 2)}
EXPECTED = {"x": "finite numbers", "y": "whole numbers, 0 to 2"}
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


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    wrong = ~((low <= array) & (array <= high))  # true for NaN
    if kind == "y":
        wrong |= array != np.floor(array)
    return wrong


def find_row(path: str, row: int | None = None) -> tuple[int, list[str]]:
    """Return a row's line and cells; raise ValueError at a row of another length."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        reader = csv.reader(file)
        for number, cells in enumerate(filter(None, reader), -1):
            if len(cells) != 5:
                found = f"{path}:{reader.line_num}: {len(cells)} cells"
                raise ValueError(f"{found}, expected 5")
            if number == row:
                return reader.line_num, cells
    raise ValueError(f"{path}: expected rows of 5 numbers below the names")


def read_arrays(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets; raise ValueError at what is not as expected."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        names = next(filter(None, csv.reader(file)), [])
        try:
            table = pd.read_csv(file, header=None, na_filter=False, low_memory=False)
        except (pd.errors.EmptyDataError, pd.errors.ParserError):
            table = pd.DataFrame()
    if len(names) != 5:
        found = f"{path}: a line of {len(names)} names: {names}"
        raise ValueError(f"{found}, expected 5 between ','")
    if len(set(names)) < len(names):
        raise ValueError(f"{path}: two columns have one name: {names}")
    if pd.to_numeric(pd.Series(names), errors="coerce").notna().all():
        raise ValueError(f"{path}: expected a line of names, found numbers: {names}")
    if table.shape[1] != len(names):
        find_row(path)
    # What is no number becomes NaN, and so do truth values, numbers to pandas.
    numeric = table.select_dtypes(exclude=bool).apply(pd.to_numeric, errors="coerce")
    numbers = numeric.reindex(columns=table.columns).to_numpy(float)
    targets = [len(names) - 1]
    inputs = [column for column in range(len(names)) if column not in targets]
    for kind, columns in (("x", inputs), ("y", targets)):
        wrong = outside(kind, numbers[:, columns])
        if wrong.any():
            row, place = divmod(int(wrong.argmax()), len(columns))
            line, cells = find_row(path, row)
            column = columns[place]
            found = f"column {names[column]!r} holds {cells[column]!r}"
            raise ValueError(f"{path}:{line}: {found}, expected {EXPECTED[kind]}")
    return numbers[:, inputs], numbers[:, targets]


def to_dataset(x: np.ndarray, y: np.ndarray) -> TensorDataset:
    """Return inputs and targets as the model and the loss take them."""
    inputs = torch.from_numpy(x.astype(np.float32))
    targets = torch.from_numpy(y.astype(np.int64)).reshape(-1)
    return TensorDataset(inputs, targets)


def loss_fn(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the sparse categorical crossentropy of a batch."""
    return F.cross_entropy(logits, targets)


def build_optimizer(model: CsvPlain) -> torch.optim.Optimizer:
    """Return SGD for the weights of the model."""
    return torch.optim.SGD(model.parameters(), lr=0.01, fused=True)


def train_one_epoch(
    model: CsvPlain,
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
        figures = [loss]
        totals += len(inputs) * torch.stack(figures).detach()
        samples += len(inputs)
        optimizer.step()
    return dict(zip(FIGURES, (totals / samples).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: CsvPlain,
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
    parser = argparse.ArgumentParser(description="Train csv_plain.")
    parser.add_argument(
        "--data", default=DATA, help="CSV file for training (%(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained weights (.pt)")
    args = parser.parse_args()
    if args.epochs < 1:
        parser.error(f"argument --epochs: expected 1 or more, found {args.epochs}")
    if args.save is not None:
        check_path(args.save)

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    try:
        train_set = to_dataset(*read_arrays(args.data))
    except (OSError, ValueError, csv.Error) as error:
        sys.exit(str(error))
    # The last samples validate, as in Keras.
    kept = int(len(train_set) * (1 - VALIDATION_SPLIT))
    if not 0 < kept < len(train_set):
        sys.exit(f"{args.data}: {len(train_set)} samples are too few to split")
    val_set = TensorDataset(*train_set[kept:])
    train_set = TensorDataset(*train_set[:kept])
    val_loader = DataLoader(val_set, batch_size=BATCH_SIZE)
    train_loader = DataLoader(train_set, batch_size=BATCH_SIZE)

    model = CsvPlain().to(device)
    optimizer = build_optimizer(model)

    try:
        for epoch in range(args.epochs):
            figures = train_one_epoch(model, train_loader, optimizer, device)
            validation = evaluate(model, val_loader, device)
            figures |= {f"val_{name}": value for name, value in validation.items()}
            print(f"Epoch {epoch + 1}/{args.epochs} - {describe(figures)}")
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
