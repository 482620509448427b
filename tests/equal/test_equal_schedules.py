"""Schedules of PyTorch programs give the learning rates that those of Keras programs give."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np
import pytest
import torch
from equality import load_module
from writing import spec

import specc

pytestmark = pytest.mark.frameworks

START = {"initial_learning_rate": 0.1}
TEN = {**START, "decay_steps": 10}
WARM = {"decay_steps": 20, "warmup_target": 0.1, "warmup_steps": 8}

# The scheduler's class, and the schedule.
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "exponential": ("ExponentialLR", {"exponential_decay": {**TEN, "decay_rate": 0.5}}),
    "exponential-stairs": (
        "StepLR",
        {"exponential_decay": {**TEN, "decay_rate": 0.5, "staircase": True}},
    ),
    "exponential-stairs-between-batches": (
        "LambdaLR",
        {"exponential_decay": {**START, "decay_steps": 2.5, "decay_rate": 0.9, "staircase": True}},
    ),
    "exponential-to-zero": ("ExponentialLR", {"exponential_decay": {**TEN, "decay_rate": 0.0}}),
    "inverse-time": ("LambdaLR", {"inverse_time_decay": {**TEN, "decay_rate": 0.5}}),
    "inverse-time-stairs": (
        "LambdaLR",
        {"inverse_time_decay": {**TEN, "decay_rate": 2.0, "staircase": True}},
    ),
    "polynomial": ("LinearLR", {"polynomial_decay": TEN}),
    "polynomial-to-zero": ("PolynomialLR", {"polynomial_decay": {**TEN, "end_learning_rate": 0.0}}),
    "polynomial-power-to-zero": (
        "PolynomialLR",
        {"polynomial_decay": {**TEN, "end_learning_rate": 0.0, "power": 2.0}},
    ),
    "polynomial-power": (
        "LambdaLR",
        {"polynomial_decay": {**TEN, "end_learning_rate": 0.01, "power": 0.5}},
    ),
    "polynomial-cycle": ("LambdaLR", {"polynomial_decay": {**TEN, "cycle": True}}),
    "polynomial-cycle-power": (
        "LambdaLR",
        {"polynomial_decay": {**TEN, "end_learning_rate": 0.0, "power": 2.0, "cycle": True}},
    ),
    "polynomial-rising": (
        "LambdaLR",
        {"polynomial_decay": {**TEN, "initial_learning_rate": 0.0, "end_learning_rate": 0.2}},
    ),
    "polynomial-between-batches": ("LambdaLR", {"polynomial_decay": {**START, "decay_steps": 7.5}}),
    "cosine": ("LambdaLR", {"cosine_decay": TEN}),
    "cosine-alpha": ("LambdaLR", {"cosine_decay": {**TEN, "alpha": 0.1}}),
    "cosine-warmup": ("LambdaLR", {"cosine_decay": {"initial_learning_rate": 0.0, **WARM}}),
    "cosine-warmup-from-above": (
        "LambdaLR",
        {"cosine_decay": {"initial_learning_rate": 0.3, **WARM, "alpha": 0.2}},
    ),
    "cosine-target-at-once": (
        "LambdaLR",
        {"cosine_decay": {"initial_learning_rate": 0.3, **WARM, "warmup_steps": 0}},
    ),
    "restarts": (
        "CosineAnnealingWarmRestarts",
        {"cosine_decay_restarts": {**START, "first_decay_steps": 5}},
    ),
    "restarts-alike": (
        "CosineAnnealingWarmRestarts",
        {"cosine_decay_restarts": {**START, "first_decay_steps": 7, "t_mul": 1.0, "alpha": 0.1}},
    ),
    "restarts-longer-by-half": (
        "LambdaLR",
        {"cosine_decay_restarts": {**START, "first_decay_steps": 8, "t_mul": 1.5, "m_mul": 0.5}},
    ),
    "restarts-lower": (
        "LambdaLR",
        {"cosine_decay_restarts": {**START, "first_decay_steps": 7, "t_mul": 1.0, "m_mul": 0.8}},
    ),
    "restarts-between-batches": (
        "LambdaLR",
        {"cosine_decay_restarts": {**START, "first_decay_steps": 2.5, "alpha": 0.2}},
    ),
    "piecewise": (
        "MultiStepLR",
        {"piecewise_constant_decay": {"boundaries": [5, 20], "values": [0.1, 0.01, 0.001]}},
    ),
    "piecewise-halves": (
        "MultiStepLR",
        {"piecewise_constant_decay": {"boundaries": [0, 9], "values": [0.3, 0.15, 0.075]}},
    ),
    "piecewise-uneven": (
        "LambdaLR",
        {"piecewise_constant_decay": {"boundaries": [5, 20], "values": [0.1, 0.05, 0.04]}},
    ),
    "piecewise-rising": (
        "LambdaLR",
        {"piecewise_constant_decay": {"boundaries": [5, 6], "values": [0.0, 0.1, 0.02]}},
    ),
}
BATCHES = 64
LATE = 700


def programs(schedule: Any, folder: Path, **optimizer: Any) -> tuple[ModuleType, ModuleType]:
    """Return both programs of a model of one unit with a schedule."""
    text = spec([1], [{"dense": 1}], optimizer={"sgd": {"learning_rate": schedule, **optimizer}})
    result = specc.compile(text)
    assert result.ok, [d.render() for d in result.diagnostics]
    for name, code in result.files.items():
        (folder / name).write_text(code)
    return load_module(folder / "model_keras.py"), load_module(folder / "model_torch.py")


def rates_of_keras(module: ModuleType, batches: list[int]) -> np.ndarray:
    """Return the rates of some batches, counted from 0."""
    model = module.build_model()
    module.compile_model(model)
    rate = model.optimizer._learning_rate
    if getattr(rate, "warmup_target", None) is None:
        return np.asarray(rate(keras.ops.convert_to_tensor(batches, "int64")))
    # A warmup asks for one batch at a time.
    return np.array([float(rate(keras.ops.convert_to_tensor(b, "int64"))) for b in batches])


def rates_of_torch(module: ModuleType, updates: int) -> tuple[np.ndarray, str]:
    """Return the rates of the first updates and the scheduler's class."""
    optimizer = module.build_optimizer(module.Model())
    scheduler = module.build_scheduler(optimizer)
    rates = []
    for _ in range(updates):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(rates), type(scheduler).__name__


