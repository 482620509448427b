"""Recurrent layers: outputs, losses and gradients agree with Keras'.

Each model has a layer before, so that gradients go through the one that is tested.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from equality import Pair
from test_equal_masks import EMBEDDING, STEPS, pad
from writing import spec

# Keras warns where a layer drops a mask.
pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.filterwarnings("ignore:.*does not support masking"),
]

TOLERANCE = 1e-5
SHAPE = [3, 2]
DENSE: dict[str, Any] = {"dense": 4}


def _named(word: str, **variants: dict[str, Any]) -> dict[str, list[Any]]:
    return {
        f"{word}-{name.replace('_', '-')}": [DENSE, {word: {"units": 3, **arguments}}]
        for name, arguments in variants.items()
    }


SEQUENCES: dict[str, Any] = {"return_sequences": True}
PENALTIES: dict[str, Any] = {
    "kernel_regularizer": {"l1_l2": {"l1": 0.01, "l2": 0.02}},
    "recurrent_regularizer": {"l2": 0.03},
    "bias_regularizer": {"l2": 0.04},
}
OWN: dict[str, Any] = {"activation": {"elu": 0.5}, "recurrent_activation": "hard_sigmoid"}
DROPS: dict[str, Any] = {"dropout": 0.4, "recurrent_dropout": 0.3}

CASES: dict[str, list[Any]] = {
    **_named(
        "lstm",
        last={},
        sequences=SEQUENCES,
        backwards={"go_backwards": True},
        backwards_sequences={**SEQUENCES, "go_backwards": True},
        no_bias={"use_bias": False, "dropout": 0.4},
        own=OWN,
        own_sequences={**SEQUENCES, **OWN, "use_bias": False, "go_backwards": True},
        linear={"activation": None, "recurrent_activation": None},
        softmax={"activation": "softmax", "recurrent_activation": {"relu": {"max_value": 1.0}}},
        drops={**DROPS, **OWN},
        drops_no_bias={**SEQUENCES, **DROPS, "use_bias": False},
        penalties={**SEQUENCES, **PENALTIES, "activity_regularizer": {"l2": 0.1}},
        penalties_own={**PENALTIES, **OWN, "activity_regularizer": "orthogonal_regularizer"},
        orthogonal={
            "kernel_regularizer": {"orthogonal_regularizer": {"mode": "columns"}},
            "recurrent_regularizer": "orthogonal_regularizer",
            "unroll": True,
        },
    ),
    **_named(
        "gru",
        last={},
        sequences={**SEQUENCES, "unroll": True},
        backwards={"go_backwards": True, "use_bias": False},
        own=OWN,
        own_no_bias={**SEQUENCES, **OWN, "use_bias": False},
        before={"reset_after": False},
        before_no_bias={**SEQUENCES, **OWN, "reset_after": False, "use_bias": False},
        drops=DROPS,
        drops_no_bias={**SEQUENCES, **DROPS, "use_bias": False},
        drops_before={**DROPS, "reset_after": False},
        drops_before_no_bias={**DROPS, **SEQUENCES, "reset_after": False, "use_bias": False},
        penalties={**PENALTIES, **SEQUENCES, "activity_regularizer": "l1"},
        penalties_before={**PENALTIES, "reset_after": False, "use_cudnn": False},
        orthogonal={
            "kernel_regularizer": "orthogonal_regularizer",
            "recurrent_regularizer": {"orthogonal_regularizer": {"mode": "columns"}},
        },
    ),
    **_named(
        "simple_rnn",
        last={},
        relu={**SEQUENCES, "activation": "relu", "go_backwards": True},
        own={"activation": {"relu": {"negative_slope": 0.1}}, "use_bias": False},
        own_sequences={**SEQUENCES, "activation": "softplus", "dropout": 0.2},
        drops={**DROPS, "activation": "relu"},
        penalties={**PENALTIES, "use_bias": False},
        identity={"recurrent_initializer": {"identity": 0.9}, "activation": "relu", **SEQUENCES},
    ),
    **{
        f"both-{name}": [DENSE, {"bidirectional": {"layer": layer, **more}}, {"dense": 2}]
        for name, layer, more in (
            ("lstm-last", {"lstm": {"units": 3, **PENALTIES}}, {}),
            ("lstm-sum", {"lstm": {"units": 3, "use_bias": False}}, {"merge_mode": "sum"}),
            ("lstm-sequences", {"lstm": {"units": 3, **SEQUENCES}}, {}),
            ("lstm-ave", {"lstm": {"units": 3, **SEQUENCES}}, {"merge_mode": "ave"}),
            ("lstm-own", {"lstm": {"units": 3, **SEQUENCES, **OWN}}, {"merge_mode": "sum"}),
            ("gru-ave", {"gru": {"units": 3, "unroll": True}}, {"merge_mode": "ave"}),
            ("gru-mul", {"gru": {"units": 3, **SEQUENCES, **PENALTIES}}, {"merge_mode": "mul"}),
            ("gru-drops", {"gru": {"units": 3, "dropout": 0.3}}, {"merge_mode": "mul"}),
            ("rnn-mul", {"simple_rnn": 3}, {"merge_mode": "mul"}),
            ("rnn-relu", {"simple_rnn": {"units": 3, "activation": "relu"}}, {}),
            ("rnn-ave", {"simple_rnn": {"units": 3, **DROPS}}, {"merge_mode": "ave"}),
            (
                "lstm-gru",
                {"lstm": {"units": 3, **PENALTIES}},
                {"backward_layer": {"gru": {"units": 3, "go_backwards": True, **PENALTIES}}},
            ),
            (
                "two-lstm",
                {"lstm": {"units": 3, **SEQUENCES}},
                {
                    "merge_mode": "sum",
                    "backward_layer": {"lstm": {"units": 3, **SEQUENCES, "go_backwards": True}},
                },
            ),
        )
    },
    **{
        f"rnn-{name}": [DENSE, {"rnn": {"cell": cell, **more}}, {"dense": 2}]
        for name, cell, more in (
            ("one", {"lstm_cell": {"units": 3, **PENALTIES}}, {"activity_regularizer": "l2"}),
            ("own", {"gru_cell": {"units": 3, **OWN}}, {**SEQUENCES, "go_backwards": True}),
            ("relu", {"simple_rnn_cell": {"units": 3, "activation": "relu"}}, {"unroll": True}),
            ("alike", [{"lstm_cell": 3}, {"lstm_cell": {"units": 3, **PENALTIES}}], {}),
            ("sequences", [{"gru_cell": 3}, {"gru_cell": 3}, {"gru_cell": 3}], SEQUENCES),
            ("unlike", [{"lstm_cell": 3}, {"gru_cell": 4}, {"simple_rnn_cell": 2}], {}),
            ("dropped", [{"gru_cell": {"units": 3, "dropout": 0.2}}] * 2, SEQUENCES),
            (
                "stacked",
                {"stacked_rnn_cells": [{"gru_cell": {"units": 3, **DROPS}}, {"lstm_cell": 2}]},
                {**SEQUENCES, "go_backwards": True},
            ),
            ("biases", [{"lstm_cell": 3}, {"lstm_cell": {"units": 3, "use_bias": False}}], {}),
        )
    },
    "mixed": [
        {"lstm": {"units": 3, **SEQUENCES}},
        {"lstm": {"units": 4, **SEQUENCES, **OWN}},
        {"lstm": {"units": 2, **SEQUENCES, **DROPS}},
        {"gru": {"units": 3, **SEQUENCES}},
        {"gru": {"units": 4, **SEQUENCES, "reset_after": False}},
        {"simple_rnn": 3},
        {"dense": 2},
    ],
}


def check(pair: Pair) -> None:
    """Hold both programs of a model against each other."""
    for samples in (1, 5):
        assert pair.output_difference(samples) <= TOLERANCE
    for what, measured in pair.loss_differences().items():
        assert measured <= TOLERANCE, what
    held = sum(t.numel() for _, _, t, weight in pair.mapped() if not (weight and weight.frozen))
    assert pair.keras.count_params() == held


@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, tmp_path: Path) -> None:
    check(Pair(spec(SHAPE, CASES[name]), tmp_path))


def stack(**arguments: Any) -> list[Any]:
    """Return a layer of each kind."""
    words = ("lstm", "gru", "simple_rnn")
    return [{word: {"units": 3, **SEQUENCES, **arguments}} for word in words]


def test_one_step(tmp_path: Path) -> None:
    """A sequence of a single step."""
    check(Pair(spec([1, 2], [DENSE, *stack(), {"lstm": 2}]), tmp_path))


def test_training(tmp_path: Path) -> None:
    """20 steps: the bias that PyTorch alone has must stay at 0."""
    layers = [*stack(recurrent_regularizer="l2"), {"bidirectional": {"layer": {"gru": 3}}}]
    optimizer = {"sgd": {"learning_rate": 0.3, "momentum": 0.9}}
    pair = Pair(spec(SHAPE, layers, optimizer=optimizer), tmp_path, double=True)
    assert max(pair.train(20).values()) <= 1e-6


def test_clipping(tmp_path: Path) -> None:
    """A norm of each of Keras' weights, of which the bias of a GRU is one."""
    layers = [*stack(), {"gru": {"units": 3, "use_bias": False}}, DENSE]
    optimizer = {"sgd": {"learning_rate": 0.3, "clipnorm": 0.01}}
    pair = Pair(spec(SHAPE, layers, optimizer=optimizer), tmp_path, double=True)
    assert max(pair.train(4).values()) <= 1e-6


