"""Initial weights come from the same distribution in both programs.

Each weight has many entries. Moments are compared within five standard errors, bounds with the
theoretical ones: a truncated normal, a normal and a uniform of equal deviation differ in theirs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import torch
from equality import load_module
from writing import spec

import specc

pytestmark = pytest.mark.frameworks

RANDOM: list[Any] = [
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    {"random_normal": {"mean": 0.3, "stddev": 0.2}},
    {"random_uniform": {"minval": -0.1, "maxval": 0.4}},
    {"truncated_normal": {"mean": 0.3, "stddev": 0.2}},
    {"glorot_uniform": {"seed": 3, "input_axes": [-1], "output_axes": [0]}},
    *(
        {"variance_scaling": {"scale": 1.5, "mode": mode, "distribution": kind}}
        for mode in ("fan_in", "fan_out", "fan_avg")
        for kind in ("truncated_normal", "untruncated_normal", "uniform", "normal")
    ),
]
FIXED: list[Any] = ["zeros", "ones", {"constant": 0.7}, {"identity": 0.5}]

# Shapes whose two fans differ, so that a mix-up shows.
LAYERS: dict[str, tuple[list[int], dict[str, Any], str]] = {
    "dense": ([120], {"units": 400}, "kernel"),
    "conv2d": ([5, 6, 16], {"filters": 100, "kernel_size": [3, 5]}, "kernel"),
    "grouped": ([5, 6, 32], {"filters": 128, "kernel_size": [3, 5], "groups": 4}, "kernel"),
    "conv1d": ([9, 24], {"filters": 180, "kernel_size": 5}, "kernel"),
    "conv3d": ([4, 5, 6, 16], {"filters": 120, "kernel_size": [2, 3, 4]}, "kernel"),
    "depthwise_conv2d": (
        [5, 6, 60],
        {"kernel_size": [10, 12], "depth_multiplier": 5, "padding": "same"},
        "depthwise",
    ),
    "conv2d_transpose": ([5, 6, 16], {"filters": 100, "kernel_size": [3, 5]}, "kernel"),
    "conv1d_transpose": ([9, 24], {"filters": 180, "kernel_size": 5}, "kernel"),
    "conv3d_transpose": ([4, 5, 6, 16], {"filters": 120, "kernel_size": [2, 3, 4]}, "kernel"),
    "depthwise_conv1d": ([9, 600], {"kernel_size": 9, "depth_multiplier": 6}, "depthwise"),
    "separable_conv2d": (
        [5, 6, 60],
        {"filters": 7, "kernel_size": [10, 12], "depth_multiplier": 5, "padding": "same"},
        "depthwise",
    ),
    "pointwise": (
        [5, 6, 90],
        {"filters": 200, "kernel_size": 2, "depth_multiplier": 2},
        "pointwise",
    ),
    "lstm": ([5, 90], {"units": 70}, "kernel"),
    "gru": ([5, 4], {"units": 120}, "recurrent"),
    "embedding": ([3], {"input_dim": 300, "output_dim": 160}, "embeddings"),
}


def weights(layer: str, initializer: Any, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return a layer's fresh weight in both programs, PyTorch's turned to Keras' axes."""
    shape, arguments, name = LAYERS[layer]
    word = {"grouped": "conv2d", "pointwise": "separable_conv2d"}.get(layer, layer)
    made = {word: {**arguments, f"{name}_initializer": initializer}}
    result = specc.compile(spec(shape, [made], optimizer=None))
    assert result.ok, result.diagnostics
    for file, text in result.files.items():
        (folder / file).write_text(text)
    keras.utils.set_random_seed(1)
    model = load_module(folder / "model_keras.py").build_model()
    torch.manual_seed(1)
    state = load_module(folder / "model_torch.py").Model().state_dict()
    (weight,) = (w for w in result.weights["torch"] if w.variable.stem == name)
    (left,) = (np.asarray(v) for v in model.layers[0].weights if v.name == weight.variable.name)
    return left, weight.transform.to_keras(state[weight.parameter].numpy(), left.shape)


def kurtosis(values: np.ndarray) -> float:
    centred = values - values.mean()
    return float((centred**4).mean() / (centred**2).mean() ** 2)


@pytest.mark.parametrize("initializer", RANDOM, ids=str)
@pytest.mark.parametrize("layer", LAYERS)
def test_random(layer: str, initializer: Any, tmp_path: Path) -> None:
    left, right = weights(layer, initializer, tmp_path)
    assert left.shape == right.shape
    n, deviation = left.size, left.std()
    assert abs(left.mean() - right.mean()) < 5 * deviation * np.sqrt(2 / n)
    assert abs(left.std() / right.std() - 1) < 5 * np.sqrt(1 / n) * 1.5
    # The shape: 1.8 for a uniform, 2.1 for a truncated normal, 3 for a normal.
    assert abs(kurtosis(left) - kurtosis(right)) < 0.15
    reach = np.abs(left - left.mean()).max() / np.abs(right - right.mean()).max()
    limited = kurtosis(left) < 2.5
    assert abs(reach - 1) < (0.01 if limited else 0.4)


