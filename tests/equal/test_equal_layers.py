"""Every layer, in each combination that changes its lowering, is equal in both programs.

Outputs, loss and all gradients; those of the first layer's weights hold the gradients of all inputs
that follow it, and each layer under test stands behind one with weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from equality import Pair
from writing import spec

from specc.spec.catalogue import CATALOGUE

pytestmark = pytest.mark.frameworks

TOLERANCE = 1e-5  # float32, sums of some hundred terms

IMAGE = [7, 10, 3]
CONV: dict[str, Any] = {"conv2d": {"filters": 4, "kernel_size": 2}}


def _conv(**arguments: Any) -> dict[str, Any]:
    return {"conv2d": {"filters": 6, "kernel_size": 3, **arguments}}


def _same(layer: str, window: str, **more: Any) -> dict[str, tuple[list[int], list[Any]]]:
    return {
        f"{layer}-{padding}-{height}x{width}-{kernel}-{stride}": (
            [height, width, 3],
            [CONV, {layer: {window: kernel, "strides": stride, "padding": padding, **more}}],
        )
        for padding in ("same", "valid")
        for height, width in ((8, 11), (9, 12))
        for kernel in (2, 3, [4, 3])
        for stride in (1, 2, 3)
    }


CASES: dict[str, tuple[list[int], list[Any]]] = {
    "dense-vector": ([5], [{"dense": 7}, {"dense": {"units": 4, "use_bias": False}}]),
    "dense-sequence": ([6, 5], [{"dense": 7}, {"dense": 4}]),
    "dense-image": ([4, 6, 5], [{"dense": 7}, {"dense": 4}]),
    "dense-volume": ([2, 3, 4, 5], [{"dense": 7}]),
    "dense-scalar-output": ([5], [{"dense": 1}]),
    "dense-activity": (
        [5],
        [
            {
                "dense": {
                    "units": 7,
                    "activation": "tanh",
                    "activity_regularizer": {"l1_l2": {"l1": 0.1, "l2": 0.2}},
                }
            },
            {"dense": {"units": 3, "activity_regularizer": "orthogonal_regularizer"}},
        ],
    ),
    "dropout": ([5], [{"dense": 7}, {"dropout": 0.5}, {"dense": 3}]),
    "flatten-vector": ([5], [{"dense": 4}, "flatten", {"dense": 3}]),
    "flatten-sequence": ([6, 5], [{"dense": 4}, "flatten", {"dense": 3}]),
    "flatten-image": (IMAGE, [CONV, "flatten", {"dense": 3}]),
    "flatten-last": (IMAGE, [CONV, "flatten"]),
    "flatten-gray": ([7, 10, 1], ["flatten", {"dense": 3}]),
    "flatten-input": (IMAGE, ["flatten", {"dense": 3}]),
    "flatten-one-pixel": ([2, 2, 3], [CONV, "flatten", {"dense": 3}]),
    "flatten-first": (
        [3, 7, 10],
        [_conv(data_format="channels_first"), {"flatten": "channels_first"}, {"dense": 3}],
    ),
    "flatten-first-last": (
        [3, 7, 10],
        [_conv(data_format="channels_first"), {"flatten": "channels_first"}],
    ),
    "flatten-first-keras-order": (
        [3, 7, 10],
        [_conv(data_format="channels_first"), "flatten", {"dense": 3}],
    ),
    "flatten-odd": (IMAGE, [CONV, {"flatten": "channels_first"}, {"dense": 3}]),
    "flatten-between": (
        IMAGE,
        [
            CONV,
            "flatten",
            "batch_normalization",
            {"activation": "tanh"},
            {"dropout": 0.3},
            "layer_normalization",
            {"dense": 3},
        ],
    ),
    "flatten-reshape": (IMAGE, [CONV, "flatten", {"reshape": [9, -1]}, {"dense": 3}]),
    "flatten-softmax-last": (IMAGE, [CONV, "flatten", {"activation": "softmax"}]),
    "flatten-identity": (
        [2, 3, 4],
        [
            {"conv2d": {"filters": 4, "kernel_size": 1}},
            "flatten",
            {"dense": {"units": 24, "kernel_initializer": "identity"}},
        ],
    ),
    "reshape-image": ([24], [{"dense": 30}, {"reshape": [2, 5, 3]}, CONV, "flatten", {"dense": 2}]),
    "reshape-of-image": (IMAGE, [CONV, {"reshape": [-1, 6]}, {"dense": 3}]),
    "reshape-last": ([24], [{"dense": 24}, {"reshape": [2, 3, 4]}]),
    "conv-groups": (
        IMAGE,
        [
            {"conv2d": {"filters": 6, "kernel_size": 1}},
            {"conv2d": {"filters": 9, "kernel_size": [2, 3], "groups": 3}},
        ],
    ),
    "conv-dilated": (
        IMAGE,
        [CONV, _conv(dilation_rate=[1, 2]), _conv(dilation_rate=2, padding="same")],
    ),
    "conv-dilated-even": (
        IMAGE,
        [CONV, _conv(kernel_size=[2, 4], dilation_rate=[3, 2], padding="same")],
    ),
    "conv-no-bias": (IMAGE, [CONV, _conv(use_bias=False, activation="relu")]),
    "conv-activity": (IMAGE, [_conv(activity_regularizer={"l2": 0.1}), CONV]),
    "conv-first": (
        [3, 7, 10],
        [
            _conv(data_format="channels_first", padding="same", strides=2),
            _conv(data_format="channels_first"),
        ],
    ),
    "conv-mixed": (IMAGE, [CONV, _conv(data_format="channels_first", padding="same"), CONV]),
    "conv-dense-conv": (IMAGE, [CONV, {"dense": 5}, CONV]),
    "max-first": (
        [3, 8, 10],
        [
            _conv(data_format="channels_first"),
            {"max_pooling2d": {"data_format": "channels_first", "padding": "same"}},
        ],
    ),
    "average-first": (
        [3, 8, 11],
        [
            _conv(data_format="channels_first"),
            {
                "average_pooling2d": {
                    "pool_size": 2,
                    "data_format": "channels_first",
                    "padding": "same",
                }
            },
        ],
    ),
    "max-default": (IMAGE, [CONV, "max_pooling2d"]),
    "pad": (
        IMAGE,
        [
            CONV,
            "zero_padding2d",
            CONV,
            {"zero_padding2d": [2, 0]},
            {"zero_padding2d": [[0, 1], [2, 3]]},
        ],
    ),
    "pad-first": (
        [3, 7, 10],
        [
            {"zero_padding2d": {"padding": [[0, 1], [2, 3]], "data_format": "channels_first"}},
            _conv(data_format="channels_first"),
        ],
    ),
    **{
        f"global-{kind}-{keep}": (
            IMAGE,
            [CONV, {f"global_{kind}_pooling2d": {"keepdims": keep}}, {"dense": 3}],
        )
        for kind in ("average", "max")
        for keep in (False, True)
    },
    "global-last": (IMAGE, [CONV, {"global_max_pooling2d": {"keepdims": True}}]),
    "global-first": (
        [3, 7, 10],
        [
            _conv(data_format="channels_first"),
            {"global_average_pooling2d": "channels_first"},
            {"dense": 3},
        ],
    ),
    "global-dense": (IMAGE, [{"dense": 4}, "global_average_pooling2d", {"dense": 3}]),
    "norm-vector": ([5], [{"dense": 7}, "batch_normalization", {"dense": 3}]),
    "norm-sequence": ([6, 5], [{"dense": 7}, "batch_normalization", {"dense": 3}]),
    "norm-sequence-axis": (
        [6, 5],
        [{"dense": 7}, {"batch_normalization": {"axis": 1}}, {"dense": 3}],
    ),
    "norm-image": (IMAGE, [CONV, "batch_normalization", {"activation": "tanh"}, CONV]),
    "norm-image-axis": (
        [3, 7, 10],
        [_conv(data_format="channels_first"), {"batch_normalization": 1}],
    ),
    "norm-image-middle": (IMAGE, [CONV, {"batch_normalization": 2}, CONV]),
    "norm-image-negative": (IMAGE, [CONV, {"batch_normalization": -3}, CONV]),
    "norm-no-scale": (
        [5],
        [{"dense": 7}, {"batch_normalization": {"scale": False, "epsilon": 0.01, "momentum": 0.9}}],
    ),
    "norm-no-center": (IMAGE, [CONV, {"batch_normalization": {"center": False}}]),
    "norm-plain": ([5], [{"dense": 7}, {"batch_normalization": {"center": False, "scale": False}}]),
    "layer-vector": ([5], [{"dense": 7}, "layer_normalization", {"dense": 3}]),
    "layer-sequence": (
        [6, 5],
        [{"dense": 7}, {"layer_normalization": {"epsilon": 1e-5}}, {"dense": 3}],
    ),
    "layer-image": (IMAGE, [CONV, "layer_normalization", CONV]),
    "layer-axes": (IMAGE, [CONV, {"layer_normalization": {"axis": [1, 2, 3]}}]),
    "layer-middle": (IMAGE, [CONV, {"layer_normalization": {"axis": [1, 2]}}]),
    "layer-first-axis": ([6, 5], [{"dense": 7}, {"layer_normalization": 1}]),
    "layer-no-scale": ([5], [{"dense": 7}, {"layer_normalization": {"scale": False}}]),
    "layer-no-center": ([5], [{"dense": 7}, {"layer_normalization": {"center": False}}]),
    "layer-plain": (
        [5],
        [{"dense": 7}, {"layer_normalization": {"center": False, "scale": False}}],
    ),
    "embedding": (
        [6],
        [{"embedding": {"input_dim": 11, "output_dim": 4}}, "flatten", {"dense": 3}],
    ),
    "embedding-image": ([6, 5], [{"embedding": {"input_dim": 11, "output_dim": 4}}, CONV]),
    "embedding-scalar": ([], [{"embedding": {"input_dim": 11, "output_dim": 4}}, {"dense": 2}]),
    "relu-layers": (
        IMAGE,
        [
            CONV,
            "relu",
            CONV,
            {"relu": 0.3},
            CONV,
            {"relu": {"negative_slope": 0.2, "threshold": 0.1, "max_value": 1.0}},
            CONV,
            "leaky_relu",
            CONV,
            {"leaky_relu": 0.1},
            {"conv2d": {"filters": 2, "kernel_size": 2}},
            "elu",
            {"elu": 0.5},
        ],
    ),
    "relu-vector": (
        [5],
        [{"dense": 7}, "relu", {"dense": 7}, "leaky_relu", {"dense": 7}, {"elu": 2.0}],
    ),
    "relu-flat": (IMAGE, [CONV, "flatten", "leaky_relu", "elu", {"dense": 3}]),
    "softmax-vector": ([5], [{"dense": 7}, "softmax", {"dense": 3}]),
    "softmax-flat": (IMAGE, [CONV, "flatten", "softmax", {"dense": 3}]),
    **{
        f"softmax-{place}-{axis}".replace(" ", ""): (
            shape,
            [layer, {"softmax": axis}, "flatten", {"dense": 3}],
        )
        for place, shape, layer in (
            ("sequence", [6, 5], {"dense": 5}),
            ("image", IMAGE, CONV),
            ("first", [3, 7, 10], _conv(data_format="channels_first")),
        )
        for axis in (-1, 1, [2], [1, 2], [-1, -2])
    },
    "softmax-all": (IMAGE, [CONV, {"softmax": [1, 3, 2]}]),
    **{
        f"prelu-{place}-{shared}".replace(" ", ""): (
            shape,
            [
                layer,
                {"prelu": {"shared_axes": shared, "alpha_regularizer": "l1"}},
                "flatten",
                {"dense": 3},
            ],
        )
        for place, shape, layer in (
            ("vector", [5], {"dense": 4}),
            ("sequence", [6, 5], {"dense": 5}),
            ("image", IMAGE, CONV),
            ("first", [3, 7, 10], _conv(data_format="channels_first")),
        )
        for shared in (None, 1, [1, 2], [1, 2, 3], [2], [2, 3])
        if max(shared if isinstance(shared, list) else [shared or 1]) <= len(shape)
    },
    "prelu-flat": (IMAGE, [CONV, "flatten", "prelu", {"dense": 3}]),
    "prelu-flat-shared": (IMAGE, [CONV, "flatten", {"prelu": {"shared_axes": 1}}, {"dense": 3}]),
    "prelu-input": (IMAGE, ["prelu", CONV]),
    "prelu-drawn": (
        [6, 5],
        [
            {"dense": 4},
            {"prelu": {"alpha_initializer": "orthogonal", "shared_axes": 2}},
            {"prelu": {"alpha_regularizer": "orthogonal_regularizer"}},
            "batch_normalization",
            {"prelu": {"alpha_initializer": "identity"}},
        ],
    ),
    **{
        f"permute-{place}-{order}".replace(" ", ""): (shape, [*before, {"permute": order}, *after])
        for place, before, after in (
            ("image", [CONV], [CONV]),
            ("last", [CONV], []),
            ("dense", [{"dense": 4}], [{"dense": 3}]),
            ("flatten", [CONV], ["flatten", {"dense": 3}]),
        )
        for shape in (IMAGE,)
        for order in ([1, 2, 3], [2, 1, 3], [3, 1, 2], [2, 3, 1], [1, 3, 2])
    },
    "permute-first": (
        [3, 7, 10],
        [_conv(data_format="channels_first"), {"permute": [2, 3, 1]}, CONV],
    ),
    "permute-sequence": ([6, 5], [{"dense": 4}, {"permute": [2, 1]}, {"dense": 3}]),
    "permute-sequence-norm": ([6, 5], [{"dense": 4}, "batch_normalization", {"permute": [2, 1]}]),
    "permute-vector": (IMAGE, [CONV, "flatten", {"permute": [1]}, {"dense": 3}]),
    "repeat-vector": ([5], [{"dense": 4}, {"repeat_vector": 3}, {"dense": 3}]),
    "repeat-flat": (IMAGE, [CONV, "flatten", {"repeat_vector": 2}, {"dense": 3}]),
    "identity": (IMAGE, [CONV, "identity", CONV, "flatten", {"identity": {}}, {"dense": 3}]),
    "rescaling": (
        IMAGE,
        [
            {"rescaling": 0.5},
            CONV,
            {"rescaling": {"scale": 2, "offset": -1}},
            CONV,
            "flatten",
            {"rescaling": {"scale": 1, "offset": 0.5}},
            {"rescaling": 1},
            {"dense": 3},
        ],
    ),
    "rescaling-lists": (
        IMAGE,
        [
            {"rescaling": {"scale": [0.5, 1, 2], "offset": [-1, 0, 0.25]}},
            CONV,
            {"rescaling": [1, 2, 3, 4]},
            CONV,
            {"dense": 3},
            {"rescaling": {"scale": 2.0, "offset": [1.0, 2.0, 3.0]}},
        ],
    ),
    "rescaling-sequence": ([6, 3], [{"dense": 3}, {"rescaling": [0.5, 1, 2]}, {"dense": 2}]),
    "rescaling-flat": (
        [2, 3, 2],
        [{"conv2d": {"filters": 2, "kernel_size": 1}}, "flatten", {"rescaling": [*range(12)]}],
    ),
    "activity": (
        IMAGE,
        [
            CONV,
            {"activity_regularization": {"l1": 0.1, "l2": 0.2}},
            CONV,
            "flatten",
            {"activity_regularization": 0.3},
            "activity_regularization",
            {"dense": 3},
            {"activity_regularization": {"l2": 0.4}},
        ],
    ),
    "noise": (
        IMAGE,
        [
            CONV,
            {"gaussian_noise": 0.5},
            {"gaussian_dropout": 0.3},
            {"alpha_dropout": 0.3},
            {"spatial_dropout2d": 0.3},
            CONV,
            "flatten",
            {"gaussian_noise": 0.5},
            {"gaussian_dropout": 0.3},
            {"alpha_dropout": 0.3},
            {"dense": 3},
        ],
    ),
    "noise-sequence": ([6, 5], [{"dense": 4}, {"spatial_dropout1d": 0.5}, {"dense": 3}]),
    "noise-volume": ([3, 4, 5, 2], [{"dense": 4}, {"spatial_dropout3d": 0.5}, {"dense": 3}]),
    "noise-first": (
        [3, 7, 10],
        [
            _conv(data_format="channels_first"),
            {"spatial_dropout2d": {"rate": 0.3, "data_format": "channels_first"}},
            "flatten",
            {"dense": 3},
        ],
    ),
    **{
        f"group-{place}-{groups}-{axis}": (
            shape,
            [
                layer,
                {"group_normalization": {"groups": groups, "axis": axis}},
                "flatten",
                {"dense": 3},
            ],
        )
        for place, shape, layer, found in (
            ("sequence", [6, 5], {"dense": 4}, ((2, -1), (-1, -1), (3, 1), (1, 1))),
            ("image", IMAGE, CONV, ((2, -1), (-1, 3), (3, 1), (3, 2), (-1, -3))),
            ("first", [3, 7, 10], _conv(data_format="channels_first"), ((2, 1), (-1, 1), (4, 3))),
        )
        for groups, axis in found
    },
    # Without weights before it, PyTorch's backward kills the process on channels-last memory.
    **{
        f"group-at-first-{axis}-{scale}": (
            [6, 5, 4],
            [
                {"group_normalization": {"groups": 2, "axis": axis, "scale": scale}},
                "flatten",
                {"dense": 3},
            ],
        )
        for axis, scale in ((-1, True), (-1, False), (1, True))
    },
    "group-after-reshape": (
        [120],
        [{"reshape": [6, 5, 4]}, {"group_normalization": 2}, "global_max_pooling2d", {"dense": 3}],
    ),
    "group-flat": (
        IMAGE,
        [CONV, "flatten", {"group_normalization": 6}, {"dense": 6}, {"group_normalization": 2}],
    ),
    **{
        f"group-{center}-{scale}": (
            IMAGE,
            [CONV, {"group_normalization": {"groups": 2, "center": center, "scale": scale}}],
        )
        for center in (True, False)
        for scale in (True, False)
    },
    "group-penalty": (
        IMAGE,
        [
            CONV,
            {
                "group_normalization": {
                    "groups": 2,
                    "epsilon": 1e-5,
                    "gamma_regularizer": "l1",
                    "beta_regularizer": "l2",
                }
            },
        ],
    ),
    "rms-vector": ([5], [{"dense": 7}, "rms_normalization", {"dense": 3}]),
    "rms-image": (IMAGE, [CONV, {"rms_normalization": {"epsilon": 0.01}}, CONV]),
    "rms-axes": (IMAGE, [CONV, {"rms_normalization": [2, 3]}, {"rms_normalization": [-1, -2, -3]}]),
    "rms-flat": (IMAGE, [CONV, "flatten", "rms_normalization", {"dense": 3}]),
    **{
        f"unit-{axis}".replace(" ", ""): (IMAGE, [CONV, {"unit_normalization": axis}, CONV])
        for axis in (-1, 1, 2, [3], [1, 2], [1, -1], [1, 2, 3])
    },
    "unit-flat": (IMAGE, [CONV, "flatten", "unit_normalization", {"dense": 3}]),
    "unit-sequence": ([6, 5], [{"dense": 4}, "unit_normalization", {"dense": 3}]),
    **_same("conv2d", "kernel_size", filters=5),
    **_same("max_pooling2d", "pool_size"),
    **_same("average_pooling2d", "pool_size"),
}


def check(shape: list[int], layers: list[Any], folder: Path, seed: int = 0) -> None:
    """Hold both programs of a model against each other."""
    pair = Pair(spec(shape, layers), folder, seed)
    for samples in (1, 5):
        assert pair.output_difference(samples) <= TOLERANCE
    assert pair.output_difference(training=True) <= TOLERANCE
    for what, measured in pair.loss_differences().items():
        assert measured <= TOLERANCE, what
    held = sum(t.numel() for _, _, t, weight in pair.mapped() if not (weight and weight.frozen))
    assert pair.keras.count_params() == held


@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, tmp_path: Path) -> None:
    check(*CASES[name], tmp_path)


INTEGERS: dict[str, tuple[list[int], list[Any]]] = {
    "rescaling": ([2, 3], [{"rescaling": 0.1}, {"dense": 3}]),
    "rescaling-one": ([2, 3], [{"rescaling": 1}, {"dense": 3}]),
    "rescaling-offset": ([2, 3], [{"rescaling": {"scale": 1, "offset": 2}}, {"dense": 3}]),
    "rescaling-list": ([2, 2, 3], [{"rescaling": [0.1, 0.2, 0.3]}, {"dense": 3}]),
    "moved": ([2, 3], ["identity", {"permute": [2, 1]}, {"rescaling": 0.1}, {"dense": 3}]),
    "repeated": ([3], [{"repeat_vector": 2}, {"rescaling": 0.1}, {"dense": 3}]),
}


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("name", INTEGERS)
def test_integers(name: str, dtype: str, tmp_path: Path) -> None:
    shape, layers = INTEGERS[name]
    pair = Pair(spec(shape, layers, input={"shape": shape, "dtype": dtype}), tmp_path)
    pair.inputs = lambda n: pair.random.integers(-9, 9, (n, *shape)).astype(dtype)  # type: ignore[method-assign]
    assert pair.output_difference() <= TOLERANCE
    assert max(pair.loss_differences().values()) <= TOLERANCE


MOVES: list[Any] = [
    "identity",
    {"permute": [2, 1]},
    {"zero_padding1d": 1},
    {"cropping1d": [1, 0]},
    {"reshape": [-1]},
    {"repeat_vector": 2},
    "flatten",
]


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "bool"])
@pytest.mark.parametrize(
    "layer", [{"rescaling": 0.1}, {"embedding": {"input_dim": 9, "output_dim": 2}}], ids=str
)
def test_types_of_integers(layer: Any, dtype: str, tmp_path: Path) -> None:
    text = spec([2, 3], [*MOVES, layer, {"dense": 3}], input={"shape": [2, 3], "dtype": dtype})
    pair = Pair(text, tmp_path)
    assert pair.inputs(2).dtype == dtype
    assert pair.output_difference() <= TOLERANCE
    assert max(pair.loss_differences().values()) <= TOLERANCE


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_types_of_numbers(dtype: str, tmp_path: Path) -> None:
    """Both programs read them and compute in float32."""
    text = spec([5], [{"dense": 4}], input={"shape": [5], "dtype": dtype})
    pair = Pair(text, tmp_path)
    x, y = np.random.default_rng(0).normal(size=(6, 5)) * 9, np.zeros((6, 4))
    theirs = pair.keras(x.astype(dtype)).numpy()
    inputs = pair.torch_module.to_dataset(x, y).tensors[0]
    assert theirs.dtype == np.float32
    assert inputs.dtype == torch.float32
    assert np.abs(theirs - pair.torch(inputs).detach().numpy()).max() <= TOLERANCE
    assert f'dtype="{dtype}"' in pair.files["model_keras.py"]


def test_integer_inputs(tmp_path: Path) -> None:
    layers = [{"embedding": {"input_dim": 9, "output_dim": 4}}, "flatten", {"dense": 3}]
    pair = Pair(spec([2, 3], layers, input={"shape": [2, 3], "dtype": "int32"}), tmp_path)
    assert pair.output_difference() <= TOLERANCE
    assert max(pair.loss_differences().values()) <= TOLERANCE


def _slopes_at_zero(text: str, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of the sum of the outputs by an input of zeros, Keras' first."""
    pair = Pair(text, folder)
    left = tf.zeros((2, 4))
    with tf.GradientTape() as tape:
        tape.watch(left)
        total = tf.reduce_sum(pair.keras(left))
    right = torch.zeros(2, 4, requires_grad=True)
    pair.torch(right).sum().backward()
    assert right.grad is not None
    return np.asarray(tape.gradient(total, left)), right.grad.numpy()


