"""Every loss and metric is equal on each shape of target, over uneven batches."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equality import Pair
from writing import spec

pytestmark = pytest.mark.frameworks

TOLERANCE = 1e-5

VECTOR, SEQUENCE, IMAGE, ONE = "vector", "sequence", "image", "one"

MODELS: dict[str, tuple[list[int], list[Any]]] = {
    VECTOR: ([6], [{"dense": 5}]),
    ONE: ([6], [{"dense": 1}]),
    SEQUENCE: ([4, 6], [{"dense": 5}]),
    IMAGE: ([6, 5, 2], [{"conv2d": {"filters": 4, "kernel_size": 3}}]),
}
CROSSENTROPIES = (
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
)
FOCAL = ("binary_focal_crossentropy", "categorical_focal_crossentropy")
# Each with the activation at the end that gives what it takes.
ERRORS: dict[str, str | None] = {
    "mean_squared_error": None,
    "mean_absolute_error": None,
    "huber": None,
    "mean_absolute_percentage_error": None,
    "mape": None,
    "mean_squared_logarithmic_error": None,
    "msle": "softplus",
    "log_cosh": None,
    "poisson": "softplus",
    "kl_divergence": "softmax",
    "kld": None,
    "cosine_similarity": None,
    "hinge": "tanh",
    "squared_hinge": None,
    "categorical_hinge": None,
}


def focal_cases() -> dict[str, tuple[str, str | None, Any, dict[str, Any]]]:
    """Return each argument of the focal crossentropies, after each end of a model."""
    variants: dict[str, dict[str, Any]] = {
        "": {},
        "-sum": {"reduction": "sum"},
        "-smooth": {"label_smoothing": 0.2, "gamma": 1.5},
        "-logits": {"from_logits": True},
        "-alpha": {"alpha": 0.7, "gamma": 0.0},
        "-everything": {"alpha": 0.4, "gamma": 3, "label_smoothing": 0.1, "from_logits": True},
    }
    found: dict[str, tuple[str, str | None, Any, dict[str, Any]]] = {}
    for model, loss, end in product(MODELS, FOCAL, ("softmax", "sigmoid", "softplus", None)):
        if model == ONE and (loss.startswith("categorical") or end == "softmax"):
            continue
        for name, variant in variants.items():
            given = dict(variant)
            if end == "softplus" and "gamma" in given:
                given["gamma"] = 3.0  # of outputs above 1 no other power is a number
            if end is None and "from_logits" not in given:
                continue
            if loss.startswith("binary") and "alpha" in given:
                given["apply_class_balancing"] = True
            key = f"{model}-{loss}-{end}{name}"
            found[key] = (model, end, {loss: given}, {})
    return found


def overall_cases() -> dict[str, tuple[str, str | None, Any, dict[str, Any]]]:
    """Return the losses that look at a batch as a whole, and the one of a class' probability."""
    soft = {"alpha": 0.2, "beta": 0.9}
    circle = {"gamma": 5.0, "margin": 0.25, "remove_diagonal": False, "reduction": "sum"}
    generalized = "categorical_generalized_cross_entropy"
    weights = {"class_weight": {"0": 0.5, "1": 3.0}}
    return {
        "dice-vector": (VECTOR, "sigmoid", "dice", {}),
        "dice-one-axes": (ONE, "sigmoid", {"dice": {"axis": [0, 1], "reduction": "sum"}}, {}),
        "dice-sequence": (SEQUENCE, "softmax", {"dice": {"axis": [0, -1]}}, {}),
        "dice-image": (IMAGE, "sigmoid", {"dice": {"axis": [1, 2]}}, {}),
        "dice-image-sum": (IMAGE, "sigmoid", {"dice": {"axis": [-1, 0], "reduction": "sum"}}, {}),
        "tversky-one": (ONE, "sigmoid", "tversky", {}),
        "tversky-image": (IMAGE, None, {"tversky": soft}, {}),
        "tversky-image-axis": (IMAGE, "softplus", {"tversky": {**soft, "axis": 3}}, {}),
        "circle": (VECTOR, "unit", "circle", {}),
        "circle-weights": (
            VECTOR,
            "unit",
            {"circle": {"reduction": "mean_with_sample_weight", "margin": 0.1}},
            {},
        ),
        "circle-diagonal": (VECTOR, "unit", {"circle": circle}, {}),
        "ctc": (SEQUENCE, None, "ctc", {}),
        "ctc-sum": (SEQUENCE, "softmax", {"ctc": {"reduction": "sum"}}, {}),
        "generalized-vector": (VECTOR, "softmax", generalized, {}),
        "generalized-sequence": (SEQUENCE, "softplus", {generalized: {"reduction": "sum"}}, {}),
        "generalized-image": (IMAGE, "softmax", {generalized: 0.9}, {}),
        "weighted-generalized": (VECTOR, "softmax", {generalized: 0.7}, weights),
    }