@pytest.mark.parametrize("name", CASES)
def test_rates(name: str, tmp_path: Path) -> None:
    """All of the first batches, with every turning point, and batches long after the end."""
    expected, schedule = CASES[name]
    theirs, ours = programs(schedule, tmp_path)
    batches = [*range(BATCHES), LATE - 1, LATE]
    wanted = rates_of_keras(theirs, batches)
    found, scheduler = rates_of_torch(ours, LATE + 1)
    assert scheduler == expected
    assert len(set(wanted)) > 1
    assert np.abs(found[batches] - wanted).max() <= 2e-7


@pytest.mark.parametrize("name", ["exponential", "cosine-warmup", "piecewise"])
def test_rates_with_accumulation(name: str, tmp_path: Path) -> None:
    """Keras' rate is that of the batch that updates, not of the update."""
    theirs, ours = programs(CASES[name][1], tmp_path, gradient_accumulation_steps=3)
    wanted = rates_of_keras(theirs, list(range(2, BATCHES, 3)))
    found, scheduler = rates_of_torch(ours, len(wanted))
    assert scheduler == "LambdaLR"
    assert np.abs(found - wanted).max() <= 2e-7


def test_checkpoints_hold_the_schedule(tmp_path: Path) -> None:
    """A scheduler goes on from its state where it stopped."""
    _, module = programs(CASES["cosine-warmup"][1], tmp_path)
    optimizer = module.build_optimizer(module.Model())
    scheduler = module.build_scheduler(optimizer)
    for _ in range(5):
        optimizer.step()
        scheduler.step()
    torch.save({"scheduler": scheduler.state_dict()}, tmp_path / "state.pt")
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    other = module.build_scheduler(module.build_optimizer(module.Model()))
    other.load_state_dict(state["scheduler"])
    other.step()
    scheduler.step()
    assert other.get_last_lr() == scheduler.get_last_lr()
