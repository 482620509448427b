# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 30adcfaed89f6a4a, text 29b1cc424790a3a0
"""The model image_to_image.

Input: (N, 2, 9, 12). Output: (N, 2, 2, 2).
"""

import argparse
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

EPOCHS = 1
BATCH_SIZE = 4
SHAPES = {"x": ((9, 12, 2),), "y": ((2, 2, 2),)}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (-3.4e38, 3.4e38)}
EXPECTED = {"x": "finite numbers", "y": "finite numbers"}
FIGURES = ("loss", "mae")


class ImageToImage(nn.Module):
    """The model image_to_image."""

    def __init__(self) -> None:
        super().__init__()
        self.zero_padding2d = nn.ZeroPad2d((2, 0, 0, 1))
        self.conv2d_1 = nn.Conv2d(2, 4, 3, stride=2)
        self.max_pooling2d = nn.MaxPool2d(2, ceil_mode=True)
        self.average_pooling2d_1 = nn.AvgPool2d(
            3, stride=1, padding=1, count_include_pad=False
        )
        self.average_pooling2d_2 = nn.AvgPool2d(2, ceil_mode=True)
        self.layer_normalization = nn.LayerNorm(4, eps=0.001)
        self.conv2d_2 = nn.Conv2d(4, 2, (1, 2), padding="same", dilation=2, groups=2)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        for layer in (self.conv2d_1, self.conv2d_2):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.zero_padding2d(x)
        x = F.pad(x, (0, 1, 0, 1))  # more at the end, as in TensorFlow
        x = F.leaky_relu(self.conv2d_1(x), 0.2)
        x = self.max_pooling2d(x)
        x = self.average_pooling2d_1(x)
        x = self.average_pooling2d_2(x)
        x = x.permute(0, 2, 3, 1)  # channels last
        x = self.layer_normalization(x)
        x = x.permute(0, 3, 1, 2)  # channels first
        return self.conv2d_2(x)


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
        raise ValueError(message) from None
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
    targets = (
        torch.from_numpy(y.astype(np.float32)).reshape(-1, 2, 2, 2).permute(0, 3, 1, 2)
    )
    return TensorDataset(inputs, targets)


def loss_fn(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the huber loss of a batch."""
    return F.huber_loss(outputs, targets)


def mean_absolute_error(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean absolute error of a batch."""
    return F.l1_loss(outputs, targets)


def build_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    """Return SGD for the weights of the model."""
    return torch.optim.SGD(model.parameters(), lr=0.01, fused=True)


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
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        figures = [loss, mean_absolute_error(outputs, targets)]
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
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        figures = [loss, mean_absolute_error(outputs, targets)]
        totals += len(inputs) * torch.stack(figures)
    return dict(zip(FIGURES, (totals / len(loader.dataset)).tolist(), strict=True))


def describe(figures: dict[str, float]) -> str:
    """Return figures as one line."""
    return " - ".join(f"{name}: {value:.4f}" for name, value in figures.items())


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train image_to_image.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained weights (.pt)")
    args = parser.parse_args()

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    try:
        arrays = read_arrays(args.data)
    except ValueError as error:
        sys.exit(str(error))
    train_set = to_dataset(arrays["x_train"], arrays["y_train"])
    test_set = to_dataset(arrays["x_test"], arrays["y_test"])
    train_loader = DataLoader(train_set, batch_size=BATCH_SIZE, shuffle=True)

    model = ImageToImage().to(device, memory_format=torch.channels_last)
    optimizer = build_optimizer(model)

    for epoch in range(args.epochs):
        figures = train_one_epoch(model, train_loader, optimizer, device)
        print(f"Epoch {epoch + 1}/{args.epochs} - {describe(figures)}")

    test_loader = DataLoader(test_set, batch_size=BATCH_SIZE)
    print(f"Test - {describe(evaluate(model, test_loader, device))}")
    if args.save:
        torch.save(model.state_dict(), args.save)


if __name__ == "__main__":
    main()
