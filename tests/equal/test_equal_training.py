"""Training runs are equal: each optimizer with each of its arguments, penalties included."""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from equality import Noisy, Pair
from writing import spec

pytestmark = pytest.mark.frameworks

RULES: dict[str, dict[str, Any]] = {
    "sgd": {"sgd": {"learning_rate": 0.05}},
    "momentum": {"sgd": {"learning_rate": 0.05, "momentum": 0.9}},
    "nesterov": {"sgd": {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}},
    "adam": {"adam": {"learning_rate": 0.01}},
    "amsgrad": {"adam": {"learning_rate": 0.01, "amsgrad": True, "beta_2": 0.9}},
    "adamw": {"adamw": {"learning_rate": 0.01}},
    "rmsprop": {"rmsprop": {"learning_rate": 0.01}},
    "rmsprop-centered": {"rmsprop": {"learning_rate": 0.01, "centered": True}},
    "adagrad": {"adagrad": {"learning_rate": 0.02}},
    "adagrad-start": {"adagrad": {"learning_rate": 0.02, "initial_accumulator_value": 0.0}},
    "adadelta": {"adadelta": {"learning_rate": 0.5}},
    "adadelta-rho": {"adadelta": {"learning_rate": 0.5, "rho": 0.9, "epsilon": 1e-5}},
    "adamax": {"adamax": {"learning_rate": 0.01}},
    "adamax-betas": {"adamax": {"learning_rate": 0.01, "beta_1": 0.8, "epsilon": 1e-3}},
    "nadam": {"nadam": {"learning_rate": 0.01}},
    "nadam-betas": {"nadam": {"learning_rate": 0.01, "beta_2": 0.9, "epsilon": 1e-4}},
    "lion": {"lion": {"learning_rate": 0.001}},
    "lion-betas": {"lion": {"learning_rate": 0.001, "beta_1": 0.8, "beta_2": 0.9}},
    "rmsprop-momentum": {"rmsprop": {"learning_rate": 0.003, "momentum": 0.8, "rho": 0.8}},
    "adafactor": {"adafactor": {"learning_rate": 0.05}},
    "adafactor-numbers": {
        "adafactor": {
            "learning_rate": 0.5,
            "beta_2_decay": -0.6,
            "epsilon_1": 1e-12,
            "epsilon_2": 0.01,
            "clip_threshold": 0.7,
        }
    },
    "ftrl": {"ftrl": {"learning_rate": 0.1}},
    "ftrl-numbers": {
        "ftrl": {
            "learning_rate": 0.1,
            "learning_rate_power": -0.4,
            "initial_accumulator_value": 0.2,
            "l1_regularization_strength": 0.01,
            "l2_regularization_strength": 0.02,
            "l2_shrinkage_regularization_strength": 0.03,
            "beta": 0.1,
        }
    },
    "lamb": {"lamb": {"learning_rate": 0.01}},
    "lamb-betas": {"lamb": {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-4}},
    "muon": {"muon": {"learning_rate": 0.01}},
    "muon-numbers": {
        "muon": {
            "learning_rate": 0.01,
            "adam_beta_1": 0.8,
            "adam_beta_2": 0.9,
            "epsilon": 1e-5,
            "adam_weight_decay": None,
            "weight_decay": 0.1,
            "exclude_layers": ["dense_2"],
            "muon_a": 3.0,
            "muon_b": -4.0,
            "muon_c": 2.0,
            "adam_lr_ratio": 0.5,
            "momentum": 0.8,
            "ns_steps": 4,
            "nesterov": False,
            "rms_rate": None,
        }
    },
    "schedule-free": {"schedule_free_adamw": {"learning_rate": 0.01}},
    "schedule-free-warmup": {
        "schedule_free_adamw": {
            "learning_rate": 0.01,
            "beta_1": 0.8,
            "beta_2": 0.9,
            "epsilon": 1e-5,
            "warmup_steps": 30,
        }
    },
}
# What all optimizers take: schedule, decay, clipping, accumulation, averages and L2 stand in these
# and `test_hundred_steps` so that of any two there is each without the other, both, and none.
COMMON: dict[str, dict[str, Any]] = {
    "decay-and-schedule": {"weight_decay": 0.1, "learning_rate": "cosine_decay"},
    "clipping-and-averages": {
        "clipvalue": 0.01,
        "gradient_accumulation_steps": 3,
        "use_ema": True,
        "ema_momentum": 0.9,
    },
    "everything": {
        "learning_rate": "exponential_decay",
        "weight_decay": 0.05,
        "clipnorm": 0.1,
        "gradient_accumulation_steps": 2,
        "use_ema": True,
        "ema_momentum": 0.8,
        "ema_overwrite_frequency": 7,
    },
    "schedule-and-clipping": {"learning_rate": "cosine_decay", "global_clipnorm": 0.1},
    "decay-and-accumulation": {"weight_decay": 0.05, "gradient_accumulation_steps": 2},
    "schedule-and-averages": {
        "learning_rate": "exponential_decay",
        "use_ema": True,
        "ema_momentum": 0.9,
    },
}
WITH_L2 = ("everything", "schedule-and-clipping", "decay-and-accumulation")
REGULARIZED = [
    {
        "dense": {
            "units": 16,
            "activation": "tanh",
            "kernel_regularizer": {"l2": 0.01},
            "bias_regularizer": {"l1_l2": {"l1": 0.002, "l2": 0.02}},
            "activity_regularizer": {"l2": 0.01},
        }
    },
    {"dense": {"units": 8, "activation": "tanh", "kernel_regularizer": {"l1": 0.003}}},
    {"dense": {"units": 5, "kernel_regularizer": {"orthogonal_regularizer": {"mode": "columns"}}}},
]
PLAIN = [{"dense": {"units": 16, "activation": "tanh"}}, {"dense": 5}]
PENALISED = [
    {"dense": {"units": 16, "activation": "tanh", "kernel_regularizer": {"l2": 0.01}}},
    {"dense": 5},
]