def cases() -> dict[str, tuple[str, str | None, Any, dict[str, Any]]]:
    found: dict[str, tuple[str, str | None, Any, dict[str, Any]]] = {}
    for model in MODELS:
        for loss, last in ERRORS.items():
            if model == ONE and loss.startswith("categorical"):
                continue
            last = None if model == ONE and last == "softmax" else last
            found[f"{model}-{loss}"] = (model, last, loss, {})
            found[f"{model}-{loss}-sum"] = (model, last, {loss: {"reduction": "sum"}}, {})
        for loss in CROSSENTROPIES:
            if model == ONE and loss != "binary_crossentropy":
                continue
            for end in ("softmax", "sigmoid", "softplus", "logits"):
                if model == ONE and end == "softmax":
                    continue
                arguments = {"from_logits": True} if end == "logits" else {}
                last = None if end == "logits" else end
                key = f"{model}-{loss}-{end}"
                found[key] = (model, last, {loss: arguments}, {})
                found[key + "-sum"] = (model, last, {loss: {**arguments, "reduction": "sum"}}, {})
                if not loss.startswith("sparse"):
                    smooth = {**arguments, "label_smoothing": 0.2}
                    found[key + "-smooth"] = (model, last, {loss: smooth}, {})
                else:
                    ignore = {**arguments, "ignore_class": 1}
                    found[key + "-ignore"] = (model, last, {loss: ignore}, {})
                    both = {**ignore, "reduction": "sum"}
                    found[key + "-ignore-sum"] = (model, last, {loss: both}, {})
    found |= focal_cases() | overall_cases()
    found["huber-delta"] = (VECTOR, None, {"huber": 0.3}, {})
    weights = {"class_weight": {"0": 0.5, "1": 3.0}}
    for reduction in ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight"):
        for loss in (*CROSSENTROPIES, *FOCAL):
            for end in ("softmax", "sigmoid", "softplus"):
                model = ONE if loss.startswith("binary") else VECTOR
                if model == ONE and end == "softmax":
                    continue
                key = f"weighted-{loss}-{end}-{reduction}"
                found[key] = (model, end, {loss: {"reduction": reduction}}, weights)
    smooth = {"reduction": "sum", "label_smoothing": 0.4}
    found["weighted-smooth"] = (ONE, "sigmoid", {"binary_crossentropy": smooth}, weights)
    return found


CASES = cases()


def build(name: str, folder: Path, **more: Any) -> Pair:
    model, end, loss, training = CASES[name]
    shape, layers = MODELS[model]
    if end == "unit":
        layers = [*layers, "unit_normalization"]
    elif end is not None:
        layers = [*layers, {"activation": end}]
    text = spec(shape, layers, loss=loss, training=training, **more)
    text = text.replace('"0": 0.5', "0: 0.5").replace('"1": 3.0', "1: 3.0")
    # Near the edge of the clip 1 - p has few digits in float32, and so has 1 / p near 0.
    return Pair(text, folder, double=end == "softplus" or (end is None and "kld" in name))


