# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 951a0d06076f74fc, text 96b4dd9282457f04
"""Two LSTM layers forecast the next value of a time series.

Input: (N, 24, 5). Output: (N, 1).
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

SEED = 3
EPOCHS = 2
BATCH_SIZE = 4
VALIDATION_SPLIT = 0.25
SHAPES = {"x": ((24, 5),), "y": ((1,), ())}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (-3.4e38, 3.4e38)}
EXPECTED = {"x": "finite numbers", "y": "finite numbers"}
LSTM_1_L2 = 0.0001
LEARNING_RATE = 0.001
FIGURES = ("loss", "mae")


class LstmStack(nn.Module):
    """Two LSTM layers forecast the next value of a time series."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm_1 = nn.LSTM(5, 32, batch_first=True)
        self.lstm_1.bias_hh_l0.requires_grad_(False)  # Keras has one bias
        self.lstm_2 = nn.LSTM(32, 16, batch_first=True)
        self.lstm_2.bias_hh_l0.requires_grad_(False)  # Keras has one bias
        self.dense = nn.Linear(16, 1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.lstm_1, self.lstm_2):
            nn.init.xavier_uniform_(layer.get_parameter("weight_ih_l0"))
            nn.init.orthogonal_(layer.get_parameter("weight_hh_l0"))
            nn.init.zeros_(layer.get_parameter("bias_ih_l0"))
            # unit_forget_bias
            nn.init.ones_(layer.get_parameter("bias_ih_l0").chunk(4)[1])
            nn.init.zeros_(layer.get_parameter("bias_hh_l0"))
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # the same features at all steps, as in Keras
        x = x * F.dropout(torch.ones_like(x[:, :1]), 0.2, self.training)
        x, _ = self.lstm_1(x)
        _, (h, _) = self.lstm_2(x.flip(1))
        x = h[-1]
        return self.dense(x)


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    return ~((low <= array) & (array <= high))  # true for NaN


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
    targets = torch.from_numpy(y.astype(np.float32)).reshape(-1, 1)
    return TensorDataset(inputs, targets)


def loss_fn(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the huber loss of a batch."""
    return F.huber_loss(outputs, targets)


@torch.no_grad()
def l2_penalty(model: LstmStack) -> torch.Tensor:
    """Return the L2 of the loss, whose gradient is the optimizer's weight decay."""
    return LSTM_1_L2 * model.lstm_1.get_parameter("weight_ih_l0").square().sum()


def mean_absolute_error(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean absolute error of a batch."""
    return F.l1_loss(outputs, targets)


def build_optimizer(model: LstmStack) -> torch.optim.Optimizer:
    """Return RMSprop for the weights of the model."""
    others = [
        p for name, p in model.named_parameters() if name != "lstm_1.weight_ih_l0"
    ]
    parameters: list[dict[str, Any]] = [
        # L2 0.0001 on lstm_1: d/dW of 0.0001 * sum(W * W) is 0.0002 * W
        {
            "params": [model.lstm_1.get_parameter("weight_ih_l0")],
            "weight_decay": 2 * LSTM_1_L2,
        },
        {"params": others},
    ]
    # Keras adds epsilon under the root of the mean square, PyTorch to the root.
    return torch.optim.RMSprop(
        parameters, lr=LEARNING_RATE, alpha=0.9, eps=math.sqrt(1e-07)
    )


def train_one_epoch(
    model: LstmStack,
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
        figures = [loss + l2_penalty(model), mean_absolute_error(outputs, targets)]
        totals += len(inputs) * torch.stack(figures).detach()
        samples += len(inputs)
        optimizer.step()
    return dict(zip(FIGURES, (totals / samples).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: LstmStack,
    loader: DataLoader,
    device: torch.device,
) -> dict[str, float]:
    """Return the means of the figures over all samples."""
    model.eval()
    totals, samples = torch.zeros(len(FIGURES), device=device), 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        outputs = model(inputs)
        loss = loss_fn(outputs, targets) + l2_penalty(model)
        figures = [loss, mean_absolute_error(outputs, targets)]
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
    parser = argparse.ArgumentParser(description="Train lstm_stack.")
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
    # The last samples validate, as in Keras.
    kept = int(len(train_set) * (1 - VALIDATION_SPLIT))
    if not 0 < kept < len(train_set):
        sys.exit(f"{args.data}: {len(train_set)} samples are too few to split")
    val_set = TensorDataset(*train_set[kept:])
    train_set = TensorDataset(*train_set[:kept])
    val_loader = DataLoader(val_set, batch_size=BATCH_SIZE)
    shuffle = torch.Generator().manual_seed(SEED)
    train_loader = DataLoader(
        train_set, batch_size=BATCH_SIZE, shuffle=True, generator=shuffle
    )

    model = LstmStack().to(device)
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
