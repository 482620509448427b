"""Metrics that are no means over samples, and those of ranks, are equal over uneven batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import torch
from equality import Pair, difference
from torch.utils.data import DataLoader
from writing import spec

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.filterwarnings("ignore:Even though the:UserWarning"),  # of eager functions
]

TOLERANCE = 1e-5

BINARY: list[Any] = [
    "accuracy",
    "auc",
    {"auc": {"num_thresholds": 7, "name": "coarse"}},
    {"auc": {"curve": "PR", "name": "pr"}},
    {"auc": {"curve": "pr", "summation_method": "minoring", "name": "pr_below"}},
    {"auc": {"curve": "PR", "summation_method": "majoring", "name": "pr_above"}},
    {"auc": {"curve": "PRGAIN", "name": "gain"}},
    {"auc": {"curve": "prgain", "summation_method": "majoring", "name": "gain_above"}},
    {"auc": {"summation_method": "Minoring", "name": "roc_below"}},
    {"auc": {"thresholds": [0.7, 0.1, 0.35, 0.5], "name": "uneven"}},
    {"auc": {"thresholds": [0.25, 0.5, 0.75], "name": "even"}},
    {"auc": {"from_logits": True, "name": "squashed"}},
    "precision",
    {"precision": 0.3},
    {"precision": {"thresholds": [0.6]}},
    "recall",
    {"recall": {"thresholds": 0.45, "class_id": 0}},
    "true_positives",
    {"false_positives": 0.3},
    "true_negatives",
    {"false_negatives": [0.6]},
    {"sensitivity_at_specificity": 0.6},
    {"specificity_at_sensitivity": {"sensitivity": 0.6, "num_thresholds": 11}},
    {"precision_at_recall": 0.4},
    {"recall_at_precision": 0.5},
    {"f1_score": {"average": "macro", "threshold": 0.5}},
    {"fbeta_score": {"average": "micro", "beta": 2.0, "threshold": 0.4}},
    "binary_iou",
    {"binary_io_u": {"target_class_ids": [1], "threshold": 0.4}},
    {"binary_iou": {"target_class_ids": [0]}},
    "root_mean_squared_error",
]
CLASSES: list[Any] = [
    "accuracy",
    "auc",
    {"auc": {"multi_label": True, "name": "each"}},
    {"auc": {"multi_label": True, "num_labels": 5, "curve": "PR", "name": "each_pr"}},
    {"auc": {"multi_label": True, "label_weights": [1, 2, 0, 4, 1.5], "name": "weighted"}},
    {"auc": {"label_weights": [1, 2, 0, 4, 1.5], "curve": "PRGAIN", "name": "weights"}},
    "precision",
    {"precision": {"class_id": 2, "thresholds": 0.1}},
    {"precision": {"top_k": 2}},
    {"recall": {"top_k": 3, "class_id": 1}},
    {"recall": {"top_k": 2, "thresholds": 0.2}},
    {"sensitivity_at_specificity": {"specificity": 0.5, "class_id": 4}},
    {"f1_score": {"average": "macro"}},
    {"f1_score": {"average": "micro"}},
    {"f1_score": {"average": "weighted"}},
    {"f_beta_score": {"average": "weighted", "beta": 0.5, "threshold": 0.2}},
    {"one_hot_mean_iou": 5},
    {"one_hot_io_u": {"num_classes": 5, "target_class_ids": [1, 3], "ignore_class": 2}},
    {"mean_io_u": {"num_classes": 5, "sparse_y_true": False, "sparse_y_pred": False}},
    {"top_k_categorical_accuracy": 2},
    "top_k_categorical_accuracy",
    "pearson_correlation",
    "concordance_correlation",
    "r2_score",
    "root_mean_squared_error",
]
MAP: list[Any] = [
    "accuracy",
    "auc",
    {"precision": {"class_id": 2, "thresholds": 0.2}},
    {"recall": {"top_k": 2, "class_id": 1}},
    {"one_hot_mean_iou": {"num_classes": 4, "ignore_class": 1}},
    {"one_hot_iou": {"num_classes": 4, "target_class_ids": [0, 3]}},
    {"top_k_categorical_accuracy": 2},
    "pearson_correlation",
    "concordance_correlation",
    "root_mean_squared_error",
    "false_positives",
]
SPARSE: list[Any] = [
    "accuracy",
    {"mean_iou": {"num_classes": 4, "sparse_y_pred": False}},
    {"mean_iou": {"num_classes": 4, "sparse_y_pred": False, "ignore_class": 2}},
    {"mean_io_u": {"num_classes": 4, "sparse_y_pred": False, "ignore_class": 255}},
    {"iou": {"num_classes": 4, "target_class_ids": [0, 2], "sparse_y_pred": False}},
    {"sparse_top_k_categorical_accuracy": 2},
    "sparse_top_k_categorical_accuracy",
]
NUMBERS: list[Any] = [
    "mse",
    "root_mean_squared_error",
    "r2_score",
    {"r2_score": "variance_weighted_average"},
    "pearson_correlation",
    "concordance_correlation",
    "precision",
    {"recall": {"class_id": 1, "thresholds": 0}},
    {"auc": {"label_weights": [0.5, 1, 2]}},
    "true_negatives",
    {"recall_at_precision": {"precision": 0.3, "class_id": 2}},
    {"mean_iou": 3},
    {"iou": {"num_classes": 2, "target_class_ids": [1, 1], "ignore_class": 0}},
    {"f1_score": {"average": "macro"}},
    {"f1_score": {"average": "micro", "threshold": 0.1}},
    {"fbeta_score": {"average": "weighted", "beta": 3.0}},
]
IMAGE = [{"conv2d": {"filters": 4, "kernel_size": 3}}]
CASES: dict[str, tuple[list[int], list[Any], str | None, Any, list[Any]]] = {
    "binary": ([6], [{"dense": 1}], "sigmoid", "binary_crossentropy", BINARY),
    "binary-mse": ([6], [{"dense": 1}], "sigmoid", "mean_squared_error", BINARY[:6]),
    "classes": ([6], [{"dense": 5}], "softmax", "categorical_crossentropy", CLASSES),
    "labels": ([6], [{"dense": 5}], "sigmoid", "binary_crossentropy", CLASSES[1:12:2]),
    "sequence": ([4, 6], [{"dense": 4}], "softmax", "categorical_crossentropy", MAP),
    "image": ([6, 5, 2], IMAGE, "softmax", "categorical_crossentropy", MAP),
    "image-mse": ([6, 5, 2], IMAGE, None, "mean_squared_error", [*MAP[1:4], *MAP[6:]]),
    "sparse": ([6], [{"dense": 4}], "softmax", "sparse_categorical_crossentropy", SPARSE),
    "sparse-sequence": (
        [4, 6],
        [{"dense": 4}],
        None,
        {"sparse_categorical_crossentropy": {"from_logits": True}},
        SPARSE,
    ),
    "sparse-image": (
        [6, 5, 2],
        IMAGE,
        "softmax",
        {"sparse_categorical_crossentropy": {"ignore_class": -1}},
        [*SPARSE, "sparse_categorical_crossentropy"],
    ),
    "masked": (
        [7],
        [{"embedding": {"input_dim": 5, "output_dim": 3, "mask_zero": True}}, {"dense": 4}],
        "softmax",
        "categorical_crossentropy",
        [*MAP[:3], *MAP[4:]],
    ),
    "numbers": ([6], [{"dense": 3}], None, "mean_squared_error", NUMBERS),
}


def build(name: str, folder: Path) -> Pair:
    """Return both programs of a case."""
    shape, layers, end, loss, metrics = CASES[name]
    layers = [*layers, {"activation": end}] if end else layers
    return Pair(spec(shape, layers, loss=loss, metrics=metrics), folder)


@pytest.fixture(autouse=True)
def eagerly(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compute without graphs, which take long to make; one case of each kind has them."""
    case = getattr(request.node, "callspec", None)
    tf.config.run_functions_eagerly(case is None or case.params.get("name") not in GRAPHS)
    yield
    tf.config.run_functions_eagerly(False)


