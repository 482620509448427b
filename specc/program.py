"""The contract between front and back: a model with every name, shape and default resolved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from specc.diagnostics import Span
from specc.expressions import ClassName, Identifier
from specc.shapes import Shape
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


@dataclass(frozen=True, slots=True)
class Node:
    """One layer at its place in the model.

    Attributes:
        name: The layer's name in both programs. A layer within another has the other's name, with
            a label of its own where there are several.
        layer: What the spec says of it.
        inputs: Names of the nodes that it takes, `input` for the model's input.
        input_shape: Shape of what it takes, in Keras' axes without the batch.
        output_shape: Shape of what it gives, likewise.
        integers: Whether its input holds integers.
        masked: Whether a mask comes with its input, of the shape of all its axes but the last.
            In `forward` of a PyTorch program it is then the variable `mask`, True where an entry
            counts.
        variables: Its weights as Keras holds them, those of the layers within it included.
        span: Where the spec writes it.
        nested: The layers within it.
        inside: Whether it is within another.
    """

    name: Identifier
    layer: Layer
    inputs: tuple[str, ...]
    input_shape: Shape
    output_shape: Shape
    integers: bool
    masked: bool
    variables: tuple[Variable, ...]
    span: Span
    nested: tuple[Node, ...] = ()
    inside: bool = False

    @property
    def work(self) -> Node:
        """The node whose layer computes: the nested one where this one applies it as it is."""
        return self.nested[0].work if self.layer.applies else self

    @property
    def activity(self) -> Regularizer | None:
        """The penalty on the output; Keras' TimeDistributed drops that of the layer within it."""
        if self.layer.word == "time_distributed":
            return None
        found: Regularizer | None = getattr(self.work.layer, "activity_regularizer", None)
        return found

    def walk(self) -> Iterator[Node]:
        """Yield the node and all within it."""
        yield self
        for node in self.nested:
            yield from node.walk()


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
class Fit:
    """How a model is trained.

    Attributes:
        target_shapes: Shapes that a target may have without the batch, the first being the
            program's own.
        integers: Whether targets are integers.
        classes: Number of classes where targets are those of the output's last axis, else None.
        figures: What is reported next to the loss.
        span: Where the spec writes the optimizer.
    """

    optimizer: AnyOptimizer
    loss: Loss
    training: Training
    data: DataSource | None
    figures: tuple[Figure, ...]
    watches: tuple[Watch, ...]
    target_shapes: tuple[Shape, ...]
    integers: bool
    classes: int | None
    span: Span

    @property
    def data_file(self) -> str | None:
        """The file of samples that a program reads by default, None where the user names it."""
        return getattr(self.data, "path", None)


@dataclass(frozen=True, slots=True)
class Program:
    """A whole model.

    Attributes:
        logits: The softmax or sigmoid at the model's end whose input the loss takes, or None.
        fit: How to train it, or None where the spec does not say.
        file: The name of the spec's file.
    """

    name: Identifier
    class_name: ClassName
    description: str | None
    seed: int | None
    exact: bool
    input: Input
    nodes: tuple[Node, ...]
    logits: Activation | None
    fit: Fit | None
    file: str
    span: Span

    @property
    def output_shape(self) -> Shape:
        """Shape of the model's output in Keras' axes, without the batch."""
        return self.nodes[-1].output_shape

    def walk(self) -> Iterator[Node]:
        """Yield all nodes, each before those within it."""
        for node in self.nodes:
            yield from node.walk()

    @property
    def masked(self) -> bool:
        """Whether a mask comes with the output, which then tells the loss what counts."""
        last = self.nodes[-1]
        return last.layer.gives_mask(last.masked)

    def taking_mask(self, node: Node) -> tuple[Node, ...]:
        """Return the layers to whose input the mask comes that is with a node's output."""
        found: list[Node] = []
        for later in self.nodes[self.nodes.index(node) + 1 :]:
            if not later.masked or (found and found[-1].layer.gives_mask(False)):
                break
            found.append(later)
        return tuple(found)

    def words(self) -> list[Word]:
        """Return the layers, those within others included."""
        return [node.layer for node in self.walk()]
