"""Layers that prepare inputs, in PyTorch."""

from __future__ import annotations

from typing import Any, cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.shapes import Shape
from specc.spec.layers.preprocessing import (
    CategoryEncoding,
    Discretization,
    IntegerLookup,
    Normalization,
    Rescaling,
)
from specc.targets.torch.layout import KERAS, Layout, keras_order
from specc.targets.torch.lowered import At, Attribute, Lowered


def rescaling(node: Node, at: At) -> Lowered:
    """Arithmetic on `x`; lists are buffers of a short class, which follow the model's device."""
    layer, rank = cast(Rescaling, node.layer), len(node.input_shape)
    scale, offset = layer.scale, layer.offset
    if isinstance(scale, float) and isinstance(offset, float):
        step = _arithmetic(at.x, scale, offset)
        if step is None and node.input.integers:
            step = Code(f"{at.x}.float()")
        return Lowered(() if step is None else (step,))
    tensors = (_tensor(value, at.layout, rank) for value in (scale, offset))
    module = Attribute(node.name, call("Rescaling", *tensors))
    return Lowered((call(f"self.{node.name}", at.x),), (module,), helpers=("rescaling",))


def _arithmetic(x: Code, scale: float, offset: float) -> Code | None:
    product = x if scale == 1 else f"{x} * {literal(scale)}"
    sign = "-" if offset < 0 else "+"
    value = f"{product} {sign} {literal(abs(offset))}" if offset else product
    return None if value == x else Code(value)


def _tensor(value: float | tuple[float, ...], layout: Layout, rank: int) -> Code:
    """Return the tensor of one argument, its axis that of the channels."""
    if isinstance(value, float):
        return Code(f"torch.tensor({literal(value)})")
    tensor = f"torch.tensor({literal(list(value))})"
    if not layout.first:
        return Code(tensor)
    sizes = ", ".join(map(str, (len(value), *[1] * (rank - 1))))
    return Code(f"{tensor}.view({sizes})")


def normalization(node: Node, at: At) -> Lowered:
    """Arithmetic on `x`; lists are buffers of a short class, as those of a rescaling."""
    layer = cast(Normalization, node.layer)
    if not layer.varies():
        return Lowered((_normalized(at.x, layer.mean, layer.variance, layer.invert),))
    sizes = _broadcast(layer, node.input_shape, at.layout)
    tensors = [_viewed(layer.mean, sizes), _viewed(layer.variance, sizes)]
    inverts = ("normalization_inverts",) if layer.invert else ()
    module = call("Normalization", *tensors, invert=literal(True) if inverts else None)
    step = call(f"self.{node.name}", at.x)
    return Lowered((step,), (Attribute(node.name, module),), helpers=("normalization", *inverts))


def _normalized(x: Code, mean: float, variance: float, invert: bool) -> Code:
    deviation = f"math.sqrt({literal(variance)})" if variance > 1e-14 else "1e-07"
    if invert:
        sign, size = ("-", -mean) if mean < 0 else ("+", mean)
        return Code(f"{x} * {deviation} {sign} {literal(size)}")
    shifted = f"{x} + {literal(-mean)}" if mean < 0 else f"{x} - {literal(mean)}"
    return Code(f"({shifted}) / {deviation}" if mean else f"{x} / {deviation}")


def _broadcast(layer: Normalization, shape: Shape, layout: Layout) -> Shape:
    """Return the shape in PyTorch of numbers along some axes; a leading 1 is left out."""
    given, axes = _sizes(layer.mean), layer.axes(shape)
    places = dict(zip(axes[len(axes) - len(given) :], given, strict=True))
    sizes = layout.shape(tuple(places.get(axis, 1) for axis in range(1, len(shape) + 1)))
    while len(sizes) > len(given) and sizes[0] == 1:
        sizes = sizes[1:]
    return sizes


def _sizes(value: Any) -> Shape:
    return (len(value), *_sizes(value[0])) if isinstance(value, tuple) else ()


def _viewed(value: Any, sizes: Shape) -> Code:
    tensor = f"torch.tensor({literal(_lists(value))})"
    if sizes == _sizes(value):
        return Code(tensor)
    return Code(f"{tensor}.view({', '.join(map(str, sizes))})")


def _lists(value: Any) -> Any:
    return [_lists(v) for v in value] if isinstance(value, tuple) else value


def category_encoding(node: Node, at: At) -> Lowered:
    """A comparison with each number: `one_hot` of PyTorch refuses others, Keras gives zeros."""
    layer = cast(CategoryEncoding, node.layer)
    numbers = at.x if node.input.integers else Code(f"{at.x}.long()")
    hot = _compared(numbers, at.x, layer.output_mode, node.input_shape, layer.num_tokens or 0)
    return Lowered((hot,))


