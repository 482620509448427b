"""What becomes of weights that were trained before a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

from specc.changes.matching import Pair
from specc.program import Node, Program, Value
from specc.shapes import text
from specc.spec.layers.preprocessing import IntegerLookup
from specc.spec.layers.reshaping import Flatten, Permute, Reshape
from specc.spec.variables import Variable

# kept: it fits, and means what it meant. anew: there is none, or it does not fit. gone: no layer
# takes it.
Fate = Literal["kept", "anew", "gone"]


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight and what becomes of it.

    Attributes:
        layer: The layer's name, the new one where there is one.
        name: The weight's within the layer, as `kernel` or `forward_layer.cell.kernel`.
        before: What it was, None where the model did not have it.
        after: What it is, None where the model no longer has it.
        fate: What becomes of it.
        reason: Why it cannot be kept; empty where it is.
    """

    layer: str
    name: str
    before: Variable | None
    after: Variable | None
    fate: Fate
    reason: str = ""

    @property
    def reshaped(self) -> bool:
        """Whether it is there before and after, of different shapes."""
        before, after = self.before, self.after
        return before is not None and after is not None and before.shape != after.shape

    @property
    def size(self) -> int:
        """How many parameters it holds, or held where it is gone."""
        variable = self.after or self.before
        assert variable is not None
        return prod(variable.shape)


def fates(old: Program, new: Program, pairs: Sequence[Pair]) -> list[list[Weight]]:
    """Return for each pair of layers what becomes of the weights of both."""
    before, after = _orders(old), _orders(new)
    return [_of_pair(pair, before, after) for pair in pairs]


def _of_pair(pair: Pair, before: dict[str, _Order], after: dict[str, _Order]) -> list[Weight]:
    old, new = pair.old, pair.new
    if old is None or new is None:
        return _alone(old, new)
    held, weights = _held(old, new), []
    reordered = _reordered(before[old.name], after[new.name])
    for variable in new.variables:
        name = _within(variable)
        found = held.pop(name, None)
        fate, reason = _fate(found, variable, reordered)
        weights.append(Weight(str(new.name), name, found, variable, fate, reason))
    gone = [
        Weight(str(new.name), _within(v), v, None, "gone", "no longer there") for v in held.values()
    ]
    return weights + gone


def _alone(old: Node | None, new: Node | None) -> list[Weight]:
    if new is not None:
        name = str(new.name)
        return [Weight(name, _within(v), None, v, "anew", "new") for v in new.variables]
    assert old is not None
    name = str(old.name)
    return [Weight(name, _within(v), v, None, "gone", "no longer there") for v in old.variables]


def _fate(before: Variable | None, after: Variable, reordered: str) -> tuple[Fate, str]:
    if before is None:
        return "anew", "new"
    if before.shape != after.shape:
        return "anew", f"{text(before.shape)} -> {text(after.shape)}"
    if reordered and _takes_input(after):
        return "anew", reordered
    return "kept", ""


def _within(variable: Variable) -> str:
    """Return the name of a weight within the layer of the model that holds it."""
    return ".".join((*variable.owner[1:], variable.name))


def _held(old: Node, new: Node) -> dict[str, Variable]:
    """Return the weights before, under the names that they have in the new layer.

    Those of a layer that is now within another are in that, as of an lstm in `forward_layer` of
    a bidirectional; and the other way round.
    """
    found = {_within(v): v for v in old.variables}
    if type(old.layer) is type(new.layer):
        return found
    inner = next((n for n in new.nested if type(n.layer) is type(old.layer)), None)
    if inner is not None:
        prefix = ".".join(_owner(inner))
        return {f"{prefix}.{name}": v for name, v in found.items()}
    outer = next((n for n in old.nested if type(n.layer) is type(new.layer)), None)
    if outer is not None:
        prefix = ".".join(_owner(outer)) + "."
        return {
            (name.removeprefix(prefix) if name.startswith(prefix) else f"before.{name}"): v
            for name, v in found.items()
        }
    return {f"before.{name}": v for name, v in found.items()}


def _owner(node: Node) -> tuple[str, ...]:
    """Return the attributes that lead to a layer within another."""
    return node.variables[0].owner[1:] if node.variables else ()


# The order of a layer's inputs

# What gives features of its own, whatever the order of its inputs was.
_FEATURES = ("dense", "einsum_dense", "embedding", "recurrent", "custom")
_OWN = ("bias", "recurrent_kernel")  # weights that do not meet the input

_Order = tuple[tuple[Any, ...], ...]


def _orders(program: Program) -> dict[str, _Order]:
    """Return what the layers before each layer did to the order of its inputs.

    It is what came since the last layer with features of its own: reshapes, permutations and
    lookups, by which an entry stands for something else in spite of equal shapes.
    """
    orders: dict[Value, _Order] = {program.graph.input: ()}
    for node in program.graph.nodes:
        kept = () if _has_features(node.work) else (*orders[node.input], *_step(node.work))
        orders[node.output] = kept
    return {node.name: orders[node.input] for node in program.graph.nodes}


def _has_features(node: Node) -> bool:
    kind = node.layer.kind
    return kind in _FEATURES or (node.layer.convolves and kind != "depthwise_convolution")


def _step(node: Node) -> Iterator[tuple[Any, ...]]:
    layer = node.layer
    shapes = node.input_shape, node.output_shape
    if isinstance(layer, Permute) and not layer.is_identity(node.input_shape):
        yield ("permute", layer.dims, *shapes)
    elif isinstance(layer, Flatten) and len(node.input_shape) > 1:
        yield ("reshape", *shapes, layer.data_format == "channels_first")
    elif isinstance(layer, Reshape) and shapes[0] != shapes[1]:
        yield ("reshape", *shapes, False)
    elif isinstance(layer, IntegerLookup):
        yield ("integer_lookup", layer.tokens(), layer.start(), layer.invert)


def _reordered(before: _Order, after: _Order) -> str:
    """Return why inputs come in another order, empty where they do not."""
    if before == after or _is_plain(before, after):
        return ""
    differing = next(
        ((a, b) for a, b in zip((*before, None), (*after, None), strict=False) if a != b),
        (None, None),
    )
    step = differing[1] or differing[0]
    if step is not None and step[0] == "integer_lookup":
        return "its rows belong to other integers of the lookup"
    return f"its inputs come in another order{_explained(differing)}"


def _explained(steps: tuple[Any, Any]) -> str:
    shapes = [step[1] if step[0] == "reshape" else step[2] for step in steps if step is not None]
    words = ["flattened" if step[0] == "reshape" else "permuted" for step in steps if step]
    if len(shapes) == 2 and shapes[0] != shapes[1] and len(set(words)) == 1:
        return f": {words[0]} from {text(shapes[1])}, before from {text(shapes[0])}"
    return ""


def _is_plain(before: _Order, after: _Order) -> bool:
    """Tell whether both only take apart rows that are stored one behind the other."""
    if before and after:
        return False
    step, *rest = before or after
    return not rest and step[0] == "reshape" and not step[-1] and 1 in (len(step[1]), len(step[2]))


def _takes_input(variable: Variable) -> bool:
    """Tell whether a weight has an entry for each of the layer's inputs."""
    later_cell = any(part.isdigit() and part != "0" for part in variable.owner)
    return variable.name not in _OWN and not later_cell