def test_prelu_at_zero(tmp_path: Path) -> None:
    """nn.PReLU has another gradient at exactly 0; the class of `fidelity: exact` has Keras'."""
    for fidelity, equal in (("idiomatic", False), ("exact", True)):
        theirs, ours = _slopes_at_zero(spec([4], ["prelu"], fidelity=fidelity), tmp_path)
        assert np.array_equal(theirs, ours) == equal
        assert np.array_equal(theirs, np.zeros((2, 4)))


@pytest.mark.parametrize("axis", [-1, [1]])
def test_unit_normalization_at_zero(axis: Any, tmp_path: Path) -> None:
    """Where all entries are 0 both have the gradient 1 / epsilon."""
    theirs, ours = _slopes_at_zero(
        spec([4], [{"unit_normalization": axis}], optimizer=None), tmp_path
    )
    assert np.array_equal(theirs, ours)
    assert np.array_equal(theirs, np.full((2, 4), np.float32(1e12)))


def test_unit_normalization_at_zero_under_xla() -> None:
    """XLA's gradient is nan, which Keras on a GPU compiles by; the class' docstring says so."""
    layer, zeros = keras.layers.UnitNormalization(), tf.zeros((2, 4))

    def slopes(x: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(layer(x))
        return tape.gradient(total, x)

    assert np.isnan(tf.function(slopes, jit_compile=True)(zeros)).all()
    assert not np.isnan(tf.function(slopes, jit_compile=False)(zeros)).any()


@pytest.mark.parametrize("name", CATALOGUE["regularizer"])
def test_regularizers_by_their_names(name: str, tmp_path: Path) -> None:
    check([6], [{"dense": {"units": 3, "kernel_regularizer": name}}, {"dense": 2}], tmp_path)
