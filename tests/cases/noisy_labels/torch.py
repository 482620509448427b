# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec e05f7a85279c527e, text c34dc22d0777e181
"""Classes of a table in which some labels are wrong.

Input: (N, 6). Output: (N, 3).
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

SEED = 3
DATA = "train.csv"
TEST_DATA = "test.csv"
EPOCHS = 2
BATCH_SIZE = 4
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 2)}
EXPECTED = {"x": "finite numbers", "y": "whole numbers, 0 to 2"}
FIGURES = ("loss", "accuracy")


class NoisyLabels(nn.Module):
    """Classes of a table in which some labels are wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.dense_1 = nn.Linear(6, 16)
        self.dense_2 = nn.Linear(16, 3)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.dense_1, self.dense_2):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.dense_1(x))
        return F.softmax(self.dense_2(x), dim=1)


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
            if len(cells) != 7:
                found = f"{path}:{reader.line_num}: {len(cells)} cells"
                raise ValueError(f"{found}, expected 7")
            if number == row:
                return reader.line_num, cells
    raise ValueError(f"{path}: expected rows of 7 numbers below the names")


def read_arrays(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets; raise ValueError at what is not as expected."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        names = next(filter(None, csv.reader(file)), [])
        try:
            table = pd.read_csv(file, header=None, na_filter=False, low_memory=False)
        except (pd.errors.EmptyDataError, pd.errors.ParserError):
            table = pd.DataFrame()
    if len(names) != 7:
        found = f"{path}: a line of {len(names)} names: {names}"
        raise ValueError(f"{found}, expected 7 between ','")
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


def loss_fn(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the categorical generalized cross entropy of a batch."""
    right = outputs.gather(1, targets.unsqueeze(1)).squeeze(1)
    return ((1 - right**0.7) / 0.7).mean()


def accuracy(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the accuracy of a batch."""
    return (outputs.argmax(dim=1) == targets).float().mean()


def build_optimizer(model: NoisyLabels) -> torch.optim.Optimizer:
    """Return Adam for the weights of the model."""
    # PyTorch adds epsilon after the bias correction of the second moment, Keras before.
    return torch.optim.Adam(model.parameters(), eps=1e-07, fused=True)


def train_one_epoch(
    model: NoisyLabels,
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
        figures = [loss, accuracy(outputs, targets)]
        totals += len(inputs) * torch.stack(figures).detach()
        samples += len(inputs)
        optimizer.step()
    return dict(zip(FIGURES, (totals / samples).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: NoisyLabels,
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
        figures = [loss, accuracy(outputs, targets)]
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
    parser = argparse.ArgumentParser(description="Train noisy_labels.")
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

    torch.manual_seed(SEED)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    try:
        train_set = to_dataset(*read_arrays(args.data))
        test_set = to_dataset(*read_arrays(TEST_DATA))
    except (OSError, ValueError, csv.Error) as error:
        sys.exit(str(error))
    shuffle = torch.Generator().manual_seed(SEED)
    train_loader = DataLoader(
        train_set, batch_size=BATCH_SIZE, shuffle=True, generator=shuffle
    )

    model = NoisyLabels().to(device)
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
