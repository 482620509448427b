"""Keras' optimizers that few models use (https://keras.io/api/optimizers)."""

import re
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from specc.spec.editor import list_of, matching, takes
from specc.spec.optimizers import KerasOptimizer, LearningRate
from specc.spec.types import (
    Fraction,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    Rate,
    expected,
)


class Adagrad(KerasOptimizer, word="adagrad"):
    """Adagrad (Duchi et al., 2011)."""

    initial_accumulator_value: NonNegativeFloat = 0.1
    epsilon: NonNegativeFloat = 1e-7


class Adadelta(KerasOptimizer, word="adadelta"):
    """Adadelta (Zeiler, 2012)."""

    rho: Fraction = 0.95
    epsilon: NonNegativeFloat = 1e-7


class Adamax(KerasOptimizer, word="adamax"):
    """Adam with the largest gradient in place of the second moment (Kingma and Ba, 2014)."""

    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-7


class Nadam(KerasOptimizer, word="nadam"):
    """Adam with Nesterov's momentum (Dozat, 2015)."""

    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-7


class Lion(KerasOptimizer, word="lion", whole_steps=True):
    """The sign of a momentum (Chen et al., 2023)."""

    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.99


class Adafactor(KerasOptimizer, word="adafactor", whole_steps=True):
    """Adam with a factored second moment and rates relative to the weights (Shazeer, 2018)."""

    beta_2_decay: Annotated[float, Field(le=0)] = -0.8
    epsilon_1: PositiveFloat = 1e-30
    epsilon_2: NonNegativeFloat = 0.001
    clip_threshold: PositiveFloat = 1.0
    relative_step: bool = True


class Ftrl(KerasOptimizer, word="ftrl", divides_by_rate=True):
    """Follow the regularized leader (McMahan et al., 2013)."""

    learning_rate_power: Annotated[float, Field(le=0)] = -0.5
    initial_accumulator_value: NonNegativeFloat = 0.1
    l1_regularization_strength: NonNegativeFloat = 0.0
    l2_regularization_strength: NonNegativeFloat = 0.0
    l2_shrinkage_regularization_strength: NonNegativeFloat = 0.0
    beta: NonNegativeFloat = 0.0


class Lamb(KerasOptimizer, word="lamb", whole_steps=True, is_string=False):
    """Adam in steps as long as the weights (You et al., 2019)."""

    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-7


def _parts_of_names(value: Any) -> object:
    names = isinstance(value, tuple) and all(isinstance(v, str) for v in value)
    if not names or not all(re.fullmatch(r"\^?[\w/]+\$?", v, re.ASCII) for v in value):
        raise expected("a list of names of layers or parts of them, such as [output]")
    return value


class Muon(KerasOptimizer, word="muon"):
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


class ScheduleFreeAdamW(KerasOptimizer, word="schedule_free_adamw", is_string=False):
    """AdamW on an average of its steps, which needs no schedule (Defazio et al., 2024)."""

    learning_rate: LearningRate = 0.0025
    beta_1: Annotated[float, Field(gt=0, lt=1)] = 0.9
    beta_2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-8
    warmup_steps: NonNegativeInt = 0
