# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 4ebcc6eec77cdf52, text 2b015cf5d7fb951b
"""The part of speech of each word of a sentence, 0 being padding.

Input: (N, 24). Output: (N, 24, 12), logits.
"""

import argparse
import copy
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
EPOCHS = 3
BATCH_SIZE = 16
VALIDATION_SPLIT = 0.1
SHAPES = {"x": ((24,),), "y": ((24,), (24, 1))}
RANGES = {"x": (0, 499), "y": (0, 11)}
EXPECTED = {"x": "whole numbers, 0 to 499", "y": "whole numbers, 0 to 11"}
LEARNING_RATE = 0.1
CLIPNORM = 1.0
PATIENCE = 2
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


def masked_mean(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean of the values that count; 0 where none does, as in Keras."""
    return (values * mask).sum() / mask.sum().clamp(min=1)


class WordTags(nn.Module):
    """The part of speech of each word of a sentence, 0 being padding."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(500, 32)
        self.spatial_dropout1d = nn.Dropout1d(0.1)
        self.lstm = nn.LSTM(32, 16, batch_first=True)
        self.lstm.bias_hh_l0.requires_grad_(False)  # Keras has one bias
        self.tags = nn.Linear(16, 12)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        nn.init.uniform_(self.embedding.weight, -0.05, 0.05)
        nn.init.xavier_uniform_(self.lstm.get_parameter("weight_ih_l0"))
        nn.init.orthogonal_(self.lstm.get_parameter("weight_hh_l0"))
        nn.init.zeros_(self.lstm.get_parameter("bias_ih_l0"))
        # unit_forget_bias
        nn.init.ones_(self.lstm.get_parameter("bias_ih_l0").chunk(4)[1])
        nn.init.zeros_(self.lstm.get_parameter("bias_hh_l0"))
        nn.init.xavier_uniform_(self.tags.weight)
        nn.init.zeros_(self.tags.bias)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mask = x != 0  # what counts in the loss
        x = self.embedding(x)
        x = x.transpose(1, 2)  # channels first
        x = self.spatial_dropout1d(x)
        x = x.transpose(1, 2)  # channels last
        x, _ = self.lstm(compact(x, mask))
        x = spread(x, mask)
        x = self.tags(x)
        return x, mask  # logits: the softmax is part of the loss

    def probabilities(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the Keras model returns, of shape (N, 24, 12)."""
        logits, _ = self(x)
        return F.softmax(logits, dim=2)


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
    targets = torch.from_numpy(y.astype(np.int64)).reshape(-1, 24)
    return TensorDataset(inputs, targets)


def loss_fn(
    logits: torch.Tensor, targets: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """Return the sparse categorical crossentropy of a batch."""
    values = F.cross_entropy(logits.movedim(2, 1), targets, reduction="none")
    return masked_mean(values, mask)


def accuracy(
    logits: torch.Tensor, targets: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """Return the accuracy of a batch."""
    return masked_mean((logits.argmax(dim=2) == targets).float(), mask)


def build_optimizer(model: WordTags) -> torch.optim.Optimizer:
    """Return SGD for the weights of the model."""
    return torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, fused=True)


def figure_weights(mask: torch.Tensor) -> torch.Tensor:
    """Return how much each figure of a batch weighs in that of an epoch, as in Keras.

    The loss weighs by samples, the metrics by the places that count.
    """
    weights = mask.sum().repeat(len(FIGURES))
    weights[0] = len(mask)
    return weights


def train_one_epoch(
    model: WordTags,
    loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
) -> dict[str, float]:
    """Train on each batch once; return the means of the figures over all samples."""
    model.train()
    totals = torch.zeros(len(FIGURES), device=device)
    counts = torch.zeros_like(totals)
    for inputs, targets in tqdm(loader, leave=False, disable=None):
        inputs, targets = inputs.to(device), targets.to(device)
        logits, mask = model(inputs)
        loss = loss_fn(logits, targets, mask)
        optimizer.zero_grad()
        loss.backward()
        figures = [loss, accuracy(logits, targets, mask)]
        weights = figure_weights(mask)
        totals += weights * torch.stack(figures).detach()
        counts += weights
        for parameter in model.parameters():  # each by itself, as in Keras
            nn.utils.clip_grad_norm_(parameter, CLIPNORM)
        optimizer.step()
    return dict(zip(FIGURES, (totals / counts.clamp(min=1)).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: WordTags,
    loader: DataLoader,
    device: torch.device,
) -> dict[str, float]:
    """Return the means of the figures over all samples."""
    model.eval()
    totals = torch.zeros(len(FIGURES), device=device)
    counts = torch.zeros_like(totals)
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        logits, mask = model(inputs)
        loss = loss_fn(logits, targets, mask)
        figures = [loss, accuracy(logits, targets, mask)]
        weights = figure_weights(mask)
        totals += weights * torch.stack(figures)
        counts += weights
    return dict(zip(FIGURES, (totals / counts.clamp(min=1)).tolist(), strict=True))


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
    parser = argparse.ArgumentParser(description="Train word_tags.")
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

    model = WordTags().to(device)
    optimizer = build_optimizer(model)

    best, waited = None, 0
    best_state = None
    try:
        for epoch in range(args.epochs):
            figures = train_one_epoch(model, train_loader, optimizer, device)
            validation = evaluate(model, val_loader, device)
            figures |= {f"val_{name}": value for name, value in validation.items()}
            print(f"Epoch {epoch + 1}/{args.epochs} - {describe(figures)}")
            value = figures["val_accuracy"]
            waited += 1
            if best is None or value > best:
                best = value
                best_state = copy.deepcopy(model.state_dict())
                waited = 0
            elif waited >= PATIENCE and epoch > 0:
                break
        if best_state is not None:
            model.load_state_dict(best_state)
        test_loader = DataLoader(test_set, batch_size=BATCH_SIZE)
        print(f"Test - {describe(evaluate(model, test_loader, device))}")
    except KeyboardInterrupt:
        if not args.save:
            raise
        which = "best weights" if best_state else "weights as they are"
        save(best_state or model.state_dict(), args.save)
        print(f"Interrupted: {args.save} has the {which}", file=sys.stderr)
        sys.exit(130)
    if args.save:
        save(model.state_dict(), args.save)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