def _compared(numbers: Code, x: Code, mode: str, shape: Shape, depth: int) -> Code:
    """Return vectors of categories, with none for what is no category.

    Args:
        x: A tensor on the device of the numbers.
    """
    merged = mode == "one_hot" or shape == (1,)
    column = numbers if shape[-1:] == (1,) else f"{numbers}.unsqueeze(-1)"
    hot = f"({column} == torch.arange({depth}, device={x}.device))"
    if not merged:
        hot += ".any(dim=1)" if mode == "multi_hot" else ".sum(dim=1)"
    return Code(f"{hot}.float()")


def _hot(x: Code, mode: str, shape: Shape, depth: int) -> Code:
    """Return vectors of categories from `x`, which holds no others."""
    alone = mode == "one_hot" and shape[-1:] == (1,)
    hot = call("F.one_hot", Code(f"{x}.squeeze(-1)") if alone else x, literal(depth))
    merge = {"one_hot": "", "multi_hot": ".amax(dim=1)", "count": ".sum(dim=1)"}[mode]
    return Code(f"{hot}{merge}.float()")


def discretization(node: Node, at: At) -> Lowered:
    """torch.bucketize, in a short class that holds the boundaries."""
    layer = cast(Discretization, node.layer)
    boundaries = literal(list(layer.bin_boundaries or ()))
    numbers = Code(f"{at.x}.float()") if node.input.integers else at.x
    steps: tuple[Expression, ...] = (call(f"self.{node.name}", numbers),)
    if layer.output_mode != "int":
        steps += (_hot(at.y, layer.output_mode, node.input_shape, layer.bins()),)
    module = Attribute(node.name, call("Discretization", boundaries))
    return Lowered(steps, (module,), helpers=("discretization",))


def integer_lookup(node: Node, at: At) -> Lowered:
    """A short class with a table of keys and values, the mask a key like any other."""
    layer = cast(IntegerLookup, node.layer)
    masks = layer.mask_token is not None
    module, helpers = _table(layer)
    steps: tuple[Expression, ...] = (call(f"self.{node.name}", at.x),)
    if layer.output_mode != "int":
        arguments = (layer.output_mode, node.input_shape, layer.depth())
        steps += (_compared(at.y, at.y, *arguments) if masks else _hot(at.y, *arguments),)
    return Lowered(steps, (Attribute(node.name, module),), helpers=helpers)


def _table(layer: IntegerLookup) -> tuple[Expression, tuple[str, ...]]:
    """Return the call of the class, and which of its parts it needs."""
    masked = layer.mask_token is not None
    vocabulary = literal(list((layer.mask_token, *layer.tokens()) if masked else layer.tokens()))
    indices = _places(layer)
    if layer.invert:
        values = (indices, vocabulary, literal(layer.oov_token or 0))
        return call("IntegerLookup", *values), ("integer_lookup",)
    if layer.num_oov_indices == 0:
        return call("IntegerLookup", vocabulary, indices), ("integer_lookup", "lookup_fails")
    unknown = literal(layer.unknown())
    if layer.num_oov_indices == 1:
        return call("IntegerLookup", vocabulary, indices, unknown), ("integer_lookup",)
    several = call(
        "IntegerLookup", vocabulary, indices, unknown, several=literal(layer.num_oov_indices)
    )
    return several, ("integer_lookup", "lookup_hashes")


def _places(layer: IntegerLookup) -> Code:
    """Return the places of the vocabulary, behind that of the mask, which is none in a vector."""
    first, after = layer.start(), layer.start() + len(layer.tokens())
    rest = f"range({first}, {after})" if first else f"range({after})"
    if layer.mask_token is None:
        return Code(rest)
    if layer.output_mode != "int":
        return Code(f"[-1, *{rest}]")
    return Code(f"range({after})" if first == 1 else f"[0, *{rest}]")


LAYERS = {
    Rescaling: rescaling,
    Normalization: normalization,
    CategoryEncoding: category_encoding,
    Discretization: discretization,
    IntegerLookup: integer_lookup,
}


def _encoded(node: Node, takes: Layout) -> Layout:
    """Return how categories are held: vectors of them along the last axis."""
    layer = cast(Discretization | IntegerLookup, node.layer)
    return takes if layer.output_mode == "int" else KERAS


LAYOUTS = {
    CategoryEncoding: keras_order,
    Discretization: _encoded,
    IntegerLookup: _encoded,
}
