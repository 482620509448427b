"""The equality tests try each layer in four combinations at least, and each of its arguments.

What they try is read from their tables and parameters, so that a new word or a new argument without
a case fails here.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from equality import Noisy, Pair
from test_equal_images import COLOURS, MOVES
from test_equal_layers import TOLERANCE, check
from writing import spec

from specc.examples import ARGUMENTS
from specc.spec.catalogue import CATALOGUE, load

pytestmark = pytest.mark.frameworks

LAYERS = {
    word: cls
    for word in CATALOGUE["layer"]
    # Without second names, and what is a user's own: tests/unit/test_imports.py.
    if word != "custom" and (cls := load("layer", word)) is not None and cls.word == word
}
TABLES = [path.stem for path in Path(__file__).parent.glob("test_equal_*.py")]
# Held elsewhere, or the same for every layer.
ELSEWHERE = {
    "name": "tests/unit/test_names.py",
    "trainable": "tests/equal/test_equal_frozen.py",
    "dtype": "tests/unit/test_validate.py: no layer takes another than the model's",
    "seed": "test_equal_noise.py: it changes no draw's distribution, and a note tells so",
    "use_cudnn": "it is about speed alone",
    "tie_weights": "the other value is refused",
    "vocabulary_dtype": "there is one value",
    "oov_method": "where there is one index, both values are the same",
    "value_range": "tests/equal/test_equal_images.py puts it into each layer",
    "fill_mode": "tests/equal/test_equal_images.py puts it into each layer",
    "fill_value": "tests/equal/test_equal_images.py puts it into each layer",
    "interpolation": "tests/equal/test_equal_images.py puts it into each layer",
}
# Refused for every layer of a kind but for its default.
REFUSED = {(f"conv{rank}d_transpose", "dilation_rate") for rank in (1, 2, 3)}
# `test_augmentation_of_channels_first`; tests/equal/test_equal_images.py has the first two.
OF_IMAGES = {"resizing", "center_crop"} | {word for word in LAYERS if word.startswith("random_")}
# It has one argument, a range of values.
FEW = {"auto_contrast"}


def found(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield each layer in a table with what stands behind its word."""
    if isinstance(value, str) and value in LAYERS:
        yield value, {}
    elif isinstance(value, dict):
        for word, arguments in value.items():
            if word in LAYERS:
                yield word, arguments
            yield from found(arguments)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from found(item)


def tables(module: ModuleType) -> Iterator[Any]:
    """Yield the values of a module, and those that its tests are called with."""
    for name, value in vars(module).items():
        if isinstance(value, dict | list | tuple) and not name.startswith("__"):
            yield value
        for mark in getattr(value, "pytestmark", []) if callable(value) else []:
            yield mark.args


def combinations() -> dict[str, dict[str, dict[str, Any]]]:
    """Return each layer's different arguments, by their text."""
    tried: dict[str, dict[str, dict[str, Any]]] = {word: {} for word in LAYERS}
    for name in TABLES:
        for table in tables(importlib.import_module(name)):
            for word, given in found(table):
                first = next((f for f in LAYERS[word].model_fields if f not in ELSEWHERE), "")
                arguments = given if isinstance(given, dict) else {first: given}
                tried[word][json.dumps(arguments, sort_keys=True, default=str)] = arguments
    return tried


def first_shape(word: str) -> list[int]:
    """Return the shape of an input that a layer with weights takes."""
    digits = [int(c) for c, after in pairwise(word) if c in "123" and after == "d"]
    sizes = [[], [5], [5, 4], [4, 3, 5]][digits[0] if digits else 0]
    if word.startswith("conv_lstm"):
        return [3, *sizes, 2]
    return (
        [*sizes, 4] if digits else [3, 4] if word in ("simple_rnn", "lstm", "gru", "rnn") else [4]
    )


OF_WEIGHTS = {
    "_initializer": {"random_uniform": {"minval": -0.4, "maxval": 0.5}},
    "_regularizer": {"l1_l2": {"l1": 0.01, "l2": 0.02}},
    "_constraint": {"max_norm": 0.5},
}


def of_weights(word: str) -> dict[str, Any]:
    """Return a value for each argument that is about the values of a layer's weights."""
    return {
        field: value
        for field in LAYERS[word].model_fields
        for ending, value in OF_WEIGHTS.items()
        if field.endswith(ending)
    }