@pytest.mark.parametrize("name", [n for n in CASES if not n.startswith("weighted")])
def test_loss(name: str, tmp_path: Path) -> None:
    pair = build(name, tmp_path)
    assert pair.program.fit is not None
    # Of targets (N, 1) one loss compares each with every output, so its program reshapes them.
    forms = 1 if "generalized" in name else len(pair.program.fit.head.target_shapes)
    for form in range(forms):
        for samples in (1, 6):
            for what, measured in pair.loss_differences(samples, form).items():
                assert measured <= TOLERANCE, (what, form, samples)


# What the types of targets below can all hold: 0 and 1, or classes.
TYPES = ("bool", "uint8", "int32", "int64", "float16", "float64")
TYPED = [
    n
    for n in CASES
    if n.startswith((VECTOR, ONE, "dice", "circle", "ctc", "generalized-v"))
    and not any(part in n for part in ("-sum", "-smooth", "-alpha", "-everything", "sigmoid"))
]


@pytest.mark.parametrize("name", TYPED)
def test_types_of_targets(name: str, tmp_path: Path) -> None:
    """Targets of any type of numbers, as Keras and the PyTorch program take them."""
    pair = build(name, tmp_path)
    draw = pair.targets
    for kind in TYPES:

        def targets(samples: int, form: int = 0, kind: str = kind) -> Any:
            drawn = draw(samples, form)
            classes = drawn.dtype == np.int64
            if kind == "bool" or not classes:
                drawn = drawn > (0 if classes else 0.5)
            return drawn.astype(kind)

        pair.targets = targets  # type: ignore[method-assign]
        for what, measured in pair.loss_differences(5).items():
            assert measured <= TOLERANCE, (what, kind)


REPORTED = [
    n for n in CASES if n.startswith("weighted") or (n.startswith("vector") and "-s" in n[-7:])
]


@pytest.mark.parametrize("name", REPORTED)
def test_reported_loss_and_step(name: str, tmp_path: Path) -> None:
    """The figures of Keras' fit and of the PyTorch loop, class weights included."""
    pair = build(name, tmp_path)
    for what, measured in pair.train(3, batch=5, last=2).items():
        assert measured <= TOLERANCE, what
    for what, measured in pair.evaluate().items():
        assert measured <= TOLERANCE, what


MANY = {
    "sparse": "sparse_categorical_crossentropy",
    "sparse-sum": {"sparse_categorical_crossentropy": {"reduction": "sum"}},
    "one-hot": "categorical_crossentropy",
}


@pytest.mark.parametrize("name", MANY)
def test_class_weights_of_many_classes(name: str, tmp_path: Path) -> None:
    """Of more than 1,000 classes a program names the weights that are not 1."""
    layers = [{"dense": {"units": 1001, "activation": "softmax"}}]
    text = spec([6], layers, loss=MANY[name], training={"class_weight": {"0": 0.5}})
    weights = ", ".join(f"{label}: {1 + label % 5}" for label in range(1, 1001, 2))
    pair = Pair(text.replace('"0": 0.5', f"0: 0.5, {weights}"), tmp_path)
    program = pair.files["model_torch.py"]
    assert "torch.ones(1001).scatter(" in program
    assert max(pair.train(5, batch=40, last=7).values()) <= TOLERANCE
    assert pair.torch_module.CLASS_WEIGHT[:6].tolist() == [0.5, 2.0, 1.0, 4.0, 1.0, 1.0]


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
@pytest.mark.parametrize("model", [VECTOR, ONE, IMAGE])
@pytest.mark.parametrize("labels", [(-1, 1), (-1, 0, 1), (0.2, 0.9)], ids=str)
def test_labels_of_hinge(loss: str, model: str, labels: tuple[float, ...], tmp_path: Path) -> None:
    """A batch of 0 and 1 alone is turned into -1 and 1, any other is taken as it is."""
    shape, layers = MODELS[model]
    pair = Pair(spec(shape, layers, loss=loss, metrics=["hinge", "squared_hinge"]), tmp_path)
    pair.labels = labels
    for what, measured in pair.loss_differences(7).items():
        assert measured <= TOLERANCE, what
    for what, measured in pair.evaluate(samples=9, batch=2).items():
        assert measured <= TOLERANCE, what


