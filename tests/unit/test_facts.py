"""What the classes of layers say of themselves is true of what they compute."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from writing import spec

from specc.diagnostics import Source
from specc.pipeline import front
from specc.program import Node
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.word import Facts, Layer

SPEC = Path(__file__).parents[2] / "specc" / "spec"
CLASSES: list[Any] = [
    load(family, word) for family in ("layer", "cell") for word in CATALOGUE[family]
]


def saying(fact: str) -> set[str]:
    """Return the words of the layers that say a fact of themselves."""
    found = {cls.word for cls in CLASSES if getattr(cls, fact)}
    assert found, fact
    return found


def node(shape: list[int], layer: Any) -> Node:
    """Return the last layer of a model of one."""
    return front(Source("test.yaml", spec(shape, [layer], loss=None, optimizer=None)))[0].last


def test_every_kind_is_told() -> None:
    told = set(re.findall(r"`([a-z_]+)`", str(Layer.__doc__)))
    assert {cls.kind for cls in CLASSES} - {""} <= told


ARGUMENTS: dict[str, Any] = {
    "dropout": {"rate": 0.5},
    "gaussian_dropout": {"rate": 0.5},
    "alpha_dropout": {"rate": 0.5},
    "activation": {"activation": "tanh"},
    "dense": {"units": 7},
    "embedding": {"input_dim": 3, "output_dim": 7},
    "gaussian_noise": {"stddev": 0.5},
    "rescaling": {"scale": 0.5},
}


@pytest.mark.parametrize("word", sorted(saying("elementwise")))
@pytest.mark.parametrize("shape", [[4], [4, 3], [4, 5, 3]])
def test_what_works_on_each_entry_keeps_the_shape(word: str, shape: list[int]) -> None:
    assert node(shape, {word: ARGUMENTS.get(word, {})}).output_shape == tuple(shape)


@pytest.mark.parametrize("word", sorted(saying("pointwise")))
def test_what_works_on_vectors_keeps_the_axes_before_them(word: str) -> None:
    found = node([4, 5, 3], {word: ARGUMENTS.get(word, {})})
    assert found.output_shape[:2] == (4, 5)


@pytest.mark.parametrize(
    ("layer", "is_identity"),
    [
        ({"permute": {"dims": [1, 2, 3]}}, True),
        ({"permute": {"dims": [2, 1, 3]}}, False),
        ({"max_pooling2d": {"pool_size": 1}}, True),
        ({"max_pooling2d": {"pool_size": 1, "strides": 2}}, False),
        ({"zero_padding2d": {"padding": 0}}, True),
        ({"zero_padding2d": {"padding": 1}}, False),
        ({"up_sampling2d": {"size": 1}}, True),
        ({"adaptive_max_pooling2d": {"output_size": 4}}, True),
        ({"adaptive_max_pooling2d": {"output_size": 2}}, False),
        ({"reshape": {"target_shape": [4, 4, 2]}}, True),
        ({"reshape": {"target_shape": [16, 2]}}, False),
        ("flatten", False),
        ("identity", True),
        ("relu", False),
        ({"dropout": 0.5}, False),
    ],
)
def test_what_gives_its_input(layer: Any, is_identity: bool) -> None:
    found = node([4, 4, 2], layer)
    assert found.layer.is_identity(found.input_shape) == is_identity


def test_a_misspelt_fact_is_seen() -> None:
    """A keyword of a class is an attribute that a base declares."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SPEC.rglob("*.py")]
    found = [node for tree in trees for node in ast.walk(tree)]
    classes = [node for node in found if isinstance(node, ast.ClassDef)]
    told = {keyword.arg for node in classes for keyword in node.keywords}
    declared = {
        node.target.id
        for node in found
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and ast.unparse(node.annotation).startswith("ClassVar")
    } | {name for name in vars(Facts) if not name.startswith("_")}
    assert {"word", "kind", "elementwise"} <= told <= declared
