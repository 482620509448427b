"""Masks: each layer that makes, uses, passes on or drops one is equal in both programs.

The inputs are padded left, right, with holes and not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from equality import Pair
from torch.utils.data import DataLoader
from writing import spec

# Keras warns where a layer drops a mask.
pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.filterwarnings("ignore:.*does not support masking"),
]

TOLERANCE = 1e-5
STEPS = 6
EMBEDDING: dict[str, Any] = {"embedding": {"input_dim": 9, "output_dim": 4, "mask_zero": True}}
BATCH_NORM = {"batch_normalization": {"momentum": 0.7}}


def counts(samples: int, shape: list[int], empty: bool = False) -> np.ndarray:
    """Return which steps count: padding right, left, holes, none, and a row of nothing at last."""
    found = np.ones((samples, *shape), bool)
    kinds = [np.s_[4:], np.s_[:3], np.s_[1::2], np.s_[:0], np.s_[2:3]]
    for row in range(samples):
        if shape:
            found[(row, *[slice(None)] * (len(shape) - 1), kinds[row % 5])] = False
        else:
            found[row] = row % 5 > 1
    if empty:
        found[-1] = False
    return found


def pad(pair: Pair, value: float = 0.0, empty: bool = False) -> None:
    """Make a pair's inputs padded ones, integers or steps of `value`."""
    shape, draw = list(pair.program.input.shape), pair.inputs
    whole = pair.program.input.dtype != "float32"

    def inputs(samples: int) -> np.ndarray:
        if whole:
            x = draw(samples)
            return np.where(counts(samples, shape, empty), np.maximum(x, 1), 0).astype(x.dtype)
        # The harness draws padding of its own, of which a sample could then be made up.
        x = pair.random.normal(size=(samples, *shape))
        valid = counts(samples, shape[:-1], empty)[..., None]
        return np.where(valid, x, value).astype(pair.kind)

    pair.inputs = inputs  # type: ignore[method-assign]


def check(pair: Pair, training: bool = True) -> None:
    for samples in (1, 5):
        assert pair.output_difference(samples) <= TOLERANCE
    assert pair.output_difference(training=training) <= TOLERANCE
    for what, measured in pair.loss_differences().items():
        assert measured <= TOLERANCE, what


INTEGERS: dict[str, tuple[list[int], list[Any]]] = {
    "average": ([STEPS], [EMBEDDING, "global_average_pooling1d", {"dense": 3}]),
    "average-keepdims": (
        [STEPS],
        [EMBEDDING, {"global_average_pooling1d": {"keepdims": True}}, {"dense": 3}],
    ),
    "through": (
        [STEPS],
        [
            EMBEDDING,
            {"dense": {"units": 5, "activation": "relu"}},
            {"spatial_dropout1d": 0.3},
            "layer_normalization",
            {"activation": "softmax"},
            {"dropout": 0.3},
            "prelu",
            "unit_normalization",
            {"rescaling": 2.0},
            "global_average_pooling1d",
            {"dense": 3},
        ],
    ),
    "batch-norm": (
        [STEPS],
        [EMBEDDING, BATCH_NORM, {"dense": 5}, "flatten", {"dense": 3}],
    ),
    "batch-norm-no-scale": (
        [STEPS],
        [
            EMBEDDING,
            {"batch_normalization": {"scale": False, "epsilon": 1e-5, "momentum": 0.9}},
            {"batch_normalization": {"center": False}},
            {"batch_normalization": {"center": False, "scale": False}},
            "global_average_pooling1d",
        ],
    ),
    "dropped": (
        [STEPS],
        [EMBEDDING, {"conv1d": {"filters": 3, "kernel_size": 2}}, BATCH_NORM, "flatten"],
    ),
    "two-axes": ([3, STEPS], [EMBEDDING, BATCH_NORM, {"dense": 2}, "flatten", {"dense": 3}]),
    "image-of-integers": (
        [2, 3, STEPS],
        [EMBEDDING, BATCH_NORM, "flatten", {"dense": 3}],
    ),
}