GRAPHS = ("binary-mse", "image-mse")


@pytest.mark.parametrize("name", CASES)
def test_metrics(name: str, tmp_path: Path) -> None:
    """The figures of Keras' own fit and evaluate, over five batches with a short last one."""
    pair = build(name, tmp_path)
    for what, measured in pair.evaluate(samples=11, batch=4).items():
        assert measured <= TOLERANCE, what
    for what, measured in pair.train(5, batch=8, last=3).items():
        assert measured <= TOLERANCE, what


def figures(pair: Pair, x: Any, y: Any) -> dict[str, tuple[float, float]]:
    """Return what Keras and PyTorch report of given samples, in batches of four."""
    theirs = pair.keras.evaluate(x, y, batch_size=4, verbose=0, return_dict=True)
    loader = DataLoader(pair.dataset(x, y), batch_size=4)
    ours = pair.torch_module.evaluate(pair.torch, loader, torch.device("cpu"))
    assert set(ours) == set(theirs)
    return {name: (theirs[name], ours[name]) for name in ours}


# Outputs with ties, on thresholds, at both ends, constant.
OUTPUTS = {
    "ties": [0.2, 0.2, 0.7, 0.7, 0.7, 0.2, 0.9],
    "on thresholds": [0.5, 0.3, 0.6, 0.25, 0.75, 0.4, 0.1],
    "ends": [0.0, 1.0, 1.0, 0.0, 0.5, 1.0, 0.0],
    "constant": [0.5] * 7,
    "beyond": [-0.5, 1.5, 0.4, 2.0, 0.5, -3.0, 1.0],
}
TARGETS = {"both": [0, 1, 1, 0, 0, 1, 0], "zeros": [0] * 7, "ones": [1] * 7}


