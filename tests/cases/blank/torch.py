# Made by specc 0.1.0 from blank.yaml
# Change the spec, not this file. Digests: spec 9a68a317eeed602b, text 6f93e7e54d3a98b2
"""A spec to start from, three classes of 16 numbers.

Input: (N, 16). Output: (N, 3), logits.
"""

import argparse
import sys
import zipfile

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812
from torch.utils.data import DataLoader, Subset, TensorDataset
from tqdm import tqdm

SEED = 1
EPOCHS = 20
BATCH_SIZE = 32
VALIDATION_SPLIT = 0.2
LEARNING_RATE = 0.001
FIGURES = ("loss", "accuracy")


class Blank(nn.Module):
    """A spec to start from, three classes of 16 numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.dense_1 = nn.Linear(16, 32)
        self.dropout = nn.Dropout(0.2)
        self.output = nn.Linear(32, 3)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.dense_1, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.dense_1(x))
        x = self.dropout(x)
        return self.output(x)  # logits: the softmax is part of the loss

    def probabilities(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the Keras model returns, of shape (N, 3)."""
        return F.softmax(self(x), dim=1)


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Read the four arrays, or leave with a line that says what is wrong."""
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        sys.exit(f"{path}: expected an npz file of numbers: {error}")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        shapes = [(16,)] if name.startswith("x") else [(), (1,)]
        expected = "(N, 16)" if name.startswith("x") else "(N,) or (N, 1)"
        if name not in arrays:
            sys.exit(f"{path}: no array {name}, expected one of shape {expected}")
        array = arrays[name]
        if array.ndim == 0 or array.shape[1:] not in shapes or array.size == 0:
            sys.exit(f"{path}: {name} has shape {array.shape}, expected {expected}")
        if array.dtype.kind not in "biuf":
            sys.exit(f"{path}: {name} holds {array.dtype}, expected numbers")
    for x, y in (("x_train", "y_train"), ("x_test", "y_test")):
        if len(arrays[x]) != len(arrays[y]):
            sys.exit(f"{path}: {x} has {len(arrays[x])} rows, but {y} {len(arrays[y])}")
        low, high = arrays[y].min(), arrays[y].max()
        if not 0 <= low <= high <= 2:
            sys.exit(f"{path}: {y} holds {low} to {high}, expected 0 to 2")
    return arrays


def to_dataset(x: np.ndarray, y: np.ndarray) -> TensorDataset:
    """Return inputs and targets as the model and the loss take them."""
    inputs = torch.from_numpy(x.astype(np.float32))
    targets = torch.from_numpy(y.astype(np.int64)).reshape(-1)
    return TensorDataset(inputs, targets)


def loss_fn(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the sparse categorical crossentropy of a batch."""
    return F.cross_entropy(logits, targets)


def accuracy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the accuracy of a batch."""
    return (logits.argmax(dim=1) == targets).float().mean()


def build_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    """Return Adam for the weights of the model."""
    # PyTorch adds epsilon after the bias correction of the second moment, Keras before.
    return torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, eps=1e-07, fused=True)


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
    parser = argparse.ArgumentParser(description="Train blank.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained weights (.pt)")
    args = parser.parse_args()

    torch.manual_seed(SEED)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    arrays = read_arrays(args.data)
    train_set = to_dataset(arrays["x_train"], arrays["y_train"])
    test_set = to_dataset(arrays["x_test"], arrays["y_test"])
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

    model = Blank().to(device)
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