def train(layers: list[Any], optimizer: Any, folder: Path, steps: int) -> dict[str, float]:
    """Return all differences after some steps of an exact program on the mean squared error."""
    text = spec([6], layers, optimizer=optimizer, fidelity="exact")
    return Pair(text, folder).train(steps, last=3)


def with_arguments(rule: str, common: str) -> dict[str, Any]:
    """Return an optimizer with arguments that all take, its rate being the peak of a schedule."""
    ((name, arguments),) = RULES[rule].items()
    more, rate = dict(COMMON[common]), arguments["learning_rate"]
    schedules: dict[str, dict[str, float]] = {
        "cosine_decay": {
            "initial_learning_rate": rate / 10,
            "decay_steps": 60,
            "alpha": 0.1,
            "warmup_target": rate,
            "warmup_steps": 20,
        },
        "exponential_decay": {
            "initial_learning_rate": rate,
            "decay_steps": 50,
            "decay_rate": 0.3,
        },
    }
    if "learning_rate" in more:
        word = more["learning_rate"]
        more["learning_rate"] = {word: schedules[word]}
    return {name: {**arguments, **more}}


@pytest.mark.parametrize("rule", RULES)
def test_hundred_steps(rule: str, tmp_path: Path) -> None:
    """Exact programs stay together for 100 steps on a net without kinks, L2 included."""
    for what, measured in train(PENALISED, RULES[rule], tmp_path, 100).items():
        assert measured <= 1e-5, what


EACH = [
    *("momentum", "adam", "adamw", "rmsprop-momentum", "adagrad", "adadelta", "adamax", "nadam"),
    *("lion", "adafactor", "ftrl", "lamb", "muon", "schedule-free"),
]


@pytest.mark.parametrize("common", COMMON)
@pytest.mark.parametrize("rule", EACH)
def test_common_arguments(rule: str, common: str, tmp_path: Path) -> None:
    """For 100 steps as well, with and without L2."""
    layers = PENALISED if common in WITH_L2 else PLAIN
    for what, measured in train(layers, with_arguments(rule, common), tmp_path, 100).items():
        assert measured <= 1e-5, what


@pytest.mark.parametrize("rule", ["sgd", "nesterov", "amsgrad"])
def test_everything(rule: str, tmp_path: Path) -> None:
    arguments = with_arguments(rule, "everything")
    if rule == "amsgrad":
        arguments["adam"] |= {"clipnorm": None, "global_clipnorm": 0.1}
    for what, measured in train(PENALISED, arguments, tmp_path, 100).items():
        assert measured <= 1e-5, what


SMALL = {"filters": 3, "kernel_size": 2}
SMALL_CONV = {"conv2d": SMALL}
# Weights with more than two axes that are no kernels of convolutions, or are shared.
FACTORED: dict[str, list[Any]] = {
    "prelu": ["prelu", {"dense": 2}],
    "prelu-behind": [SMALL_CONV, "prelu", {"dense": 2}],
    "prelu-shared": [SMALL_CONV, {"prelu": {"shared_axes": [1, 2]}}, {"dense": 2}],
    "einsum": [{"einsum_dense": {"equation": "abcd,bcde->ae", "output_shape": [6]}}, {"dense": 2}],
    "both": [SMALL_CONV, {"einsum_dense": {"equation": "abcd,cde->abe", "output_shape": [4, 2]}}],
    "depthwise": [{"depthwise_conv2d": {"kernel_size": 2}}, {"conv2d_transpose": SMALL}],
}


