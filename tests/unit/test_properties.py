"""Whatever a spec's text holds, the front end gives a program or tells what is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from timing import at_most

from specc.diagnostics import Diagnostic, Source, SpeccError, has_errors
from specc.pipeline import front
from specc.spec.catalogue import CATALOGUE

SECONDS = 2.0
quick = settings(max_examples=80, deadline=None, database=None, derandomize=True)

VALID = """\
name: digits_cnn
description: A small net
seed: 7
fidelity: exact
input: {shape: [8, 8, 1], dtype: float32}
layers:
  - conv2d: {filters: 4, kernel_size: 3, padding: same, activation: relu}
  - batch_normalization: {momentum: 0.9}
  - max_pooling2d: {pool_size: [2, 2]}
  - zero_padding2d: [[1, 0], [0, 1]]
  - activation: {activation: {leaky_relu: 0.1}}
  - flatten
  - dropout: {rate: 0.2, noise_shape: [null, 100]}
  - reshape: [-1, 10]
  - layer_normalization: {axis: [-1]}
  - custom: {keras: "a.b:C", torch: "a.b:C", arguments: {units: [1, {x: null}]}, output_shape: [64]}
  - dense: {units: 10, activation: softmax, name: output, kernel_regularizer: {l2: 1e-3},
      kernel_initializer: {variance_scaling: {scale: 2.0, input_axes: [0], output_axes: [1]}}}
optimizer: {adam: {learning_rate: 1e-3, clipnorm: 1.0}}
loss: {sparse_categorical_crossentropy: {ignore_class: 3}}
metrics: [accuracy, {sparse_categorical_accuracy: {name: acc}}]
training:
  epochs: 2
  validation_split: 0.1
  callbacks:
    - early_stopping: {monitor: val_loss, patience: 3}
    - model_checkpoint: "best-{epoch:02d}-{val_loss:.3f}.keras"