@pytest.mark.parametrize("name", INTEGERS)
def test_embedding(name: str, tmp_path: Path) -> None:
    shape, layers = INTEGERS[name]
    pair = Pair(spec(shape, layers, input={"shape": shape, "dtype": "int32"}), tmp_path)
    pad(pair)
    check(pair)


NUMBERS: dict[str, tuple[list[int], float, list[Any]]] = {
    "first": ([STEPS, 3], 0.0, ["masking", {"dense": 4}, "global_average_pooling1d"]),
    "behind": ([STEPS, 3], 0.0, [{"dense": 4}, {"masking": 2.0}, "flatten", {"dense": 3}]),
    "value": ([STEPS, 3], -1.5, [{"masking": -1.5}, {"dense": 4}, "global_average_pooling1d"]),
    "twice": (
        [STEPS, 3],
        -1.0,
        [{"masking": -1.0}, {"masking": 0.0}, BATCH_NORM, "global_average_pooling1d"],
    ),
    "conv": (
        [STEPS, 3],
        0.5,
        [{"masking": 0.5}, {"conv1d": {"filters": 4, "kernel_size": 2}}, {"dense": 3}],
    ),
    "between-convs": (
        [STEPS, 3],
        0.0,
        [
            {"conv1d": {"filters": 4, "kernel_size": 1, "use_bias": False}},
            "masking",
            {"dropout": 0.2},
            "global_average_pooling1d",
            {"dense": 3},
        ],
    ),
    "wrapped": (
        [STEPS, 3],
        0.0,
        [
            "masking",
            {"time_distributed": {"layer": {"dense": 4}}},
            {"spectral_normalization": {"layer": {"dense": 4}}},
            "global_average_pooling1d",
        ],
    ),
    "vector": ([4], 0.0, ["masking", BATCH_NORM, {"dense": 3}, "flatten"]),
    "image": ([2, STEPS, 3], 0.0, ["masking", BATCH_NORM, {"dense": 2}, "flatten"]),
    "image-unused": (
        [2, STEPS, 3],
        1.0,
        [{"masking": 1.0}, {"conv2d": {"filters": 2, "kernel_size": 2}}, "flatten"],
    ),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_masking(name: str, tmp_path: Path) -> None:
    shape, value, layers = NUMBERS[name]
    pair = Pair(spec(shape, layers), tmp_path)
    pad(pair, value)
    if name == "between-convs":  # a convolution of scattered weights keeps zeros as zeros
        assert (pair.inputs(2)[0, 4:] == 0).all()
    check(pair)


def test_statistics_over_steps_that_count(tmp_path: Path) -> None:
    """Training moves the averages of the masked batch normalization as Keras', empty rows too."""
    layers = [EMBEDDING, BATCH_NORM, "flatten", {"dense": 3}]
    text = spec([STEPS], layers, input={"shape": [STEPS], "dtype": "int32"}, metrics=["mae"])
    # A batch of nothing has no variance, which magnifies rounding.
    pair = Pair(text, tmp_path, double=True)
    pad(pair, empty=True)
    assert max(pair.train(3, batch=5, last=1).values()) <= TOLERANCE
    assert max(pair.evaluate().values()) <= TOLERANCE


def test_a_mask_that_serves_nothing_is_not_there(tmp_path: Path) -> None:
    text = spec([STEPS], [EMBEDDING, "flatten", {"dense": 3}], input={"shape": [STEPS]})
    assert "mask" not in Pair(text, tmp_path).files["model_torch.py"]


CROSSENTROPIES = ("categorical_crossentropy", "sparse_categorical_crossentropy")
LOSSES: dict[str, Any] = {
    **{f"{loss}-{end}": loss for loss in CROSSENTROPIES for end in ("softmax", "softplus")},
    "logits": {"sparse_categorical_crossentropy": {"from_logits": True}},
    "ignore": {"sparse_categorical_crossentropy": {"ignore_class": 1}},
    "ignore-sum": {"sparse_categorical_crossentropy": {"ignore_class": 1, "reduction": "sum"}},
    "smooth": {"categorical_crossentropy": {"label_smoothing": 0.2}},
    "focal-softmax": "categorical_focal_crossentropy",
    "binary-sigmoid": "binary_crossentropy",
    "binary-smooth": {"bce": {"label_smoothing": 0.2, "from_logits": True}},
    "binary-focal-sigmoid": {"binary_focal_crossentropy": {"apply_class_balancing": True}},
    **{
        f"{loss}-tanh": loss
        for loss in (
            *("mae", "huber", "log_cosh", "cosine_similarity"),
            *("hinge", "squared_hinge", "categorical_hinge"),
        )
    },
    **{f"{loss}-softplus": loss for loss in ("poisson", "msle", "mape")},
    "kl_divergence-softmax": "kl_divergence",
    "categorical_generalized_cross_entropy-softmax": "categorical_generalized_cross_entropy",
    **{
        f"mse-{reduction}": {"mse": {"reduction": reduction}}
        for reduction in ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight")
    },
}


def each_step(folder: Path, end: str | None, **more: Any) -> Pair:
    """Return a model on padded integers with an output of three features for each step."""
    layers = [EMBEDDING, {"dense": {"units": 3, **({} if end is None else {"activation": end})}}]
    pair = Pair(spec([STEPS], layers, input={"shape": [STEPS], "dtype": "int32"}, **more), folder)
    pad(pair, empty=True)
    return pair


@pytest.mark.parametrize("name", LOSSES)
def test_loss(name: str, tmp_path: Path) -> None:
    """Steps that the mask leaves out do not count, a batch of nothing is 0."""
    end = name.rpartition("-")[2]
    ends = ("softmax", "softplus", "sigmoid", "tanh")
    pair = each_step(tmp_path, end if end in ends else None, loss=LOSSES[name])
    for samples in (5, 1):  # the only row of one is empty
        for what, measured in pair.loss_differences(samples).items():
            assert measured <= TOLERANCE, what


FIGURES: dict[str, tuple[str, list[Any]]] = {
    "sparse_categorical_crossentropy": (
        "softmax",
        ["acc", "sparse_categorical_crossentropy", {"sparse_top_k_categorical_accuracy": 2}],
    ),
    "categorical_crossentropy": (
        "softmax",
        ["acc", "categorical_hinge", "kl_divergence", "categorical_crossentropy", "mae"],
    ),
    "binary_crossentropy": (
        "sigmoid",
        [{"binary_accuracy": {"threshold": 0.3}}, "bce", "recall", "root_mean_squared_error"],
    ),
    "mse": (
        "softplus",
        ["mse", "mape", "msle", "log_cosh_error", "poisson", "hinge", "cosine_similarity"],
    ),
}


@pytest.mark.parametrize("loss", FIGURES)
def test_figures(loss: str, tmp_path: Path) -> None:
    """The loss of an epoch weighs each batch by its samples, a metric by its steps that count."""
    end, metrics = FIGURES[loss]
    pair = each_step(tmp_path, end, loss=loss, metrics=metrics)
    for what, measured in pair.train(3, batch=5, last=2).items():
        assert measured <= TOLERANCE, what
    for what, measured in pair.evaluate(samples=11, batch=5).items():  # the last batch is empty
        assert measured <= TOLERANCE, what


def test_metrics_that_no_mask_weighs(tmp_path: Path) -> None:
    pair = each_step(tmp_path, "sigmoid", loss="binary_crossentropy", metrics=["precision"])
    assert max(pair.evaluate(samples=11, batch=5).values()) <= TOLERANCE


SHAPES: dict[str, tuple[list[int], list[Any], dict[str, Any]]] = {
    "vector": ([3], ["masking", {"dense": 2}], {}),
    "vector-one": ([3], ["masking", {"dense": 1}], {"metrics": ["mae"]}),
    "step-one": (
        [STEPS, 3],
        ["masking", {"dense": {"units": 1, "activation": "sigmoid"}}],
        {"loss": "binary_crossentropy", "metrics": ["accuracy"]},
    ),
    "image": ([2, STEPS, 3], ["masking", {"dense": 4}], {"metrics": ["mae"]}),
    "image-classes": (
        [2, STEPS, 3],
        ["masking", BATCH_NORM, {"dense": {"units": 4, "activation": "softmax"}}],
        {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]},
    ),
    "volume": ([2, 2, STEPS, 3], ["masking", {"dense": 4}], {}),
    "penalties": (
        [STEPS, 3],
        [
            "masking",
            {"dense": {"units": 4, "activity_regularizer": "l2", "kernel_regularizer": "l1"}},
            {"dense": {"units": 2, "kernel_regularizer": "l2"}},
        ],
        {"metrics": ["mae"]},
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_of_outputs(name: str, tmp_path: Path) -> None:
    shape, layers, more = SHAPES[name]
    pair = Pair(spec(shape, layers, **more), tmp_path)
    pad(pair, empty=True)
    check(pair)
    assert pair.program.fit is not None
    for form in range(len(pair.program.fit.head.target_shapes)):
        assert max(pair.train(2, batch=5, last=2, form=form).values()) <= TOLERANCE


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
def test_class_weights(reduction: str, tmp_path: Path) -> None:
    """A vector of nothing does not count, whatever the weight of its class."""
    layers = ["masking", {"dense": {"units": 3, "activation": "softmax"}}]
    loss = {"sparse_categorical_crossentropy": {"reduction": reduction}}
    training = {"class_weight": {"0": 0.5, "1": 3.0}}
    text = spec([4], layers, loss=loss, metrics=["acc"], training=training)
    pair = Pair(text.replace('"0": 0.5', "0: 0.5").replace('"1": 3.0', "1: 3.0"), tmp_path)
    pad(pair, empty=True)
    assert max(pair.train(3, batch=5, last=1).values()) <= TOLERANCE


def _sequences(word: str, **arguments: Any) -> dict[str, Any]:
    return {word: {"units": 4, "return_sequences": True, **arguments}}


CLASSES = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
RECURRENT: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "tagger": (
        [EMBEDDING, _sequences("lstm"), {"dense": {"units": 3, "activation": "softmax"}}],
        CLASSES,
    ),
    "average": (
        [EMBEDDING, _sequences("gru"), BATCH_NORM, "global_average_pooling1d", {"dense": 3}],
        {},
    ),
    "backwards": (
        [
            EMBEDDING,
            _sequences("simple_rnn", go_backwards=True),
            {"dropout": 0.3},
            _sequences("gru", reset_after=False),
            {"lstm": 5},
            {"dense": 3},
        ],
        {},
    ),
    "dropped": (
        [
            EMBEDDING,
            _sequences("gru"),
            {"conv1d": {"filters": 3, "kernel_size": 2}},
            _sequences("lstm"),
            "flatten",
            {"dense": 3},
        ],
        {},
    ),
    "bidirectional": (
        [
            EMBEDDING,
            {"bidirectional": {"layer": _sequences("lstm")}},
            {"bidirectional": {"layer": _sequences("gru"), "merge_mode": "sum"}},
            "layer_normalization",
            {"time_distributed": {"layer": {"dense": {"units": 3, "activation": "softmax"}}}},
        ],
        CLASSES,
    ),
}


@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent(name: str, tmp_path: Path) -> None:
    layers, more = RECURRENT[name]
    given = {"shape": [STEPS], "dtype": "int32"}
    pair = Pair(spec([STEPS], layers, input=given, **more), tmp_path)
    pad(pair, empty=name != "average")  # Keras' mean of nothing is no number
    check(pair)
    if more:
        assert max(pair.train(2, batch=5, last=1).values()) <= TOLERANCE


def test_open_steps(tmp_path: Path) -> None:
    """Sequences of any length; the harness pads them."""
    layers = [EMBEDDING, _sequences("gru"), BATCH_NORM, "global_average_pooling1d", {"dense": 3}]
    pair = Pair(spec([], layers, input={"shape": [None], "dtype": "int32"}), tmp_path)
    check(pair)


TRAINED: dict[str, dict[str, Any]] = {
    "exact": {"optimizer": {"adam": {"learning_rate": 0.01}}, "fidelity": "exact"},
    "average": {"optimizer": {"sgd": {"use_ema": True, "gradient_accumulation_steps": 2}}},
}


@pytest.mark.parametrize("name", TRAINED)
def test_training(name: str, tmp_path: Path) -> None:
    """Repeated words, padding among them, in a model of which every part uses the mask."""
    output = {"dense": {"units": 3, "activation": "softmax"}}
    layers = [EMBEDDING, _sequences("lstm"), BATCH_NORM, output]
    given = {"shape": [STEPS], "dtype": "int32"}
    text = spec([STEPS], layers, input=given, **CLASSES, **TRAINED[name])
    pair = Pair(text, tmp_path)
    pad(pair, empty=True)
    assert max(pair.train(6, batch=5, last=3).values()) <= TOLERANCE


_SEQUENCE = {"lstm": {"units": 4, "return_sequences": True}}
_SPARSE = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
EMPTY: dict[str, str] = {
    "lstm": spec([6, 3], ["masking", {"lstm": 4}, {"dense": 2}], metrics=["mae"]),
    "both-ways": spec(
        [6, 3], ["masking", {"bidirectional": {"layer": {"gru": 4}}}, {"dense": 2}], metrics=["mae"]
    ),
    "in-the-loss": spec([6, 3], ["masking", _SEQUENCE, {"dense": 2}], **_SPARSE),
    "normalized": spec([6, 3], ["masking", "batch_normalization", {"dense": 2}], metrics=["mae"]),
    "ignored": spec(
        [6, 3],
        ["masking", {"dense": 2}],
        **{**_SPARSE, "loss": {"sparse_categorical_crossentropy": {"ignore_class": 1}}},
    ),
    "no-weight": spec(
        [6],
        [{"dense": {"units": 1, "activation": "sigmoid"}}],
        loss={"binary_crossentropy": {"reduction": "mean_with_sample_weight"}},
        training={"class_weight": {"1": 0.0}},
    ).replace('"1": 0.0', "1: 0.0"),
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_batch_of_which_nothing_counts(name: str, tmp_path: Path) -> None:
    pair = Pair(EMPTY[name], tmp_path)
    fit = pair.program.fit
    assert fit is not None
    x = pair.random.normal(size=(8, *pair.program.input.shape)).astype(np.float32)
    x[:4] = 0.0  # of the first batch, and of a sample in the second
    x[5] = 0.0
    y = pair.targets(8)
    y[:4] = 1
    weights = fit.training.class_weight
    theirs = pair.keras.fit(
        x, y, batch_size=4, epochs=1, verbose=0, shuffle=False, class_weight=weights
    ).history
    module = pair.torch_module
    loader = DataLoader(module.to_dataset(x, y), batch_size=4)
    optimizer = module.build_optimizer(pair.torch)
    ours = module.train_one_epoch(pair.torch, loader, optimizer, torch.device("cpu"))
    for figure, value in ours.items():
        assert abs(theirs[figure][0] - value) < 1e-5
    assert all(torch.isfinite(p).all() for p in pair.torch.parameters())