@pytest.mark.parametrize("name", FACTORED)
def test_adafactor_factors_the_axes_of_keras(name: str, tmp_path: Path) -> None:
    text = spec([5, 4, 3], FACTORED[name], optimizer="adafactor", fidelity="exact")
    pair = Pair(text, tmp_path, double=True)
    assert not pair.notes
    for what, measured in pair.train(20).items():
        assert measured <= 1e-5, what


def test_axes_that_pytorch_holds_as_one(tmp_path: Path) -> None:
    layers = [{"depthwise_conv2d": {"kernel_size": 2, "depth_multiplier": 2}}]
    pair = Pair(spec([5, 4, 3], layers, optimizer="adafactor", fidelity="exact"), tmp_path)
    assert [note.code for note in pair.notes] == ["N222"]


@pytest.mark.parametrize("rule", ["sgd", "adam", "lamb"])
def test_penalties(rule: str, tmp_path: Path) -> None:
    """Each kind of penalty, in one step and in 100."""
    for steps, room in ((1, 1e-6), (100, 1e-5)):
        for what, measured in train(REGULARIZED, RULES[rule], tmp_path, steps).items():
            assert measured <= room, what


# Without biases before the normalizations, which take them off: their gradient would be 0 but for
# rounding, of which lion takes the sign.
CONVOLUTION = {"kernel_size": 3, "padding": "same", "use_bias": False}
KINKED = [
    {"conv2d": {"filters": 6, **CONVOLUTION, "activation": "relu"}},
    "batch_normalization",
    "max_pooling2d",
    {"conv2d": {"filters": 8, **CONVOLUTION, "strides": 2}},
    "batch_normalization",
    {"activation": "relu"},
    "flatten",
    {"dense": {"units": 5, "activation": "softmax"}},
]


def kinked(optimizer: Any, folder: Path) -> Pair:
    """Return a ReLU convnet with max pooling, whose kinks magnify rounding, in float64."""
    loss = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
    text = spec([9, 10, 3], KINKED, optimizer=optimizer, fidelity="exact", **loss)
    return Pair(text, folder, double=True)


@pytest.mark.parametrize("rule", ["sgd", "rmsprop"])
def test_hundred_steps_over_kinks(rule: str, tmp_path: Path) -> None:
    # Keras holds the learning rate in float32, in which this one is exact.
    pair = kinked({rule: {"learning_rate": 1 / 64}}, tmp_path)
    for what, measured in pair.train(100, last=3).items():
        # The figures are float32 sums in the PyTorch loop.
        assert measured <= (1e-6 if what.startswith("figure") else 1e-9), what


@pytest.mark.parametrize("rule", EACH)
def test_each_of_many_steps_over_kinks(rule: str, tmp_path: Path) -> None:
    """Keras holds constants such as 0.999 in float32, so the other optimizers go step by step."""
    measurements = kinked(RULES[rule], tmp_path).train_in_step(30)
    for what, measured in measurements.items():
        assert measured <= 1e-6, what


def test_embedding_of_repeated_tokens(tmp_path: Path) -> None:
    """Exact programs add up the gradients of a token that a batch holds twice."""
    layers = [{"embedding": {"input_dim": 7, "output_dim": 4}}, "flatten", {"dense": 5}]
    for what, measured in train(layers, RULES["adam"], tmp_path, 30).items():
        assert measured <= 1e-5, what


def test_batch_of_one(tmp_path: Path) -> None:
    """Keras trains batch normalization on one sample, and so does an exact program."""
    layers = [{"dense": 6}, "batch_normalization", {"dense": 5}]
    text = spec([6], layers, fidelity="exact")
    pair = Pair(text, tmp_path)
    for what, measured in pair.train(3, batch=4, last=1).items():
        assert measured <= 1e-5, what


IDIOMATIC_ROOM = {"adam": 0.003, "adamw": 0.003, "amsgrad": 0.003, "rmsprop": 0.01, "adamax": 1e-4}
SAME = ["sgd", "momentum", "nesterov", "adagrad", "adadelta", "nadam", "lion"]


