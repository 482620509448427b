"""Early stopping and checkpoints decide as Keras' own callbacks do, on figures that are made up."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import keras
import numpy as np
import pytest
import torch
from equality import load_module
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writing import spec

import specc

pytestmark = pytest.mark.frameworks

FIGURES = st.lists(
    st.tuples(st.sampled_from([0.1, 0.2, 0.25, 0.3, 0.5]), st.sampled_from([0.1, 0.4, 0.45, 0.8])),
    min_size=1,
    max_size=8,
)
WATCH: dict[str, st.SearchStrategy[Any]] = {
    "monitor": st.sampled_from(["val_loss", "val_accuracy", "loss", "accuracy"]),
    "mode": st.sampled_from(["auto", "min", "max"]),
}
STOPS = st.fixed_dictionaries(
    {},
    optional={
        **WATCH,
        "min_delta": st.sampled_from([0.0, 0.05, 0.1]),
        "patience": st.integers(0, 3),
        "baseline": st.sampled_from([0.2, 0.45]),
        "restore_best_weights": st.booleans(),
        "start_from_epoch": st.integers(0, 3),
    },
)
CHECKPOINTS = st.fixed_dictionaries(
    {"filepath": st.sampled_from(["a-{epoch:02d}-{val_loss:.2f}.keras", "b.keras"])},
    optional={
        **WATCH,
        "save_best_only": st.booleans(),
        "initial_value_threshold": st.sampled_from([0.2, 0.3, 0.6]),
    },
)


def program(callbacks: list[Any], epochs: int, folder: Path, target: str = "torch") -> ModuleType:
    """Return a program of a model of one weight with these callbacks."""
    training = {"epochs": epochs, "validation_split": 0.5, "callbacks": callbacks}
    text = spec(
        [1],
        [{"dense": {"units": 2, "use_bias": False, "activation": "softmax"}}],
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        training=training,
    )
    result = specc.compile(text, target=target)
    assert result.ok, result.diagnostics
    path = folder / f"model_{target}.py"
    path.write_text(result.files[path.name])
    return load_module(path)


def logs(figures: tuple[float, float]) -> dict[str, float]:
    """Return the figures of an epoch."""
    return {"loss": figures[0], "accuracy": figures[1]}


def run_torch(
    module: ModuleType, history: list[tuple[float, float]]
) -> tuple[int, float, list[str]]:
    """Return how many epochs the program ran, its last weight and the checkpoints it wrote.

    The weight is set to the number of the epoch, so that what is restored shows.
    """
    ran: list[int] = []
    saved: list[str] = []
    final: list[float] = []

    def train(model: torch.nn.Module, *_: Any) -> dict[str, float]:
        ran.append(len(ran) + 1)
        with torch.no_grad():
            model.dense.weight.fill_(len(ran))
        return logs(history[len(ran) - 1])

    def evaluate(model: torch.nn.Module, *_: Any) -> dict[str, float]:
        final.append(float(model.dense.weight[0, 0].detach()))
        return logs(history[len(ran) - 1])

    arrays = {
        f"{a}_{p}": np.zeros((4, 1) if a == "x" else 4) for a in "xy" for p in ("train", "test")
    }
    with (
        patch.object(module, "train_one_epoch", train),
        patch.object(module, "evaluate", evaluate),
        patch.object(module, "read_arrays", lambda _: arrays),
        patch.object(module, "check_path", lambda _: None),
        patch.object(module, "save", lambda _, path: saved.append(path)),
        patch.object(sys, "argv", ["model", "--data", "x"]),
    ):
        module.main()
    return len(ran), final[-1], saved


def run_keras(callback: Any, history: list[tuple[float, float]]) -> tuple[int, float, list[str]]:
    """Return the same of Keras' callback, on a stand-in for the model."""
    saved: list[str] = []
    accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    metrics = keras.src.trainers.compile_utils.MetricsList([accuracy])
    model = SimpleNamespace(stop_training=False, metrics=[metrics], weight=0.0)
    model.get_weights = lambda: model.weight
    model.set_weights = lambda value: setattr(model, "weight", value)
    model.save = lambda path, overwrite: saved.append(str(path))
    callback.set_model(model)
    callback.on_train_begin()
    epochs = 0
    for epoch, figures in enumerate(history):
        epochs, model.weight = epoch + 1, float(epoch + 1)
        callback.on_epoch_begin(epoch)
        both = logs(figures)
        callback.on_epoch_end(epoch, both | {f"val_{k}": v for k, v in both.items()})
        if model.stop_training:
            break
    callback.on_train_end()
    return epochs, model.weight, saved


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(STOPS, FIGURES)
def test_early_stopping(arguments: dict[str, Any], history: list[tuple[float, float]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        module = program([{"early_stopping": arguments}], len(history), Path(folder))
        ours = run_torch(module, history)
    theirs = run_keras(keras.callbacks.EarlyStopping(**arguments), history)
    assert ours == theirs


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(CHECKPOINTS, FIGURES)
def test_model_checkpoint(arguments: dict[str, Any], history: list[tuple[float, float]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        module = program([{"model_checkpoint": arguments}], len(history), Path(folder))
        _, _, saved = run_torch(module, history)
        other = program([{"model_checkpoint": arguments}], len(history), Path(folder), "keras")
        with patch.object(other, "save", lambda write, path: write(path, overwrite=True)):
            _, _, ours = run_keras(other.WholeCheckpoint(), history)
    _, _, expected = run_keras(keras.callbacks.ModelCheckpoint(**arguments), history)
    assert ours == expected
    assert saved == [path.replace(".keras", ".pt") for path in expected]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(STOPS, STOPS, FIGURES)
def test_two_early_stoppings(
    first: dict[str, Any], second: dict[str, Any], history: list[tuple[float, float]]
) -> None:
    """Training ends with the one that stops first."""
    with tempfile.TemporaryDirectory() as folder:
        both = [{"early_stopping": first}, {"early_stopping": second}]
        ran, _, _ = run_torch(program(both, len(history), Path(folder)), history)
    alone = [run_keras(keras.callbacks.EarlyStopping(**a), history)[0] for a in (first, second)]
    assert ran == min(alone)
