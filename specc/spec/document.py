"""The spec as a whole."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from specc.spec.editor import NUMBER, at_least, takes
from specc.spec.types import Fraction, PositiveInt, Sizes, expected
from specc.spec.word import Callback, DataSource, Layer, Loss, Metric, Optimizer, Word, later

_NO_DTYPES = {
    "bfloat16": "NumPy has no such arrays",
    **dict.fromkeys(("uint16", "uint32", "uint64"), "PyTorch computes with int32 and int64"),
    "string": "PyTorch has no tensors of strings",
}


def _dtype(value: object) -> object:
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

    shape: Sizes = Field(
        description="The sizes of one sample: [features], [steps, features], [height, width, "
        "channels]; null where a size is open."
    )
    dtype: Annotated[
        Literal[
            "float32", "float64", "float16", "int32", "int64", "uint8", "int8", "int16", "bool"
        ],
        BeforeValidator(_dtype),
    ] = Field("float32", description="The type of the numbers as they are stored.")
    name: str | None = Field(None, description="Its name in both programs.")

    def holds_integers(self) -> bool:
        """Tell whether the input holds integers, or truth values, which work as such."""
        return not self.dtype.startswith("float")


def _weights(value: dict[object, object]) -> dict[object, object]:
    for label, weight in value.items():
        whole = type(label) is int and label >= 0
        if not whole or isinstance(weight, bool) or not isinstance(weight, (int, float)):
            raise expected("a mapping of class numbers to weights, such as {0: 1.0, 1: 5.0}")
        if not 0 <= weight < float("inf"):
            raise expected("weights of at least 0")
    return value


ClassWeight = Annotated[
    dict[Any, Any],
    AfterValidator(_weights),
    takes(
        {
            "type": "object",
            "patternProperties": {"^[0-9]+$": at_least(0, NUMBER)},
            "additionalProperties": False,
        }
    ),
]


class Training(Word, word="training"):
    """The arguments of Keras' `fit` that are data."""

    refused: ClassVar[dict[str, str]] = later(
        *("verbose", "validation_data", "sample_weight", "initial_epoch", "steps_per_epoch"),
        *("validation_steps", "validation_batch_size", "validation_freq"),
    )

    batch_size: PositiveInt = Field(32, description="How many samples make one update.")
    epochs: PositiveInt = Field(1, description="How often all samples are gone through.")
    callbacks: tuple[Callback, ...] = Field(
        (), description="What happens at the end of each epoch, in this order."
    )
    validation_split: Fraction = Field(
        0.0, description="Which share of the samples, the last ones, validates and is not trained."
    )
    shuffle: bool = Field(True, description="Whether each epoch has an order of its own.")
    class_weight: ClassWeight | None = Field(
        None, description="How much the samples of each class count in the loss: {0: 1.0, 1: 5.0}."
    )


class Spec(Word, word="the spec"):
    """One model and how it is trained."""

    name: str = Field(
        description="A Python identifier: it names the files, and in CamelCase the class."
    )
    description: str | None = Field(None, description="What the model is, in words.")
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = Field(
        None, description="Seeds all that both programs draw."
    )
    fidelity: Literal["idiomatic", "exact"] = Field(
        "idiomatic",
        description="With `exact` the whole training is equal to rounding, by short classes where "
        "the framework's own module differs; with `idiomatic` a note tells where it differs.",
    )
    input: Input = Field(description="What the model takes.")
    layers: Annotated[tuple[Layer, ...], Field(min_length=1)] = Field(
        description="The layers in order, each of which takes what the one before gives."
    )
    optimizer: Optimizer | None = Field(
        None, description="The rule that updates the weights, for a spec that trains."
    )
    loss: Loss | None = Field(None, description="What training minimises.")
    metrics: tuple[Metric, ...] = Field(
        (), description="The figures that training reports for each epoch."
    )
    training: Training | None = Field(
        None, description="How the model is trained, as in `fit`; what is left out has its default."
    )
    data: DataSource | None = Field(
        None, description="Where the programs read their arrays; a path is as it is written here."
    )
