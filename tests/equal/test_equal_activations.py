"""Every activation is equal in value and gradient, at its kinks and far out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from equality import Pair, difference
from writing import spec

import specc
from specc.spec.catalogue import CATALOGUE

pytestmark = pytest.mark.frameworks

# Keras' gradient at exactly 0 is that of both branches together (docs/semantics.md, section 5).
UNEQUAL_AT_ZERO = {"selu", "celu"}

VARIANTS: dict[str, list[dict[str, Any]]] = {
    "relu": [
        {"negative_slope": 0.1},
        {"max_value": 6.0},
        {"max_value": 2.0},
        {"threshold": 1.0},
        {"negative_slope": 0.1, "threshold": 1.0, "max_value": 3.0},
        {"negative_slope": 0.1, "max_value": 3.0},
    ],
    "leaky_relu": [{"negative_slope": 0.01}, {"negative_slope": 0.3}],
    "elu": [{"alpha": 0.5}],
    "celu": [{"alpha": 0.5}],
    "gelu": [{"approximate": True}],
    "hard_shrink": [{"threshold": 1.0}],
    "soft_shrink": [{"threshold": 1.0}],
    "threshold": [{"threshold": 0.5, "default_value": -2.0}],
    "squareplus": [{"b": 2.0}],
    "softmax": [{"axis": 1}, {"axis": -2}],
    "log_softmax": [{"axis": 1}],
    "sparsemax": [{"axis": -1}],
    "glu": [{"axis": 1}],
}
REQUIRED = {"threshold"}


def cases() -> list[Any]:
    found = []
    for name in CATALOGUE["activation"]:
        variants = [name] if name not in REQUIRED else []
        found += [*variants, *({name: v} for v in VARIANTS.get(name, []))]
    return found


def points() -> np.ndarray:
    """Return kinks, their neighbours and values far out, in shape (N, 4, 6)."""
    kinks = np.array([-6, -3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 6])
    values = np.concatenate([kinks, kinks + 1e-3, kinks - 1e-3, np.linspace(-80, 80, 39)])
    return values.astype(np.float32).reshape(-1, 4, 6)


@pytest.mark.parametrize("activation", cases(), ids=str)
def test_activation(activation: Any, tmp_path: Path) -> None:
    text = spec([4, 6], [{"activation": {"activation": activation}}], optimizer=None)
    pair = Pair(text, tmp_path)
    values = points()
    name = activation if isinstance(activation, str) else next(iter(activation))
    if name in UNEQUAL_AT_ZERO:
        values = np.where(values == 0, np.float32(0.25), values)
    left = tf.constant(values)
    with tf.GradientTape() as tape:
        tape.watch(left)
        theirs = pair.keras(left)
        weights = tf.random.stateless_normal(theirs.shape, seed=(1, 2))
        total = tf.reduce_sum(theirs * weights)
    right = torch.from_numpy(values).requires_grad_()
    ours = pair.torch(right)
    (ours * torch.from_numpy(weights.numpy())).sum().backward()
    assert difference(theirs, ours.detach()) <= 1e-6
    assert difference(tape.gradient(total, left), right.grad) <= 3e-6


@pytest.mark.parametrize("activation", cases(), ids=str)
def test_activation_of_a_layer(activation: Any, tmp_path: Path) -> None:
    """As an argument of dense and conv2d it comes after the bias, along the right axis."""
    conv = {"conv2d": {"filters": 6, "kernel_size": 1, "activation": activation}}
    pair = Pair(spec([4, 5, 2], [conv], optimizer=None), tmp_path)
    assert pair.output_difference() <= 3e-6


def test_selu_and_celu_differ_at_zero_alone() -> None:
    """The exception above is real: without it the tests of these two would fail."""
    for name in UNEQUAL_AT_ZERO:
        x = tf.constant([0.0])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = getattr(keras.activations, name)(x)
        right = torch.zeros(1, requires_grad=True)
        getattr(torch.nn.functional, name)(right).backward()
        assert abs(float(tape.gradient(y, x)[0]) - float(right.grad[0])) > 0.1
        result = specc.compile(spec([2], [{"activation": name}], optimizer=None))
        assert "N210" in [d.code for d in result.diagnostics]
