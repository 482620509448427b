"""Where each tensor has its channels.

Keras keeps channels last, PyTorch's convolutions want them first. A tensor carries a layout; each
layer says which it wants, and a permutation stands only where the two differ. Layers that work
element by element take any.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from specc.expressions import Code, literal
from specc.program import Node, Program
from specc.shapes import UNKNOWN, Shape, positive_axis, product
from specc.spec.layers.core import Custom, Dense
from specc.spec.spatial import Spatial


@dataclass(frozen=True, slots=True)
class Layout:
    """How PyTorch holds a tensor.

    Attributes:
        first: Whether Keras' last axis stands directly after the batch.
        flat: Keras' shape of the image that a vector was flattened from, where the vector is in
            channels-first order, else None.
        steps: Lengths of Keras' first axes where they are one with the batch, so that each step is
            a sample of its own. All else is then said of the axes after them.
    """

    first: bool = False
    flat: Shape | None = None
    steps: Shape = ()

    def dim(self, axis: int, rank: int) -> int:
        """Return the PyTorch dimension of a Keras axis, the batch being 0, `rank` the last."""
        axis = axis + rank + 1 if axis < 0 else axis
        if not self.first:
            return axis
        return 1 if axis == rank else axis + 1

    def shape(self, shape: Shape) -> Shape:
        """Return the shape in PyTorch, without the batch."""
        return (shape[-1], *shape[:-1]) if self.first else shape


@dataclass(frozen=True, slots=True)
class Output:
    """Where the output of a layer is found while the program's `forward` runs.

    Attributes:
        layer: The layer's name.
        variable: What `forward` calls it.
        statements: After how many statements it is that.
        layout: How PyTorch holds it.
    """

    layer: str
    variable: str
    statements: int
    layout: Layout


KERAS = Layout()
FIRST = Layout(first=True)


def keras_order(node: Node, takes: Layout) -> Layout:
    """Return the layout of what has Keras' axes whatever it was made from."""
    return KERAS


def peeled(node: Node) -> tuple[Node, Shape]:
    """Return what TimeDistributed layers apply, and the lengths of the axes that they run along."""
    steps: Shape = ()
    while _repeats(node):
        steps, node = (*steps, node.input_shape[0]), node.nested[0]
    return node, steps


def faced(node: Node, layout: Layout) -> Node:
    """Return the layer that computes as it faces a tensor: without the axes that are samples."""
    inner, count = peeled(node)[0], len(layout.steps)
    if inner is node and not count:
        return node
    taken = replace(inner.input, shape=node.input_shape[count:])
    given = replace(inner.output, shape=node.output_shape[count:])
    return replace(inner, inputs=(taken,), outputs=(given,))


def within(following: Iterable[Node], layout: Layout) -> Iterable[Node]:
    """Return which layers come next while steps are samples; all where they are not."""
    if not layout.steps:
        return following
    pairs = takewhile(lambda pair: pair[1] == layout.steps, map(peeled, following))
    return (inner for inner, _ in pairs)


def is_of_steps(node: Node) -> bool:
    """Tell whether a layer itself knows steps, be they samples or not."""
    return _repeats(node) or node.layer.kind == "convolutional_lstm"


def _repeats(node: Node) -> bool:
    """Tell whether a layer applies the one that it holds to each step."""
    return node.layer.applies and node.layer.each_step


def is_pointwise(node: Node) -> bool:
    """Tell whether a layer treats each vector along the last axis alike, wherever it stands."""
    words = (node.layer, getattr(node.layer, "activation", None))
    last = all(getattr(word, "axis", -1) == -1 for word in words)
    return last and node.layer.pointwise and not getattr(node.layer, "noise_shape", None)


def is_stepwise(node: Node) -> bool:
    """Tell whether a layer mixes samples, so that it needs each step by itself."""
    shared = (getattr(node.layer, "noise_shape", None) or (None,))[0] == 1
    return node.layer.batch_statistics or isinstance(node.layer, Custom) or shared


