"""What a layer costs: parameters, multiply-adds and the size of its output, for one sample.

Multiply-adds are those of weights with inputs in a forward pass, as fvcore and thop count them:
one multiplication with its addition is one. What is done to each entry by itself counts 0:
activations, biases, normalizations, the products of a recurrent layer's gates. So do pooling,
resizing and looking up an embedding. Windows count in full where padding fills them, and a
spectral normalization's search for the singular value, which training alone does, does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, cast

from specc.program import Graph, Node
from specc.shapes import UNKNOWN, Shape

if TYPE_CHECKING:
    from specc.spec.layers.conv_lstm import ConvLSTM
    from specc.spec.layers.einsum import EinsumDense


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one layer, for one sample.

    Attributes:
        parameters: How many numbers its weights hold, as Keras counts them; 0 for a custom layer,
            whose weights the spec does not tell.
        trainable: How many of them training changes.
        multiply_adds: Multiplications, each with its addition, of a forward pass; None where they
            depend on a size that the spec leaves open, and for a custom layer.
        activations: How many numbers its output holds; None where a size of it is open.
    """

    parameters: int
    trainable: int
    multiply_adds: int | None
    activations: int | None


def cost(node: Node) -> Cost:
    """Return what a layer costs, the layers within it included."""
    sizes = [(prod(v.shape), v.trainable) for v in node.variables]
    return Cost(
        parameters=sum(size for size, _ in sizes),
        trainable=sum(size for size, trainable in sizes if trainable),
        multiply_adds=multiply_adds(node),
        activations=_entries(node.output_shape),
    )


def total_cost(graph: Graph) -> Cost:
    """Return what a model costs: weights by module, computation by call.

    Its `multiply_adds` and `activations` are None where those of a layer are not known.
    """
    calls = [cost(node) for node in graph.nodes]
    variables = [variable for module in graph.modules() for variable in module.variables]
    return Cost(
        sum(prod(v.shape) for v in variables),
        sum(prod(v.shape) for v in variables if v.trainable),
        _sum([call.multiply_adds for call in calls]),
        _sum([call.activations for call in calls]),
    )


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def multiply_adds(node: Node) -> int | None:
    """Return the multiply-adds of a layer for one sample, None where they are not known."""
    if node.nested:
        return _within(node)
    return MULTIPLY_ADDS.get(node.layer.kind, _nothing)(node)


def _entries(shape: Shape) -> int | None:
    return None if UNKNOWN in shape else prod(shape)


def _times(count: int | None, by: int | None) -> int | None:
    return None if count is None or by is None else count * by


def _weights(node: Node) -> int:
    """Return how many numbers its kernels hold, biases not among them."""
    return sum(prod(v.shape) for v in node.variables if v.name.endswith("kernel"))


def _places(shape: Shape, channels: int) -> int | None:
    entries = _entries(shape)
    return None if entries is None else entries // channels


def _nothing(node: Node) -> int:
    return 0


def _unknown(node: Node) -> None:
    return None


def _dense(node: Node) -> int | None:
    return _times(_places(node.input_shape[:-1], 1), _weights(node))


def _einsum(node: Node) -> int | None:
    # One for each combination of the letters: those of the input, and those that the kernel adds.
    layer = cast("EinsumDense", node.layer)
    x, letters, _ = layer.parts()
    kernel = node.variables[0].shape
    added = [size for letter, size in zip(letters, kernel, strict=True) if letter not in x]
    return _times(_entries(node.input_shape), prod(added))


def _convolution(node: Node) -> int | None:
    # The last axis of a kernel is what it gives, whichever axis of the output holds that.
    given = node.variables[0].shape[-1]
    return _times(_places(node.output_shape, given), _weights(node))


def _depthwise(node: Node) -> int | None:
    *_, channels, multiplier = node.variables[0].shape
    return _times(_places(node.output_shape, channels * multiplier), _weights(node))


def _separable(node: Node) -> int | None:
    return _times(_places(node.output_shape, node.variables[1].shape[-1]), _weights(node))


def _transposed(node: Node) -> int | None:
    # Each place of the input meets the whole kernel, whose last axis is what it takes.
    taken = node.variables[0].shape[-1]
    return _times(_places(node.input_shape, taken), _weights(node))


def _steps(node: Node) -> int | None:
    return _entries(node.input_shape[:1])


def _recurrent(node: Node) -> int | None:
    return _times(_steps(node), _weights(node))


def _conv_lstm(node: Node) -> int | None:
    # Its state has the sizes of a step's output, on which the recurrent kernel moves by 1.
    layer = cast("ConvLSTM", node.layer)
    step = node.output_shape[1:] if layer.return_sequences else node.output_shape
    return _times(_times(_steps(node), _places(step, layer.filters)), _weights(node))


def _within(node: Node) -> int | None:
    within = _sum([multiply_adds(inner) for inner in node.nested])
    return _times(_steps(node), within) if within and node.layer.each_step else within


# By the kind of the layer. A kind that has weights is here, what is not here multiplies none.
MULTIPLY_ADDS: dict[str, Callable[[Node], int | None]] = {
    "dense": _dense,
    "einsum_dense": _einsum,
    "embedding": _nothing,
    "activation": _nothing,
    "custom": _unknown,
    "convolution": _convolution,
    "depthwise_convolution": _depthwise,
    "separable_convolution": _separable,
    "transposed_convolution": _transposed,
    "convolutional_lstm": _conv_lstm,
    "recurrent": _recurrent,
    "cell": _weights,
    "normalization": _nothing,
}
