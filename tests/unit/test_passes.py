"""The passes before `forward` is written: how PyTorch holds each value, and what it is called."""

from __future__ import annotations

from dataclasses import replace

from specc.diagnostics import Source, Span
from specc.expressions import Identifier
from specc.pipeline import front
from specc.program import Graph, Module, Node, Program, Value
from specc.spec.layers.core import Identity
from specc.targets.torch.layout import FIRST, KERAS, Layout
from specc.targets.torch.passes import layouts, variables

SPAN = Span(Source("model.yaml", ""), 1, 1, 1, 1)


def resolved(layers: str, shape: str = "[6]", more: str = "") -> Program:
    text = f"name: m\ninput: {{shape: {shape}}}\nlayers: [{layers}]\n{more}"
    return front(Source("model.yaml", text))[0]


def held(program: Program) -> list[Layout]:
    """Return how each value is held, the input first."""
    graph, found = program.graph, layouts(program)
    return [found.values[value] for value in (graph.input, *(n.output for n in graph.nodes))]


def test_images_are_channels_first_until_an_axis_is_meant() -> None:
    program = resolved("{conv2d: {filters: 4, kernel_size: 3}}, {dense: 5}, relu", "[8, 6, 3]")
    found = layouts(program)
    assert held(program) == [FIRST, FIRST, KERAS, KERAS]
    assert [found.takes[node] for node in program.graph.nodes] == [FIRST, KERAS, KERAS]


def test_a_flatten_before_a_linear_costs_no_permutation() -> None:
    layers = "{conv2d: {filters: 4, kernel_size: 3}}, flatten, {dropout: 0.1}, {dense: 5}"
    flat = Layout(flat=(6, 4, 4))
    assert held(resolved(layers, "[8, 6, 3]")) == [FIRST, FIRST, flat, flat, KERAS]


def test_a_flatten_before_what_means_the_order_is_permuted() -> None:
    layers = "{conv2d: {filters: 4, kernel_size: 3}}, flatten, {reshape: [4, 24]}"
    assert held(resolved(layers, "[8, 6, 3]")) == [FIRST, FIRST, KERAS, KERAS]


def test_a_flatten_of_each_step_is_one_of_images() -> None:
    layers = ("conv2d: {filters: 2, kernel_size: 3}", "flatten: {}", "dense: 3")
    listed = ", ".join(f"{{time_distributed: {{layer: {{{layer}}}}}}}" for layer in layers)
    _, image, flat, _ = held(resolved(listed, "[5, 8, 6, 3]"))
    assert image == Layout(first=True, steps=(5,))
    assert flat == Layout(flat=(6, 4, 2), steps=(5,))


def test_a_penalty_on_steps_is_taken_of_whole_sequences() -> None:
    layer = "filters: 2, kernel_size: 3, return_sequences: true, activity_regularizer: {l2: 0.1}"
    layers = f"{{conv_lstm2d: {{{layer}}}}}, flatten, {{dense: 1}}"
    alone = resolved(layers, "[5, 8, 6, 3]")
    trained = resolved(layers, "[5, 8, 6, 3]", "optimizer: adam\nloss: mean_squared_error\n")
    for program, steps in ((alone, (5,)), (trained, ())):
        first, found = program.graph.nodes[0], layouts(program)
        assert found.gives[first].steps == (5,)
        assert found.values[first.output].steps == steps


def graph(*calls: tuple[str, tuple[str, ...]]) -> Graph:
    """Return the graph of calls, each with the names of what it takes; the last one gives all."""
    values = {"input": Value("input", (4,))}
    nodes = []
    for name, taken in calls:
        values[name] = Value(name, (4,))
        module = Module(Identifier(name), Identity(), (), SPAN)
        nodes.append(Node(module, tuple(values[n] for n in taken), (values[name],), SPAN))
    return Graph((values["input"],), tuple(nodes), nodes[-1].outputs)


def names(found: Graph) -> dict[str, str]:
    called = variables(replace(resolved("identity"), graph=found))
    return {value.name: str(name) for value, name in called.items()}


def test_a_chain_stays_x() -> None:
    chain = graph(("a", ("input",)), ("b", ("a",)), ("c", ("b",)))
    assert names(chain) == {"input": "x", "a": "x", "b": "x", "c": "x"}


def test_what_two_take_or_one_takes_later_has_a_name_of_its_own() -> None:
    skip = graph(("a", ("input",)), ("b", ("a",)), ("c", ("b",)), ("sum", ("a", "c")))
    assert names(skip) == {"input": "x", "a": "a", "b": "x", "c": "x", "sum": "x"}
    fork = graph(("a", ("input",)), ("b", ("input",)), ("sum", ("a", "b")))
    assert names(fork) == {"input": "input", "a": "a", "b": "x", "sum": "x"}


MASKS = "{embedding: {input_dim: 9, output_dim: 3, mask_zero: true}}"


def test_a_mask_that_nothing_uses_has_no_name() -> None:
    program = resolved(f"{MASKS}, {{dense: 2}}, flatten", "[6], dtype: int32")
    assert {str(name) for name in variables(program).values()} == {"x"}


def test_a_mask_takes_the_name_of_one_that_is_used_up() -> None:
    program = resolved(
        f"{MASKS}, {{lstm: {{units: 2, return_sequences: true}}}}, masking, {{lstm: 2}}",
        "[6], dtype: int32",
    )
    called = variables(program)
    embedding, _, masking, _ = program.graph.nodes
    assert embedding.made_mask is not None
    assert masking.made_mask is not None
    assert called[embedding.made_mask] == called[masking.made_mask] == "mask"
