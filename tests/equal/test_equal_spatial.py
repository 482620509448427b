"""Layers of sequences, images and volumes are equal in both programs, in every combination.

As in `test_equal_layers.py`: outputs, loss and all gradients, each layer behind one with weights.
"""

from __future__ import annotations

from contextlib import nullcontext
from itertools import product
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from equality import Pair
from test_equal_layers import TOLERANCE, check
from writing import spec

pytestmark = pytest.mark.frameworks

Case = tuple[list[int], list[Any]]

# Even and odd sizes, no two alike.
SIZES = {1: ([8], [11]), 2: ([8, 11], [9, 12]), 3: ([6, 7, 5], [5, 4, 8])}
WINDOWS: dict[int, list[Any]] = {1: [2, 3], 2: [2, 3, [4, 3]], 3: [2, [3, 1, 2]]}
# Fewer windows than places, windows that share places, and more windows than places.
ADAPTIVE: dict[int, list[Any]] = {
    1: [[7], [3]],
    2: [[5, 14], [3, 4]],
    3: [[3, 6, 7], [2, 4, 3]],
}
# On TensorFlow, Keras adds a channels-first bias along the last axis where that is as long as the
# filters are many: cases avoid it.
FIRST = {"data_format": "channels_first"}


def conv(rank: int, **arguments: Any) -> dict[str, Any]:
    """Return a convolution: what stands before the layer under test, or after it."""
    return {f"conv{rank}d": {"filters": 4, "kernel_size": 2, **arguments}}


def around(rank: int, *layers: Any, first: bool = False, sizes: list[int] | None = None) -> Case:
    """Return a case of layers behind a convolution, in either order of axes."""
    spatial, more = sizes or SIZES[rank][1], FIRST if first else {}
    shape = [3, *spatial] if first else [*spatial, 3]
    turned = [
        {word: {**arguments, **more} for word, arguments in layer.items()} if first else layer
        for layer in layers
    ]
    return shape, [conv(rank, kernel_size=1, **more), *turned]


def windows(
    name: str, rank: int, window: str, paddings: tuple[str, ...] = ("same", "valid"), **more: Any
) -> dict[str, Case]:
    """Return the cases of a layer with a window: sizes, windows, strides and paddings."""
    grid = product(paddings, SIZES[rank], WINDOWS[rank], (1, 2, 3))
    return {
        f"{name}-{padding}-{'x'.join(map(str, sizes))}-{kernel}-{stride}": around(
            rank,
            {name: {window: kernel, "strides": stride, "padding": padding, **more}},
            sizes=sizes,
        )
        for padding, sizes, kernel, stride in grid
    }


