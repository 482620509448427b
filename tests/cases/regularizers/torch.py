# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 2bc723c94b669ffc, text db21d5333d565610
"""The model regularizers.

Input: (N, 6). Output: (N, 2).
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

EPOCHS = 1
BATCH_SIZE = 4
DENSE_3_ACTIVITY_L2 = 0.01
OUTPUT_ACTIVITY_L1 = 0.1
OUTPUT_ACTIVITY_L2 = 0.2
SHAPES = {"x": ((6,),), "y": ((2,),)}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (-3.4e38, 3.4e38)}
EXPECTED = {"x": "finite numbers", "y": "finite numbers"}
DENSE_1_L1 = 0.01
DENSE_1_BIAS_L2 = 0.02
BATCH_NORMALIZATION_GAMMA_L1 = 0.01
BATCH_NORMALIZATION_GAMMA_L2 = 0.03
BATCH_NORMALIZATION_BETA_L1 = 0.01
DENSE_2_ORTHOGONAL = 0.01
DENSE_3_ORTHOGONAL = 0.1
LAYER_NORMALIZATION_GAMMA_L2 = 0.04
LEARNING_RATE = 0.1
FIGURES = ("loss",)


def mean_cosine(rows: torch.Tensor) -> torch.Tensor:
    """Return the mean absolute cosine between the rows of a matrix."""
    rows = F.normalize(rows, dim=1)
    pairs = len(rows) * (len(rows) - 1) / 2
    return (rows @ rows.T).triu(1).abs().sum() / pairs


class Regularizers(nn.Module):
    """The model regularizers."""

    def __init__(self) -> None:
        super().__init__()
        self.dense_1 = nn.Linear(6, 8)
        # The running variance is the unbiased one, n / (n - 1) of Keras'.
        self.batch_normalization = nn.BatchNorm1d(8, eps=0.001, momentum=0.01)
        self.dense_2 = nn.Linear(8, 4)
        self.dense_3 = nn.Linear(4, 4)
        self.layer_normalization = nn.LayerNorm(4, eps=0.001)
        self.output = nn.Linear(4, 2)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.dense_1, self.dense_2, self.dense_3, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.dense_1(x)
        x = self.batch_normalization(x)
        x = F.relu(self.dense_2(x))
        x = self.dense_3(x)
        activity_penalty = DENSE_3_ACTIVITY_L2 * x.square().sum() / len(x)
        x = self.layer_normalization(x)
        x = self.output(x)
        activity_penalty += OUTPUT_ACTIVITY_L1 * x.abs().sum() / len(x)
        activity_penalty += OUTPUT_ACTIVITY_L2 * x.square().sum() / len(x)
        return x, activity_penalty


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
    targets = torch.from_numpy(y.astype(np.float32)).reshape(-1, 2)
    return TensorDataset(inputs, targets)


def loss_fn(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error of a batch."""
    return F.mse_loss(outputs, targets)


def penalty(model: Regularizers) -> torch.Tensor:
    """Return the regularization of the weights."""
    return (
        DENSE_1_L1 * model.dense_1.weight.abs().sum()
        + BATCH_NORMALIZATION_GAMMA_L1 * model.batch_normalization.weight.abs().sum()
        + BATCH_NORMALIZATION_BETA_L1 * model.batch_normalization.bias.abs().sum()
        + DENSE_2_ORTHOGONAL * mean_cosine(model.dense_2.weight.T)
        + DENSE_3_ORTHOGONAL * mean_cosine(model.dense_3.weight)
    )


@torch.no_grad()
def l2_penalty(model: Regularizers) -> torch.Tensor:
    """Return the L2 of the loss, whose gradient is the optimizer's weight decay."""
    return (
        DENSE_1_BIAS_L2 * model.dense_1.bias.square().sum()
        + BATCH_NORMALIZATION_GAMMA_L2 * model.batch_normalization.weight.square().sum()
        + LAYER_NORMALIZATION_GAMMA_L2 * model.layer_normalization.weight.square().sum()
    )


def build_optimizer(model: Regularizers) -> torch.optim.Optimizer:
    """Return SGD for the weights of the model."""
    decayed = {
        "dense_1.bias",
        "batch_normalization.weight",
        "layer_normalization.weight",
    }
    others = [p for name, p in model.named_parameters() if name not in decayed]
    parameters: list[dict[str, Any]] = [
        # L2 0.02 on dense_1_bias: d/dW of 0.02 * sum(W * W) is 0.04 * W
        {"params": [model.dense_1.bias], "weight_decay": 2 * DENSE_1_BIAS_L2},
        # L2 0.03 on batch_normalization_gamma: d/dW of 0.03 * sum(W * W) is 0.06 * W
        {
            "params": [model.batch_normalization.weight],
            "weight_decay": 2 * BATCH_NORMALIZATION_GAMMA_L2,
        },
        # L2 0.04 on layer_normalization_gamma: d/dW of 0.04 * sum(W * W) is 0.08 * W
        {
            "params": [model.layer_normalization.weight],
            "weight_decay": 2 * LAYER_NORMALIZATION_GAMMA_L2,
        },
        {"params": others},
    ]
    return torch.optim.SGD(parameters, lr=LEARNING_RATE, fused=True)


def train_one_epoch(
    model: Regularizers,
    loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
) -> dict[str, float]:
    """Train on each batch once; return the means of the figures over all samples."""
    model.train()
    totals, samples = torch.zeros(len(FIGURES), device=device), 0
    for inputs, targets in tqdm(loader, leave=False, disable=None):
        inputs, targets = inputs.to(device), targets.to(device)
        outputs, activity_penalty = model(inputs)
        loss = loss_fn(outputs, targets) + penalty(model) + activity_penalty
        optimizer.zero_grad()
        loss.backward()
        figures = [loss + l2_penalty(model)]
        totals += len(inputs) * torch.stack(figures).detach()
        samples += len(inputs)
        optimizer.step()
    return dict(zip(FIGURES, (totals / samples).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: Regularizers,
    loader: DataLoader,
    device: torch.device,
) -> dict[str, float]:
    """Return the means of the figures over all samples."""
    model.eval()
    totals, samples = torch.zeros(len(FIGURES), device=device), 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        outputs, activity_penalty = model(inputs)
        loss = (
            loss_fn(outputs, targets)
            + penalty(model)
            + activity_penalty
            + l2_penalty(model)
        )
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
    parser = argparse.ArgumentParser(description="Train regularizers.")
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
    train_loader = DataLoader(train_set, batch_size=BATCH_SIZE, shuffle=True)

    model = Regularizers().to(device)
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