def is_channels_first(program: Program) -> bool:
    """Tell whether the spec's own axes are channels-first already."""
    for node in program.graph.walk():
        if "data_format" in type(node.layer).model_fields:
            return getattr(node.layer, "data_format", None) == "channels_first"
    return False


def outside(program: Program, shape: Shape) -> Layout:
    """Return the layout in which users hold an input or output: images channels first."""
    return FIRST if len(shape) in (3, 4) and not is_channels_first(program) else KERAS


def wanted(node: Node, now: Layout, following: Iterable[Node]) -> Layout:
    """Return the layout that a layer takes, `now` where it takes any."""
    if node.layer.kind == "convolutional_lstm":
        first = _field(node, "data_format") != "channels_first"
        return Layout(first=first, steps=node.input_shape[:1])
    inner, steps = peeled(node)
    alike = is_pointwise(inner)
    if now.steps and (steps == now.steps or (not steps and alike and node.activity is None)):
        goal = _wanted(faced(node, now), replace(now, steps=()), within(following, now))
        return replace(goal, steps=now.steps)
    if now.steps:
        now = KERAS
    if not steps or alike:
        return _wanted(faced(node, now), now, following)
    rank = len(inner.input_shape)
    if rank == len(steps) == 1 and is_stepwise(inner):
        return KERAS
    goal = Layout(first=now.first and rank > 1, steps=steps)
    return replace(_wanted(inner, goal, within(following, goal)), steps=steps)


def _wanted(node: Node, now: Layout, following: Iterable[Node]) -> Layout:
    node = node.work
    layer, rank = node.layer, len(node.input_shape)
    if layer.layout_agnostic or _is_elementwise(node):
        return now
    if isinstance(layer, Spatial):
        return KERAS if layer.is_first() else FIRST
    if layer.batch_statistics or layer.word == "group_normalization":
        if node.input.masked and layer.uses_mask():
            return KERAS if rank > 1 else now
        if rank == 1:
            return now
        return FIRST if positive_axis(_field(node, "axis"), rank) == rank else KERAS
    if isinstance(layer, Custom):
        return FIRST if rank in (3, 4) else KERAS
    if layer.word == "flatten":
        return now if keeps_order(node, now, following) else replace(now, first=False)
    return now if rank == 1 else KERAS


def _is_elementwise(node: Node) -> bool:
    """Tell whether a layer that prepares inputs does the same in any layout."""
    if node.layer.word in ("discretization", "integer_lookup"):
        return bool(_field(node, "output_mode") == "int")
    if node.layer.word != "normalization" or not _field(node, "varies")():
        return node.layer.word == "normalization"
    rank = len(node.input_shape)
    return bool(_field(node, "axes")(node.input_shape) == (rank,))


def permutation(x: Code, before: Layout, after: Layout, rank: int) -> Code | None:
    """Return what brings `x` from one layout into the other, or None."""
    if before.first == after.first or rank < 2:
        return None
    if rank == 2:
        return Code(f"{x}.transpose(1, 2)")
    to_first, to_keras = [0, rank, *range(1, rank)], [0, *range(2, rank + 1), 1]
    axes = to_first if after.first else to_keras
    return Code(f"{x}.permute({', '.join(map(str, axes))})")


def moves(x: Code, y: Code, before: Layout, after: Layout, rank: int) -> list[tuple[Code, str]]:
    """Return the values that bring `x` from one layout into another, each with its comment.

    Args:
        y: What each is assigned to, and what the next one takes.
        rank: Number of Keras' axes, without the batch.
    """
    if before.steps == after.steps:
        return _turned(x, before, after, rank - len(before.steps))
    if before.steps and after.steps:
        return _then(moves(x, y, before, KERAS, rank), x, y, KERAS, after, rank)
    if after.steps:
        return _joined(x, y, before, after, rank)
    return _parted(x, y, before, after, rank)