@pytest.mark.parametrize("loss", ["binary_crossentropy", "mean_squared_error"])
def test_a_sigmoid_within_is_none_at_the_end(loss: str, tmp_path: Path) -> None:
    """Keras takes no logits behind the loop of a simple_rnn."""
    layers = [DENSE, {"simple_rnn": {"units": 1, "activation": "sigmoid"}}]
    check(Pair(spec(SHAPE, layers, loss=loss), tmp_path))


class Noisy(Pair):
    """Both programs with their dropout switched on."""

    def still(self) -> None:
        """Leave everything on."""


def distinct(values: np.ndarray) -> np.ndarray:
    """Return the values that are not alike, in order."""
    ordered = np.sort(values.astype(np.float64).ravel())
    return ordered[np.insert(np.diff(ordered) > 1e-5, 0, True)]


HALF: dict[str, Any] = {"units": 1, "dropout": 0.5, "recurrent_dropout": 0.5}
DROPPED: dict[str, tuple[str, dict[str, Any]]] = {
    "inputs": ("lstm", {"units": 1, "dropout": 0.5}),
    "lstm": ("lstm", HALF),
    "gru": ("gru", HALF),
    "gru-before": ("gru", {**HALF, "reset_after": False}),
    "simple-rnn": ("simple_rnn", HALF),
}


