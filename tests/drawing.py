"""Draws random models from the whole catalogue: each word, each of its arguments.

A layer's arguments are drawn by their type, or by their name where the type leaves too much open.
What does not fit is left out again, so that a new word needs a line here only where its arguments
are of a new kind; a test holds that every word is drawn.
"""

from __future__ import annotations

import types
import typing
from typing import Any, Literal, get_args, get_origin

from hypothesis import assume
from hypothesis import strategies as st
from writing import spec

from specc.diagnostics import Source, SpeccError
from specc.pipeline import front
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.layers.recurrent import Cell
from specc.spec.word import Activation, Constraint, Initializer, Layer, Regularizer, Word

Draw = st.DrawFn

# Code of others, and what has no place in a model of random layers.
LEFT_OUT = {
    "custom": "it names classes of a user's own",
}
LAYERS = {
    cls.word: cls
    for cls in (load("layer", word) for word in CATALOGUE["layer"])
    if cls is not None and cls.word not in LEFT_OUT
}

# Kinks at 0 differ where the notes say so (selu, celu), and glu changes the width: the last layer's
# alone. The others are all.
_ACTIVATIONS = st.one_of(
    st.sampled_from(sorted(set(CATALOGUE["activation"]) - {"glu", "threshold", "selu", "celu"})),
    st.just({"gelu": {"approximate": True}}),
    st.just({"elu": 0.7}),
    st.just({"leaky_relu": 0.1}),
    st.just({"relu": {"max_value": 1.5, "negative_slope": 0.1, "threshold": 0.2}}),
    st.just({"threshold": {"threshold": 0.1, "default_value": -0.3}}),
)
_REGULARIZERS = st.sampled_from(["l2", {"l2": 0.03}, {"l1": 0.001}, {"l1_l2": {"l2": 0.02}}])
_INITIALIZERS = st.sampled_from(
    ["he_normal", "glorot_uniform", "lecun_normal", {"random_normal": {"stddev": 0.2}}]
)
_FAMILIES: dict[type[Word], st.SearchStrategy[Any]] = {
    Activation: _ACTIVATIONS,
    Regularizer: _REGULARIZERS,
    Initializer: _INITIALIZERS,
    Constraint: st.sampled_from(["non_neg", "unit_norm", {"max_norm": 1.5}, "min_max_norm"]),
}
_CELL = st.sampled_from(
    [
        {"lstm_cell": 3},
        {"gru_cell": {"units": 3, "reset_after": False}},
        {"simple_rnn_cell": {"units": 2, "dropout": 0.2, "kernel_regularizer": "l2"}},
    ]
)
_CELLS = st.one_of(_CELL, st.lists(_CELL, min_size=1, max_size=3))
_WINDOWS = (
    "kernel_size",
    "pool_size",
    "strides",
    "size",
    "dilation_rate",
    "output_padding",
    "output_size",
)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "units": st.integers(1, 5),
    "filters": st.integers(1, 4),
    "depth_multiplier": st.integers(1, 2),
    "groups": st.sampled_from([1, 2, 3, -1]),
    "rate": st.sampled_from([0.2, 0.5]),
    "dropout": st.just(0.2),
    "recurrent_dropout": st.just(0.3),
    "use_cudnn": st.just(False),
    "merge_mode": st.sampled_from(["concat", "sum", "ave", "mul"]),
    "stddev": st.just(0.3),
    "n": st.integers(1, 3),
    "input_dim": st.integers(4, 9),
    "output_dim": st.integers(1, 4),
    "epsilon": st.sampled_from([0.01, 1e-5]),
    "momentum": st.sampled_from([0.9, 0.5]),
    "axis": st.sampled_from([-1, 1, 2]),
    "shared_axes": st.sampled_from([[1], [1, 2], 1]),
    "alpha": st.just(0.6),
    "max_value": st.just(1.2),
    "negative_slope": st.sampled_from([0.1, 0.4]),
    "threshold": st.just(0.2),
    "scale": st.sampled_from([0.5, 2.0]),
    "offset": st.sampled_from([0.1, -1.0]),
    "l1": st.just(0.002),
    "l2": st.just(0.003),
    "seed": st.integers(0, 9),
    "power_iterations": st.integers(1, 2),
    "mask_value": st.just(0.0),
    "noise_shape": st.just([None, 1]),
    **{name: st.integers(1, 8) for name in ("height", "width")},
    "value_range": st.just([-0.5, 1]),
    "fill_value": st.just(0.5),
    "mean": st.just(0.5),
    "variance": st.just(2.0),
    "num_tokens": st.integers(1, 4),
    "bin_boundaries": st.just([-0.5, 0.3]),
    "vocabulary": st.just([0, 3, 1]),
    "mask_token": st.just(-1),
    "oov_token": st.just(7),
    "max_tokens": st.just(8),
    "num_oov_indices": st.integers(1, 2),
}


