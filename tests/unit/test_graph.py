"""The graph of a program: who gives a value, who takes it, what masks travel with it."""

from __future__ import annotations

import pytest

from specc.diagnostics import Source, Span
from specc.expressions import Identifier
from specc.pipeline import front
from specc.program import Graph, Module, Node, Program, Value
from specc.spec.layers.core import Identity

SPAN = Span(Source("model.yaml", ""), 1, 1, 1, 1)


def resolved(layers: str, shape: str = "[6]", dtype: str = "int32") -> Program:
    text = f"name: m\ninput: {{shape: {shape}, dtype: {dtype}}}\nlayers: [{layers}]\n"
    return front(Source("model.yaml", text))[0]


def module(name: str) -> Module:
    return Module(Identifier(name), Identity(), (), SPAN)


def node(module: Module, *inputs: Value, mask: Value | None = None) -> Node:
    return Node(module, inputs, (Value(module.name, (4,), mask=mask),), SPAN)


@pytest.fixture
def diamond() -> Graph:
    """`a` feeds `b` and `c`, which `d` merges; `b` and `e` are calls of one module."""
    x = Value("input", (4,))
    shared = module("b")
    a = node(module("a"), x)
    b, c = node(shared, a.output), node(module("c"), a.output)
    d = node(module("d"), b.output, c.output)
    e = node(shared, d.output)
    return Graph((x,), (a, b, c, d, e), (e.output,))


def test_who_gives_and_takes_a_value(diamond: Graph) -> None:
    a, b, c, d, e = diamond.nodes
    assert diamond.producer(diamond.input) is None
    assert [diamond.producer(n.output) for n in diamond.nodes] == [a, b, c, d, e]
    assert diamond.users(diamond.input) == (a,)
    assert diamond.users(a.output) == (b, c)
    assert diamond.users(d.output) == (e,)
    assert diamond.users(diamond.output) == ()


def test_a_chain_ends_where_a_value_has_two_users(diamond: Graph) -> None:
    a, b, _, d, e = diamond.nodes
    assert list(diamond.chain(a)) == []
    assert list(diamond.chain(b)) == [d, e]


def test_what_stands_before(diamond: Graph) -> None:
    a, b, c, d, e = diamond.nodes
    assert diamond.before(a) == ()
    assert diamond.before(b, c) == (a,)
    assert diamond.before(e) == (a, b, c, d)


def test_a_module_is_there_once_however_often_it_is_called(diamond: Graph) -> None:
    assert [m.name for m in diamond.modules()] == ["a", "b", "c", "d"]


def test_one_node_that_takes_a_value_twice_is_one_user() -> None:
    x = Value("input", (4,))
    both = node(module("both"), x, x)
    assert Graph((x,), (both,), (both.output,)).users(x) == (both,)


def test_a_mask_travels_with_its_value() -> None:
    layers = "embedding: {input_dim: 9, output_dim: 3, mask_zero: true}", "dropout: 0.1", "lstm: 2"
    graph = resolved(", ".join(f"{{{layer}}}" for layer in layers)).graph
    embedding, dropout, lstm = graph.nodes
    mask = embedding.made_mask
    assert mask is not None
    assert mask.shape == (6,)
    assert embedding.output.mask is dropout.input.mask is dropout.output.mask is mask
    assert dropout.made_mask is None
    assert lstm.input.masked
    assert not lstm.output.masked
    assert graph.producer(mask) is embedding
    assert graph.users(mask) == (dropout, lstm)


def test_a_second_mask_takes_the_place_of_the_first() -> None:
    layers = "{embedding: {input_dim: 9, output_dim: 3, mask_zero: true}}, masking"
    graph = resolved(layers).graph
    embedding, masking = graph.nodes
    assert masking.made_mask is graph.output.mask
    assert masking.made_mask is not embedding.made_mask
    assert embedding.made_mask is not None
    assert graph.users(embedding.made_mask) == (masking,)


def test_integers_go_on_until_a_layer_makes_numbers_of_them() -> None:
    graph = resolved("{reshape: [3, 2]}, flatten, {embedding: {input_dim: 9, output_dim: 3}}").graph
    assert [value.integers for n in graph.nodes for value in n.outputs] == [True, True, False]


def test_the_output_is_that_of_the_last_layer() -> None:
    program = resolved("{dense: 3}, {dense: 2}", dtype="float32")
    assert program.last is program.graph.nodes[-1]
    assert program.graph.output.shape == (2,)
    assert program.logits(program.graph.output) is None
