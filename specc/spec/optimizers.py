"""Keras' optimizers (https://keras.io/api/optimizers)."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticKnownError

from specc.spec.editor import NUMBER, at_least, takes
from specc.spec.types import Fraction, NonNegativeFloat, PositiveFloat, PositiveInt, expected
from specc.spec.word import Optimizer, Schedule


def _rate(value: object) -> object:
    if isinstance(value, Schedule):
        return value
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise expected("a number or a schedule, such as {cosine_decay: {...}}")
    if not 0 <= value < float("inf"):
        raise PydanticKnownError("greater_than_equal", {"ge": 0.0})
    return float(value)


LearningRate = Annotated[
    float | Schedule,
    BeforeValidator(_rate),
    takes(at_least(0, NUMBER), {"$ref": "#/definitions/schedule"}),
]


class KerasOptimizer(Optimizer):
    """What every optimizer of Keras takes.

    `weight_decay` is decoupled: each step first takes `learning_rate * weight_decay` off every
    trained weight, biases included, as Keras does.

    Attributes:
        divides_by_rate: Whether it divides by the learning rate.
    """

    divides_by_rate: ClassVar[bool] = False

    name: str | None = Field(None, description="Its name in Keras.")
    weight_decay: NonNegativeFloat | None = None
    clipnorm: PositiveFloat | None = None
    clipvalue: PositiveFloat | None = None
    global_clipnorm: PositiveFloat | None = None
    use_ema: bool = False
    ema_momentum: Annotated[float, Field(ge=0, le=1)] = 0.99
    ema_overwrite_frequency: PositiveInt | None = None
    loss_scale_factor: PositiveFloat | None = None
    gradient_accumulation_steps: Annotated[int, Field(ge=2)] | None = None

    learning_rate: LearningRate = 0.001

    @classmethod
    def parameters(cls) -> list[str]:
        """Return the arguments in Keras' order: those of the class before those of all."""
        common = [
            name for name in KerasOptimizer.model_fields if name not in ("name", "learning_rate")
        ]
        own = [name for name in cls.model_fields if name not in {"name", "learning_rate", *common}]
        return list(dict.fromkeys(("learning_rate", *cls.order, *own, *common)))

    def clips(self) -> bool:
        """Tell whether gradients are clipped."""
        return any(c is not None for c in (self.clipnorm, self.clipvalue, self.global_clipnorm))


class SGD(KerasOptimizer, word="sgd"):
    """Gradient descent, with momentum where given."""

    learning_rate: LearningRate = 0.01
    momentum: Annotated[float, Field(ge=0, le=1)] = 0.0
    nesterov: bool = False


class Adam(KerasOptimizer, word="adam"):
    """Adam (Kingma and Ba, 2014)."""

    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-7
    amsgrad: bool = False


class AdamW(Adam, word="adamw"):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2017)."""

    order: ClassVar[tuple[str, ...]] = ("weight_decay",)
    weight_decay: NonNegativeFloat = 0.004


class RMSprop(KerasOptimizer, word="rmsprop"):
    """RMSprop (Hinton, 2012)."""

    rho: Fraction = 0.9
    momentum: Annotated[float, Field(ge=0, le=1)] = 0.0
    epsilon: NonNegativeFloat = 1e-7
    centered: bool = False