# What stands first, on integers: of other numbers there are few that it could look up.
_OF_INTEGERS = ("embedding", "reversible_embedding")
# What stands first, where samples are padded: behind other layers, rounding decides what is 0.
_OF_PADDED = "masking"


def _rank_of(word: str) -> int | None:
    """Return how many axes a word of 1d, 2d or 3d takes without the batch."""
    digits = [word[k - 1] for k in range(1, len(word)) if word[k] == "d" and word[k - 1] in "123"]
    steps = word.startswith("conv_lstm")
    return int(digits[0]) + 1 + steps if digits else None


def _einsum(draw: Draw, shape: list[int]) -> dict[str, Any]:
    """Return an equation of a dense layer on one axis, with what goes with it."""
    axes, axis = "bcdef"[: len(shape)], draw(st.integers(0, len(shape) - 1))
    after = axes.replace(axes[axis], "z")
    output = [*shape[:axis], draw(st.integers(1, 4)), *shape[axis + 1 :]]
    chosen = {"equation": f"a{axes},{axes[axis]}z->a{after}", "output_shape": output}
    return {**chosen, "bias_axes": "z"} if draw(st.booleans()) else chosen


# Arguments that fit one another alone.
_TOGETHER = {"einsum_dense": _einsum}


def _type_of(annotation: Any) -> Any:
    """Return a field's type without None and notes."""
    if get_origin(annotation) is typing.Annotated:
        return _type_of(get_args(annotation)[0])
    if get_origin(annotation) in (typing.Union, types.UnionType):
        return _type_of(next(a for a in get_args(annotation) if a is not type(None)))
    return annotation


def _sides(draw: Draw, rank: int) -> Any:
    one = st.integers(0, 2)
    pairs = st.lists(st.lists(one, min_size=2, max_size=2), min_size=rank, max_size=rank)
    drawn = draw(st.one_of(st.integers(1, 2), pairs))
    return drawn[0] if rank == 1 and isinstance(drawn, list) else drawn


def _argument(draw: Draw, word: str, name: str, annotation: Any, shape: list[int]) -> Any:
    """Return a value for an argument; it may not fit."""
    kind, rank = _type_of(annotation), (_rank_of(word) or 2) - 1
    if name in ("padding", "cropping") and get_origin(kind) is not Literal:
        return _sides(draw, rank)
    rank -= word.startswith("conv_lstm")
    if name in _WINDOWS:
        one = st.integers(1, 3)
        return draw(st.one_of(one, one, st.lists(one, min_size=rank, max_size=rank)))
    if get_origin(kind) is Literal:
        return draw(st.sampled_from(get_args(kind)))
    if name == "dims":
        return draw(st.permutations(range(1, len(shape) + 1)))
    if name == "target_shape":
        return draw(st.sampled_from([[-1], [1, -1], [-1, 1], [2, -1], [-1, 2, 1], shape[::-1]]))
    if kind is bool:
        return draw(st.booleans())
    if name.endswith("factor"):
        return draw(st.integers(1, 8) if kind is int else st.sampled_from([0.2, [0.1, 0.3]]))
    if name in _VALUES:
        return draw(_VALUES[name])
    if isinstance(kind, type) and issubclass(kind, Cell):
        return draw(_CELLS)
    if isinstance(kind, type) and issubclass(kind, Layer):
        return _inner(draw, word, shape)
    for family, values in _FAMILIES.items():
        if isinstance(kind, type) and issubclass(kind, family):
            return draw(values)
    raise TypeError(f"{word}: no way to draw {name} of type {annotation}")


def _inner(draw: Draw, word: str, shape: list[int]) -> Any:
    """Return a layer for a wrapper, which holds no wrapper itself."""
    inside = shape[1:] if word == "time_distributed" else shape
    plain = [w for w in words_for({"shape": inside}) if "layer" not in LAYERS[w].model_fields]
    plain = [w for w in plain if w != _OF_PADDED]
    if word == "bidirectional":
        plain = ["lstm", "gru", "simple_rnn"]
    return layer(draw, draw(st.sampled_from(plain)), inside, False)


def layer(draw: Draw, word: str, shape: list[int], first: bool) -> Any:
    """Return a layer with some of its arguments; it may not fit an input of `shape`.

    Arguments:
        first: Whether the model's data has channels first.
    """
    arguments = _TOGETHER[word](draw, shape) if word in _TOGETHER else {}
    apart = {"name", "bias_axes", *arguments}
    for name, field in LAYERS[word].model_fields.items():
        likely = 2 if name != "trainable" else 9
        if name in apart or not (field.is_required() or draw(st.integers(0, likely)) == 0):
            continue
        # XLA has no gradient of that, and without it there are no channels first on CPU.
        fails = first and (word, name) == ("conv_lstm3d", "dilation_rate")
        if name != "data_format" and not fails:
            arguments[name] = _argument(draw, word, name, field.annotation, shape)
    if first and "data_format" in LAYERS[word].model_fields:
        arguments["data_format"] = "channels_first"
    return {word: arguments} if arguments else word


