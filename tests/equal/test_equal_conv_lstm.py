"""Recurrent convolutions are equal in both programs.

As in `test_equal_layers.py`: outputs, loss and all gradients, each layer behind one with weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import torch
from equality import Pair
from test_equal_layers import check
from writing import spec

pytestmark = [
    pytest.mark.frameworks,
    # torch tells that an even kernel costs it a copy.
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths"),
]

SIZES = {1: [7], 2: [6, 5], 3: [4, 3, 5]}


def recurrent(rank: int, **more: Any) -> dict[str, Any]:
    """Return a recurrent convolution."""
    return {f"conv_lstm{rank}d": {"filters": 2, "kernel_size": 2, **more}}


ALL: dict[str, Any] = {"return_sequences": True}
FIRST = {"data_format": "channels_first"}

CASES: dict[str, tuple[list[int], list[Any]]] = {
    **{
        f"{rank}d": (
            [3, *SIZES[rank], 3],
            [recurrent(rank, padding="same", **ALL), recurrent(rank)],
        )
        for rank in (1, 2, 3)
    },
    **{
        f"strides-{stride}-{padding}": (
            [3, 8, 7, 2],
            [
                recurrent(2, kernel_size=3, strides=stride, padding=padding, **ALL),
                recurrent(2, kernel_size=[1, 2], padding="same", activation="relu"),
            ],
        )
        for stride in (2, 3)
        for padding in ("same", "valid")
    },
    "backwards": (
        [3, 6, 5, 2],
        [
            recurrent(2, go_backwards=True, use_bias=False, **ALL),
            recurrent(2, go_backwards=True, unit_forget_bias=False, dilation_rate=[2, 1]),
            "flatten",
            {"dense": 2},
        ],
    ),
    "activations": (
        [3, 6, 2],
        [
            recurrent(
                1, activation={"leaky_relu": 0.1}, recurrent_activation="hard_sigmoid", **ALL
            ),
            recurrent(1, activation=None, recurrent_activation="silu", padding="same"),
        ],
    ),
    "first": (
        [3, 2, 6, 5],
        [recurrent(2, padding="same", **FIRST, **ALL), recurrent(2, filters=3, **FIRST)],
    ),
    "around": (
        [3, 6, 5, 2],
        [
            {"time_distributed": {"layer": {"conv2d": {"filters": 3, "kernel_size": 2}}}},
            recurrent(2, dropout=0.3, recurrent_dropout=0.4, kernel_size=[3, 2], **ALL),
            {"leaky_relu": 0.1},
            {"time_distributed": "batch_normalization"},
            recurrent(2, strides=2, kernel_regularizer="l2", recurrent_regularizer="l1"),
            {"conv2d": {"filters": 2, "kernel_size": 1}},
        ],
    ),
    "penalties": (
        [3, 6, 2],
        [recurrent(1, activity_regularizer="l2", **ALL), recurrent(1, activity_regularizer="l1")],
    ),
    "then-volumes": (
        [3, 6, 5, 2],
        [
            recurrent(2, padding="same", **ALL),
            {"conv3d": {"filters": 2, "kernel_size": 2}},
            recurrent(2, **ALL),
            {"dense": 2},
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_conv_lstm(name: str, tmp_path: Path) -> None:
    check(*CASES[name], tmp_path)


def test_dropout_is_that_of_keras(tmp_path: Path) -> None:
    """Over many samples the outputs of both programs have the same mean and deviation."""
    drops = {"dropout": 0.5, "recurrent_dropout": 0.4, "kernel_size": 1, "filters": 3}
    text = spec([4, 2, 2], [recurrent(1, **drops)])
    pair = Pair(text, tmp_path)
    x = np.ones((4000, 4, 2, 2), np.float32)
    for cell in (pair.keras.layers[0].cell, pair.torch.conv_lstm1d):
        cell.dropout, cell.recurrent_dropout = 0.5, 0.4
    pair.torch_module.F = torch.nn.functional
    theirs = pair.keras(tf.constant(x), training=True).numpy()
    torch.manual_seed(0)
    ours = pair.torch.train()(pair.to_torch(x)).detach()
    ours = ours.movedim(1, -1).numpy() if ours.shape[1:] != theirs.shape[1:] else ours.numpy()
    assert theirs.std(axis=0).min() > 0.02
    for statistic in (np.mean, np.std):
        left, right = statistic(theirs, axis=0), statistic(ours, axis=0)
        assert np.abs(left - right).max() <= 0.02
    # The masks of the gates are drawn apart: outputs of two places of a sample correlate alike.
    both = [np.corrcoef(y[:, 0, 0], y[:, 1, 0])[0, 1] for y in (theirs, ours)]
    assert abs(both[0] - both[1]) <= 0.06