WEIGHTED = sorted(word for word in LAYERS if of_weights(word))
# Arguments that the tables of the other files vary for layers of another rank alone.
CASES: dict[str, tuple[list[int], list[Any]]] = {
    "conv3d-activation": (
        [4, 3, 5, 2],
        [{"conv3d": {"filters": 3, "kernel_size": 2, "activation": "tanh"}}],
    ),
    "conv3d_transpose-more": (
        [4, 3, 5, 2],
        [
            {
                "conv3d_transpose": {
                    "filters": 3,
                    "kernel_size": 3,
                    "strides": 2,
                    "output_padding": 1,
                    "use_bias": False,
                    "activation": "tanh",
                }
            }
        ],
    ),
    "conv3d_transpose-first": (
        [2, 4, 3, 5],
        [{"conv3d_transpose": {"filters": 13, "kernel_size": 2, "data_format": "channels_first"}}],
    ),
    **{
        f"conv_lstm{rank}d-{kind}": (
            [3, 2, *size] if "data_format" in more else [3, *size, 2],
            [{f"conv_lstm{rank}d": {"filters": 3, "kernel_size": 3} | more}],
        )
        for rank, size in ((1, [6]), (3, [4, 3, 5]))
        for kind, more in {
            "backwards": {"go_backwards": True, "use_bias": False, "strides": 2, "kernel_size": 3},
            "dilated": {
                "dilation_rate": 2,
                "kernel_size": 1,
                "unit_forget_bias": False,
                "activation": "relu",
            },
            "dropped": {"dropout": 0.2, "recurrent_dropout": 0.3, "recurrent_activation": "silu"},
            "first": {"data_format": "channels_first"},
        }.items()
    },
    "conv_lstm2d": (
        [3, 4, 5, 2],
        [{"conv_lstm2d": {"filters": 2, "kernel_size": 3, "recurrent_activation": "hard_sigmoid"}}],
    ),
    "lstm": ([3, 4], [{"lstm": {"units": 3, "unit_forget_bias": False}}]),
    "up_sampling1d": ([5, 2], [{"dense": 3}, {"up_sampling1d": 4}]),
    "flatten": ([2, 4, 3], [{"dense": 4}, {"flatten": {"data_format": "channels_first"}}]),
    "normalization": (
        [4, 3],
        [
            {"dense": 3},
            {"normalization": {"axis": 1, "mean": [1, 2, 3, 4], "variance": [2, 1, 4, 3]}},
            {"normalization": {"mean": 0.5, "variance": 4.0, "invert": True}},
        ],
    ),
    "masking": ([3, 4], [{"masking": 0.5}, {"lstm": 3}]),
    "activation": (
        [4],
        [{"dense": 3}, {"activation": {"activation": "tanh", "activity_regularizer": "l2"}}],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, tmp_path: Path) -> None:
    check(*CASES[name], tmp_path)


@pytest.mark.parametrize("word", WEIGHTED)
def test_arguments_of_weights(word: str, tmp_path: Path) -> None:
    """Every initializer, regularizer and constraint that a layer takes, at once and trained."""
    layer = {word: {**ARGUMENTS.get(word, {}), **of_weights(word)}}
    shape = first_shape(word)
    more = {"input": {"shape": [4], "dtype": "int32"}} if "embedding" in word else {}
    pair = Pair(spec(shape, [layer, {"dense": 2}], fidelity="exact", **more), tmp_path)
    assert pair.output_difference(5, training=True) <= TOLERANCE
    for what, measured in {**pair.loss_differences(), **pair.train(4)}.items():
        assert measured <= TOLERANCE, what


CHANNELS_FIRST = [
    layer
    for layer in [*MOVES, *COLOURS, {"random_flip": {}}, {"random_shear": {"x_factor": [0.2, 0.2]}}]
    for word, arguments in layer.items()
    if "data_format" in LAYERS[word].model_fields and isinstance(arguments, dict)
]


@pytest.mark.parametrize("layer", CHANNELS_FIRST, ids=str)
def test_augmentation_of_channels_first(layer: Any, tmp_path: Path) -> None:
    """What an augmentation may make of an image, where Keras has the channels first."""
    ((word, arguments),) = layer.items()
    shape = [3, 6, 5]
    first = {word: {**arguments, "data_format": "channels_first"}}
    pair = Noisy(spec(shape, [first], optimizer=None, loss=None, training=None), tmp_path)
    x = np.repeat(pair.random.uniform(0, 255, (1, *shape)).astype(np.float32), 40, axis=0)
    theirs = np.asarray(pair.keras(x, training=True))
    ours = pair.torch.train()(torch.from_numpy(x)).numpy()
    apart = np.abs(theirs[:, None] - ours[None]).max(axis=(2, 3, 4)) / 255
    assert max(apart.min(axis=0).max(), apart.min(axis=1).max()) < TOLERANCE


def test_each_layer_has_four_combinations() -> None:
    few = {word: len(tried) for word, tried in combinations().items() if len(tried) < 4}
    assert set(few) <= FEW, few


def test_each_argument_is_varied() -> None:
    missing = {}
    for word, tried in combinations().items():
        fields = set(LAYERS[word].model_fields) - set(ELSEWHERE)
        varied = {name for arguments in tried.values() for name in arguments}
        fields -= {name for name in fields if (word, name) in REFUSED}
        fields -= {"data_format"} if word in OF_IMAGES else set()
        missing[word] = sorted(fields - varied - set(of_weights(word)))
    assert {word: names for word, names in missing.items() if names} == {}