def test_ties_ends_and_classes_that_are_absent(tmp_path: Path) -> None:
    """Outputs are the inputs, so that they lie on thresholds exactly."""
    metrics = [m for m in BINARY if "uneven" not in str(m)]
    identity = {"dense": {"units": 1, "kernel_initializer": "ones", "use_bias": False}}
    pair = Pair(spec([1], [identity], metrics=metrics), tmp_path)
    pair.keras.set_weights([np.ones((1, 1), np.float32)])
    pair.carry()
    for name, outputs in OUTPUTS.items():
        for kind in TARGETS if name == "ends" else ("both",):
            targets = TARGETS[kind]
            x, y = (np.asarray(v, np.float32).reshape(-1, 1) for v in (outputs, targets))
            for what, (theirs, ours) in figures(pair, x, y).items():
                assert difference(theirs, ours) <= TOLERANCE, (name, kind, what)


def test_ties_of_classes(tmp_path: Path) -> None:
    """Of equal outputs the first is the largest, and all are in the top; a class may be absent."""
    metrics = [m for m in CLASSES if "correlation" not in str(m)]
    identity = {"dense": {"units": 5, "kernel_initializer": "identity", "use_bias": False}}
    pair = Pair(spec([5], [identity], metrics=metrics), tmp_path)
    pair.keras.set_weights([np.eye(5, dtype=np.float32)])
    pair.carry()
    rows = [[0.2] * 5, [0.4, 0.4, 0, 0.1, 0.1], [0] * 5, [0, 0.3, 0.3, 0.1, 0.3], [1, 0, 0, 0, 0]]
    x = np.asarray(rows, np.float32)
    for labels in ([0, 1, 2, 2, 0], [3, 3, 3, 3, 3], [4, 0, 1, 0, 0]):
        y = np.eye(5, dtype=np.float32)[labels]
        for what, (theirs, ours) in figures(pair, x, y).items():
            if "r2" not in what:  # of a class without a target it is no number
                assert difference(theirs, ours) <= TOLERANCE, (labels, what)


def test_r2_of_small_numbers_and_of_constant_targets(tmp_path: Path) -> None:
    pair = Pair(spec([2], [{"dense": 2}], metrics=["r2_score"]), tmp_path)
    x = np.random.default_rng(0).normal(size=(9, 2)).astype(np.float32) * 1e-3
    for y in (x * 1.5, x[:, ::-1].copy(), np.ones_like(x)):
        theirs, ours = figures(pair, x, y)["r2_score"]
        assert difference(theirs, ours) <= TOLERANCE