@pytest.mark.parametrize("initializer", FIXED, ids=str)
@pytest.mark.parametrize("layer", LAYERS)
def test_fixed(layer: str, initializer: Any, tmp_path: Path) -> None:
    if "identity" in initializer and layer not in ("dense", "embedding"):
        pytest.skip("Keras has an identity of matrices alone")
    left, right = weights(layer, initializer, tmp_path)
    assert (left == right).all()


@pytest.mark.parametrize("gain", [1.0, 1.7])
@pytest.mark.parametrize("layer", [name for name, of in LAYERS.items() if of[2] != "depthwise"])
def test_orthogonal(layer: str, gain: float, tmp_path: Path) -> None:
    for weight in weights(layer, {"orthogonal": gain}, tmp_path):
        matrix = weight.reshape(-1, weight.shape[-1])
        matrix = matrix if len(matrix) >= matrix.shape[1] else matrix.T
        product = matrix.T @ matrix
        assert np.abs(product - gain**2 * np.eye(len(product))).max() < 1e-4
        assert abs(matrix.mean()) < 5 * matrix.std() / np.sqrt(matrix.size)


def test_defaults(tmp_path: Path) -> None:
    """Every weight of every layer, initialized as Keras does by itself."""
    layers = [
        {"conv2d": {"filters": 64, "kernel_size": 5}},
        "batch_normalization",
        "layer_normalization",
        "flatten",
        {"dense": 80},
    ]
    text = spec([9, 9, 24], layers, optimizer=None)
    result = specc.compile(text)
    for file, program in result.files.items():
        (tmp_path / file).write_text(program)
    model = load_module(tmp_path / "model_keras.py").build_model()
    state = load_module(tmp_path / "model_torch.py").Model().state_dict()
    for weight in result.weights["torch"]:
        layer = model.get_layer(weight.layer)
        (left,) = (np.asarray(v) for v in layer.weights if v.name == weight.variable.name)
        right = state[weight.parameter].numpy()
        assert abs(left.std() - right.std()) <= 0.03 * left.std(), weight.parameter
        assert abs(np.abs(left).max() - np.abs(right).max()) <= 0.01 * np.abs(left).max()


def test_defaults_of_recurrent_layers(tmp_path: Path) -> None:
    """Gate by gate: a forget gate that begins at 1, biases whose numbers of inputs differ."""
    sequences = {"units": 400, "return_sequences": True}
    layers = [
        {"lstm": sequences},
        {"gru": {**sequences, "bias_initializer": "he_normal"}},
        {"lstm": {**sequences, "bias_initializer": "lecun_normal", "recurrent_dropout": 0.1}},
        {"lstm": {**sequences, "bias_initializer": "random_normal"}},
        {"lstm": {**sequences, "bias_initializer": "lecun_normal", "unit_forget_bias": False}},
        {"simple_rnn": 400},
    ]
    result = specc.compile(spec([3, 300], layers, optimizer=None))
    for file, program in result.files.items():
        (tmp_path / file).write_text(program)
    model = load_module(tmp_path / "model_keras.py").build_model()
    state = load_module(tmp_path / "model_torch.py").Model().state_dict()
    for weight in result.weights["torch"]:
        (left,) = (
            np.asarray(v)
            for v in model.get_layer(weight.layer).weights
            if v.name == weight.variable.name
        )
        right = state[weight.parameter].numpy()
        if weight.variable.stem == "recurrent":
            assert np.abs(left @ left.T - np.eye(400)).max() < 1e-4
            assert np.abs(right.T @ right - np.eye(400)).max() < 1e-4
            continue
        gates = (
            array.reshape(-1, 400, *array.shape[1:]) for array in (weight.to_torch(left), right)
        )
        for ours, theirs in zip(*gates, strict=True):
            assert abs(ours.mean() - theirs.mean()) <= 0.25 * theirs.std(), weight.parameter
            assert abs(ours.std() - theirs.std()) <= 0.2 * theirs.std(), weight.parameter


def test_seeds_of_initializers_repeat(tmp_path: Path) -> None:
    """Two weights with one seed are equal within a program, as in Keras."""
    dense = {"dense": {"units": 40, "kernel_initializer": {"he_normal": {"seed": 5}}}}
    result = specc.compile(spec([40], [dense, dense], optimizer=None), target="torch")
    (tmp_path / "model_torch.py").write_text(result.files["model_torch.py"])
    model = load_module(tmp_path / "model_torch.py").Model()
    assert torch.equal(model.dense_1.weight, model.dense_2.weight)