INPUTS: list[dict[str, Any]] = [
    {"shape": [7]},
    {"shape": [4, 5]},
    {"shape": [6, 7, 2]},
    {"shape": [5, 8, 3]},
    {"shape": [3, 5, 4, 2]},
    {"shape": [2, 3, 4, 3, 2]},
    {"shape": [6], "dtype": "int32"},
]


def words_for(input: dict[str, Any]) -> list[str]:
    """Return the layers that may take an input of a shape and type."""
    integers = "dtype" in input
    words = [word for word in LAYERS if (word in _OF_INTEGERS) == integers]
    rank, steps = len(input["shape"]), input["shape"][0]
    if rank < 2 or steps > 20:  # Keras makes a part of its graph for each step
        words = [word for word in words if word != "time_distributed"]
    return [word for word in words if _rank_of(word) in (None, rank)]


# XLA resizes otherwise than TensorFlow, which on CPU convolves channels first in XLA alone.
_RESIZING = ("resizing", "center_crop", "up_sampling2d")


def shape_after(input: dict[str, Any], layers: list[Any]) -> list[int] | None:
    """Return the output's shape of a model, or None where it has mistakes."""
    try:
        text = document(input, layers, optimizer=None, loss=None, training=None)
        program, _ = front(Source("model.yaml", text))
    except SpeccError:
        return None
    return list(program.graph.output.shape)


def document(input: dict[str, Any], layers: list[Any], **more: Any) -> str:
    """Return the text of a spec."""
    return spec([], layers, **{"input": input, **more})


OPTIMIZERS = st.sampled_from(
    [
        "sgd",
        {"sgd": {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}},
        {"adam": {"learning_rate": 0.01}},
        {"rmsprop": {"clipnorm": 1.0}},
        {"adamw": {"use_ema": True}},
        {"nadam": {"weight_decay": 0.01}},
        {"adagrad": {"global_clipnorm": 0.5}},
        {"adadelta": {"gradient_accumulation_steps": 2}},
        {"adamax": {"clipvalue": 0.1}},
        {"lamb": {"weight_decay": 0.01}},
        {"ftrl": {"l1_regularization_strength": 0.01, "beta": 0.1}},
        "adafactor",
        "muon",
        {
            "lion": {
                "learning_rate": {
                    "exponential_decay": {
                        "initial_learning_rate": 0.01,
                        "decay_steps": 5,
                        "decay_rate": 0.5,
                    }
                }
            }
        },
        {"schedule_free_adamw": {"warmup_steps": 2}},
        {
            "sgd": {
                "learning_rate": {"cosine_decay": {"initial_learning_rate": 0.1, "decay_steps": 3}}
            }
        },
    ]
)
LOSSES = st.sampled_from(["mean_squared_error", "huber", "mean_absolute_error", "log_cosh"])


@st.composite
def documents(draw: Draw) -> str:
    """Return the text of a spec of 3 to 8 layers that has no mistakes."""
    input = draw(st.sampled_from(INPUTS))
    first = len(input["shape"]) > 2 and draw(st.integers(0, 7)) == 0
    shape: list[int] = input["shape"]
    layers: list[Any] = []
    if "dtype" in input:
        layers = [layer(draw, draw(st.sampled_from(words_for(input))), shape, first)]
        shape = shape_after(input, layers) or shape
    elif draw(st.integers(0, 4)) == 0:
        layers = [layer(draw, _OF_PADDED, shape, first)]
    wanted = draw(st.integers(3, 8))
    for _ in range(3 * wanted):
        words = [w for w in words_for({"shape": shape}) if w != _OF_PADDED]
        words = [w for w in words if not (first and w in _RESIZING)]
        candidate = [*layers, layer(draw, draw(st.sampled_from(words)), shape, first)]
        after = shape_after(input, candidate)
        # One exponential of another is soon no number.
        bounded = str(candidate).count("'exponential'") < 2
        if after is not None and 0 < len(after) < 6 and bounded:
            layers, shape = candidate, after
        if len(layers) == wanted:
            break
    if layers and len(shape) < 3 and not input.get("dtype"):  # something must be there to train
        layers.insert(1 if layers[0] == _OF_PADDED or _OF_PADDED in layers[0] else 0, {"dense": 3})
    assume(layers)  # none of those that were drawn may have fit
    return document(
        input,
        layers,
        optimizer=draw(OPTIMIZERS),
        fidelity=draw(st.sampled_from(["idiomatic", "exact"])),
        loss=draw(LOSSES),
        metrics=draw(st.sampled_from([None, ["mse", "mae"]])),
    )
