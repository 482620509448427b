"""The contract between front and back: a model with every name, shape and default resolved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from specc.diagnostics import Span
from specc.expressions import ClassName, Identifier
from specc.shapes import Shape
from specc.spec.activations import Sigmoid, Softmax
from specc.spec.callbacks import Monitor
from specc.spec.document import Input, Training
from specc.spec.variables import Variable
from specc.spec.word import (
    Activation,
    DataSource,
    Layer,
    Loss,
    Metric,
    Optimizer,
    Regularizer,
    Word,
)
from specc.unsure import UNSURE, hidden

if TYPE_CHECKING:
    from specc.spec.optimizers import SGD, Adam, RMSprop
    from specc.spec.rare_optimizers import (
        Adadelta,
        Adafactor,
        Adagrad,
        Adamax,
        Ftrl,
        Lamb,
        Lion,
        Muon,
        Nadam,
        ScheduleFreeAdamW,
    )

    AnyOptimizer = (
        SGD
        | Adam
        | RMSprop
        | Adagrad
        | Adadelta
        | Adamax
        | Nadam
        | Lion
        | Adafactor
        | Ftrl
        | Lamb
        | Muon
        | ScheduleFreeAdamW
    )
else:
    AnyOptimizer = Optimizer  # to import all of them costs time


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """An edge of the graph, what Keras calls a KerasTensor; two are equal where they are one.

    Attributes:
        name: The name of the node that gives it, `input` for what the model takes.
        shape: Its shape in Keras' axes without the batch.
        integers: Whether it holds integers.
        mask: The mask that travels with it: a value of all its axes but the last, True where an
            entry counts. None where there is none.
    """

    name: str
    shape: Shape
    integers: bool = False
    mask: Value | None = None

    @property
    def masked(self) -> bool:
        """Whether a mask travels with it."""
        return UNSURE if hidden(self.mask) else self.mask is not None


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """What owns weights, once, however often it is called.

    Attributes:
        name: The layer's name in both programs. A layer within another has the other's name, with
            a label of its own where there are several.
        layer: What the spec says of it.
        variables: Its weights as Keras holds them, those of the layers within it included.
        span: Where the spec writes it.
        nested: The calls of the layers within it.
        inside: Whether it is within another.
    """

    name: Identifier
    layer: Layer
    variables: tuple[Variable, ...]
    span: Span
    nested: tuple[Node, ...] = ()
    inside: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One call of a module.

    Attributes:
        module: What is called.
        inputs: What it takes.
        outputs: What it gives.
        span: Where the spec writes the call.
    """

    module: Module
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    span: Span

    @property
    def name(self) -> Identifier:
        """The name of the module."""
        return self.module.name

    @property
    def layer(self) -> Layer:
        """What the spec says of the module."""
        return self.module.layer

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The weights of the module."""
        return self.module.variables

    @property
    def nested(self) -> tuple[Node, ...]:
        """The calls of the layers within the module."""
        return self.module.nested

    @property
    def own(self) -> tuple[Variable, ...]:
        """The weights of the module that no layer within it holds."""
        inner = sum(len(node.variables) for node in self.nested)
        return self.variables[: len(self.variables) - inner]

    @property
    def input(self) -> Value:
        """The first value that it takes."""
        return self.inputs[0]

    @property
    def output(self) -> Value:
        """The first value that it gives."""
        return self.outputs[0]

    @property
    def input_shape(self) -> Shape:
        """Shape of what it takes, in Keras' axes without the batch."""
        return self.input.shape

    @property
    def output_shape(self) -> Shape:
        """Shape of what it gives, likewise."""
        return self.output.shape

    @property
    def work(self) -> Node:
        """The node whose layer computes: the nested one where this one applies it as it is."""
        return self.nested[0].work if self.layer.applies else self

    @property
    def activity(self) -> Regularizer | None:
        """The penalty on the output; Keras' TimeDistributed drops that of the layer within it."""
        if self.layer.applies and self.layer.each_step:
            return None
        found: Regularizer | None = getattr(self.work.layer, "activity_regularizer", None)
        return found

    @property
    def made_mask(self) -> Value | None:
        """The mask that it makes itself and gives with its output, or None."""
        mask = self.output.mask
        return None if any(value.mask is mask for value in self.inputs) else mask

    def known(self) -> Iterator[Node]:
        """Yield as `walk` does the node and those within it that mistakes do not hide."""
        yield self
        for node in () if hidden(self.nested) else self.nested:
            yield from node.known()

    def walk(self) -> Iterator[Node]:
        """Yield the node and all within it."""
        yield self
        for node in self.nested:
            yield from node.walk()


