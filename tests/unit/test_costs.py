"""What a layer costs, against counts over real loops and the published figures of known models."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from specc.costs import MULTIPLY_ADDS, Cost, cost
from specc.diagnostics import Source
from specc.pipeline import front
from specc.program import Node, Program
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.word import Layer

SPECS = Path(__file__).parents[2] / "specs"


def program(text: str) -> Program:
    """Return the model that a spec describes."""
    return front(Source("test.yaml", text))[0]


def nodes(shape: str, *layers: str) -> tuple[Node, ...]:
    """Return the layers of a model, each written as the item of a list."""
    items = "".join(f"\n  - {layer}" for layer in layers)
    return program(f"name: test\ninput: {{shape: {shape}}}\nlayers:{items}\n").graph.nodes


def total(name: str) -> tuple[int, int]:
    """Return the parameters and the multiply-adds of a spec in specs/."""
    costs = [cost(node) for node in program((SPECS / f"{name}.yaml").read_text()).graph.nodes]
    return sum(c.parameters for c in costs), sum(c.multiply_adds or 0 for c in costs)


def test_every_layer_with_weights_says_what_it_costs() -> None:
    silent = []
    for kind in ("layer", "cell"):
        for word in CATALOGUE[kind]:
            found: Any = load(kind, word)
            own = found.variables != Layer.variables and found.nested == Layer.nested
            if own and found.kind not in MULTIPLY_ADDS:
                silent.append(word)
    assert not silent


@pytest.mark.parametrize(
    ("name", "parameters", "multiply_adds"),
    [
        ("vgg16", 138_357_544, 15_470_264_320),
        ("alexnet", 61_100_840, 714_188_480),
        ("lenet5", 61_706, 416_520),
    ],
)
def test_known_models(name: str, parameters: int, multiply_adds: int) -> None:
    assert total(name) == (parameters, multiply_adds)


# Each count is written out as places x window x channels, or steps x gates.
CASES = [
    ("[9, 8, 4]", "conv2d: {filters: 6, kernel_size: 3, groups: 2}", 7 * 6 * 9 * 2 * 6),
    ("[9, 8, 4]", "conv2d: {filters: 6, kernel_size: 3, dilation_rate: 2}", 5 * 4 * 9 * 4 * 6),
    ("[9, 8, 4]", "depthwise_conv2d: {kernel_size: 3, depth_multiplier: 2}", 7 * 6 * 9 * 4 * 2),
    ("[9, 8, 4]", "conv2d_transpose: {filters: 6, kernel_size: 3, strides: 2}", 9 * 8 * 9 * 4 * 6),
    (
        "[9, 8, 4]",
        "separable_conv2d: {filters: 6, kernel_size: 3, depth_multiplier: 2}",
        7 * 6 * (9 * 4 * 2 + 8 * 6),
    ),
    ("[5, 4]", "lstm: {units: 3}", 5 * 4 * (4 * 3 + 3 * 3)),
    ("[5, 4]", "rnn: {cell: {gru_cell: {units: 3}}}", 5 * 3 * (4 * 3 + 3 * 3)),
    ("[5, 4]", "bidirectional: {layer: {gru: {units: 3}}}", 2 * 5 * 3 * (4 * 3 + 3 * 3)),
    ("[5, 4]", "time_distributed: {layer: {dense: 3}}", 5 * 4 * 3),
    ("[4]", "spectral_normalization: {layer: {dense: 3}}", 4 * 3),
    ("[5, 4]", "dense: 3", 5 * 4 * 3),
    ("[5, 4]", "batch_normalization: {}", 0),
    ("[5, 4]", "max_pooling1d: {pool_size: 2}", 0),
    (
        "[3, 6, 5, 2]",
        "conv_lstm2d: {filters: 4, kernel_size: 3}",
        3 * (4 * 3) * 9 * (2 + 4) * 4 * 4,
    ),
    ("[null, 4]", "dense: 3", None),
    ("[16]", "custom: {keras: 'a.b:C', torch: 'a.b:C', output_shape: [8]}", None),
]


@pytest.mark.parametrize(("shape", "layer", "expected"), CASES)
def test_multiply_adds(shape: str, layer: str, expected: int | None) -> None:
    assert cost(nodes(shape, layer)[0]).multiply_adds == expected


@pytest.mark.parametrize("equation", ["abc,cd->abd", "abc,bd->adc", "abc,bcd->abd"])
def test_einsum_against_the_loops(equation: str) -> None:
    sizes = {"b": 5, "c": 4, "d": 7}
    output = [sizes[letter] for letter in equation.partition("->")[2][1:]]
    layer = f"einsum_dense: {{equation: '{equation}', output_shape: {output}}}"
    count = sum(1 for _ in product(*map(range, sizes.values())))
    assert cost(nodes("[5, 4]", layer)[0]).multiply_adds == count


def test_parameters_and_output() -> None:
    assert cost(nodes("[5, 4]", "batch_normalization: {}")[0]) == Cost(16, 8, 0, 20)
