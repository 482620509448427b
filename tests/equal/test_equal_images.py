"""Images in another size, and images changed at random, are the same in both programs.

What is drawn is held twice: with bounds that leave one value, image by image; and with the
distribution of what comes out, its means and covariances over many images.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from equality import Pair, difference
from writing import spec

pytestmark = pytest.mark.frameworks

TOLERANCE = 1e-5


class Noisy(Pair):
    """Both programs with their draws switched on."""

    def still(self) -> None:
        """Leave everything on."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("programs")


def pair(shape: list[int], layers: list[Any], folder: Path, kind: str = "float32") -> Noisy:
    """Return both programs of a model without training."""
    text = spec(shape, layers, optimizer=None, loss=None, input={"shape": shape, "dtype": kind})
    return Noisy(text, folder)


SIZES: list[Any] = [
    {"resizing": {"height": height, "width": width, **more}}
    for height, width in ((5, 4), (7, 10), (11, 17), (1, 3))
    for more in (
        {},
        {"interpolation": "nearest"},
        {"antialias": True},
        {"interpolation": "bicubic", "antialias": True},
        {"interpolation": "nearest", "antialias": True, "crop_to_aspect_ratio": True},
        {"crop_to_aspect_ratio": True},
        {"pad_to_aspect_ratio": True},
        {"pad_to_aspect_ratio": True, "fill_value": 0.5, "antialias": True},
    )
] + [
    {"center_crop": sides}
    for sides in ({"height": h, "width": w} for h in (3, 7, 9) for w in (4, 5, 12))
]
SMALLER: list[Any] = [
    {"resizing": {"height": 4, "width": 3, "interpolation": "area"}},
    {"resizing": {"height": 2, "width": 2, "interpolation": "area", "crop_to_aspect_ratio": True}},
    {"resizing": {"height": 8, "width": 12, "interpolation": "area", "antialias": True}},
]


@pytest.mark.parametrize("first", [False, True], ids=["last", "first"])
def test_sizes(first: bool, folder: Path) -> None:
    for shape, layers in (([7, 10, 3], SIZES), ([8, 12, 2], SMALLER)):
        for layer in layers:
            ((word, arguments),) = layer.items()
            axes = [shape[2], *shape[:2]] if first else shape
            more = {"data_format": "channels_first"} if first else {}
            made = pair(axes, [{word: {**arguments, **more}}], folder)
            assert made.output_difference(2) < TOLERANCE, layer


def test_sizes_behind_weights(folder: Path) -> None:
    layers: list[Any] = [
        {"conv2d": {"filters": 3, "kernel_size": 2}},
        {"resizing": {"height": 9, "width": 5}},
        {"resizing": {"height": 4, "width": 8, "antialias": True, "interpolation": "bicubic"}},
        {"center_crop": {"height": 3, "width": 5}},
        {"resizing": {"height": 6, "width": 7, "interpolation": "nearest"}},
        {"conv2d": {"filters": 2, "kernel_size": 3}},
        "flatten",
        {"dense": 2},
    ]
    made = Noisy(spec([6, 7, 2], layers), folder)
    assert made.output_difference() < TOLERANCE
    assert max(made.loss_differences().values()) < TOLERANCE


@pytest.mark.parametrize("values", [[0, 255], [-1, 1.5]], ids=str)
def test_auto_contrast(values: list[float], folder: Path) -> None:
    layer = {"auto_contrast": {"value_range": values}}
    made = pair([5, 4, 3], [layer], folder)
    assert made.output_difference() < TOLERANCE
    x = made.inputs(3)
    x[1, :, :, 2] = 0.25  # a channel of one value
    assert difference(made.keras(x), made.torch(made.to_torch(x)).movedim(1, -1)) < TOLERANCE


def test_integers(folder: Path) -> None:
    words = ["auto_contrast", "random_flip", {"random_zoom": 0.2}, "solarization"]
    for layer in [*words, {"center_crop": {"height": 3, "width": 2}}, {"random_rotation": 0.1}]:
        made = pair([5, 4, 3], [layer], folder, "int32")
        assert made.output_difference() < TOLERANCE, layer


