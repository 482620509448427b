"""Constraints hold the same weights within the same limits after each batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equality import Pair
from writing import spec

from specc.shapes import Shape
from specc.targets.torch.weights import Transform, dimensions, image_order

pytestmark = pytest.mark.frameworks

MIDDLE = {"min_value": 0.4, "max_value": 0.6, "rate": 0.7}


def norm(word: str, axis: Any = 0, **limits: float) -> dict[str, Any]:
    """Return a constraint over an axis."""
    return {word: {**limits, "axis": axis}}


# Each layer with weights, axes of which PyTorch holds in another order, merged or split.
IMAGES = [
    {
        "conv2d": {
            "filters": 4,
            "kernel_size": [2, 3],
            "activation": "tanh",
            "kernel_constraint": norm("max_norm", [0, 1, 2], max_value=0.5),
            "bias_constraint": "non_neg",
        }
    },
    {
        "depthwise_conv2d": {
            "kernel_size": 2,
            "depth_multiplier": 2,
            "activation": "tanh",
            "depthwise_constraint": norm("unit_norm", 2),
            "bias_constraint": norm("max_norm", -1, max_value=0.1),
        }
    },
    {
        "batch_normalization": {
            "gamma_constraint": norm("min_max_norm", **MIDDLE),
            "beta_constraint": "non_neg",
        }
    },
    {
        "separable_conv2d": {
            "filters": 3,
            "kernel_size": 2,
            "depth_multiplier": 2,
            "depthwise_constraint": norm("min_max_norm", [0, 3], **MIDDLE),
            "pointwise_constraint": norm("max_norm", 3, max_value=0.3),
        }
    },
    {"prelu": {"shared_axes": [1], "alpha_constraint": norm("unit_norm", 1)}},
    {
        "conv2d_transpose": {
            "filters": 2,
            "kernel_size": 2,
            "kernel_constraint": norm("unit_norm", [0, 1, 3]),
        }
    },
    "flatten",
    {
        "dense": {
            "units": 5,
            "activation": "tanh",
            "kernel_constraint": norm("max_norm", max_value=0.8),
        }
    },
    {"dense": {"units": 3, "kernel_constraint": norm("unit_norm", [0, 1])}},
]
TOKENS = [
    {
        "embedding": {
            "input_dim": 9,
            "output_dim": 3,
            "embeddings_constraint": norm("min_max_norm", 1, **MIDDLE),
        }
    },
    {
        "conv1d": {
            "filters": 4,
            "kernel_size": 2,
            "kernel_constraint": norm("unit_norm", -1),
            "kernel_regularizer": {"l2": 0.05},
        }
    },
    {"layer_normalization": {"gamma_constraint": "unit_norm", "beta_constraint": "non_neg"}},
    "flatten",
    {"dense": {"units": 3, "kernel_constraint": "max_norm", "kernel_regularizer": {"l2": 0.05}}},
]
STEPS = [
    {
        "gru": {
            "units": 3,
            "return_sequences": True,
            "kernel_constraint": norm("max_norm", 1, max_value=0.5),
            "recurrent_constraint": norm("unit_norm"),
            "bias_constraint": norm("max_norm", max_value=0.1),
        }
    },
    {"gru": {"units": 2, "return_sequences": True, "bias_constraint": norm("unit_norm", 1)}},
    {
        "lstm": {
            "units": 3,
            "return_sequences": True,
            "kernel_constraint": "non_neg",
            "bias_constraint": norm("min_max_norm", **MIDDLE),
        }
    },
    {
        "einsum_dense": {
            "equation": "abc,cd->abd",
            "output_shape": [None, 2],
            "bias_axes": "d",
            "kernel_constraint": "unit_norm",
        }
    },
]
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"sgd": {"learning_rate": 0.1}},
    "momentum": {"sgd": {"learning_rate": 0.05, "momentum": 0.9, "clipnorm": 0.5}},
    "averages": {"adam": {"learning_rate": 0.01, "use_ema": True, "ema_overwrite_frequency": 4}},
    "accumulation": {
        "adamw": {"learning_rate": 0.02, "gradient_accumulation_steps": 3, "use_ema": True}
    },
}
NETS = {"images": ([5, 6, 3], IMAGES), "tokens": ([7], TOKENS), "steps": ([4, 3], STEPS)}


@pytest.mark.parametrize(
    ("net", "rule"),
    [
        ("images", "sgd"),
        ("images", "accumulation"),
        ("tokens", "momentum"),
        ("tokens", "averages"),
        ("steps", "sgd"),
    ],
)
def test_training(net: str, rule: str, tmp_path: Path) -> None:
    """All weights are equal after each constraint had to act many times."""
    shape, layers = NETS[net]
    pair = Pair(spec(shape, layers, optimizer=OPTIMIZERS[rule], fidelity="exact"), tmp_path)
    for what, measured in pair.train(20, last=3).items():
        assert measured <= 1e-5, what


KERNELS: dict[str, tuple[list[int], list[Any]]] = {
    "dense": ([6], [{"dense": {"units": 4}}]),
    "conv1d": ([7, 3], [{"conv1d": {"filters": 4, "kernel_size": 3}}]),
    "conv2d": ([6, 5, 3], [{"conv2d": {"filters": 4, "kernel_size": [2, 3]}}]),
    "conv2d-groups": ([6, 5, 4], [{"conv2d": {"filters": 6, "kernel_size": 2, "groups": 2}}]),
    "conv3d": ([3, 4, 5, 2], [{"conv3d": {"filters": 3, "kernel_size": [2, 3, 2]}}]),
    "conv2d_transpose": ([4, 3, 2], [{"conv2d_transpose": {"filters": 3, "kernel_size": 2}}]),
}
CONSTRAINTS: dict[str, list[Any]] = {
    "non_neg": ["non_neg"],
    "unit_norm": ["unit_norm", {"unit_norm": -1}],
    "max_norm": [{"max_norm": 0.3}, {"max_norm": {"max_value": 0.2, "axis": 1}}],
    "min_max_norm": [{"min_max_norm": MIDDLE}, {"min_max_norm": {**MIDDLE, "axis": [0, 1]}}],
}


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_each_constraint_on_kernels(constraint: str, name: str, tmp_path: Path) -> None:
    shape, [layer] = KERNELS[name]
    for given in CONSTRAINTS[constraint]:
        limited = {w: {**a, "kernel_constraint": given} for w, a in layer.items()}
        pair = Pair(spec(shape, [limited, "flatten", {"dense": 2}]), tmp_path)
        before = pair.keras_values()
        assert max(pair.train(3, last=3).values()) <= 1e-5, given
        assert pair.share_of_movement(before) <= 1e-5


def test_the_first_batch_constrains_before_any_update(tmp_path: Path) -> None:
    """Keras constrains after each batch, also where gradients only accumulate."""
    optimizer = {"sgd": {"gradient_accumulation_steps": 50}}
    layers = [{"dense": {"units": 4, "kernel_constraint": "non_neg"}}]
    pair = Pair(spec([6], layers, optimizer=optimizer), tmp_path)
    before = pair.torch.dense.weight.detach().clone()
    assert max(pair.train(2).values()) <= 1e-6
    assert float(before.min()) < 0
    assert np.array_equal(pair.torch.dense.weight.detach().numpy(), before.clamp(min=0).numpy())


@pytest.mark.parametrize(
    ("shape", "transform"),
    [
        ((2, 3, 4, 5), Transform(axes=(3, 2, 0, 1))),
        ((2, 3, 4, 5), Transform(axes=(2, 3, 0, 1), merge=(20, 1, 2, 3))),
        ((2, 3, 4, 1), Transform(axes=(2, 3, 0, 1), merge=(4, 1, 2, 3))),
        ((24, 5), image_order((2, 3, 4), (5,))),
        ((24, 1), image_order((2, 3, 4), (1,))),
        ((1, 5), image_order((1, 1, 1), (5,))),
        ((24,), image_order((2, 3, 4))),
        ((1, 1, 7), Transform(merge=(7,))),
        ((6,), Transform()),
    ],
)
def test_dimensions_hold_the_axes(shape: Shape, transform: Transform) -> None:
    """A number that tells where on each axis an entry stood is the same along all others."""
    held = dimensions(shape, transform)
    for axis in range(len(shape)):
        place = np.broadcast_to(
            np.arange(shape[axis]).reshape([-1 if n == axis else 1 for n in range(len(shape))]),
            shape,
        )
        turned = np.asarray(transform.to_torch(place))
        assert turned.ndim == len(held)
        sizes = [size for parts in held for _, size in parts] or [1]
        apart = turned.reshape(sizes)
        owners = [owner for parts in held for owner, _ in parts]
        others = tuple(n for n, owner in enumerate(owners) if owner != axis)
        assert (apart.max(axis=others) == apart.min(axis=others)).all()