@pytest.mark.parametrize("rule", [*SAME, *IDIOMATIC_ROOM])
def test_idiomatic_step(rule: str, tmp_path: Path) -> None:
    """Idiomatic programs are equal too, or near and noted."""
    text = spec([6], REGULARIZED, optimizer=RULES[rule])
    pair = Pair(text, tmp_path)
    noted = any(d.code in ("N201", "N202", "N209") for d in pair.notes)
    assert noted == (rule in IDIOMATIC_ROOM)
    measured = max(pair.train(1).values())
    assert measured <= IDIOMATIC_ROOM.get(rule, 1e-6)


def test_weight_decay_is_the_gradient_of_l2(tmp_path: Path) -> None:
    """L2 stands in one parameter group with that one weight, and nothing else decays."""
    pair = Pair(spec([6], REGULARIZED, optimizer=RULES["adam"]), tmp_path)
    optimizer = pair.torch_module.build_optimizer(pair.torch)
    decays = {
        name: group["weight_decay"]
        for group in optimizer.param_groups
        for name, parameter in pair.torch.named_parameters()
        if any(parameter is p for p in group["params"])
    }
    assert decays == {
        "dense_1.weight": 2 * 0.01,
        "dense_1.bias": 2 * 0.02,
        "dense_2.weight": 0,
        "dense_2.bias": 0,
        "dense_3.weight": 0,
        "dense_3.bias": 0,
    }


def test_adam_clips_and_decays_as_keras(tmp_path: Path) -> None:
    """Where L2 is not the same update as weight decay it is a term of the loss."""
    for optimizer in ({"adam": {"clipnorm": 0.05}}, RULES["adamw"]):
        pair = Pair(spec([6], REGULARIZED, optimizer=optimizer), tmp_path)
        groups = pair.torch_module.build_optimizer(pair.torch).param_groups
        assert len(groups) == 1
        assert not hasattr(pair.torch_module, "l2_penalty")
        with torch.no_grad():
            assert float(pair.torch_module.penalty(pair.torch)) > 0


def test_dropout_draws_the_same_distribution(tmp_path: Path) -> None:
    for noise in (None, [None, 1, 40]):
        layer = {"dropout": {"rate": 0.3, "noise_shape": noise}}
        pair = Noisy(spec([50, 40], [layer], optimizer=None), tmp_path)
        x = np.ones((40, 50, 40), np.float32)
        left = pair.keras(x, training=True).numpy()
        right = pair.torch.train()(torch.from_numpy(x)).numpy()
        assert set(np.unique(left)) == set(np.unique(right))
        # Standard error of the share: 0.0016 for free draws, 0.01 for shared ones.
        room = 0.01 if noise is None else 0.06
        assert abs((left == 0).mean() - 0.3) < room
        assert abs((right == 0).mean() - 0.3) < room
        shared = (left == left[:, :1]).all(), (right == right[:, :1]).all()
        assert shared == ((noise is not None,) * 2)


def test_noise_shape_of_an_image(tmp_path: Path) -> None:
    """The axes of a noise shape are Keras', also where PyTorch has the channels first."""
    layers = [
        {"conv2d": {"filters": 3, "kernel_size": 1, "bias_initializer": "ones"}},
        {"dropout": {"rate": 0.5, "noise_shape": [None, 1, 5, 1]}},
    ]
    pair = Noisy(spec([4, 5, 2], layers, optimizer=None), tmp_path)
    x = np.random.default_rng(0).normal(size=(30, 4, 5, 2)).astype(np.float32)
    right = pair.torch.train()(pair.to_torch(x)).movedim(1, -1).detach().numpy()
    left = pair.keras(x, training=True).numpy()
    for output in (left, right):
        dropped = output == 0
        assert 0.3 < dropped.mean() < 0.7
        assert (dropped == dropped[:, :1, :, :1]).all()
        assert not (dropped == dropped[:, :, :1]).all()


def test_figures_hold_no_graph(tmp_path: Path) -> None:
    """A metric that can be differentiated does not keep every batch's outputs alive."""
    layers = [{"dense": {"units": 5, "kernel_regularizer": "l2"}}]
    pair = Pair(spec([6], layers, metrics=["mse"]), tmp_path)
    metric, alive, counts = pair.torch_module.mean_squared_error, [], []

    def watched(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        alive.append(weakref.ref(outputs))
        counts.append(sum(found() is not None for found in alive))
        return metric(outputs, targets)

    pair.torch_module.mean_squared_error = watched
    pair.train(6)
    assert len(counts) >= 6
    assert max(counts) <= 2