@dataclass(frozen=True, eq=False)
class Graph:
    """Which nodes compute which values.

    Attributes:
        inputs: What a user feeds.
        nodes: The calls, each behind those whose values it takes.
        outputs: What the model gives.
    """

    inputs: tuple[Value, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Value, ...]

    @property
    def input(self) -> Value:
        """The only input."""
        (value,) = self.inputs
        return value

    @property
    def output(self) -> Value:
        """The only output."""
        (value,) = self.outputs
        return value

    @property
    def last(self) -> Node:
        """The node that gives the only output."""
        node = self.producer(self.output)
        return UNSURE if node is None else node

    def producer(self, value: Value) -> Node | None:
        """Return the node that gives a value or makes a mask; None of an input."""
        return self._producers.get(value)

    @cached_property
    def _producers(self) -> dict[Value, Node]:
        known = [node for node in self.nodes if not hidden(node)]
        found = {value: node for node in known for value in node.outputs}
        masks = {node.made_mask: node for node in known if not hidden(node.made_mask)}
        return found | {mask: node for mask, node in masks.items() if mask is not None}

    def users(self, value: Value) -> tuple[Node, ...]:
        """Return the nodes that take a value, a mask by the values that it comes with, in order."""
        return tuple(self._users.get(value, ()))

    @cached_property
    def _users(self) -> dict[Value, dict[Node, None]]:
        found: dict[Value, dict[Node, None]] = {}
        for node in self.nodes:
            for value in node.inputs:
                for taken in (value, value.mask):
                    if taken is not None:
                        found.setdefault(taken, {})[node] = None
        return found

    def chain(self, node: Node) -> Iterator[Node]:
        """Yield what follows a node while each value has one user."""
        while len(users := self.users(node.output)) == 1:
            (node,) = users
            yield node

    def before(self, *nodes: Node) -> tuple[Node, ...]:
        """Return all that some nodes depend on, in order."""
        found: set[Node] = set()
        values = [value for node in nodes for value in node.inputs]
        while values:
            node = self.producer(values.pop())
            if node is not None and node not in found:
                found.add(node)
                values += node.inputs
        return tuple(node for node in self.nodes if node in found)

    def modules(self) -> tuple[Module, ...]:
        """Return what owns weights, each once, in the order of the first calls."""
        return tuple(dict.fromkeys(node.module for node in self.nodes))

    def known(self) -> Iterator[Node]:
        """Yield as `walk` does the nodes that mistakes do not hide."""
        for node in self.nodes:
            if not hidden(node):
                yield from node.known()

    def walk(self) -> Iterator[Node]:
        """Yield all nodes, each before those within it."""
        for node in self.nodes:
            yield from node.walk()


def activation_of(layer: Layer) -> Activation | None:
    """Return the activation function that a layer applies last, or None."""
    if layer.is_function:
        return layer.function()
    if not layer.activates:
        return None
    found: Activation | None = getattr(layer, "activation", None)
    return found


def final_activation(node: Node) -> Activation | None:
    """Return the softmax or sigmoid at the end of a model whose output a node gives.

    Keras' crossentropies then take its input instead of its output (`_keras_logits` in
    keras.activations, measured on TensorFlow). A softmax layer counts too, but not one along
    several axes.
    """
    # TimeDistributed stacks its outputs, so that Keras finds no softmax behind them.
    if node.layer.applies and node.layer.each_step:
        return None
    activation = activation_of(node.work.layer)
    return activation if isinstance(activation, (Softmax, Sigmoid)) else None


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric under the name by which both programs report it.

    Attributes:
        name: The key, as Keras makes it.
        metric: The metric; `accuracy` is already the one that Keras takes.
        written: The metric as the spec has it.
    """

    name: str
    metric: Metric
    written: Metric


@dataclass(frozen=True, slots=True)
class Watch:
    """A callback with its direction resolved.

    Attributes:
        callback: What the spec says.
        rising: Whether larger values of the monitored figure are better.
        span: Where the spec writes it.
    """

    callback: Monitor
    rising: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Head:
    """One output with what training asks of it.

    Attributes:
        output: The value.
        loss: What training minimises.
        logits: The softmax or sigmoid at its end whose input the loss takes, or None.
        figures: What is reported next to the loss.
        target_shapes: Shapes that a target may have without the batch, the first being the
            program's own.
        integers: Whether targets are integers.
        classes: Number of classes where targets are those of the output's last axis, else None.
    """

    output: Value
    loss: Loss
    logits: Activation | None
    figures: tuple[Figure, ...]
    target_shapes: tuple[Shape, ...]
    integers: bool
    classes: int | None


@dataclass(frozen=True, slots=True)
class Fit:
    """How a model is trained.

    Attributes:
        heads: The outputs, each with its loss.
        span: Where the spec writes the optimizer.
    """

    optimizer: AnyOptimizer
    training: Training
    data: DataSource | None
    heads: tuple[Head, ...]
    watches: tuple[Watch, ...]
    span: Span

    @property
    def head(self) -> Head:
        """The only head."""
        (head,) = self.heads
        return head

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What is reported next to the loss."""
        return tuple(figure for head in self.heads for figure in head.figures)

    def reported(self) -> tuple[str, ...]:
        """Return the names of all figures of an epoch, in order."""
        names = ["loss", *(figure.name for figure in self.figures)]
        if self.training.validation_split:
            names += [f"val_{name}" for name in names]
        return tuple(dict.fromkeys(names))

    @property
    def data_file(self) -> str | None:
        """The file of samples that a program reads by default, None where the user names it."""
        return getattr(self.data, "path", None)


@dataclass(frozen=True, slots=True)
class Program:
    """A whole model.

    Attributes:
        fit: How to train it, or None where the spec does not say.
        file: The name of the spec's file.
    """

    name: Identifier
    class_name: ClassName
    description: str | None
    seed: int | None
    exact: bool
    input: Input
    graph: Graph
    fit: Fit | None
    file: str
    span: Span

    @property
    def last(self) -> Node:
        """The node that gives the only output."""
        return self.graph.last

    def logits(self, value: Value) -> Activation | None:
        """Return the softmax or sigmoid that a loss takes over from the end of an output."""
        heads = self.fit.heads if self.fit is not None else ()
        return next((head.logits for head in heads if head.output is value), None)

    def words(self) -> list[Word]:
        """Return the layers, those within others included."""
        return [node.layer for node in self.graph.walk()]
