# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec b879842a6657e380, text 84faacb001341609
"""Every other way to change an image.

Input: (N, 3, 20, 30). Output: (N, 3, 28, 12).
"""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn


def auto_contrast(x: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """Return images with each channel stretched to the range from `low` to `high`."""
    least, most = x.amin((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
    stretched = (x - least) / (most - least) * (high - low) + low
    return torch.where(most > least, stretched, x)


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


def wrapped(grid: torch.Tensor) -> torch.Tensor:
    """Return a grid that goes on at the other side, as TensorFlow's mode `wrap`."""
    size = grid.new_tensor([grid.shape[2], grid.shape[1]])
    places = ((grid + 1) * size - 1) / 2
    # What is on the edge but for rounding stays there: behind it, TensorFlow jumps.
    before, behind = places < -1e-4, places > size - 1 + 1e-4
    turns = torch.where(before, -1 - (-places / (size - 1)).floor(), 0)
    turns = torch.where(behind, (places / (size - 1)).floor(), turns)
    return (2 * (places - turns * size) + 1) / size - 1


class RandomAffine(nn.Module):
    """Samples each image where a matrix of its own says, in training alone.

    `matrices` lead from the result to the image, in coordinates from -1 to 1.
    """

    def __init__(
        self,
        mode: str = "bilinear",
        padding_mode: str = "reflection",
        fill: float = 0.0,
    ) -> None:
        super().__init__()
        self.mode = mode
        self.padding_mode = padding_mode
        self.fill = fill

    def matrices(self, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        grid = F.affine_grid(self.matrices(x), list(x.shape), align_corners=False)
        padding_mode = self.padding_mode
        if padding_mode == "wrap":
            grid, padding_mode = wrapped(grid), "border"
        x = F.grid_sample(
            x - self.fill, grid, self.mode, padding_mode, align_corners=False
        )
        return x + self.fill


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


class RandomZoom(RandomAffine):
    """Shows more of each image, or less: `1 + factor` times its sides."""

    def __init__(
        self,
        height: tuple[float, float],
        width: tuple[float, float] | None = None,
        **sampling: Any,
    ) -> None:
        super().__init__(**sampling)
        self.height = height
        self.width = width

    def matrices(self, x: torch.Tensor) -> torch.Tensor:
        high = wide = 1 + x.new_empty(len(x)).uniform_(*self.height)
        if self.width is not None:
            wide = 1 + x.new_empty(len(x)).uniform_(*self.width)
        zero = torch.zeros_like(high)
        rows = [wide, zero, zero, zero, high, zero]
        return torch.stack(rows, 1).view(-1, 2, 3)


class RandomShear(RandomAffine):
    """Slants each image by random slopes, to one side or the other."""

    def __init__(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        **sampling: Any,
    ) -> None:
        super().__init__(**sampling)
        self.x = x
        self.y = y

    def matrices(self, x: torch.Tensor) -> torch.Tensor:
        height, width = x.shape[2:]
        side = x.new_empty(len(x)).bernoulli_().mul_(2).sub_(1)
        across = side * x.new_empty(len(x)).uniform_(*self.x) / width
        along = side * x.new_empty(len(x)).uniform_(*self.y) / height
        one = torch.ones_like(side)
        # The first pixel stays where it is, not the centre.
        first = [one, across * height, across * (height - 1)]
        second = [along * width, one, along * (width - 1)]
        return torch.stack(first + second, 1).view(-1, 2, 3)


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


def grayscale(x: torch.Tensor) -> torch.Tensor:
    """Return the brightness of images of three colours, as one channel."""
    weights = x.new_tensor([0.2989, 0.587, 0.114])
    return torch.einsum("nchw,c->nhw", x, weights).unsqueeze(1)


class RandomGrayscale(nn.Module):
    """Makes a share of the images gray, in training alone."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        grays = torch.rand(len(x), 1, 1, 1, device=x.device) < self.share
        return torch.where(grays, grayscale(x), x)


class RandomColorDegeneration(nn.Module):
    """Takes a random part of the colours of each image away, in training alone."""

    def __init__(
        self, factor: tuple[float, float], value_range: tuple[float, float]
    ) -> None:
        super().__init__()
        self.factor = factor
        self.value_range = value_range

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        part = x.new_empty(len(x), 1, 1, 1).uniform_(*self.factor)
        return torch.lerp(x, grayscale(x).expand_as(x), part).clamp(*self.value_range)


class RandomInvert(nn.Module):
    """Inverts each image with a chance of its own, in training alone."""

    def __init__(self, chance: tuple[float, float], highest: float) -> None:
        super().__init__()
        self.chance = chance
        self.highest = highest

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        chance = x.new_empty(len(x), 1, 1, 1).uniform_(*self.chance)
        return torch.where(torch.rand_like(chance) < chance, self.highest - x, x)


class Solarization(nn.Module):
    """Adds to each image and inverts what is above a threshold, in training alone.

    Both are drawn for values from 0 to 255. As in Keras, only the upper bounds are
    parts of 255.
    """

    def __init__(
        self,
        addition: tuple[float, float],
        threshold: tuple[float, float],
        value_range: tuple[float, float],
    ) -> None:
        super().__init__()
        self.addition = addition
        self.threshold = threshold
        self.value_range = value_range

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        (least, most), (low, high) = self.addition, self.value_range
        addition = x.new_empty(len(x), 1, 1, 1).uniform_(least, 255 * most)
        least, most = self.threshold
        threshold = x.new_empty(len(x), 1, 1, 1).uniform_(least, 255 * most)
        x = ((x - low) / (high - low) * 255 + addition).clamp(0, 255)
        x = torch.where(x < threshold, x, 255 - x)
        return x / 255 * (high - low) + low


class RandomPosterization(nn.Module):
    """Keeps the upper bits of 8 bits of each image, in training alone."""

    def __init__(self, bits: tuple[int, int], value_range: tuple[float, float]) -> None:
        super().__init__()
        self.bits = bits
        self.value_range = value_range

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        (least, most), (low, high) = self.bits, self.value_range
        bits = torch.randint(least, most + 1, (len(x), 1, 1, 1), device=x.device)
        step = 2.0 ** (8 - bits)
        x = (x - low) / (high - low) * 255
        return (x / step).floor() * step / 255 * (high - low) + low


class RandomSharpness(nn.Module):
    """Blurs each image, or sharpens it above a factor of 0.5, in training alone."""

    def __init__(
        self, factor: tuple[float, float], value_range: tuple[float, float]
    ) -> None:
        super().__init__()
        self.factor = factor
        self.value_range = value_range

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        channels = x.shape[1]
        kernel = x.new_full((channels, 1, 3, 3), 1 / 13)
        kernel[:, :, 1, 1] = 5 / 13
        smooth = F.conv2d(x, kernel, padding=1, groups=channels)
        sharpness = 2 * x.new_empty(len(x), 1, 1, 1).uniform_(*self.factor)
        return torch.lerp(smooth, x, sharpness).clamp(*self.value_range)


class AugmentedVariants(nn.Module):
    """Every other way to change an image."""

    def __init__(self) -> None:
        super().__init__()
        self.random_flip = RandomFlip(2, 3)
        self.random_rotation = RandomRotation(
            (-0.1, 0.2), mode="nearest", padding_mode="wrap"
        )
        self.random_zoom = RandomZoom(
            (-0.2, 0.1), (-0.3, 0.3), padding_mode="zeros", fill=0.5
        )
        self.random_shear = RandomShear((-0.2, 0.2), (0.0, 0.0), padding_mode="zeros")
        self.random_contrast = RandomContrast((0.25, 0.5), (0.0, 1.0))
        self.random_grayscale = RandomGrayscale(0.5)
        self.random_color_degeneration = RandomColorDegeneration((0.0, 0.5), (0.0, 1.0))
        self.random_invert = RandomInvert((0.0, 0.1), 1.0)
        self.solarization = Solarization((0.0, 0.2), (0.5, 0.9), (0.0, 1.0))
        self.random_posterization = RandomPosterization((4, 7), (0.0, 1.0))
        self.random_sharpness = RandomSharpness((0.0, 0.7), (0.0, 1.0))
        self.conv2d = nn.Conv2d(3, 3, 3)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial weights from Keras' distributions."""
        nn.init.xavier_uniform_(self.conv2d.weight)
        nn.init.zeros_(self.conv2d.get_parameter("bias"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x[..., 5:25]  # the middle
        x = F.pad(x, (3, 3, 0, 0), value=0.5)
        x = F.interpolate(x, size=(24, 32), mode="nearest-exact")
        x = auto_contrast(x, 0.0, 1.0)
        x = self.random_flip(x)
        x = self.random_rotation(x)
        x = self.random_zoom(x)
        x = self.random_shear(x)
        x = self.random_contrast(x)
        x = self.random_grayscale(x)
        x = self.random_color_degeneration(x)
        x = self.random_invert(x)
        x = self.solarization(x)
        x = self.random_posterization(x)
        x = self.random_sharpness(x)
        x = self.conv2d(x)
        x = x[..., 10:19]  # the middle
        return F.interpolate(x, size=(28, 12), mode="bilinear")


if __name__ == "__main__":
    print(AugmentedVariants())