CASES: dict[str, Case] = {
    **windows("conv1d", 1, "kernel_size", ("same", "valid", "causal"), filters=5),
    **windows("conv3d", 3, "kernel_size", filters=5),
    **{
        f"conv-first-{rank}-{padding}-{stride}": around(
            rank, conv(rank, filters=13, padding=padding, strides=stride), first=True
        )
        for rank, padding, stride in product((1, 2, 3), ("same", "valid", "causal"), (1, 2))
        if rank == 1 or padding != "causal"
    },
    **{
        f"conv-dilated-{rank}-{padding}": around(
            rank, conv(rank, kernel_size=2, dilation_rate=3, padding=padding)
        )
        for rank, padding in product((1, 2, 3), ("same", "valid", "causal"))
        if rank == 1 or padding != "causal"
    },
    **{
        f"conv-groups-{rank}": around(rank, conv(rank, filters=6, groups=2, use_bias=False))
        for rank in (1, 2, 3)
    },
    "causal-one": around(1, conv(1, kernel_size=1, padding="causal")),
    **{
        f"flatten-{rank}-{last}": around(rank, conv(rank), "flatten", *([{"dense": 3}] * last))
        for rank, last in product((1, 3), (False, True))
    },
    **{
        f"flatten-first-{rank}": (
            [3, *SIZES[rank][1]],
            [conv(rank, **FIRST), {"flatten": "channels_first"}, {"dense": 3}],
        )
        for rank in (1, 3)
    },
    **{
        f"reshape-{rank}": around(rank, {"reshape": [-1, 2]}, {"dense": 3}, conv(1))
        for rank in (1, 3)
    },
    **{f"dense-{rank}": around(rank, {"dense": 5}, conv(rank)) for rank in (1, 3)},
    **{
        f"{kind}-{rank}": around(rank, f"{kind}_normalization", {"activation": "tanh"}, conv(rank))
        for kind, rank in product(("batch", "layer"), (1, 3))
    },
    **{
        f"batch-axis-{axis}": around(3, {"batch_normalization": axis}, conv(3))
        for axis in (1, 2, 3, -2)
    },
    "batch-first": ([3, 4, 5, 6], [conv(3, **FIRST), {"batch_normalization": 1}]),
    **windows("max_pooling1d", 1, "pool_size"),
    **windows("max_pooling3d", 3, "pool_size"),
    **windows("average_pooling1d", 1, "pool_size"),
    **windows("average_pooling3d", 3, "pool_size"),
    **{
        f"{kind}-first-{rank}-{padding}": around(
            rank, {f"{kind}_pooling{rank}d": {"pool_size": 3, "padding": padding}}, first=True
        )
        for kind, rank, padding in product(("max", "average"), (1, 2, 3), ("same", "valid"))
    },
    **{
        f"adaptive-{rank}-{first}": around(
            rank,
            {f"adaptive_average_pooling{rank}d": {"output_size": ADAPTIVE[rank][0]}},
            conv(rank, kernel_size=1, filters=13),
            {f"adaptive_max_pooling{rank}d": {"output_size": ADAPTIVE[rank][1]}},
            first=first,
        )
        for rank, first in product((1, 2, 3), (False, True))
    },
    **{
        f"max-default-{rank}": around(rank, f"max_pooling{rank}d", conv(rank, kernel_size=1))
        for rank in (1, 3)
    },
    **{
        f"global-{kind}-{rank}-{keep}-{first}": around(
            rank, {f"global_{kind}_pooling{rank}d": {"keepdims": keep}}, first=first
        )
        for kind, rank, keep, first in product(
            ("average", "max"), (1, 2, 3), (False, True), (False, True)
        )
    },
    **{
        f"global-dense-{rank}": around(
            rank, {"dense": 4}, f"global_average_pooling{rank}d", {"dense": 3}
        )
        for rank in (1, 3)
    },
    **{
        f"{word}-{rank}-{sides}-{first}": around(
            rank, {f"{word}{rank}d": {field: sides}}, first=first
        )
        for word, field in (("zero_padding", "padding"), ("cropping", "cropping"))
        for rank, sides in (
            (1, [1, 2]),
            (1, 2),
            (2, [[1, 2], [0, 3]]),
            (2, [2, 1]),
            (3, [[1, 2], [0, 3], [2, 0]]),
            (3, [0, 1, 2]),
        )
        for first in (False, True)
        if rank > 1 or not first or word == "zero_padding"
    },
    **{
        f"{word}-default-{rank}": around(rank, f"{word}{rank}d", conv(rank, kernel_size=1))
        for word, rank in product(("zero_padding", "cropping", "up_sampling"), (1, 2, 3))
    },
    **{
        f"up-{rank}-{size}-{first}": around(
            rank, {f"up_sampling{rank}d": {"size": size}}, first=first
        )
        for rank, size, first in (
            (1, 3, False),
            (2, [2, 3], False),
            (2, [2, 3], True),
            (3, [1, 2, 3], False),
            (3, 2, True),
        )
    },
    **{
        f"up-bilinear-{size}": around(
            2, {"up_sampling2d": {"size": size, "interpolation": "bilinear"}}
        )
        for size in (2, 3, [3, 1])
    },
    # No convolution, which TensorFlow on CPU has for channels first through XLA alone.
    **{
        f"up-bicubic-{size}": around(
            2, {"up_sampling2d": {"size": size, "interpolation": "bicubic"}}, conv(2), sizes=[5, 3]
        )
        for size in (2, [1, 4], [8, 2])
    },
    "up-bicubic-first": (
        [3, 5, 6],
        [
            {"dense": 7},
            {"up_sampling2d": {"interpolation": "bicubic", **FIRST}},
        ],
    ),
    "up-bilinear-first": (
        [3, 5, 6],
        [
            {"dense": 7},
            {
                "up_sampling2d": {
                    "size": [3, 2],
                    "interpolation": "bilinear",
                    "data_format": "channels_first",
                }
            },
        ],
    ),
    **windows("depthwise_conv1d", 1, "kernel_size", depth_multiplier=2),
    **windows("depthwise_conv2d", 2, "kernel_size"),
    **windows("separable_conv1d", 1, "kernel_size", filters=5, depth_multiplier=2),
    **windows("separable_conv2d", 2, "kernel_size", filters=5),
    **{
        f"{word}-{rank}-{padding}-{first}": around(
            rank,
            {
                f"{word}_conv{rank}d": {
                    **({"filters": 13} if word == "separable" else {}),
                    "kernel_size": 2,
                    "dilation_rate": 3,
                    "padding": padding,
                    "depth_multiplier": 5,
                    "use_bias": first,
                    "activation": "tanh",
                }
            },
            first=first,
        )
        for word, rank, padding, first in product(
            ("depthwise", "separable"), (1, 2), ("same", "valid"), (False, True)
        )
    },
    "depthwise-gray": ([7, 10, 1], [{"depthwise_conv2d": 3}, {"depthwise_conv2d": [2, 3]}]),
    "separable-penalties": around(
        2,
        {
            "separable_conv2d": {
                "filters": 5,
                "kernel_size": 3,
                "depthwise_regularizer": {"l2": 0.1},
                "pointwise_regularizer": {"l1": 0.2},
                "bias_regularizer": "l2",
            }
        },
        {
            "depthwise_conv2d": {
                "kernel_size": 2,
                "dilation_rate": [1, 2],
                "depthwise_regularizer": "l2",
            }
        },
    ),
    **windows("conv1d_transpose", 1, "kernel_size", filters=5),
    **windows("conv2d_transpose", 2, "kernel_size", filters=5),
    # TensorFlow's own gradient of the input is wrong for `same` with kernel [3, 1, 2] and stride 3,
    # see `test_a_gradient_that_is_wrong_in_tensorflow`.
    **{
        name: case
        for name, case in windows("conv3d_transpose", 3, "kernel_size", filters=2).items()
        if not ("same" in name and name.endswith("[3, 1, 2]-3"))
    },
    **{
        f"transpose-{rank}-{padding}-{kernel}-{extra}": around(
            rank,
            {
                f"conv{rank}d_transpose": {
                    "filters": 3,
                    "kernel_size": kernel,
                    "strides": 3,
                    "padding": padding,
                    "output_padding": extra,
                    "use_bias": False,
                }
            },
        )
        for rank, padding, kernel, extra in product((1, 2), ("same", "valid"), (4, 5), (0, 2))
        if (padding, kernel, extra) != ("same", 4, 0)  # TensorFlow refuses it
    },
    **{
        f"transpose-one-{rank}-{padding}-{stride}": around(
            rank,
            {
                f"conv{rank}d_transpose": {
                    "filters": 3,
                    "kernel_size": 1,
                    "strides": stride,
                    "padding": padding,
                }
            },
        )
        for rank, padding, stride in product((1, 3), ("same", "valid"), (2, 3))
        if (rank, padding, stride) != (3, "same", 3)  # wrong in TensorFlow too
    },
    **{
        f"transpose-first-{rank}-{padding}": around(
            rank,
            {
                f"conv{rank}d_transpose": {
                    "filters": 43,
                    "kernel_size": 3,
                    "strides": 2,
                    "padding": padding,
                    "activation": "tanh",
                }
            },
            first=True,
        )
        for rank, padding in product((1, 2), ("same", "valid"))
    },
    "softmax-sequence": around(1, conv(1, activation="softmax"), {"dense": 3}),
}


