# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 20c7665abb2aae30, text ec87a659b6194c8d
"""Matrices by Muon, the rest and the last layer by AdamW.

Input: (N, 8). Output: (N, 3), logits.
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

EPOCHS = 10
BATCH_SIZE = 32
SHAPES = {"x": ((8,),), "y": ((), (1,))}
RANGES = {"x": (0, 49), "y": (0, 2)}
EXPECTED = {"x": "whole numbers, 0 to 49", "y": "whole numbers, 0 to 2"}
INITIAL_LEARNING_RATE = 0.01
DECAY_STEPS = 1000
WEIGHT_DECAY = 0.01
FIGURES = ("loss", "accuracy")


class Muon(nn.Module):
    """Matrices by Muon, the rest and the last layer by AdamW."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(50, 12)
        self.flatten = nn.Flatten()
        self.dense_1 = nn.Linear(96, 32)
        self.dense_2 = nn.Linear(32, 16)
        self.output = nn.Linear(16, 3)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        nn.init.uniform_(self.embedding.weight, -0.05, 0.05)
        for layer in (self.dense_1, self.dense_2, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.embedding(x)
        x = self.flatten(x)
        x = F.silu(self.dense_1(x))
        x = F.silu(self.dense_2(x))
        return self.output(x)  # logits: the softmax is part of the loss

    def probabilities(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the Keras model returns, of shape (N, 3)."""
        return F.softmax(self(x), dim=1)


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    wrong = ~((low <= array) & (array <= high))  # true for NaN
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
    inputs = torch.from_numpy(x.astype(np.int32))
    targets = torch.from_numpy(y.astype(np.int64)).reshape(-1)
    return TensorDataset(inputs, targets)


def loss_fn(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the sparse categorical crossentropy of a batch."""
    return F.cross_entropy(logits, targets)


def accuracy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the accuracy of a batch."""
    return (logits.argmax(dim=1) == targets).float().mean()


def orthogonal(
    matrix: torch.Tensor, coefficients: tuple[float, float, float], steps: int
) -> torch.Tensor:
    """Return about the nearest orthogonal matrix, by steps of Newton and Schulz."""
    a, b, c = coefficients
    x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / (x.norm() + 1e-07)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if matrix.shape[0] > matrix.shape[1] else x


class MuonOptimizer(torch.optim.Optimizer):
    """Muon (Jordan et al., 2024) for matrices, AdamW for other weights, as in Keras.

    torch.optim.Muon takes matrices alone, and computes in bfloat16.
    """

    def __init__(
        self,
        matrices,
        others,
        lr: float,
        momentum: float,
        coefficients: tuple[float, float, float],
        ns_steps: int,
        rms_rate: float,
        weight_decay: float,
        betas: tuple[float, float],
        eps: float,
        adam_weight_decay: float,
    ) -> None:
        muon = {
            "params": matrices,
            "momentum": momentum,
            "coefficients": coefficients,
            "ns_steps": ns_steps,
            "rms_rate": rms_rate,
            "weight_decay": weight_decay,
        }
        adamw = {
            "params": others,
            "betas": betas,
            "eps": eps,
            "weight_decay": adam_weight_decay,
        }
        super().__init__([muon, adamw], {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        muon, adamw = self.param_groups
        for parameter in muon["params"]:
            if parameter.grad is not None:
                parameter.mul_(1 - muon["lr"] * muon["weight_decay"])
                self.update_matrix(parameter, parameter.grad, muon)
        for parameter in adamw["params"]:
            if parameter.grad is not None:
                parameter.mul_(1 - adamw["lr"] * adamw["weight_decay"])
                self.update_other(parameter, parameter.grad, adamw)

    def update_matrix(
        self, matrix: torch.Tensor, gradient: torch.Tensor, group: dict[str, Any]
    ) -> None:
        state, momentum = self.state[matrix], group["momentum"]
        if not state:
            state["momentum"] = torch.zeros_like(matrix)
        direction = state["momentum"].mul_(momentum).add_(gradient)
        direction = gradient + momentum * direction
        direction = orthogonal(direction, group["coefficients"], group["ns_steps"])
        rate = group["lr"] * group["rms_rate"] * math.sqrt(max(matrix.shape))
        matrix.sub_(rate * direction)

    def update_other(
        self, parameter: torch.Tensor, gradient: torch.Tensor, group: dict[str, Any]
    ) -> None:
        state, (beta_1, beta_2) = self.state[parameter], group["betas"]
        if not state:
            state["step"] = 0
            state["mean"] = torch.zeros_like(parameter)
            state["square"] = torch.zeros_like(parameter)
        state["step"] += 1
        mean = state["mean"].lerp_(gradient, 1 - beta_1)
        square = state["square"].lerp_(gradient.square(), 1 - beta_2)
        correction = math.sqrt(1 - beta_2 ** state["step"])
        correction /= 1 - beta_1 ** state["step"]
        rate = group["lr"] * correction
        parameter.sub_(rate * mean / (square.sqrt() + group["eps"]))


def build_optimizer(model: Muon) -> torch.optim.Optimizer:
    """Return Muon and AdamW for the weights of the model."""
    matrices = [model.dense_1.weight, model.dense_2.weight]
    chosen = set(matrices)
    others = [p for p in model.parameters() if p not in chosen]
    return MuonOptimizer(
        matrices,
        others,
        lr=INITIAL_LEARNING_RATE,
        momentum=0.95,
        coefficients=(3.4445, -4.775, 2.0315),
        ns_steps=5,
        rms_rate=0.2,
        weight_decay=WEIGHT_DECAY,
        betas=(0.9, 0.999),
        eps=1e-07,
        adam_weight_decay=0.004,
    )


def cosine_decay(step: int) -> float:
    """Return the learning rate of a batch as a share of INITIAL_LEARNING_RATE."""
    passed = min(step / DECAY_STEPS, 1)
    return 0.5 * (1 + math.cos(math.pi * passed))


def build_scheduler(
    optimizer: torch.optim.Optimizer,
) -> torch.optim.lr_scheduler.LRScheduler:
    """Return the schedule of the learning rate, with a step for each update."""
    return torch.optim.lr_scheduler.LambdaLR(optimizer, cosine_decay)


def train_one_epoch(
    model: Muon,
    loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
    scheduler: torch.optim.lr_scheduler.LRScheduler,
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
        figures = [loss, accuracy(logits, targets)]
        totals += len(inputs) * torch.stack(figures).detach()
        samples += len(inputs)
        optimizer.step()
        scheduler.step()
    return dict(zip(FIGURES, (totals / samples).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: Muon,
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
        figures = [loss, accuracy(logits, targets)]
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
    parser = argparse.ArgumentParser(description="Train muon.")
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

    model = Muon().to(device)
    optimizer = build_optimizer(model)
    scheduler = build_scheduler(optimizer)

    try:
        for epoch in range(args.epochs):
            figures = train_one_epoch(model, train_loader, optimizer, device, scheduler)
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