@pytest.mark.parametrize("name", DROPPED)
def test_dropout(name: str, tmp_path: Path) -> None:
    """All values that masks can give, and no others: of each gate its own, the same at all steps.

    With a single unit the outputs take few values, one for each way to drop.
    """
    word, arguments = DROPPED[name]
    text = spec([3, 1], [{word: {**arguments, **SEQUENCES}}], optimizer=None)
    pair = Noisy(text, tmp_path)
    x = np.full((6000, 3, 1), 0.9, np.float32)
    theirs = np.asarray(pair.keras(x, training=True))
    with torch.no_grad():
        ours = pair.torch.train()(torch.from_numpy(x)).numpy()
    for step in range(3):
        left, right = distinct(theirs[:, step]), distinct(ours[:, step])
        assert len(left) > 1
        assert left.shape == right.shape
        assert np.abs(left - right).max() < 1e-6
        deviation = theirs[:, step].std()
        assert abs(theirs[:, step].mean() - ours[:, step].mean()) < 0.1 * deviation
        assert abs(ours[:, step].std() / deviation - 1) < 0.1
    assert pair.output_difference() <= TOLERANCE


def test_constraints(tmp_path: Path) -> None:
    """Norms over axes of Keras' weights, whose gates and rows PyTorch holds otherwise."""
    bounds = {
        "kernel_constraint": {"max_norm": {"max_value": 0.5, "axis": 0}},
        "recurrent_constraint": {"unit_norm": {"axis": 1}},
        "bias_constraint": {"max_norm": 0.2},
    }
    inner = {"units": 3, **SEQUENCES, **bounds}
    layers = [
        {"bidirectional": {"layer": {"gru": inner}}},
        {"bidirectional": {"layer": {"lstm": {**inner, **OWN}}, "merge_mode": "sum"}},
        {"rnn": {"cell": [{"lstm_cell": {"units": 3, **bounds}}, {"gru_cell": 2}]}},
    ]
    optimizer = {"sgd": {"learning_rate": 0.3}}
    pair = Pair(spec(SHAPE, layers, optimizer=optimizer), tmp_path)
    assert max(pair.train(3).values()) <= TOLERANCE


