# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec d803f68c3bf06f91, text b96b68fd7114a7ef
"""Three classes of pixels.

Input: (N, 3, 6, 8). Output: (N, 3, 6, 8).
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
from tqdm import tqdm

SEED = 1
DATA = "pixels.npz"
EPOCHS = 1
BATCH_SIZE = 4
SHAPES = {"x": ((6, 8, 3),), "y": ((6, 8), (6, 8, 1))}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 2)}
EXPECTED = {"x": "finite numbers", "y": "whole numbers, 0 to 2, or 255"}
LEARNING_RATE = 0.01
FIGURES = ("loss", "accuracy")


class Segmentation(nn.Module):
    """Three classes of pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.conv2d_1 = nn.Conv2d(3, 8, 3, padding="same")
        self.classes = nn.Conv2d(8, 3, 1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.conv2d_1, self.classes):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.get_parameter("bias"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv2d_1(x))
        x = x * F.dropout(x.new_ones(len(x), 8, 1, 1), 0.2, self.training)
        return F.softmax(self.classes(x), dim=1)


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    wrong = ~((low <= array) & (array <= high))  # true for NaN
    if kind == "y":
        wrong |= array != np.floor(array)
        wrong &= array != 255
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
    targets = torch.from_numpy(y.astype(np.int64)).reshape(-1, 6, 8)
    return TensorDataset(inputs, targets)


def loss_fn(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the sparse categorical crossentropy of a batch."""
    return F.cross_entropy(
        outputs.clamp(1e-7, 1 - 1e-7).log(), targets, ignore_index=255, reduction="sum"
    ) / (targets != 255).sum().clamp(min=1)


def accuracy(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the accuracy of a batch."""
    return (outputs.argmax(dim=1) == targets).float().mean()


def build_optimizer(model: Segmentation) -> torch.optim.Optimizer:
    """Return Adam for the weights of the model."""
    # PyTorch adds epsilon after the bias correction of the second moment, Keras before.
    return torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)


def train_one_epoch(
    model: Segmentation,
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
    model: Segmentation,
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
    parser = argparse.ArgumentParser(description="Train segmentation.")
    parser.add_argument(
        "--data", default=DATA, help="npz file with the arrays (%(default)s)"
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
        arrays = read_arrays(args.data)
    except ValueError as error:
        sys.exit(str(error))
    train_set = to_dataset(arrays["x_train"], arrays["y_train"])
    test_set = to_dataset(arrays["x_test"], arrays["y_test"])
    shuffle = torch.Generator().manual_seed(SEED)
    train_loader = DataLoader(
        train_set, batch_size=BATCH_SIZE, shuffle=True, generator=shuffle
    )

    model = Segmentation().to(device)
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