# Layers whose bounds leave one value, so that both programs do the same.
SAMPLING: list[dict[str, Any]] = [
    {"fill_mode": fill, "interpolation": interpolation, **more}
    for fill, more in (
        ("reflect", {}),
        ("nearest", {}),
        ("wrap", {}),
        ("constant", {}),
        ("constant", {"fill_value": 40.0}),
    )
    for interpolation in ("bilinear", "nearest")
]
MOVES: list[Any] = [
    {"random_rotation": {"factor": [0.13, 0.13]}},
    {"random_rotation": {"factor": [-0.41, -0.41]}},
    {"random_translation": {"height_factor": [0.233, 0.233], "width_factor": [-0.417, -0.417]}},
    {"random_translation": {"height_factor": [-0.871, -0.871], "width_factor": 0}},
    {"random_zoom": {"height_factor": [0.37, 0.37]}},
    {"random_zoom": {"height_factor": [-0.61, -0.61], "width_factor": [0.93, 0.93]}},
    {"random_zoom": {"height_factor": [0.713, 0.713], "width_factor": 0}},
]
COLOURS: list[Any] = [
    {"random_contrast": {"factor": [0, 0]}},
    {"random_brightness": {"factor": [0.13, 0.13]}},
    {"random_brightness": {"factor": [-0.3, -0.3], "value_range": [0, 255]}},
    {"random_grayscale": 1.0},
    {"random_grayscale": {"factor": 0.0}},
    {"random_color_degeneration": {"factor": [0.3, 0.3]}},
    {"random_color_degeneration": {"factor": [-0.7, -0.7]}},
    {"random_invert": {"factor": [1, 1]}},
    {"random_posterization": {"factor": [3, 3]}},
    {"random_posterization": {"factor": [5, 6]}},
    {"random_sharpness": {"factor": [0.1, 0.1]}},
    {"random_sharpness": {"factor": [0.9, 0.9]}},
    {"solarization": {}},
    {"solarization": {"addition_factor": [0, 0], "threshold_factor": [0, 0]}},
]


@pytest.mark.parametrize("shape", [[7, 10, 3], [6, 5, 2], [1, 4, 1]], ids=str)
def test_one_value_of_a_move(shape: list[int], folder: Path) -> None:
    for move in MOVES:
        ((word, arguments),) = move.items()
        for sampling in SAMPLING:
            layer = {word: {**arguments, **sampling}}
            made = pair(shape, [layer], folder)
            x = made.random.uniform(0, 255, (2, *shape)).astype(np.float32)
            theirs = made.keras(x, training=True)
            ours = made.torch.train()(made.to_torch(x)).movedim(1, -1)
            assert difference(theirs, ours) < TOLERANCE, layer


@pytest.mark.parametrize("values", [None, [-1, 1.5]], ids=str)
def test_one_value_of_a_colour(values: list[float] | None, folder: Path) -> None:
    for layer in COLOURS:
        ((word, arguments),) = layer.items()
        if values is not None and isinstance(arguments, dict) and word != "random_grayscale":
            layer = {word: {**arguments, "value_range": values}}
        made = pair([6, 5, 3], [layer], folder)
        assert made.output_difference(training=True) < TOLERANCE, layer


