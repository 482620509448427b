"""The map of weights: which Keras variable is which PyTorch parameter, and how it is turned.

It is data of the lowering, which tests, verification and conversion read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from specc.shapes import Shape
from specc.spec.variables import Variable


@dataclass(frozen=True, slots=True)
class Transform:
    """A reshape, a transposition and a reshape, each left out where it is None.

    Attributes:
        split: Shape of the Keras variable with its flattened axis split.
        axes: Axes of the transposition.
        merge: Shape in PyTorch.
    """

    split: Shape | None = None
    axes: tuple[int, ...] | None = None
    merge: Shape | None = None

    def to_torch(self, array: Any) -> Any:
        """Return the PyTorch parameter of a Keras variable, a NumPy array."""
        array = array if self.split is None else array.reshape(self.split)
        array = array if self.axes is None else array.transpose(self.axes)
        return array if self.merge is None else array.reshape(self.merge)

    def to_keras(self, array: Any, shape: Shape) -> Any:
        """Return the Keras variable, of shape `shape`, of a PyTorch parameter, a NumPy array."""
        if self.axes is None:
            return array.reshape(shape)
        split = self.split or shape
        array = array.reshape(tuple(split[a] for a in self.axes))
        inverse = sorted(range(len(self.axes)), key=self.axes.__getitem__)
        return array.transpose(inverse).reshape(shape)


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight in both programs.

    Attributes:
        layer: The layer's name.
        variable: What Keras holds.
        attribute: PyTorch's name within the layer, as `weight`.
        transform: From Keras to PyTorch.
        default: What PyTorch's module sets it to by itself, `zeros` or `ones`, or None.
    """

    layer: str
    variable: Variable
    attribute: str
    transform: Transform = Transform()
    default: str | None = None

    @property
    def parameter(self) -> str:
        """PyTorch's name of it in the model's state, as `dense_1.weight`."""
        return f"{self.layer}.{self.attribute}"

    @property
    def access(self) -> str:
        """The expression of it after the layer's, as `.weight`, or `[0].weight` in a sequence."""
        index, _, rest = self.attribute.partition(".")
        return f"[{index}].{rest}" if index.isdigit() else f".{self.attribute}"


def image_order(image: Shape, rest: Shape = ()) -> Transform:
    """Return the transform of an axis whose entries PyTorch holds channels first.

    Arguments:
        image: Keras' shape of the image that was flattened.
        rest: The axes after it; they go to the front, as those of a Linear do.
    """
    count = len(image)
    axes = (*range(count, count + len(rest)), count - 1, *range(count - 1))
    size = 1
    for length in image:
        size *= length
    return Transform((*image, *rest), axes, (*rest, size))
