"""`einsum_dense` and the embeddings are equal in both programs, in shapes and distribution too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import torch
from equality import Pair, load_module
from test_equal_layers import TOLERANCE, check
from writing import spec

import specc

pytestmark = pytest.mark.frameworks


def einsum(equation: str, output_shape: Any, **more: Any) -> dict[str, Any]:
    """Return an einsum_dense."""
    return {"einsum_dense": {"equation": equation, "output_shape": output_shape, **more}}


CASES: dict[str, tuple[list[int], list[Any]]] = {
    "dense": (
        [6, 5],
        [
            einsum("abc,cd->abd", [6, 4], bias_axes="d", activation="tanh"),
            einsum("abc,cd->abd", [None, 7], kernel_regularizer="l2"),
            einsum("...x,xy->...y", 4, bias_axes="y", activity_regularizer="l2"),
            einsum("...x,yx->...y", 3, activation="softmax"),
        ],
    ),
    "heads": (
        [6, 5],
        [
            einsum("abc,cde->abde", [None, 2, 3], bias_axes="de", bias_regularizer="l1"),
            einsum("abde,dec->abc", [6, 4], bias_axes="c"),
        ],
    ),
    "tokens": (
        [6, 5],
        [
            einsum("abc,bd->adc", [4, 5], bias_axes="d", activation="gelu"),
            einsum("abc,bd->adc", [3, None], bias_axes="dc"),
            einsum("abc,bc->abc", [3, 5], bias_axes="b"),
            einsum("abc,c->ab", 3),
        ],
    ),
    "dots": (
        [3, 4, 5],
        [
            einsum("...ab,bc->...ac", [4, 2], bias_axes="a"),
            einsum("ab...,bc->ac...", 6, bias_axes="c"),
            einsum("...abc,cad->...bd", [4, 3]),
            {"dense": 2},
        ],
    ),
    "summed": ([3, 4], [{"dense": 5}, einsum("abc,cd->ad", 2)]),
    "image": (
        [4, 5, 3],
        [
            {"conv2d": {"filters": 4, "kernel_size": 2}},
            einsum("nhwc,cd->nhwd", [None, None, 6], bias_axes="d"),
            "flatten",
            einsum("ab,bc->ac", 3, bias_axes="c"),
        ],
    ),
    "within": (
        [3, 4, 5],
        [
            {"time_distributed": {"layer": einsum("abc,bd->adc", [2, 5], bias_axes="d")}},
            {"spectral_normalization": {"layer": einsum("...x,xy->...y", 4)}},
            {"spectral_normalization": {"layer": einsum("...x,yx->...y", 3)}},
            {"spectral_normalization": {"layer": einsum("abcd,bce->aed", [5, 3])}},
        ],
    ),
    "reversible": (
        [6],
        [
            {
                "reversible_embedding": {
                    "input_dim": 9,
                    "output_dim": 4,
                    "embeddings_regularizer": "l2",
                }
            },
            "flatten",
            {"dense": 2},
        ],
    ),
    "reversible-masked": (
        [6],
        [
            {"reversible_embedding": {"input_dim": 3, "output_dim": 4, "mask_zero": True}},
            "global_average_pooling1d",
            {"dense": 2},
        ],
    ),
    "embedding-activity": (
        [6],
        [
            {"embedding": {"input_dim": 9, "output_dim": 4, "activity_regularizer": "l2"}},
            "flatten",
            {"dense": 2},
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_einsum(name: str, tmp_path: Path) -> None:
    check(*CASES[name], tmp_path)


@pytest.mark.parametrize("initializer", ["glorot_uniform", "he_normal", "lecun_uniform"])
def test_fans_are_those_of_the_equation(initializer: str, tmp_path: Path) -> None:
    drawn = {"kernel_initializer": initializer}
    layers = [
        einsum("abc,cde->abde", [None, 3, 40], **drawn),
        einsum("abde,dec->abc", [None, 50], **drawn),
        einsum("abc,cb->abc", [30, 50], **drawn),
        einsum("abc,dc->abd", [None, 90], **drawn),
    ]
    result = specc.compile(spec([30, 60], layers, optimizer=None))
    for file, text in result.files.items():
        (tmp_path / file).write_text(text)
    keras.utils.set_random_seed(1)
    model = load_module(tmp_path / "model_keras.py").build_model()
    torch.manual_seed(1)
    state = load_module(tmp_path / "model_torch.py").Model().state_dict()
    for weight in result.weights["torch"]:
        (left,) = (np.asarray(v) for v in model.get_layer(weight.layer).weights)
        right = state[weight.parameter].numpy()
        assert abs(left.std() - right.std()) <= 0.05 * left.std(), weight.parameter
        assert abs(np.abs(left).max() - np.abs(right).max()) <= 0.02 * np.abs(left).max()


def test_an_einsum_dense_trains(tmp_path: Path) -> None:
    layers = [einsum("abc,bd->adc", [4, 5], bias_axes="d", kernel_regularizer="l2"), {"dense": 2}]
    pair = Pair(spec([6, 5], layers), tmp_path)
    assert max(pair.train(3).values()) <= TOLERANCE / 10