# Where seed 0 draws two entries of a window within 1e-5, which TensorFlow takes for equal.
SEEDS = {f"max_pooling3d-{padding}-5x4x8-[3, 1, 2]-1": 1 for padding in ("same", "valid")}


@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, tmp_path: Path) -> None:
    check(*CASES[name], tmp_path, SEEDS.get(name, 0))


@pytest.mark.parametrize(("kernel", "stride", "wrong"), [(1, 3, True), (3, 5, True), (2, 3, False)])
def test_a_gradient_that_is_wrong_in_tensorflow(
    kernel: int, stride: int, wrong: bool, tmp_path: Path
) -> None:
    """That of the input where `same` adds 2 or more to a volume's axis: a note tells."""
    layer = {"filters": 2, "kernel_size": kernel, "strides": stride, "padding": "same"}
    shape, layers = around(3, {"conv3d_transpose": layer}, sizes=[2, 3, 4])
    pair = Pair(spec(shape, layers), tmp_path)
    assert pair.output_difference(training=True) <= TOLERANCE
    found = pair.loss_differences()
    assert found.pop("loss") <= TOLERANCE
    assert found["d/d conv3d_transpose.kernel"] <= TOLERANCE
    assert (max(found.values()) > 1e-3) == wrong
    assert any(note.code == "N212" for note in pair.notes) == wrong


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["Average", "Max"])
def test_single_windows_fail_in_tensorflow(kind: str, rank: int) -> None:
    """Which is why they are refused: prediction makes a graph, where a window must fit its axis."""
    cls = getattr(keras.layers, f"Adaptive{kind}Pooling{rank}D")
    for sizes, windows, fails in ((4, 1, True), (1, 2, True), (2, 2, False), (4, 3, False)):
        shape = (*[sizes] * rank, 2)
        model = keras.Sequential([keras.Input(shape), cls(windows)])
        x = np.zeros((2, *shape), np.float32)
        with pytest.raises(Exception, match="Negative dimension") if fails else nullcontext():
            model.predict(x, verbose=0)


