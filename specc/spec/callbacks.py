"""Keras' callbacks (https://keras.io/api/callbacks)."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator

from specc.spec.editor import matching, takes
from specc.spec.types import NonNegativeFloat, NonNegativeInt, expected
from specc.spec.word import Callback

Mode = Literal["auto", "min", "max"]
Verbose = Literal[0, 1]


class Monitor(Callback):
    """The base of the callbacks that watch a figure."""

    monitor: str = "val_loss"
    verbose: Verbose = 0
    mode: Mode = "auto"


class EarlyStopping(Monitor, word="early_stopping"):
    """Ends training where `monitor` has not improved by `min_delta` for `patience` epochs."""

    order: ClassVar[tuple[str, ...]] = ("monitor", "min_delta", "patience")
    min_delta: NonNegativeFloat = 0.0
    patience: NonNegativeInt = 0
    baseline: float | None = None
    restore_best_weights: bool = False
    start_from_epoch: NonNegativeInt = 0


def _path(value: str) -> str:
    if not value.strip() or "\0" in value:
        raise expected(_NOT_EMPTY)
    return value


def _epoch(value: object) -> object:
    if type(value) is int:
        raise expected("'epoch', as saving after a number of batches is not translated")
    return value


_NOT_EMPTY = "a path that is not empty"
Path = Annotated[str, AfterValidator(_path), takes(matching(r"^[^\0]*[^\0\s][^\0]*$", _NOT_EMPTY))]


class ModelCheckpoint(Monitor, word="model_checkpoint"):
    """Saves the model after each epoch, or where `monitor` improved.

    `filepath` may hold `{epoch}` and figures, as in `best-{epoch:02d}-{val_loss:.3f}.keras`. The
    PyTorch program writes the same name with `.pt`: with `save_weights_only` the model's state,
    else the states of model and optimizer and the epoch.
    """

    order: ClassVar[tuple[str, ...]] = (
        *("filepath", "monitor", "verbose"),
        *("save_best_only", "save_weights_only", "mode"),
    )
    filepath: Path
    save_best_only: bool = False
    save_weights_only: bool = False
    save_freq: Annotated[Literal["epoch"], BeforeValidator(_epoch)] = "epoch"
    initial_value_threshold: float | None = None
