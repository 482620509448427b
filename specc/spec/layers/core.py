"""Core layers: dense, embedding, masking, identity, custom."""

import re
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from specc.shapes import Shape, ShapeError
from specc.spec.editor import NAME, list_of, matching, takes
from specc.spec.initializers import GlorotUniform, RandomUniform, Zeros
from specc.spec.limits import Limits, numbers_below
from specc.spec.types import PositiveInt, Sizes, expected
from specc.spec.variables import Variable
from specc.spec.word import LORA, Activation, Constraint, Initializer, Layer, Regularizer


class Dense(Layer, word="dense", kind="dense", passes_mask=True, pointwise=True):
    """`activation(x @ kernel + bias)` on the last axis.

    Input: `[..., features]`. Output: `[..., units]`.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | LORA

    units: PositiveInt
    activation: Activation | None = None
    use_bias: bool = True
    kernel_initializer: Initializer = Field(default_factory=GlorotUniform)
    bias_initializer: Initializer = Field(default_factory=Zeros)
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    activity_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None

    def infer(self, shape: Shape) -> Shape:
        if not shape:
            raise ShapeError("dense expects an input with a feature axis, found []")
        return (*shape[:-1], self.units)

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        kernel = (shape[-1], self.units)
        weights = [Variable("kernel", kernel, self.kernel_initializer, self.kernel_regularizer)]
        if self.use_bias:
            bias = Variable("bias", (self.units,), self.bias_initializer, self.bias_regularizer)
            weights.append(bias)
        return tuple(weights)


class Embedding(Layer, word="embedding", kind="embedding", takes_integers=True, pointwise=True):
    """A trained vector for each of `input_dim` integers.

    Input: integers of any shape `[...]`. Output: `[..., output_dim]`. With `mask_zero` the integer
    0 stands for padding: a mask leaves it out in what follows.
    """

    refused: ClassVar[dict[str, str]] = (
        Layer.refused
        | LORA
        | {
            "weights": "a spec holds no arrays; load them in the generated program",
        }
    )

    input_dim: PositiveInt
    output_dim: PositiveInt
    embeddings_initializer: Initializer = Field(default_factory=RandomUniform)
    embeddings_regularizer: Regularizer | None = None
    embeddings_constraint: Constraint | None = None
    mask_zero: bool = False
    activity_regularizer: Regularizer | None = None

    def infer(self, shape: Shape) -> Shape:
        return (*shape, self.output_dim)

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        table = (self.input_dim, self.output_dim)
        regularizer = self.embeddings_regularizer
        return (Variable("embeddings", table, self.embeddings_initializer, regularizer),)

    def limits(self) -> Limits:
        return numbers_below(self.input_dim)

    def gives_mask(self, masked: bool) -> bool:
        return self.mask_zero


_REVERSE = "it serves the call in reverse alone, which a sequence of layers cannot make"


# It is as pointwise as an embedding; to say so changes programs that have it in time_distributed.
class ReversibleEmbedding(Embedding, word="reversible_embedding", pointwise=False):
    """An embedding, which Keras can also call in reverse; a sequence of layers calls it forward.

    Input: integers of any shape `[...]`. Output: `[..., output_dim]`.
    """

    order: ClassVar[tuple[str, ...]] = ("input_dim", "output_dim", "tie_weights")
    refused: ClassVar[dict[str, str]] = Layer.refused | dict.fromkeys(
        ("reverse_dtype", "logit_soft_cap"), _REVERSE
    )

    tie_weights: bool = True

    def infer(self, shape: Shape) -> Shape:
        if not self.tie_weights:
            message = "a table of its own for the call in reverse would never be used nor trained"
            raise ShapeError(message, "tie_weights", "leave it out")
        return super().infer(shape)


class Masking(Layer, word="masking", layout_agnostic=True):
    """Leaves out, in what follows, each step whose features all are `mask_value`.

    Input and output: `[..., features]`, such steps being 0 in the output.
    """

    mask_value: float = 0.0

    def infer(self, shape: Shape) -> Shape:
        if not shape:
            raise ShapeError("masking expects an input with a feature axis, found []")
        return shape

    def gives_mask(self, masked: bool) -> bool:
        return True


class Identity(
    Layer,
    word="identity",
    takes_integers=True,
    gives_integers=True,
    passes_mask=True,
    elementwise=True,
    pointwise=True,
    orderless=True,
    layout_agnostic=True,
    keeps_bias=True,
):
    """Its input. Input and output: any shape."""

    def is_identity(self, shape: Shape) -> bool:
        return True


_IMPORT_PATH = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)", re.ASCII)


def _import_path(value: str) -> str:
    from keyword import iskeyword

    match = _IMPORT_PATH.fullmatch(value)
    if match is None or any(map(iskeyword, re.split(r"[.:]", value))):
        raise expected("an import path 'package.module:Class'")
    return value


def _keywords(value: dict[object, object]) -> dict[object, object]:
    from keyword import iskeyword

    for key in value:
        if not (
            isinstance(key, str) and key.isascii() and key.isidentifier() and not iskeyword(key)
        ):
            raise expected("a mapping whose keys are names of Python arguments")
    return value


ImportPath = Annotated[
    str,
    AfterValidator(_import_path),
    takes(matching(rf"^{NAME}(\.{NAME})*:{NAME}$", "an import path 'package.module:Class'")),
]
Keywords = Annotated[
    dict[Any, Any],
    AfterValidator(_keywords),
    takes({"type": "object", "propertyNames": {"pattern": f"^{NAME}$"}}),
]


_MOST_AXES = 8


def _orders(value: dict[Any, Any]) -> dict[object, object]:
    for name, axes in value.items():
        whole = isinstance(axes, tuple) and all(type(axis) is int for axis in axes)
        if not (isinstance(name, str) and _WEIGHT.fullmatch(name) and whole):
            raise expected("a mapping of names of weights to axes, as {kernel: [3, 2, 0, 1]}")
        if sorted(axes) != list(range(len(axes))) or not 1 <= len(axes) <= _MOST_AXES:
            raise expected("each axis of a weight once, counted from 0, as in {kernel: [1, 0]}")
    return value


_WEIGHT = re.compile(r"[A-Za-z_0-9]+(/[A-Za-z_0-9]+)*")
Orders = Annotated[
    dict[Any, Any],
    AfterValidator(_orders),
    takes(
        {
            "type": "object",
            "propertyNames": {"pattern": f"^{_WEIGHT.pattern}$"},
            "additionalProperties": {
                "anyOf": [
                    {**list_of({"enum": list(range(n))}, n, n), "uniqueItems": True}
                    for n in range(1, _MOST_AXES + 1)
                ]
            },
        }
    ),
]


class Custom(Layer, word="custom", kind="custom", takes_integers=True):
    """A layer of one's own: each target imports its class and constructs it with `arguments`.

    The class is called with one tensor. In PyTorch, images and volumes (`[h, w, c]`,
    `[d, h, w, c]`) come and go channels-first, every other shape with Keras' axes.
    `output_shape` is in Keras' axes, without the batch; left out, it is the input's.

    `weights` is for `specc verify` and `specc convert`, and is in no program: for a weight of the
    Keras class its axes in the order of PyTorch's tensor, as `{kernel: [3, 2, 0, 1]}`. It is
    needed where shapes leave a choice. A weight of a layer within is `layer/kernel`.
    """

    keras: ImportPath
    torch: ImportPath
    arguments: Keywords = Field(default_factory=dict)
    output_shape: Sizes | None = None
    weights: Orders = Field(default_factory=dict)

    def infer(self, shape: Shape) -> Shape:
        return shape if self.output_shape is None else self.output_shape
