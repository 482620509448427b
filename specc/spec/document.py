"""The spec as a whole."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from specc.spec.word import (
    Callback,
    DataSource,
    Fraction,
    Layer,
    Loss,
    Metric,
    Optimizer,
    PositiveInt,
    Sizes,
    Word,
    expected,
    later,
)

_NO_DTYPES = {
    "bfloat16": "NumPy has no such arrays",
    **dict.fromkeys(("uint16", "uint32", "uint64"), "PyTorch computes with int32 and int64"),
    "string": "PyTorch has no tensors of strings",
}


def _dtype(value: Any) -> Any:
    if isinstance(value, str) and value in _NO_DTYPES:
        raise expected(f"a type that both programs can read ({_NO_DTYPES[value]})")
    return value


class Input(Word, word="input"):
    """The model's input, without the batch axis, channels last as in Keras.

    Whatever its floating-point type, both programs compute in float32, as Keras does.
    """

    refused: ClassVar[dict[str, str]] = later(
        *("batch_size", "sparse", "ragged", "batch_shape", "tensor", "optional")
    )

    shape: Sizes
    dtype: Annotated[
        Literal[
            "float32", "float64", "float16", "int32", "int64", "uint8", "int8", "int16", "bool"
        ],
        BeforeValidator(_dtype),
    ] = "float32"
    name: str | None = None

    def holds_integers(self) -> bool:
        """Tell whether the input holds integers, or truth values, which work as such."""
        return not self.dtype.startswith("float")


def _weights(value: dict[Any, Any]) -> dict[Any, Any]:
    for label, weight in value.items():
        whole = type(label) is int and label >= 0
        if not whole or isinstance(weight, bool) or not isinstance(weight, (int, float)):
            raise expected("a mapping of class numbers to weights, such as {0: 1.0, 1: 5.0}")
        if not 0 <= weight < float("inf"):
            raise expected("weights of at least 0")
    return value


ClassWeight = Annotated[dict[Any, Any], AfterValidator(_weights)]


class Training(Word, word="training"):
    """The arguments of Keras' `fit` that are data."""

    refused: ClassVar[dict[str, str]] = later(
        *("verbose", "validation_data", "sample_weight", "initial_epoch", "steps_per_epoch"),
        *("validation_steps", "validation_batch_size", "validation_freq"),
    )

    batch_size: PositiveInt = 32
    epochs: PositiveInt = 1
    callbacks: tuple[Callback, ...] = ()
    validation_split: Fraction = 0.0
    shuffle: bool = True
    class_weight: ClassWeight | None = None


class Spec(Word, word="the spec"):
    """One model and how it is trained."""

    name: str
    description: str | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    fidelity: Literal["idiomatic", "exact"] = "idiomatic"
    input: Input
    layers: Annotated[tuple[Layer, ...], Field(min_length=1)]
    optimizer: Optimizer | None = None
    loss: Loss | None = None
    metrics: tuple[Metric, ...] = ()
    training: Training | None = None
    data: DataSource | None = None