def test_not_trained(tmp_path: Path) -> None:
    cell = {"units": 4, "trainable": False}
    layers = [
        DENSE,
        {"lstm": {**cell, **SEQUENCES}},
        {"bidirectional": {"layer": {"gru": {**cell, **SEQUENCES}}}},
        {"rnn": {"cell": [{"gru_cell": cell}, {"lstm_cell": cell}], **SEQUENCES}},
        {"simple_rnn": 2},
    ]
    pair = Pair(spec(SHAPE, layers), tmp_path)
    assert max(pair.train(3).values()) <= TOLERANCE


ZERO: dict[str, Any] = {"zero_output_for_mask": True}
MASKED: dict[str, list[Any]] = {
    **{
        f"{word}-{name}": [EMBEDDING, {word: {"units": 3, **arguments}}, {"dense": 2}]
        for word in ("lstm", "gru", "simple_rnn")
        for name, arguments in {
            "last": {"dropout": 0.3},
            "backwards": {"go_backwards": True},
            "own": {"activation": "softsign", "unroll": True},
        }.items()
    },
    "rnn": [
        EMBEDDING,
        {"rnn": {"cell": [{"lstm_cell": 3}, {"lstm_cell": 3}], **SEQUENCES}},
        {"rnn": {"cell": [{"gru_cell": 3}, {"lstm_cell": 2}], **SEQUENCES, "go_backwards": True}},
        {"rnn": {"cell": {"gru_cell": {"units": 3, **OWN}}, **SEQUENCES, **ZERO}},
        {"rnn": {"cell": {"lstm_cell": 3}, **SEQUENCES, **ZERO, "go_backwards": True}},
        {"rnn": {"cell": {"simple_rnn_cell": 3}, **SEQUENCES, **ZERO, "unroll": True}},
        {"rnn": {"cell": [{"simple_rnn_cell": {"units": 3, "dropout": 0.1}}, {"gru_cell": 3}]}},
    ],
    "rnn-zero": [EMBEDDING, {"rnn": {"cell": {"lstm_cell": 3}, **ZERO}}],
    "rnn-zero-backwards": [
        EMBEDDING,
        {"rnn": {"cell": {"simple_rnn_cell": 3}, **ZERO, "go_backwards": True}},
    ],
    "both-last": [
        EMBEDDING,
        {"bidirectional": {"layer": {"lstm": 3}}},
    ],
    "both-sequences": [
        EMBEDDING,
        {"bidirectional": {"layer": {"lstm": {"units": 3, **SEQUENCES}}}},
        {"bidirectional": {"layer": {"gru": {"units": 3, **SEQUENCES}}, "merge_mode": "ave"}},
        {"bidirectional": {"layer": {"lstm": {"units": 3, **SEQUENCES, **OWN}}}},
        {"bidirectional": {"layer": {"gru": {"units": 3, **DROPS}}, "merge_mode": "mul"}},
        {"dense": 2},
    ],
    "both-unlike": [
        EMBEDDING,
        {
            "bidirectional": {
                "layer": {"lstm": {"units": 3, "unroll": True}},
                "backward_layer": {"simple_rnn": {"units": 3, "go_backwards": True}},
            }
        },
    ],
    "sequences": [
        EMBEDDING,
        {"lstm": {"units": 3, **SEQUENCES}},
        {"gru": {"units": 4, **SEQUENCES, "reset_after": False}},
        {"dense": 3},
        {"simple_rnn": {"units": 3, **SEQUENCES, "unroll": True}},
        {"lstm": {"units": 3, **SEQUENCES, "go_backwards": True, **DROPS}},
        # Keras does not turn the mask around.
        {"gru": {"units": 3, **SEQUENCES}},
        "flatten",
    ],
    "at-the-end": [EMBEDDING, {"lstm": {"units": 3, **SEQUENCES}}, "flatten"],
}


@pytest.mark.parametrize("name", MASKED)
def test_masks(name: str, tmp_path: Path) -> None:
    """Steps that do not count: at the end, at the start, between, and all of a row."""
    text = spec([STEPS], MASKED[name], input={"shape": [STEPS], "dtype": "int32"})
    pair = Pair(text, tmp_path)
    pad(pair, empty=True)
    check(pair)
