# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 2f79f6cb5e1f3525, text 3fa6024c2050792e
"""A bidirectional LSTM tells whether a review is positive.

Input: (N, 40). Output: (N, 1), logits.
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

EPOCHS = 2
BATCH_SIZE = 4
SHAPES = {"x": ((40,),), "y": ((1,), ())}
RANGES = {"x": (0, 999), "y": (0, 1)}
EXPECTED = {"x": "whole numbers, 0 to 999", "y": "0 or 1"}
BIDIRECTIONAL_2_L2 = 0.0001
FIGURES = ("loss", "accuracy")


def compact(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return sequences with the steps that count first, in their order."""
    order = mask.int().argsort(dim=1, descending=True, stable=True)
    return x.take_along_dim(order.unsqueeze(2), dim=1)


def spread(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return outputs of compact sequences at the steps of the mask.

    As in Keras, a step that does not count repeats the output before it, 0 at first.
    """
    places = mask.cumsum(dim=1).unsqueeze(2)
    return F.pad(x, (0, 0, 1, 0)).take_along_dim(places, dim=1)


def pack(x: torch.Tensor, mask: torch.Tensor) -> nn.utils.rnn.PackedSequence:
    """Return the steps that count, wherever they are; of each sequence at least one."""
    lengths = mask.sum(dim=1).clamp(min=1).cpu()
    return nn.utils.rnn.pack_padded_sequence(
        compact(x, mask), lengths, batch_first=True, enforce_sorted=False
    )


def unpack(packed: nn.utils.rnn.PackedSequence, mask: torch.Tensor) -> torch.Tensor:
    """Return outputs at the steps of the mask; those that do not count are 0."""
    x, _ = nn.utils.rnn.pad_packed_sequence(
        packed, batch_first=True, total_length=mask.shape[1]
    )
    return spread(x, mask) * mask.unsqueeze(2)


class BidirectionalLstm(nn.Module):
    """A bidirectional LSTM tells whether a review is positive."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(1000, 16)
        self.bidirectional_1 = nn.LSTM(16, 12, bidirectional=True, batch_first=True)
        self.bidirectional_1.bias_hh_l0.requires_grad_(False)  # Keras has one bias
        self.bidirectional_1.bias_hh_l0_reverse.requires_grad_(False)
        self.bidirectional_2 = nn.LSTM(24, 8, bidirectional=True, batch_first=True)
        self.bidirectional_2.bias_hh_l0.requires_grad_(False)  # Keras has one bias
        self.bidirectional_2.bias_hh_l0_reverse.requires_grad_(False)
        self.dropout = nn.Dropout(0.5)
        self.dense = nn.Linear(16, 1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        nn.init.uniform_(self.embedding.weight, -0.05, 0.05)
        for layer in (self.bidirectional_1, self.bidirectional_2):
            nn.init.xavier_uniform_(layer.get_parameter("weight_ih_l0"))
            nn.init.orthogonal_(layer.get_parameter("weight_hh_l0"))
            nn.init.zeros_(layer.get_parameter("bias_ih_l0"))
            # unit_forget_bias
            nn.init.ones_(layer.get_parameter("bias_ih_l0").chunk(4)[1])
            nn.init.zeros_(layer.get_parameter("bias_hh_l0"))
            nn.init.xavier_uniform_(layer.get_parameter("weight_ih_l0_reverse"))
            nn.init.orthogonal_(layer.get_parameter("weight_hh_l0_reverse"))
            nn.init.zeros_(layer.get_parameter("bias_ih_l0_reverse"))
            # unit_forget_bias
            nn.init.ones_(layer.get_parameter("bias_ih_l0_reverse").chunk(4)[1])
            nn.init.zeros_(layer.get_parameter("bias_hh_l0_reverse"))
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mask = x != 0
        x = self.embedding(x)
        packed, _ = self.bidirectional_1(pack(x, mask))
        x = unpack(packed, mask)
        _, (h, _) = self.bidirectional_2(pack(x, mask))
        # 0 where no step counts
        x = torch.cat([h[0], h[1]], dim=1) * mask.any(dim=1, keepdim=True)
        x = self.dropout(x)
        return self.dense(x)  # logits: the sigmoid is part of the loss

    def probabilities(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the Keras model returns, of shape (N, 1)."""
        return torch.sigmoid(self(x))


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
    targets = torch.from_numpy(y.astype(np.float32)).reshape(-1, 1)
    return TensorDataset(inputs, targets)


def loss_fn(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the binary crossentropy of a batch."""
    return F.binary_cross_entropy_with_logits(logits, targets)


@torch.no_grad()
def l2_penalty(model: BidirectionalLstm) -> torch.Tensor:
    """Return the L2 of the loss, whose gradient is the optimizer's weight decay."""
    return (
        BIDIRECTIONAL_2_L2
        * model.bidirectional_2.get_parameter("weight_ih_l0").square().sum()
        + BIDIRECTIONAL_2_L2
        * model.bidirectional_2.get_parameter("weight_ih_l0_reverse").square().sum()
    )


def accuracy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the accuracy of a batch."""
    return ((logits > 0) == targets).float().mean()


def build_optimizer(model: BidirectionalLstm) -> torch.optim.Optimizer:
    """Return Adam for the weights of the model."""
    decayed = {"bidirectional_2.weight_ih_l0", "bidirectional_2.weight_ih_l0_reverse"}
    others = [p for name, p in model.named_parameters() if name not in decayed]
    parameters: list[dict[str, Any]] = [
        # L2 0.0001 on bidirectional_2: d/dW of 0.0001 * sum(W * W) is 0.0002 * W
        {
            "params": [
                model.bidirectional_2.get_parameter("weight_ih_l0"),
                model.bidirectional_2.get_parameter("weight_ih_l0_reverse"),
            ],
            "weight_decay": 2 * BIDIRECTIONAL_2_L2,
        },
        {"params": others},
    ]
    # PyTorch adds epsilon after the bias correction of the second moment, Keras before.
    return torch.optim.Adam(parameters, eps=1e-07, fused=True)


def train_one_epoch(
    model: BidirectionalLstm,
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
        figures = [loss + l2_penalty(model), accuracy(logits, targets)]
        totals += len(inputs) * torch.stack(figures).detach()
        samples += len(inputs)
        optimizer.step()
    return dict(zip(FIGURES, (totals / samples).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: BidirectionalLstm,
    loader: DataLoader,
    device: torch.device,
) -> dict[str, float]:
    """Return the means of the figures over all samples."""
    model.eval()
    totals, samples = torch.zeros(len(FIGURES), device=device), 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        logits = model(inputs)
        loss = loss_fn(logits, targets) + l2_penalty(model)
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
    parser = argparse.ArgumentParser(description="Train bidirectional_lstm.")
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

    model = BidirectionalLstm().to(device)
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
