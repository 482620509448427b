# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 668cb4162ea7c148, text a44b95d4b0e29181
"""A convnet for photographs, which training turns and moves.

Input: (N, 3, 36, 48). Output: (N, 10), logits.
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

SEED = 11
DATA = "data/photographs.npz"
EPOCHS = 10
BATCH_SIZE = 64
VALIDATION_SPLIT = 0.1
SHAPES = {"x": ((36, 48, 3),), "y": ((), (1,))}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 9)}
EXPECTED = {"x": "finite numbers", "y": "whole numbers, 0 to 9"}
LEARNING_RATE = 0.001
FIGURES = ("loss", "accuracy")


class RandomFlip(nn.Module):
    """Flips every other image along all of `dims`, in training alone."""

    def __init__(self, *dims: int) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        flips = torch.rand(len(x), 1, 1, 1, device=x.device) < 0.5
        return torch.where(flips, x.flip(self.dims), x)


class RandomAffine(nn.Module):
    """Samples each image where a matrix of its own says, in training alone.

    `matrices` lead from the result to the image, in coordinates from -1 to 1.
    """

    def __init__(
        self, mode: str = "bilinear", padding_mode: str = "reflection"
    ) -> None:
        super().__init__()
        self.mode = mode
        self.padding_mode = padding_mode

    def matrices(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        grid = F.affine_grid(self.matrices(x), list(x.shape), align_corners=False)
        return F.grid_sample(x, grid, self.mode, self.padding_mode, align_corners=False)


class RandomRotation(RandomAffine):
    """Turns each image around its centre, by a random part of a whole turn."""

    def __init__(self, factor: tuple[float, float], **sampling: Any) -> None:
        super().__init__(**sampling)
        self.factor = factor

    def matrices(self, x: torch.Tensor) -> torch.Tensor:
        angle = 2 * math.pi * x.new_empty(len(x)).uniform_(*self.factor)
        cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
        ratio = x.shape[2] / x.shape[3]
        rows = [cos, -sin * ratio, zero, sin / ratio, cos, zero]
        return torch.stack(rows, 1).view(-1, 2, 3)


class RandomTranslation(RandomAffine):
    """Moves each image by random parts of its height and its width."""

    def __init__(
        self,
        height: tuple[float, float],
        width: tuple[float, float],
        **sampling: Any,
    ) -> None:
        super().__init__(**sampling)
        self.height = height
        self.width = width

    def matrices(self, x: torch.Tensor) -> torch.Tensor:
        down = x.new_empty(len(x)).uniform_(*self.height)
        right = x.new_empty(len(x)).uniform_(*self.width)
        one, zero = torch.ones_like(down), torch.zeros_like(down)
        rows = [one, zero, -2 * right, zero, one, -2 * down]
        return torch.stack(rows, 1).view(-1, 2, 3)


class RandomZoom(RandomAffine):
    """Shows more of each image, or less: `1 + factor` times its sides."""

    def __init__(self, factor: tuple[float, float], **sampling: Any) -> None:
        super().__init__(**sampling)
        self.factor = factor

    def matrices(self, x: torch.Tensor) -> torch.Tensor:
        zoom = 1 + x.new_empty(len(x)).uniform_(*self.factor)
        zero = torch.zeros_like(zoom)
        rows = [zoom, zero, zero, zero, zoom, zero]
        return torch.stack(rows, 1).view(-1, 2, 3)


class RandomContrast(nn.Module):
    """Multiplies each image's distance from its mean, in training alone."""

    def __init__(
        self, factor: tuple[float, float], value_range: tuple[float, float]
    ) -> None:
        super().__init__()
        self.factor = factor
        self.value_range = value_range

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        lower, upper = self.factor
        contrast = x.new_empty(len(x), 1, 1, 1).uniform_(1 - lower, 1 + upper)
        mean = x.mean((2, 3), keepdim=True)
        return ((x - mean) * contrast + mean).clamp(*self.value_range)


class RandomBrightness(nn.Module):
    """Adds to each image a random part of the range of values, in training alone."""

    def __init__(
        self, factor: tuple[float, float], value_range: tuple[float, float]
    ) -> None:
        super().__init__()
        self.factor = factor
        self.value_range = value_range

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        low, high = self.value_range
        shift = x.new_empty(len(x), 1, 1, 1).uniform_(*self.factor) * (high - low)
        return (x + shift).clamp(low, high)


class Augmented(nn.Module):
    """A convnet for photographs, which training turns and moves."""

    def __init__(self) -> None:
        super().__init__()
        self.random_flip = RandomFlip(3)
        self.random_rotation = RandomRotation((-0.05, 0.05))
        self.random_translation = RandomTranslation(
            (-0.1, 0.1), (-0.1, 0.1), padding_mode="border"
        )
        self.random_zoom = RandomZoom((-0.1, 0.1))
        self.random_contrast = RandomContrast((0.0, 0.2), (0.0, 255.0))
        self.random_brightness = RandomBrightness((-0.1, 0.1), (0.0, 255.0))
        self.conv2d_1 = nn.Conv2d(3, 16, 3)
        self.max_pooling2d = nn.MaxPool2d(2)
        self.conv2d_2 = nn.Conv2d(16, 32, 3)
        self.dense = nn.Linear(32, 10)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.conv2d_1, self.conv2d_2):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.get_parameter("bias"))
        nn.init.xavier_uniform_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x[..., 6:42]  # the middle
        x = F.interpolate(x, size=(32, 32), mode="bilinear", antialias=True)
        x = self.random_flip(x)
        x = self.random_rotation(x)
        x = self.random_translation(x)
        x = self.random_zoom(x)
        x = self.random_contrast(x)
        x = self.random_brightness(x)
        x = x * 0.00784313725490196 - 1.0
        x = F.relu(self.conv2d_1(x))
        x = self.max_pooling2d(x)
        x = F.relu(self.conv2d_2(x))
        x = x.mean(dim=(2, 3))
        return self.dense(x)  # logits: the softmax is part of the loss

    def probabilities(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the Keras model returns, of shape (N, 10)."""
        return F.softmax(self(x), dim=1)


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    wrong = ~((low <= array) & (array <= high))  # true for NaN
    if kind == "y":
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
    inputs = torch.from_numpy(x.astype(np.float32)).permute(0, 3, 1, 2)
    targets = torch.from_numpy(y.astype(np.int64)).reshape(-1)
    return TensorDataset(inputs, targets)


def loss_fn(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the sparse categorical crossentropy of a batch."""
    return F.cross_entropy(logits, targets)


def accuracy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the accuracy of a batch."""
    return (logits.argmax(dim=1) == targets).float().mean()


def build_optimizer(model: Augmented) -> torch.optim.Optimizer:
    """Return Adam for the weights of the model."""
    # PyTorch adds epsilon after the bias correction of the second moment, Keras before.
    return torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, eps=1e-07, fused=True)


def train_one_epoch(
    model: Augmented,
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
        figures = [loss, accuracy(logits, targets)]
        totals += len(inputs) * torch.stack(figures).detach()
        samples += len(inputs)
        optimizer.step()
    return dict(zip(FIGURES, (totals / samples).tolist(), strict=True))


@torch.inference_mode()
def evaluate(
    model: Augmented,
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
    parser = argparse.ArgumentParser(description="Train augmented.")
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

    model = Augmented().to(device)
    nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
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
