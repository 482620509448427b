"""Keras' optimizers (https://keras.io/api/optimizers)."""

import re
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticKnownError

from specc.spec.editor import NUMBER, at_least, list_of, matching, takes
from specc.spec.word import (
    Fraction,
    NonNegativeFloat,
    NonNegativeInt,
    Optimizer,
    PositiveFloat,
    PositiveInt,
    Rate,
    Schedule,
    expected,
)


def _rate(value: Any) -> Any:
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


class _Common(Optimizer):
    """What every optimizer of Keras takes.

    `weight_decay` is decoupled: each step first takes `learning_rate * weight_decay` off every
    trained weight, biases included, as Keras does.
    """

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


class Adafactor(_Common, word="adafactor"):
    """Adam with a factored second moment and rates relative to the weights (Shazeer, 2018)."""

    beta_2_decay: Annotated[float, Field(le=0)] = -0.8
    epsilon_1: PositiveFloat = 1e-30
    epsilon_2: NonNegativeFloat = 0.001
    clip_threshold: PositiveFloat = 1.0
    relative_step: bool = True


class Ftrl(_Common, word="ftrl"):
    """Follow the regularized leader (McMahan et al., 2013)."""

    learning_rate_power: Annotated[float, Field(le=0)] = -0.5
    initial_accumulator_value: NonNegativeFloat = 0.1
    l1_regularization_strength: NonNegativeFloat = 0.0
    l2_regularization_strength: NonNegativeFloat = 0.0
    l2_shrinkage_regularization_strength: NonNegativeFloat = 0.0
    beta: NonNegativeFloat = 0.0


class Lamb(_Common, word="lamb"):
    """Adam in steps as long as the weights (You et al., 2019)."""

    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-7


def _parts_of_names(value: Any) -> Any:
    names = isinstance(value, tuple) and all(isinstance(v, str) for v in value)
    if not names or not all(re.fullmatch(r"\^?[\w/]+\$?", v, re.ASCII) for v in value):
        raise expected("a list of names of layers or parts of them, such as [output]")
    return value


class Muon(_Common, word="muon"):
    """An orthogonal update for matrices (Jordan et al., 2024), AdamW for the other weights.

    AdamW also updates weights whose path (model/layer/variable) holds `embedding`, unless
    `exclude_embeddings` is false, or one of `exclude_layers`.
    """

    order: ClassVar[tuple[str, ...]] = (
        *("adam_beta_1", "adam_beta_2", "adam_weight_decay", "epsilon", "weight_decay"),
        *("clipnorm", "clipvalue", "global_clipnorm", "use_ema", "ema_momentum"),
        *("ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps"),
    )
    adam_beta_1: Fraction = 0.9
    adam_beta_2: Fraction = 0.999
    adam_weight_decay: NonNegativeFloat | None = 0.004
    epsilon: NonNegativeFloat = 1e-7
    weight_decay: NonNegativeFloat | None = 0.004
    exclude_layers: (
        Annotated[
            tuple[str, ...],
            BeforeValidator(_parts_of_names),
            takes(list_of(matching(r"^\^?[A-Za-z0-9_/]+\$?$", "a part of a layer's name"))),
        ]
        | None
    ) = None
    exclude_embeddings: bool = True
    muon_a: float = 3.4445
    muon_b: float = -4.775
    muon_c: float = 2.0315
    adam_lr_ratio: NonNegativeFloat = 1.0
    momentum: Rate = 0.95
    ns_steps: NonNegativeInt = 5
    nesterov: bool = True
    rms_rate: PositiveFloat | None = 0.2


class ScheduleFreeAdamW(_Common, word="schedule_free_adamw"):
    """AdamW on an average of its steps, which needs no schedule (Defazio et al., 2024)."""

    learning_rate: LearningRate = 0.0025
    beta_1: Annotated[float, Field(gt=0, lt=1)] = 0.9
    beta_2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-8
    warmup_steps: NonNegativeInt = 0