@pytest.mark.parametrize("loss", FOCAL)
@pytest.mark.parametrize("end", ["softmax", "sigmoid"])
def test_focal_crossentropy_of_saturated_outputs(loss: str, end: str, tmp_path: Path) -> None:
    """Logits of 40 tell a crossentropy that takes logits from one that clips probabilities."""
    text = spec([6], [{"dense": 5}, {"activation": end}], loss=loss)
    pair = Pair(text, tmp_path, double=True)
    for variable in pair.keras.trainable_variables:
        variable.assign(np.asarray(variable) * 40)
    pair.carry()
    for what, measured in pair.loss_differences(9).items():
        assert measured <= TOLERANCE, what


METRICS: dict[str, list[Any]] = {
    "mean_squared_error": [
        "mse",
        "mean_squared_error",
        "mae",
        "mean_absolute_error",
        {"mean_absolute_error": {"name": "error"}},
        "mape",
        "mean_absolute_percentage_error",
        "msle",
        "mean_squared_logarithmic_error",
        "log_cosh_error",
        "poisson",
        "kl_divergence",
        "cosine_similarity",
        {"cosine_similarity": {"name": "cosine"}},
        "hinge",
        "squared_hinge",
        "categorical_hinge",
    ],
    "binary_crossentropy": [
        "accuracy",
        "binary_accuracy",
        {"binary_accuracy": 0.3},
        "binary_crossentropy",
        {"binary_crossentropy": {"label_smoothing": 0.1}},
        "mse",
        "mape",
        "hinge",
        "squared_hinge",
        "cosine_similarity",
    ],
    "categorical_crossentropy": [
        "acc",
        "categorical_accuracy",
        "categorical_crossentropy",
        {"categorical_crossentropy": {"label_smoothing": 0.1}},
        "binary_accuracy",
        "mae",
        "msle",
        "poisson",
        "kl_divergence",
        "log_cosh_error",
        "cosine_similarity",
        "categorical_hinge",
    ],
    "sparse_categorical_crossentropy": [
        "accuracy",
        "acc",
        "sparse_categorical_accuracy",
        "sparse_categorical_crossentropy",
    ],
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("loss", METRICS)
@pytest.mark.parametrize("end", ["softmax", "sigmoid", "softplus"])
def test_metrics(model: str, loss: str, end: str, tmp_path: Path) -> None:
    """Over five batches with a short last one."""
    if model == ONE and (loss.startswith(("categorical", "sparse")) or end == "softmax"):
        pytest.skip("one unit has no classes")
    shape, layers = MODELS[model]
    text = spec(shape, [*layers, {"activation": end}], loss=loss, metrics=METRICS[loss])
    pair = Pair(text, tmp_path)
    # Keras' crossentropy metric refuses targets (N,) for outputs (N, 1), which its loss takes; so
    # the Keras program reshapes them, and this test gives the first form.
    for form in (0, 1) if loss.startswith("sparse") else (0,):
        for what, measured in pair.evaluate(samples=18, batch=4, form=form).items():
            assert measured <= TOLERANCE, (what, form)
    for what, measured in pair.train(5, batch=4, last=1).items():
        assert measured <= TOLERANCE, what


@pytest.mark.parametrize("loss", CROSSENTROPIES)
@pytest.mark.parametrize("axis", [-1, 1, [2], [1, 2]], ids=str)
def test_softmax_layer_at_the_end(axis: Any, loss: str, tmp_path: Path) -> None:
    """Keras takes its input as logits, whatever its axis; along several axes it does not."""
    dense = {"dense": {"units": 5, "kernel_initializer": {"random_normal": {"stddev": 10.0}}}}
    pair = Pair(spec([4, 6], [dense, {"softmax": axis}], loss=loss), tmp_path, double=True)
    assert (pair.program.logits(pair.program.graph.output) is None) == (axis == [1, 2])
    assert pair.output_difference() <= TOLERANCE
    for what, measured in pair.loss_differences().items():
        assert measured <= TOLERANCE, what
