"""The map of weights: which Keras variable is which PyTorch parameter, and how it is turned.

It is data of the lowering, which tests, verification and conversion read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Any

from specc.expressions import Code, quoted
from specc.shapes import Shape
from specc.spec.variables import Variable

_STATISTICS = ("running_mean", "running_var")


@dataclass(frozen=True, slots=True)
class Transform:
    """A reshape, a transposition, a reshape and an order, each left out where it is None.

    Attributes:
        split: Shape of the Keras variable with its flattened axis split.
        axes: Axes of the transposition.
        merge: Shape in PyTorch.
        blocks: Which of Keras' equal blocks of the first axis PyTorch has first, second, ...
    """

    split: Shape | None = None
    axes: tuple[int, ...] | None = None
    merge: Shape | None = None
    blocks: tuple[int, ...] | None = None

    def to_torch(self, array: Any) -> Any:
        """Return the PyTorch parameter of a Keras variable, a NumPy array."""
        array = array if self.split is None else array.reshape(self.split)
        array = array if self.axes is None else array.transpose(self.axes)
        array = array if self.merge is None else array.reshape(self.merge)
        return array if self.blocks is None else _ordered(array, self.blocks)

    def to_keras(self, array: Any, shape: Shape) -> Any:
        """Return the Keras variable, of shape `shape`, of a PyTorch parameter, a NumPy array."""
        if self.blocks is not None:
            array = _ordered(array, _inverse(self.blocks))
        if self.axes is None:
            return array.reshape(shape)
        split = self.split or shape
        array = array.reshape(tuple(split[a] for a in self.axes))
        return array.transpose(_inverse(self.axes)).reshape(shape)


def _inverse(order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(order)), key=order.__getitem__))


def _ordered(array: Any, blocks: tuple[int, ...]) -> Any:
    return array.reshape(len(blocks), -1, *array.shape[1:])[list(blocks)].reshape(array.shape)


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight in both programs; a Keras variable can be several tensors in PyTorch.

    Attributes:
        layer: The layer's name.
        variable: What Keras holds.
        attribute: PyTorch's name within the layer, as `weight`.
        transform: From Keras to PyTorch.
        default: What PyTorch's module sets it to by itself, `zeros` or `ones`, or None.
        row: Which entry of the variable's first axis it is, where PyTorch holds them apart.
        frozen: Whether PyTorch alone has it, added to what the variable is, and keeps it at 0.
        place: Which of a list of modules holds it, None where the layer is one module.
        declared: Whether its module declares the attribute to be a tensor, as type checkers ask:
            those of an nn.LSTM are set by name, what stands in a list is any module, a convolution
            may have no bias, and batch normalization no statistics.
    """

    layer: str
    variable: Variable
    attribute: str
    transform: Transform = Transform()
    default: str | None = None
    row: int | None = None
    frozen: bool = False
    place: int | None = None
    declared: bool = True

    def to_torch(self, array: Any) -> Any:
        """Return the PyTorch tensor that a Keras variable, a NumPy array, gives."""
        found = self.transform.to_torch(array if self.row is None else array[self.row])
        return abs(found) * 0 if self.frozen else found

    @property
    def path(self) -> str:
        """PyTorch's name of it within the layer, as `weight`, or `0.weight` in a list."""
        return self.attribute if self.place is None else f"{self.place}.{self.attribute}"

    @property
    def parameter(self) -> str:
        """PyTorch's name of it in the model's state, as `dense_1.weight`."""
        return f"{self.layer}.{self.path}"

    @property
    def bare(self) -> str:
        """The expression of it after the layer's: `.weight`, or `[0].weight` in a list."""
        place = "" if self.place is None else f"[{self.place}]"
        return f"{place}.{self.attribute}"

    @property
    def access(self) -> str:
        """The expression of it after the layer's that type checkers take for a tensor."""
        if self.declared:
            return self.bare
        kind = "buffer" if self.attribute in _STATISTICS else "parameter"
        return f".get_{kind}({quoted(self.path)})"

    @property
    def tensor(self) -> Code:
        """The expression of it where the model is `model`."""
        return Code(f"model.{self.layer}{self.access}")

    def within(self, name: str) -> Weight:
        """Return it as that of a layer which another one holds under a name."""
        return replace(self, attribute=f"{name}.{self.path}", place=None, declared=False)


def to_keras(parts: Sequence[tuple[Weight, Any]]) -> Any:
    """Return a Keras variable.

    Arguments:
        parts: Its PyTorch tensors in the order of the map, as NumPy arrays.
    """
    shape = parts[0][0].variable.shape
    # Also a weight of -0.0 stays what it is, where nothing is added to it.
    parts = [part for part in parts if not part[0].frozen or part[1].any()]
    if parts[0][0].row is None:
        return reduce(add, (weight.transform.to_keras(array, shape) for weight, array in parts))
    whole = parts[0][1].repeat(shape[0]).reshape(shape)
    for weight, array in parts:
        whole[weight.row] = weight.transform.to_keras(array, shape[1:])
    return whole


def dimensions(shape: Shape, transform: Transform) -> list[list[tuple[int, int]]]:
    """Return what each dimension of PyTorch's tensor holds: axes of Keras' weight, and sizes.

    Arguments:
        shape: Keras' shape of the weight, or of one entry of its first axis.
        transform: From Keras to PyTorch.
    """
    split = transform.split or shape
    owners = _owners(shape, split)
    order = transform.axes or range(len(split))
    parts = [(owners[axis], split[axis]) for axis in order]
    if transform.merge is None:
        return [[part] for part in parts]
    merged: list[list[tuple[int, int]]] = []
    for size in transform.merge:
        merged.append([])
        left = size
        while parts and (left > 1 or (not merged[-1] and parts[0][1] == 1)):
            merged[-1].append(parts.pop(0))
            left //= merged[-1][-1][1]
    merged[-1] += parts
    return merged


def _owners(shape: Shape, split: Shape) -> list[int]:
    """Return the axis of `shape` that each size of `split` is a part of."""
    owners, axis, left = [], 0, shape[0]
    for place, size in enumerate(split):
        after = len(shape) - 1 - axis
        if place and after and left == 1 and (size > 1 or len(split) - place <= after):
            axis += 1
            left = shape[axis]
        owners.append(axis)
        left //= size
    return owners


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
