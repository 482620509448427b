"""Keras' optimizers (https://keras.io/api/optimizers)."""

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from specc.spec.word import (
    Fraction,
    NonNegativeFloat,
    Optimizer,
    PositiveFloat,
    PositiveInt,
    expected,
)


def _rate(value: Any) -> Any:
    if isinstance(value, (dict, str)):
        raise expected("a number, as this version of specc does not translate schedules")
    return value


LearningRate = Annotated[NonNegativeFloat, BeforeValidator(_rate)]


class _Common(Optimizer):
    """What every optimizer of Keras takes.

    `weight_decay` is decoupled: each step first takes `learning_rate * weight_decay` off every
    trained weight, biases included, as Keras does.
    """

    name: str | None = None
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
        common = [name for name in _Common.model_fields if name not in ("name", "learning_rate")]
        own = [name for name in cls.model_fields if name not in {"name", "learning_rate", *common}]
        return list(dict.fromkeys(("learning_rate", *cls.order, *own, *common)))

    def clips(self) -> bool:
        """Tell whether gradients are clipped."""
        return any(c is not None for c in (self.clipnorm, self.clipvalue, self.global_clipnorm))


class SGD(_Common, word="sgd"):
    """Gradient descent, with momentum where given."""

    learning_rate: LearningRate = 0.01
    momentum: Annotated[float, Field(ge=0, le=1)] = 0.0
    nesterov: bool = False


class Adam(_Common, word="adam"):
    """Adam (Kingma and Ba, 2014)."""

    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-7
    amsgrad: bool = False


class AdamW(Adam, word="adamw"):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2017)."""

    order: ClassVar[tuple[str, ...]] = ("weight_decay",)
    weight_decay: NonNegativeFloat = 0.004


class RMSprop(_Common, word="rmsprop"):
    """RMSprop (Hinton, 2012)."""

    rho: Fraction = 0.9
    momentum: Annotated[float, Field(ge=0, le=1)] = 0.0
    epsilon: NonNegativeFloat = 1e-7
    centered: bool = False


class Adagrad(_Common, word="adagrad"):
    """Adagrad (Duchi et al., 2011)."""

    initial_accumulator_value: NonNegativeFloat = 0.1
    epsilon: NonNegativeFloat = 1e-7


class Adadelta(_Common, word="adadelta"):
    """Adadelta (Zeiler, 2012)."""

    rho: Fraction = 0.95
    epsilon: NonNegativeFloat = 1e-7


class Adamax(_Common, word="adamax"):
    """Adam with the largest gradient in place of the second moment (Kingma and Ba, 2014)."""

    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-7


class Nadam(_Common, word="nadam"):
    """Adam with Nesterov's momentum (Dozat, 2015)."""

    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-7


class Lion(_Common, word="lion"):
    """The sign of a momentum (Chen et al., 2023)."""

    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.99
