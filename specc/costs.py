"""What a layer costs: parameters, multiply-adds and the size of its output, for one sample."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from specc.program import Node
from specc.shapes import UNKNOWN


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one layer, for one sample.

    Attributes:
        parameters: How many numbers its weights hold, as Keras counts them.
        trainable: How many of them training changes.
        multiply_adds: Multiplications, each with its addition, of a forward pass; None where they
            depend on a size that the spec leaves open.
        activations: How many numbers its output holds; None likewise.
    """

    parameters: int
    trainable: int
    multiply_adds: int | None
    activations: int | None


def cost(node: Node) -> Cost:
    """Return what a layer costs, the layers within it included."""
    sizes = [(prod(v.shape), v.trainable) for v in node.variables]
    parameters = sum(size for size, _ in sizes)
    known = UNKNOWN not in (*node.input_shape, *node.output_shape)
    return Cost(
        parameters,
        sum(size for size, trainable in sizes if trainable),
        0 if known else None,
        prod(node.output_shape) if known else None,
    )
