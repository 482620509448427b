"""A small spec for each word of the language, which `specc explain` shows and tests compile."""

from __future__ import annotations

from typing import Any

from specc.spec.catalogue import load
from specc.spec.layers.augmentation import OfColours
from specc.spec.spatial import Spatial
from specc.spec.word import Layer

# What a word needs that cannot do without arguments, and others where an example says more.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "dense": {"units": 4},
    "embedding": {"input_dim": 10, "output_dim": 4},
    "custom": {"keras": "a.b:C", "torch": "a.b:C"},
    "activation": {"activation": "tanh"},
    **{f"conv{rank}d": {"filters": 2, "kernel_size": 2} for rank in (1, 2, 3)},
    **{f"depthwise_conv{rank}d": {"kernel_size": 2} for rank in (1, 2)},
    **{f"separable_conv{rank}d": {"filters": 2, "kernel_size": 2} for rank in (1, 2)},
    **{f"conv{rank}d_transpose": {"filters": 2, "kernel_size": 2} for rank in (1, 2, 3)},
    **{f"average_pooling{rank}d": {"pool_size": 2} for rank in (1, 2, 3)},
    "simple_rnn": {"units": 3},
    "lstm": {"units": 3},
    "gru": {"units": 3},
    "bidirectional": {"layer": {"lstm": 3}},
    "rnn": {"cell": {"lstm_cell": 3}},
    **{f"{word}_cell": {"units": 3} for word in ("lstm", "gru", "simple_rnn")},
    "stacked_rnn_cells": {"cells": [{"gru_cell": 3}]},
    "dropout": {"rate": 0.5},
    "group_normalization": {"groups": 2},
    "gaussian_noise": {"stddev": 0.5},
    "gaussian_dropout": {"rate": 0.5},
    "alpha_dropout": {"rate": 0.5},
    "spatial_dropout1d": {"rate": 0.5},
    "spatial_dropout2d": {"rate": 0.5},
    "spatial_dropout3d": {"rate": 0.5},
    "permute": {"dims": [2, 1, 3]},
    "repeat_vector": {"n": 3},
    "rescaling": {"scale": 0.5},
    "normalization": {"mean": 0.5, "variance": 2.0},
    "resizing": {"height": 3, "width": 4},
    "center_crop": {"height": 3, "width": 4},
    "random_rotation": {"factor": 0.1},
    "random_translation": {"height_factor": 0.1, "width_factor": 0.2},
    "random_zoom": {"height_factor": 0.1},
    "random_contrast": {"factor": 0.1},
    "random_brightness": {"factor": 0.1},
    "random_color_degeneration": {"factor": 0.1},
    "random_posterization": {"factor": 4},
    "random_sharpness": {"factor": 0.1},
    "category_encoding": {"num_tokens": 4},
    "discretization": {"bin_boundaries": [0.0, 1.0]},
    "integer_lookup": {"vocabulary": [5, 7]},
    "reshape": {"target_shape": [-1]},
    "time_distributed": {"layer": {"dense": 4}},
    "spectral_normalization": {"layer": {"dense": 4}},
    "reversible_embedding": {"input_dim": 10, "output_dim": 4},
    "einsum_dense": {"equation": "ab,bc->ac", "output_shape": 3},
    **{f"conv_lstm{rank}d": {"filters": 2, "kernel_size": 2} for rank in (1, 2, 3)},
    **{f"adaptive_average_pooling{rank}d": {"output_size": 2} for rank in (1, 2, 3)},
    **{f"adaptive_max_pooling{rank}d": {"output_size": 2} for rank in (1, 2, 3)},
    "threshold": {"threshold": 0.5, "default_value": 1.0},
    "sensitivity_at_specificity": {"specificity": 0.5},
    "specificity_at_sensitivity": {"sensitivity": 0.5},
    "precision_at_recall": {"recall": 0.5},
    "recall_at_precision": {"precision": 0.5},
    "f1_score": {"average": "macro"},
    "f_beta_score": {"average": "macro"},
    "io_u": {"num_classes": 4, "target_class_ids": [1]},
    "mean_io_u": {"num_classes": 4},
    "one_hot_io_u": {"num_classes": 4, "target_class_ids": [1]},
    "one_hot_mean_io_u": {"num_classes": 4},
    "model_checkpoint": {"filepath": "best.keras"},
    **{
        f"{word}_decay": {"initial_learning_rate": 0.1, "decay_steps": 9, "decay_rate": 0.5}
        for word in ("exponential", "inverse_time")
    },
    "polynomial_decay": {"initial_learning_rate": 0.1, "decay_steps": 9},
    "cosine_decay": {"initial_learning_rate": 0.1, "decay_steps": 9},
    "cosine_decay_restarts": {"initial_learning_rate": 0.1, "first_decay_steps": 9},
    "piecewise_constant_decay": {"boundaries": [4], "values": [0.1, 0.03]},
    "npz": {"path": "a.npz"},
    "csv": {"path": "a.csv"},
}
# What these take, where that is not the image or the sequence that their rank asks for.
_INPUTS: dict[str, list[int]] = {
    "dense": [6],
    "embedding": [6],
    "reversible_embedding": [6],
    "einsum_dense": [6],
    "batch_normalization": [6],
    "layer_normalization": [6],
    "rms_normalization": [6],
    "repeat_vector": [6],
    "simple_rnn": [5, 3],
    "lstm": [5, 3],
    "gru": [5, 3],
    "rnn": [5, 3],
    "bidirectional": [5, 3],
    "conv_lstm1d": [2, 12, 4],
    "conv_lstm2d": [2, 6, 6, 2],
    "conv_lstm3d": [2, 6, 6, 6, 2],
}
_BY_RANK = {1: [12, 4], 3: [6, 6, 6, 2]}

