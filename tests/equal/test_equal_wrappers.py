"""Layers that hold another layer are equal in both programs, whatever they hold.

As in `test_equal_layers.py`: outputs, loss and all gradients, each layer behind one with weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equality import Pair
from test_equal_layers import TOLERANCE, check
from writing import spec

pytestmark = pytest.mark.frameworks

VIDEO = [3, 5, 6, 2]
FIRST = {"data_format": "channels_first"}


def conv(**more: Any) -> dict[str, Any]:
    """Return a convolution of images."""
    return {"conv2d": {"filters": 4, "kernel_size": 2, **more}}


def steps(*layers: Any) -> list[Any]:
    """Return layers, each applied to each step."""
    return [{"time_distributed": {"layer": layer}} for layer in layers]


def spectral(layer: Any, **more: Any) -> dict[str, Any]:
    """Return a layer with spectral normalization."""
    return {"spectral_normalization": {"layer": layer, **more}}


CASES: dict[str, tuple[list[int], list[Any]]] = {
    "dense": (
        [4, 5],
        steps(
            {"dense": {"units": 6, "activation": "tanh", "kernel_regularizer": "l1_l2"}},
            {"dense": {"units": 3, "use_bias": False, "activation": "softmax"}},
        ),
    ),
    "dense-of-images": (VIDEO, [*steps({"dense": 3}, conv()), {"dense": 2}]),
    "images": (
        VIDEO,
        [
            *steps(
                conv(activation="relu", padding="same", strides=2),
                "batch_normalization",
                {"max_pooling2d": {"padding": "same"}},
                "flatten",
                {"dropout": 0.3},
                "layer_normalization",
                {"dense": 4},
                {"activation": "tanh"},
            ),
            "flatten",
            {"dense": 2},
        ],
    ),
    "images-only": (VIDEO, steps(conv(), {"zero_padding2d": 1})),
    "volume-between": (
        VIDEO,
        [
            {"conv3d": {"filters": 3, "kernel_size": 2, "padding": "same"}},
            *steps(conv()),
            {"activation": "tanh"},
            {"conv3d": {"filters": 2, "kernel_size": 2}},
        ],
    ),
    "first": (
        [3, 2, 5, 6],
        [
            *steps(conv(**FIRST), {"max_pooling2d": FIRST}, {"flatten": "channels_first"}),
            {"dense": 3},
        ],
    ),
    "sequences": (
        [3, 7, 2],
        [
            *steps({"conv1d": {"filters": 4, "kernel_size": 2, "padding": "causal"}}),
            {"leaky_relu": 0.1},
            *steps("batch_normalization", "prelu", "global_average_pooling1d"),
            {"dense": 2},
        ],
    ),
    "moved": (
        VIDEO,
        [
            *steps({"permute": [2, 1, 3]}, {"reshape": [5, -1]}, {"dense": 4}, {"softmax": 1}),
            *steps({"permute": [2, 1]}, "flatten", {"repeat_vector": 2}, "unit_normalization"),
            {"dense": 2},
        ],
    ),
    "statistics": (
        [4, 5],
        [
            {"dense": 6},
            *steps("batch_normalization", {"batch_normalization": {"scale": False}}),
            {"dense": 2},
        ],
    ),
    "statistics-of-an-axis": (VIDEO, [*steps(conv(), {"batch_normalization": 2}), {"dense": 2}]),
    "twice": (
        [2, 3, 5, 6, 2],
        [
            *steps(*steps(conv(), "batch_normalization", "flatten", {"dense": 4})),
            {"reshape": [6, 4]},
            {"dense": 2},
        ],
    ),
    "twice-of-vectors": (
        [2, 3, 4],
        steps(*steps({"dense": 3}, "batch_normalization"), {"dense": 2}),
    ),
    "then-once": ([2, 3, 4, 5], steps(*steps("prelu"), conv())),
    "embedding": (
        [3, 4],
        [*steps({"embedding": {"input_dim": 9, "output_dim": 5}}, "flatten"), {"dense": 2}],
    ),
    "penalties": (
        [3, 4],
        [
            *steps(
                {"dense": {"units": 4, "kernel_regularizer": "l1", "bias_regularizer": "l2"}},
                {"dense": {"units": 3, "kernel_regularizer": "orthogonal_regularizer"}},
            ),
            {"dense": {"units": 2, "activity_regularizer": "l2"}},
        ],
    ),
    "frozen": (
        [3, 4],
        [
            *steps({"dense": {"units": 4, "trainable": False, "kernel_regularizer": "l2"}}),
            {"dense": 4},
            *steps({"batch_normalization": {"trainable": False}}, {"dense": 2}),
        ],
    ),
    "recurrent": (
        [3, 5, 4],
        [
            *steps(
                {"gru": {"units": 3, "return_sequences": True, "activation": "relu"}},
                {"lstm": {"units": 4, "return_sequences": True, "dropout": 0.2}},
                {"simple_rnn": {"units": 3, "go_backwards": True}},
            ),
            {"dense": 2},
        ],
    ),
    "masked": (
        [3, 4],
        [
            "masking",
            *steps({"dense": 4}, {"dropout": 0.3}),
            "global_average_pooling1d",
            {"dense": 2},
        ],
    ),
    "spectral-dense": (
        [3, 5],
        [
            {"dense": 4},
            spectral({"dense": {"units": 6, "activation": "tanh", "activity_regularizer": "l2"}}),
            spectral({"dense": {"units": 2, "use_bias": False, "kernel_regularizer": "l2"}}),
        ],
    ),
    "spectral-images": (
        [9, 7, 3],
        [
            spectral(conv(strides=2, padding="same", activation="relu"), power_iterations=3),
            spectral({"depthwise_conv2d": 2}),
            {"leaky_relu": 0.1},
            spectral({"conv2d_transpose": {"filters": 5, "kernel_size": 3, "strides": 2}}),
            spectral(conv(padding="same", strides=3, trainable=False)),
            "flatten",
            spectral({"dense": 3}),
        ],
    ),
    "spectral-first": (
        [3, 9, 7],
        [spectral(conv(**FIRST)), spectral(conv(**FIRST), power_iterations=2)],
    ),
    "spectral-sequences": (
        [7, 2],
        [spectral({"conv1d": {"filters": 4, "kernel_size": 2, "padding": "causal"}})],
    ),
    "spectral-volumes": (
        [4, 5, 3, 2],
        [
            spectral({"conv3d": {"filters": 4, "kernel_size": 2}}),
            spectral({"conv3d_transpose": {"filters": 2, "kernel_size": 2}}),
        ],
    ),
    "spectral-embedding": (
        [6],
        [spectral({"embedding": {"input_dim": 9, "output_dim": 4}}), "flatten", {"dense": 2}],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_wrapper(name: str, tmp_path: Path) -> None:
    check(*CASES[name], tmp_path)


def test_an_open_number_of_steps(tmp_path: Path) -> None:
    layers = [
        *steps({"dense": {"units": 4, "activation": "softmax"}}, {"dropout": 0.3}),
        {"dense": 2},
    ]
    pair = Pair(spec([None, 3], layers), tmp_path)  # type: ignore[list-item]
    assert pair.output_difference() <= TOLERANCE
    assert max(pair.loss_differences().values()) <= TOLERANCE


def test_spectral_normalization_trains(tmp_path: Path) -> None:
    """Each step divides the kernel anew, starting from where the one before left off."""
    layers = [
        spectral(conv(strides=2, padding="same")),
        {"leaky_relu": 0.2},
        "flatten",
        spectral({"dense": {"units": 1, "activation": "sigmoid", "kernel_regularizer": "l2"}}),
    ]
    pair = Pair(spec([6, 7, 3], layers, loss="binary_crossentropy"), tmp_path)
    assert pair.program.logits(pair.program.graph.output) is not None
    for what, measured in pair.train(5).items():
        assert measured <= 1e-6, what


def test_a_kernel_of_zeros_stays(tmp_path: Path) -> None:
    layers = [spectral({"dense": {"units": 4, "use_bias": False}})]
    pair = Pair(spec([5], layers), tmp_path)
    for weight in pair.keras.weights[:1]:
        weight.assign(np.zeros((5, 4), np.float32))
    pair.carry()
    assert pair.output_difference(training=True) == 0
    assert max(pair.loss_differences().values()) <= TOLERANCE