def _then(
    found: list[tuple[Code, str]], x: Code, y: Code, before: Layout, after: Layout, rank: int
) -> list[tuple[Code, str]]:
    """Return values with those that bring what they give into another layout."""
    return [*found, *moves(y if found else x, y, before, after, rank)]


def _joined(x: Code, y: Code, before: Layout, after: Layout, rank: int) -> list[tuple[Code, str]]:
    count, rest = len(after.steps), rank - len(after.steps)
    comment = "each step as a sample"
    if before.first and after.first and rest > 1:
        axes = 0, *range(2, count + 2), 1, *range(count + 2, rank + 1)
        return [(Code(f"{_permuted(x, axes)}.flatten(0, {count})"), comment)]
    found = _turned(x, before, KERAS, rank)
    found.append((Code(f"{y if found else x}.flatten(0, {count})"), comment))
    return [*found, *_turned(y, KERAS, after, rest)]


def _parted(x: Code, y: Code, before: Layout, after: Layout, rank: int) -> list[tuple[Code, str]]:
    count, rest = len(before.steps), rank - len(before.steps)
    sizes, comment = literal((-1, *before.steps)), "back to steps"
    if before.first and after.first and rest > 1:
        axes = 0, count + 1, *range(1, count + 1), *range(count + 2, rank + 1)
        return [(Code(_permuted(Code(f"{x}.unflatten(0, {sizes})"), axes)), comment)]
    found = _turned(x, before, KERAS, rest)
    found.append((Code(f"{y if found else x}.unflatten(0, {sizes})"), comment))
    return [*found, *_turned(y, KERAS, after, rank)]


def _permuted(x: Code, axes: tuple[int, ...]) -> str:
    if axes[:3] == (0, 2, 1) and axes[3:] == tuple(range(3, len(axes))):
        return f"{x}.transpose(1, 2)"
    return f"{x}.permute({', '.join(map(str, axes))})"


def _turned(x: Code, before: Layout, after: Layout, rank: int) -> list[tuple[Code, str]]:
    step = permutation(x, before, after, rank)
    comment = "channels first" if after.first else "channels last"
    return [] if step is None else [(step, comment)]


def flattened(node: Node, now: Layout) -> Layout:
    """Return the layout of a flattened tensor that came in layout `now`."""
    image = _image(node, now)
    if image is None or image[-1] == 1 or product(image[:-1]) == 1:
        return replace(now, first=False, flat=now.flat if len(node.input_shape) == 1 else None)
    return Layout(first=False, flat=image)


def _image(node: Node, now: Layout) -> Shape | None:
    # The shape in whose order Keras flattens, where PyTorch has its last axis first.
    shape = node.input_shape
    if turns_channels(node) and not now.first:
        return (*shape[1:], shape[0])
    return shape if now.first else None


def turns_channels(node: Node) -> bool:
    """Tell whether Keras moves axis 1 to the end before it flattens."""
    first = node.layer.word == "flatten" and _field(node, "data_format") == "channels_first"
    return first and len(node.input_shape) > 1


def keeps_order(node: Node, now: Layout, following: Iterable[Node]) -> bool:
    """Tell whether what follows a flatten can live with channels-first order.

    A Linear can, its columns are reordered once; so can what works on each feature by itself.
    """
    if turns_channels(node) and now.first:
        return False
    image = flattened(node, now).flat
    if image is None:
        return True
    if UNKNOWN in image:
        return False
    for later in (node.work for node in following):
        layer, word = later.layer, later.layer.word
        if isinstance(layer, Dense):
            return layer.kernel_initializer.word != "identity"
        if word == "dropout" and _field(later, "noise_shape") is None:
            continue
        if layer.is_function and later.output_shape == later.input_shape:
            continue
        if word in ("rescaling", "normalization") and not _field(later, "varies")():
            continue
        if not layer.orderless:
            return False
    return False


def _field(node: Node, name: str) -> Any:
    return getattr(node.layer, name)