data: {csv: {path: a.csv, target: [y], delimiter: ";"}}
"""

STRINGS = [
    "'",
    '"',
    '"""',
    "{{ x }}",
    "{%",
    "\\",
    "\\n",
    "\n",
    "\r\n",
    "\0",
    "\u2028",
    "",
    " ",
    "é",
]
STRINGS += ["relu", "dense", "__import__('os')", "{", "}", "{epoch", "%s", "x" * 10_000, "模型"]
NUMBERS: list[Any] = [0, -1, 1, 2**31, 2**63 - 1, -(2**63), 10**30, 1e308, -1e308, 5e-324]
NUMBERS += [float("nan"), float("inf"), float("-inf"), True, False, None]
ODD = st.one_of(
    st.sampled_from([*STRINGS, *NUMBERS]),
    st.lists(st.sampled_from([*STRINGS[:6], *NUMBERS]), max_size=3),
    st.dictionaries(st.sampled_from(["units", "dense", "", "name"]), st.sampled_from(NUMBERS)),
    st.just([[[]]]),
    st.just({}),
)
WORDS = st.sampled_from(sorted({word for words in CATALOGUE.values() for word in words}))
KEYS = st.one_of(WORDS, st.sampled_from([*STRINGS, *NUMBERS[:6], None, True]))
TREES = st.recursive(
    st.one_of(ODD, WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def check(text: str) -> None:
    """Run the front end; only a program, or mistakes that can be shown, are right."""
    with at_most(SECONDS):
        nodes, found = outcome(Source("spec.yaml", text))
        shown = [diagnostic.render(color=True) for diagnostic in found]
    assert bool(nodes) != has_errors(found)
    assert all(shown)
    # pydantic's own words, which nobody should meet
    assert not any(re.search("Input should|instance of", d.message) for d in found)


def outcome(source: Source) -> tuple[int, Sequence[Diagnostic]]:
    """Return the number of layers of the program, and what was found."""
    try:
        program, notes = front(source)
    except SpeccError as error:
        return 0, error.diagnostics
    return len(program.graph.nodes), notes


def dump(tree: Any) -> str:
    """Return a tree as YAML."""
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=1000)


def paths_of(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each value in a tree."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    found = []
    for key, value in inner:
        found.append((*path, key))
        if isinstance(value, (dict, list)):
            found += paths_of(value, (*path, key))
    return found


def data_of(text: str) -> Any:
    """Return the data of the valid spec."""
    return yaml.safe_load(text.replace("1e-3", "0.001"))


PATHS = paths_of(data_of(VALID))


def swapped(path: tuple[Any, ...], value: Any) -> Any:
    """Return the valid spec's data with another value at `path`."""
    data = data_of(VALID)
    inner = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return data


def test_the_valid_spec_is_valid() -> None:
    program, _ = front(Source("spec.yaml", VALID))
    assert program.graph.output.shape == (10,)
    assert len(PATHS) > 80


@quick
@given(st.text())
def test_any_text(text: str) -> None:
    check(text)


@quick
@given(st.text(alphabet="ab1.-:,[]{}&*!|>'\"#%@`?~ \n\t\\é\x00", max_size=60))
def test_text_of_yaml_characters(text: str) -> None:
    check(text)


@quick
@given(TREES)
def test_any_data(tree: Any) -> None:
    check(dump(tree))


@quick
@given(
    st.sampled_from(["layers", "optimizer", "loss", "metrics", "training", "data", "input"]), TREES
)
def test_any_value_of_a_key(key: str, tree: Any) -> None:
    check(dump({**data_of(VALID), key: tree}))


@settings(quick, max_examples=150)
@given(st.sampled_from(PATHS), st.one_of(ODD, TREES))
def test_another_value_somewhere(path: tuple[Any, ...], value: Any) -> None:
    check(dump(swapped(path, value)))


@settings(quick, max_examples=100)
@given(st.data())
def test_slips_of_the_keyboard(data: st.DataObject) -> None:
    text = VALID
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        kind = data.draw(st.sampled_from(["delete", "repeat", "swap", "insert", "cut"]))
        other = data.draw(st.sampled_from("{}[]:,-'\"\n #&*x0\t"))
        text = {
            "delete": text[:at] + text[at + 1 :],
            "repeat": text[: at + 1] + text[at:],
            "swap": text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
            "insert": text[:at] + other + text[at:],
            "cut": text[:at],
        }[kind]
    check(text)


@pytest.mark.parametrize("value", ['"', '"""{{ x }}', "\\", "a\n\0b"])
def test_a_string_in_every_place(value: str) -> None:
    for path in PATHS:
        check(dump(swapped(path, value)))


@pytest.mark.parametrize(
    "text",
    [
        "name: net\ninput: [4]\nlayers:\n" + "  - dens: 3\n" * 20_000,
        "name: net\ninput: [4]\nlayers:\n" + "  - dense: x\n" * 20_000,
        "name: net\ninput: [4]\nlayers: [" + "a, " * 60_000 + "]\n",
        "name: net\ninput: [4]\nlayers: [{dense: {"
        + ", ".join(f"k{n}: 1" for n in range(30_000))
        + "}}]",
        "name: net\ninput: [" + "1, " * 100_000 + "]\nlayers: [dense: 3]\n",
        "name: net\ninput: [" + "0, " * 100_000 + "]\nlayers: [dense: 3]\n",
        "name: net\ninput: [4]\nlayers: [" + "'" + "q" * 1_000_000 + "']\n",
        "{" * 50_000,
        "a: &a [" + "x, " * 100 + "]\nb: [" + "*a, " * 1_500 + "]\n",
        "\n" * 1_000_000 + "name: [",
        "name: net\ninput: [4]\nlayers:\n" + "  - dense: 3\n" * 1_000,
        "name: net\ninput: [4]\nlayers:\n" + "  - dense: {units: 3, name: a}\n" * 2_000,
    ],
    ids=lambda text: f"{len(text)}",
)
def test_long_specs_are_quick(text: str) -> None:
    check(text)
