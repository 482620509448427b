"""Layers with `trainable: false` compute, are penalised and stay as they are, as in Keras."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from equality import Pair, difference
from writing import spec

pytestmark = pytest.mark.frameworks

TOLERANCE = 1e-5
PENALTIES = {"kernel_regularizer": {"l2": 0.3}, "activity_regularizer": {"l1": 0.1}}
LAYERS: list[Any] = [
    {"conv2d": {"filters": 4, "kernel_size": 2, "trainable": False, **PENALTIES}},
    {"batch_normalization": {"trainable": False}},
    {"conv2d": {"filters": 3, "kernel_size": 2, "activation": "tanh", **PENALTIES}},
    {"batch_normalization": {"trainable": False, "gamma_regularizer": "l1"}},
    {"batch_normalization": 2},
    "flatten",
    {
        "dense": {
            "units": 6,
            "trainable": False,
            "activation": "tanh",
            "kernel_constraint": "non_neg",
        }
    },
    {"dense": {"units": 2, "kernel_regularizer": {"l2": 0.1}}},
    {"dropout": {"rate": 0.5, "trainable": False}},
]
# What could touch a weight that has no gradient: decay within and beside the optimizer, each way
# of clipping, averages, accumulation, classes of the program's own.
OPTIMIZERS: dict[str, Any] = {
    "sgd": {"sgd": {"learning_rate": 0.05, "weight_decay": 0.1}},
    "momentum": {"sgd": {"momentum": 0.9, "weight_decay": 0.1, "clipnorm": 0.1}},
    "adamw": {"adamw": {"weight_decay": 0.1, "global_clipnorm": 0.1}},
    "rmsprop": {"rmsprop": {"weight_decay": 0.1, "use_ema": True, "ema_momentum": 0.5}},
    "lion": {"lion": {"weight_decay": 0.1, "gradient_accumulation_steps": 2}},
    "adamax": {"adamax": {"clipvalue": 0.01, "weight_decay": 0.1}},
}


def frozen(pair: Pair) -> set[str]:
    """Return the PyTorch names of the weights that Keras does not train."""
    variables = {id(v) for v in pair.keras.trainable_variables}
    return {
        weight.parameter for _, v, _, weight in pair.mapped() if weight and id(v) not in variables
    }


def test_outputs_and_gradients(tmp_path: Path) -> None:
    pair = Pair(spec([6, 5, 3], LAYERS), tmp_path)
    for training in (False, True):
        assert pair.output_difference(training=training) <= TOLERANCE
    for what, measured in pair.loss_differences().items():
        assert measured <= TOLERANCE, what
    trained = {name for name, p in pair.torch.named_parameters() if p.requires_grad}
    assert trained == {
        f"{n}.{w}"
        for n in ("conv2d_2", "batch_normalization_3", "dense_2")
        for w in ("weight", "bias")
    }
    assert not trained & frozen(pair)
    count = sum(p.numel() for p in pair.torch.parameters() if p.requires_grad)
    assert count == sum(v.shape.num_elements() for v in pair.keras.trainable_variables)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training(name: str, tmp_path: Path) -> None:
    """Frozen weights and statistics stay bit for bit, the others are Keras'."""
    more = {"optimizer": OPTIMIZERS[name], "fidelity": "exact"}
    pair = Pair(spec([6, 5, 3], LAYERS, **more), tmp_path)
    before = {k: v.clone() for k, v in pair.torch.state_dict().items()}
    found = pair.train(4)
    after, still = pair.torch.state_dict(), frozen(pair)
    assert len(still) == 14
    for parameter in still:
        moved = not before[parameter].equal(after[parameter])
        assert moved == parameter.startswith("batch_normalization_3.running"), parameter
    assert difference(after["conv2d_2.weight"], before["conv2d_2.weight"]) > 1e-4
    assert max(found.values()) <= TOLERANCE, found
