"""Random models from the whole language: what is written is black's form, and both are equal.

`SPECC_EXAMPLES=1000 pytest tests/test_random_models.py` searches longer.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import black
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writing import spec, undefined_names, unused_imports

import specc

EXAMPLES = int(os.environ.get("SPECC_EXAMPLES", "0"))
QUICK = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

SMOOTH = ["tanh", "sigmoid", "softplus", "silu", "gelu", "softsign", "elu", "mish", "exponential"]
ACTIVATIONS = st.one_of(
    st.none(),
    st.sampled_from([*SMOOTH[:-1], "softmax", "squareplus", "log_softmax"]),
    st.just({"gelu": {"approximate": True}}),
    st.just({"elu": 0.7}),
)
REGULARIZERS = st.one_of(
    st.none(),
    st.none(),
    st.sampled_from(["l2", {"l2": 0.03}, {"l1": 0.001}, {"l1_l2": {"l1": 0.001, "l2": 0.02}}]),
)
INITIALIZERS = st.sampled_from(
    [
        "he_normal",
        "glorot_uniform",
        "lecun_normal",
        "orthogonal",
        {"random_normal": {"stddev": 0.2}},
    ]
)
PAIRS = st.one_of(st.integers(1, 3), st.lists(st.integers(1, 3), min_size=2, max_size=2))


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


DENSE = st.builds(
    lambda units, more: {"dense": {"units": units, **more}},
    st.integers(1, 6),
    _some(
        activation=ACTIVATIONS,
        use_bias=st.booleans(),
        kernel_initializer=INITIALIZERS,
        kernel_regularizer=REGULARIZERS,
        activity_regularizer=REGULARIZERS,
    ),
)
CONV = st.builds(
    lambda filters, size, more: {"conv2d": {"filters": filters, "kernel_size": size, **more}},
    st.integers(1, 5),
    PAIRS,
    _some(
        strides=PAIRS,
        padding=st.sampled_from(["same", "valid"]),
        activation=ACTIVATIONS,
        use_bias=st.booleans(),
        kernel_regularizer=REGULARIZERS,
    ),
)
POOL = st.builds(
    lambda kind, size, more: {f"{kind}_pooling2d": {"pool_size": size, **more}},
    st.sampled_from(["max", "average"]),
    PAIRS,
    _some(strides=PAIRS, padding=st.sampled_from(["same", "valid"])),
)
NORMS = st.builds(
    lambda kind, more: {f"{kind}_normalization": more},
    st.sampled_from(["batch", "layer"]),
    _some(center=st.booleans(), scale=st.booleans(), epsilon=st.sampled_from([0.01, 1e-5])),
)
ANYWHERE = st.one_of(
    DENSE,
    NORMS,
    st.builds(lambda a: {"activation": a}, ACTIVATIONS.filter(bool)),
    st.just({"dropout": 0.4}),
    st.just("flatten"),
)
IMAGE = st.one_of(
    CONV,
    POOL,
    ANYWHERE,
    st.builds(lambda p: {"zero_padding2d": p}, st.sampled_from([1, [2, 0], [[0, 1], [2, 0]]])),
    st.sampled_from(["global_average_pooling2d", {"global_max_pooling2d": {"keepdims": True}}]),
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Return the text of a spec of 3 to 8 layers that has no mistakes."""
    shape, layer = draw(
        st.sampled_from(
            [([7], ANYWHERE), ([4, 5], ANYWHERE), ([6, 7, 2], IMAGE), ([5, 8, 3], IMAGE)]
        )
    )
    layers: list[Any] = []
    for _ in range(draw(st.integers(3, 8))):
        candidate = [*layers, draw(layer)]
        if specc.compile(_text(shape, candidate), target="torch").ok:
            layers = candidate
    layers = layers or ["flatten"]
    optimizers = ["sgd", {"adam": {"learning_rate": 0.01}}, {"rmsprop": {"clipnorm": 1.0}}, "adamw"]
    return _text(
        shape,
        layers,
        optimizer=draw(st.sampled_from(optimizers)),
        fidelity=draw(st.sampled_from(["idiomatic", "exact"])),
        loss=(
            draw(st.sampled_from(["mean_squared_error", "huber", {"mean_absolute_error": "sum"}]))
            if EXAMPLES
            else "mean_squared_error"
        ),
        metrics=draw(st.sampled_from([None, ["mse", "mae"]])),
    )


def _text(shape: list[int], layers: list[Any], **more: Any) -> str:
    return spec(shape, layers, **more)


@settings(
    max_examples=EXAMPLES or 60,
    deadline=None,
    suppress_health_check=QUICK,
    derandomize=not EXAMPLES,
)
@given(documents())
def test_written_in_the_form_of_black(text: str) -> None:
    result = specc.compile(text)
    if not result.ok:
        return
    for program in result.files.values():
        assert unused_imports(program) | undefined_names(program) == set()
        assert black.format_str(program, mode=black.Mode()) == program
        assert program.endswith("\n")


@pytest.mark.frameworks
@settings(
    max_examples=EXAMPLES or 25,
    deadline=None,
    suppress_health_check=QUICK,
    derandomize=not EXAMPLES,
)
@given(documents())
def test_equal(text: str) -> None:
    from equality import Pair

    if not specc.compile(text).ok:
        return
    with tempfile.TemporaryDirectory() as folder:
        # Double precision: a normalization of equal values magnifies rounding without bound.
        pair = Pair(text, Path(folder), double=True)
        assert pair.output_difference(3) <= 1e-6
        assert pair.output_difference(3, training=True) <= 1e-6
        for what, measured in pair.loss_differences(3).items():
            assert measured <= 1e-6, what