_OF_KERNELS = ("activation", "initializer", "regularizer", "constraint")
_DENSE = {"dense": {"units": 4, "name": "before"}}


def written(family: str, word: str) -> Any:
    """Return a word as a spec might have it, with what it needs."""
    cls = load(family, word)
    assert cls is not None
    arguments = ARGUMENTS.get(cls.word)
    return word if arguments is None else {word: arguments}


def example(family: str, word: str, use: object = None) -> dict[str, Any]:
    """Return a small spec, as data, that uses a word of the catalogue.

    Arguments:
        use: What the spec has in place of the word.
    """
    use = written(family, word) if use is None else use
    if family == "layer":
        return _of_layer(word, use)
    if family == "cell":
        return _spec([5, 3], [{"rnn": {"cell": use}}])
    if family == "schedule":
        return _spec([6], [_DENSE], optimizer={"sgd": {"learning_rate": use}})
    if family in _OF_KERNELS:
        field = "activation" if family == "activation" else f"kernel_{family}"
        return _spec([6], [{"dense": {"units": 4, field: use}}])
    if family == "metric":
        sparse = "sparse" in word
        loss = "sparse_categorical_crossentropy" if sparse else "mse"
        return _spec([6], [_DENSE], loss=loss, metrics=[use])
    if family == "data":
        return _spec([6], [{"dense": {"units": 1}}], data=use)  # a table's target is one column
    if word == "ctc":
        return _spec([5, 3], [_DENSE], loss=use)
    if family == "callback":
        training = {"validation_split": 0.5, "callbacks": [use]}
        return _spec([6], [_DENSE], training=training)
    return _spec([6], [_DENSE], **{family: use})


def without(family: str, word: str) -> dict[str, Any]:
    """Return the spec of `example` without the word, or with another one in its place."""
    spec = example(family, word)
    if family == "layer":
        return {**spec, "layers": spec["layers"][:-1] or ["identity"]}
    if family in _OF_KERNELS:
        return {**spec, "layers": [{"dense": {"units": 4}}]}
    if family == "schedule":
        return {**spec, "optimizer": {"sgd": {"learning_rate": 0.05}}}
    if family in ("metric", "data"):
        return {key: value for key, value in spec.items() if key not in ("metrics", "data")}
    if family == "callback":
        return {**spec, "training": {"validation_split": 0.5}}
    others = {
        "cell": ("simple_rnn_cell", "gru_cell"),
        "optimizer": ("sgd", "adagrad"),
        "loss": ("mean_squared_error", "mean_absolute_error"),
    }
    first, second = others[family]
    other = second if load(family, word) is load(family, first) else first
    return example(family, word, written(family, other))


def _of_layer(word: str, use: object) -> dict[str, object]:
    cls = load("layer", word)
    assert cls is not None
    assert issubclass(cls, Layer)
    alone: dict[str, object] = {"optimizer": None, "loss": None, "training": None}
    if issubclass(cls, OfColours):
        return _spec([6, 6, 3], [use], **alone)
    if cls.cuts_gradient:
        return _spec([6], [_DENSE, use], **alone)
    shape = _INPUTS.get(cls.word)
    if shape is None and issubclass(cls, Spatial):
        shape = _BY_RANK.get(cls.rank)
    if shape is not None:
        return _spec(shape, [_DENSE, use])
    before = {"conv2d": {"filters": 2, "kernel_size": 1, "name": "before"}}
    return _spec([6, 6, 2], [before, use])


def _spec(shape: list[int], layers: list[object], **more: object) -> dict[str, object]:
    document: dict[str, object] = {
        "name": "model",
        "input": {"shape": shape},
        "layers": layers,
        "optimizer": {"sgd": {"learning_rate": 0.05}},
        "loss": "mean_squared_error",
        "training": {},
        **more,
    }
    return {key: value for key, value in document.items() if value is not None}