DRAWN: dict[str, Any] = {
    "flip": "random_flip",
    "flip-horizontal": {"random_flip": "horizontal"},
    "flip-vertical": {"random_flip": "vertical"},
    "rotation": {"random_rotation": 0.1},
    "rotation-pair": {"random_rotation": {"factor": [0.02, 0.3], "fill_mode": "constant"}},
    "translation": {"random_translation": {"height_factor": 0.3, "width_factor": [-0.1, 0.4]}},
    "zoom": {"random_zoom": 0.5},
    "zoom-both": {"random_zoom": {"height_factor": [-0.5, 0.1], "width_factor": 0.4}},
    "shear": {"random_shear": {"x_factor": 0.4, "y_factor": [0.1, 0.5]}},
    "shear-x": {"random_shear": {"x_factor": [0.2, 0.2], "fill_mode": "nearest"}},
    "contrast": {"random_contrast": 0.5},
    "contrast-pair": {"random_contrast": {"factor": [0.8, 0.1]}},
    "brightness": {"random_brightness": 0.3},
    "brightness-pair": {"random_brightness": {"factor": [0.1, 0.3]}},
    "grayscale": {"random_grayscale": 0.3},
    "degeneration": {"random_color_degeneration": 0.7},
    "invert": "random_invert",
    "invert-pair": {"random_invert": {"factor": [0.6, 0.9]}},
    "solarization": {"solarization": {"addition_factor": 0.5, "threshold_factor": [0.3, 0.8]}},
    "posterization": {"random_posterization": 5},
    "posterization-pair": {"random_posterization": {"factor": [2, 4]}},
    "sharpness": {"random_sharpness": 0.8},
}
SAMPLES = 4000


@pytest.mark.parametrize("name", DRAWN)
def test_distribution(name: str, folder: Path) -> None:
    made = pair([4, 5, 3], [DRAWN[name]], folder)
    image = made.random.uniform(20, 235, (4, 5, 3)).astype(np.float32)
    x = np.repeat(image[None], SAMPLES, 0)
    theirs = np.asarray(made.keras(x, training=True)).reshape(SAMPLES, -1)
    ours = made.torch.train()(made.to_torch(x)).movedim(1, -1).numpy().reshape(SAMPLES, -1)
    scale = theirs.std()
    assert scale > 1
    # Means over 4,000 images have deviations of 1 / 63 of theirs, covariances of about 1 / 45.
    spread = theirs.std(0).max()
    assert np.abs(theirs.mean(0) - ours.mean(0)).max() < 0.1 * spread
    assert np.abs(np.cov(theirs.T) - np.cov(ours.T)).max() < 0.15 * spread**2
    for value in np.linspace(0, 255, 40):
        shares = np.abs((theirs <= value).mean(0) - (ours <= value).mean(0))
        assert shares.max() < 0.08
    made.torch.eval()
    same = made.to_torch(x[:2])
    assert torch.equal(made.torch(same), same)
    assert np.array_equal(made.keras(x[:2], training=False), x[:2])


def test_what_is_noted(folder: Path) -> None:
    conv = {"conv2d": {"filters": 3, "kernel_size": 1}}
    zoom = {"random_zoom": {"height_factor": 0.2, "seed": 3}}
    made = Noisy(
        spec([4, 4, 3], [zoom, conv, "random_flip", zoom, "flatten", {"dense": 2}]), folder
    )
    told = {note.code: note.message for note in made.notes}
    assert told.keys() == {"N204", "N211"}
    assert told["N211"].startswith("random_zoom_2: ")


def test_training_of_an_augmented_model(folder: Path) -> None:
    layers: list[Any] = [
        {"resizing": {"height": 8, "width": 9}},
        "random_flip",
        {"random_rotation": 0.1},
        {"random_contrast": 0.2},
        {"rescaling": 1 / 255},
        {"conv2d": {"filters": 3, "kernel_size": 3, "activation": "tanh"}},
        {"random_brightness": {"factor": 0.2, "value_range": [-1, 1]}},
        "flatten",
        {"dense": 2},
    ]
    made = Pair(spec([7, 6, 2], layers), folder)
    assert max(made.loss_differences().values()) < TOLERANCE
    assert max(made.train(3).values()) < TOLERANCE
    assert max(made.evaluate().values()) < TOLERANCE


def test_images_of_any_size(folder: Path) -> None:
    sizes = {"height": 4, "width": 5}
    layers: list[Any] = ["auto_contrast", "random_flip", {"random_rotation": 0.1}]
    made = Pair(spec([None, None, 3], [*layers, {"resizing": sizes}], optimizer=None), folder)
    for shape in ((2, 6, 3, 3), (1, 4, 5, 3)):
        x = made.random.uniform(0, 255, shape).astype(np.float32)
        ours = made.torch(made.to_torch(x)).movedim(1, -1)
        assert difference(made.keras(x), ours) < TOLERANCE