@pytest.mark.parametrize(
    ("word", "fidelity", "equal"),
    [
        ("adaptive_max_pooling2d", "idiomatic", False),
        ("adaptive_max_pooling2d", "exact", True),
        ("adaptive_max_pooling3d", "exact", False),
        ("max_pooling2d", "idiomatic", True),
        ("max_pooling3d", "exact", False),
    ],
)
def test_equal_maxima(word: str, fidelity: str, equal: bool, tmp_path: Path) -> None:
    """Where several entries are the largest, gradients are equal, or a note says so."""
    rank = int(word[-2])
    shape, first = [*SIZES[rank][1], 2], {"filters": 2, "kernel_size": 1, "use_bias": False}
    layers = [{f"conv{rank}d": first}, {word: 3 if "adaptive" in word else 2}]
    pair = Pair(spec(shape, layers, fidelity=fidelity), tmp_path)
    assert any(d.code == "N226" for d in pair.notes) != equal
    kernel = np.zeros(pair.keras.weights[0].shape, np.float32)
    kernel[..., 0, 0] = kernel[..., 1, 1] = 1
    pair.keras.weights[0].assign(kernel)
    pair.carry()
    x = pair.random.integers(0, 3, (2, *shape)).astype(np.float32)
    left = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(left)
        y = pair.keras(left)
        total = tf.reduce_sum(y * np.arange(1, 1 + np.prod(y.shape)).reshape(y.shape))
    right = torch.from_numpy(np.moveaxis(x, -1, 1).copy()).requires_grad_()
    out = pair.torch(right).movedim(1, -1)
    (out * torch.arange(1, 1 + out.numel()).reshape(out.shape)).sum().backward()
    assert right.grad is not None
    theirs = np.moveaxis(np.asarray(tape.gradient(total, left)), -1, 1)
    assert np.allclose(theirs, right.grad) == equal


def test_nearly_equal_maxima(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In float64 `specc verify` pools volumes by planes, without TensorFlow's nearly equal ones."""
    shape, layers = [5, 4, 8, 2], [{"dense": 4}, {"max_pooling3d": 2}, {"dense": 1}]
    for double in (False, True):
        pair = Pair(spec(shape, layers), tmp_path, double=double)
        x = pair.random.integers(0, 3, (50, *shape)) + pair.random.uniform(0, 1e-7, (50, *shape))
        x = x.astype(pair.kind)
        monkeypatch.setattr(pair, "inputs", lambda samples, x=x: x[:samples])
        assert pair.output_difference(50) <= TOLERANCE
        measured = max(pair.loss_differences(50).values())
        assert measured <= 1e-6 if double else measured > TOLERANCE
