"""Arguments of Keras objects: a string where a string says all, else the object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from specc.expressions import Call, Code, Expression, call, literal, quoted
from specc.program import Node
from specc.spec.layers.core import Custom
from specc.spec.regularizers import L1L2
from specc.spec.word import Activation, Constraint, Initializer, Layer, Regularizer, Word
from specc.targets.view import Constants


class Writer:
    """Writes layers, and collects the constants and functions that they need.

    Attributes:
        functions: The activation functions that need arguments of their own.
        comments: What stands above the layer that is being written.
        custom: The names of custom classes, by import path.
        dense_gradient: Whether TensorFlow must add up the gradients of an embedding.
    """

    def __init__(
        self,
        constants: Constants,
        custom: dict[str, Code],
        lowering: Callable[[Layer], Callable[[Node, Writer], Expression]],
    ) -> None:
        """Start without functions.

        Arguments:
            lowering: Gives the function that writes a layer.
        """
        self.constants, self.custom, self.lowering = constants, custom, lowering
        self.functions: list[tuple[str, Call]] = []
        self.comments: list[str] = []
        self.dense_gradient = False

    def layer(self, name: str, node: Node, positional: int = 0, **changed: Expression) -> Call:
        """Return the call of `keras.layers.<name>` with what differs from Keras' defaults.

        Arguments:
            positional: How many of the first arguments stand without their name.
            changed: Arguments that replace or join those of the spec.
        """
        given = {
            field: self.value(node, field, value) for field, value in node.layer.given().items()
        }
        given |= changed
        first = [given.pop(field) for field in list(given)[:positional]]
        named = {k: v for k, v in given.items() if v is not None}
        return call(f"layers.{name}", *first, **named, **self.common(node))

    def common(self, node: Node) -> dict[str, Expression]:
        """Return the last arguments of a layer, which every layer has.

        A layer within another has no name unless the spec gives it one. Not each layer without
        weights takes `trainable`.
        """
        has_weights = node.variables or node.nested or isinstance(node.layer, Custom)
        frozen: dict[str, Expression] = (
            {"trainable": literal(False)} if has_weights and not node.layer.trainable else {}
        )
        name = node.layer.name if node.module.inside else str(node.name)
        return frozen if name is None else {**frozen, "name": literal(name)}

    def value(self, node: Node, field: str, value: Any) -> Expression:
        """Return the expression of one argument."""
        if isinstance(value, Layer):
            inner = next(n for n in node.nested if n.layer is value)
            return self.lowering(value)(inner, self)
        if isinstance(value, tuple) and value and all(isinstance(v, Layer) for v in value):
            return Code(f"[{', '.join(str(self.value(node, field, v)) for v in value)}]")
        if isinstance(value, Activation):
            return self.activation(node, field, value)
        if isinstance(value, Initializer):
            return word(value, "keras.initializers")
        if isinstance(value, Regularizer):
            return self.regularizer(node, field, value)
        if isinstance(value, Constraint):
            return self.constraint(node, field, value)
        return literal(_short(value) if field in _WINDOWS else value)

    def activation(self, node: Node, field: str, activation: Activation) -> Expression:
        """Return an activation: its name, or a function of the program with its arguments."""
        given = activation.given()
        if not given:
            return literal(activation.word)
        kind = "function" if node.layer.is_function else field
        function = f"{node.name}_{kind}"
        inner = {argument: literal(value) for argument, value in given.items()}
        value = call(f"keras.activations.{activation.word}", Code("x"), **inner)
        self.functions.append((function, value))
        return Code(function)

    def regularizer(self, node: Node, field: str, regularizer: Regularizer) -> Expression:
        """Return a regularizer whose factors are constants of the program."""
        kind = field.removesuffix("_regularizer")
        main = kind in ("kernel", "embeddings")
        where = node.name if main else f"{node.name}_{kind}"
        given, written = regularizer.given(), regularizer.model_fields_set
        arguments: dict[str, Expression] = {}
        for name in regularizer.parameters():
            value = getattr(regularizer, name)
            # A factor that the spec writes is a constant, Keras' default though it may be.
            if name not in given and not (name in written and isinstance(value, float) and value):
                continue
            if isinstance(value, str):
                arguments[name] = literal(value)
                continue
            what = "ORTHOGONAL" if name == "factor" else name.upper()
            arguments[name] = self.constants.add(f"{where}_{what}".upper(), value)
        if not arguments:
            # The name that Keras makes of its class is not always our word for it.
            return literal("l1l2" if isinstance(regularizer, L1L2) else regularizer.word)
        name = f"keras.regularizers.{type(regularizer).__name__}"
        if len(regularizer.parameters()) == 1:
            return call(name, *arguments.values())
        return call(name, **arguments)

    def constraint(self, node: Node, field: str, constraint: Constraint) -> Expression:
        """Return a constraint whose limits are constants of the program."""
        given, written = constraint.given(), constraint.model_fields_set
        kind = field.removesuffix("_constraint")
        where = node.name if kind in ("kernel", "embeddings") else f"{node.name}_{kind}"
        arguments: dict[str, Expression] = {}
        for name in constraint.parameters():
            value = getattr(constraint, name)
            if name in _LIMITS and (name in given or name in written):
                arguments[name] = self.constants.add(f"{where}_{_LIMITS[name]}".upper(), value)
            elif name in given:
                arguments[name] = literal(list(value) if isinstance(value, tuple) else value)
        if not arguments:
            return literal(constraint.word)
        name = f"keras.constraints.{type(constraint).__name__}"
        first = next(iter(constraint.parameters()))
        positional = [arguments.pop(first)] if first in arguments else []
        return call(name, *positional, **arguments)


# What the limits of a constraint are called in both programs.
_LIMITS = {"min_value": "MIN_NORM", "max_value": "MAX_NORM", "rate": "NORM_RATE"}

_WINDOWS = frozenset(
    {
        "kernel_size",
        "strides",
        "dilation_rate",
        "output_padding",
        "output_size",
        "pool_size",
        "size",
    }
)


def _short(value: tuple[int, ...] | None) -> object:
    return value[0] if value and len(set(value)) == 1 else value


def word(value: Word, module: str) -> Expression:
    """Return a word: its name as a string, or the object where it has arguments."""
    given = value.given()
    if not given:
        return Code(quoted(value.word))
    arguments = {field: literal(argument) for field, argument in given.items()}
    return call(f"{module}.{type(value).__name__}", **arguments)
