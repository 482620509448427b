"""Sizes that the spec leaves open: a layer refuses them, or its programs agree at every size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from writing import spec

from specc.diagnostics import Diagnostic, Source, SpeccError
from specc.examples import ARGUMENTS
from specc.pipeline import front
from specc.program import Program
from specc.spec.catalogue import CATALOGUE, load

TOLERANCE = 1e-5
SLOPES = 1e-3  # normalizations in a row magnify rounding; a wrong size would show far more
REFUSALS = {"E401", "E402", "E408", "E508"}  # E508: no gradient goes through
CHANNELS = 4
STARTS: dict[str, tuple[list[Any], Any]] = {
    "sequence": ([None, CHANNELS], {"dense": CHANNELS}),
    "image": ([None, None, CHANNELS], {"dense": CHANNELS}),
    "volume": ([None, None, None, CHANNELS], {"dense": CHANNELS}),
    "first": ([CHANNELS, None, None], {"batch_normalization": 1}),
}
WORDS = sorted(
    {
        cls.word
        for word in CATALOGUE["layer"]
        if (cls := load("layer", word))
        and word not in ("custom", "masking")
        and "embedding" not in word
    }
)
LONGEST = 8  # a model, not counting its first layer
# Of the first open axis, for the windows of all layers that follow each other.
ROOM = {"sequence": 13, "image": 11, "volume": 6, "first": 11}


def layer(word: str, start: str) -> Any:
    """Return a layer as a spec writes it, channels first where the input has them so."""
    arguments = dict(ARGUMENTS.get(word, {}))
    cls = load("layer", word)
    assert cls is not None
    if start == "first" and "data_format" in cls.model_fields:
        arguments["data_format"] = "channels_first"
        if "filters" in arguments:
            # TensorFlow adds a bias along the last axis where that is as long (note N106).
            arguments["filters"] = 37
    if word == "group_normalization" and start == "first":
        arguments["axis"] = 1
    return {word: arguments} if arguments else word


def resolved(start: str, word: str) -> Program | Diagnostic:
    """Return a model of the first layer and another, or the error where it has one."""
    shape, first = STARTS[start]
    try:
        program, _ = front(Source("spec.yaml", spec(shape, [first, layer(word, start)])))
    except SpeccError as error:
        return next(d for d in error.diagnostics if d.severity == "error")
    return program


@pytest.mark.parametrize("start", STARTS)
def test_a_layer_takes_open_sizes_or_says_why_not(start: str) -> None:
    for word in WORDS:
        found = resolved(start, word)
        if isinstance(found, Diagnostic):
            assert found.code in REFUSALS, word
            if found.code == "E408":
                name = found.message.partition(" ")[0]  # of the layer, which may be an inner one
                assert name in found.span.source.line(found.span.line)


def chains(start: str) -> list[list[str]]:
    """Return models of layers that follow each other, and one for each layer that changes axes."""
    programs = {word: resolved(start, word) for word in WORDS}
    shape, same, other = STARTS[start][0], [], []
    for word, program in programs.items():
        # The draws of the one never agree, and the gradient of the other is not finite in Keras.
        if word.startswith("random_") or word == "auto_contrast":
            continue
        if isinstance(program, Program) and not program.graph.nodes[-1].layer.returns_integers(
            False
        ):
            keeps = len(program.graph.output.shape) == len(shape)
            keeps = keeps and program.graph.output.shape[-1] is program.input.shape[-1]
            (same if keeps else other).append(word)
    if start == "first":  # Others do not see the order of axes, and each model takes long.
        same = [word for word in same if "data_format" in str(layer(word, start))]
    return [*(same[n : n + LONGEST] for n in range(0, len(same), LONGEST)), *([w] for w in other)]


@pytest.mark.frameworks
@pytest.mark.parametrize("start", STARTS)
def test_programs_agree_at_every_size(start: str, tmp_path: Path) -> None:
    from equality import Pair

    shape, first = STARTS[start]
    for words in chains(start):
        text = spec(shape, [first, *(layer(word, start) for word in words)])
        pair = Pair(text, tmp_path)
        for size, training in ((ROOM[start], False), (ROOM[start] + 3, True)):
            pair.size = size
            assert pair.output_difference(2, training=training) <= TOLERANCE, words
        if start in ("sequence", "image"):  # Those of the others take long and tell no more.
            assert max(pair.loss_differences(2).values()) <= SLOPES, words


def _conv(rank: int, **arguments: Any) -> dict[str, Any]:
    return {f"conv{rank}d": {"filters": 5, "kernel_size": 3, **arguments}}


# What depends on sizes in other ways than the defaults do.
CASES: dict[str, tuple[list[Any], list[Any]]] = {
    "sequence": (
        [None, 4],
        [
            _conv(1, padding="same"),
            _conv(1, kernel_size=4, padding="same"),
            _conv(1, padding="causal", strides=2),
            _conv(1, kernel_size=2, padding="same", strides=2),
            {"conv1d_transpose": {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"}},
            {"conv1d_transpose": {"filters": 3, "kernel_size": 2, "strides": 3}},
            {"max_pooling1d": {"pool_size": 2, "strides": 3, "padding": "same"}},
            {"average_pooling1d": {"pool_size": 2, "padding": "same"}},
            {"prelu": {"shared_axes": 1}},
            {"reshape": [-1, 1, 3]},
            {"dense": 2},
        ],
    ),
    "image": (
        [None, None, 3],
        [
            _conv(2, kernel_size=[2, 3], padding="same", dilation_rate=2),
            {"average_pooling2d": {"pool_size": [2, 3], "strides": 1, "padding": "same"}},
            {"max_pooling2d": {"padding": "same"}},
            {
                "conv2d_transpose": {
                    "filters": 4,
                    "kernel_size": 3,
                    "strides": 2,
                    "padding": "same",
                    "output_padding": 1,
                }
            },
            {"up_sampling2d": {"size": [2, 3], "interpolation": "bilinear"}},
            {"unit_normalization": 1},
            {"softmax": [1, 2]},
            {"dropout": {"rate": 0.0, "noise_shape": [None, None, 1, None]}},
            "flatten",
            {"rescaling": 3.0},
        ],
    ),
    "known-again": ([None, 4], [{"dense": 3}, {"reshape": [2, -1, 3]}, {"permute": [3, 1, 2]}]),
    "one-open": ([5, None, 3], [_conv(2), {"max_pooling2d": 2}, {"batch_normalization": 1}]),
}


@pytest.mark.frameworks
@pytest.mark.parametrize("name", CASES)
def test_what_depends_on_sizes(name: str, tmp_path: Path) -> None:
    from equality import Pair

    pair = Pair(spec(*CASES[name]), tmp_path)
    for pair.size in (12, 16):
        for training in (False, True):
            assert pair.output_difference(2, training=training) <= TOLERANCE
        assert max(pair.loss_differences(2).values()) <= TOLERANCE


LOSSES: dict[str, tuple[Any, Any, int]] = {
    "mean_squared_error": ({"dense": 3}, "mse", 1),
    "sparse_categorical_crossentropy": ({"dense": {"units": 3, "activation": "softmax"}}, "acc", 2),
    "binary_crossentropy": ({"dense": {"units": 1, "activation": "sigmoid"}}, "acc", 2),
}


@pytest.mark.frameworks
@pytest.mark.parametrize("loss", LOSSES)
def test_targets_of_open_sizes(loss: str, tmp_path: Path) -> None:
    """Their shapes are not known either; each form of them gives the same loss and figures."""
    from equality import Pair

    layer, metric, forms = LOSSES[loss]
    pair = Pair(spec([None, None, 4], [layer], loss=loss, metrics=[metric]), tmp_path)
    for form in range(forms):
        pair.size = 5 + form
        assert max(pair.loss_differences(form=form).values()) <= TOLERANCE
        assert max(pair.evaluate(form=0).values()) <= TOLERANCE
