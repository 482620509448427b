"""Training: rates, schedules, batches and callbacks that are not what they seem."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from specc.fit import unused_keys
from specc.program import Watch
from specc.review.subject import Found, Look, Subject, is_written
from specc.spec.callbacks import EarlyStopping, ModelCheckpoint
from specc.spec.word import Schedule

# From where on a peak rate is far out of what is used with an optimizer, downwards and upwards.
USUAL = {
    "sgd": (5e-5, 2.0),
    "adam": (1e-7, 0.03),
    "adamw": (1e-7, 0.03),
    "adamax": (1e-7, 0.05),
    "nadam": (1e-7, 0.03),
    "rmsprop": (1e-7, 0.03),
    "adagrad": (1e-5, 1.0),
    "adadelta": (0.01, 10.0),
    "lion": (1e-8, 0.003),
    "adafactor": (1e-6, 0.3),
    "ftrl": (1e-5, 2.0),
    "lamb": (1e-6, 0.1),
    "muon": (1e-6, 0.1),
    "schedule_free_adamw": (1e-6, 0.05),
}
_FEW_SAMPLES = 4
_SMALL_NORM, _SMALL_VALUE = 1e-3, 1e-5
_HALF = 0.5
_Watching = TypeVar("_Watching", EarlyStopping, ModelCheckpoint)


def unusual_rate(subject: Subject) -> Iterator[Found]:
    """Find a learning rate far out of the range of its optimizer."""
    if subject.fit is None:
        return
    optimizer = subject.fit.optimizer
    least, most = USUAL.get(optimizer.word, (0.0, float("inf")))
    rate = _peak(optimizer.learning_rate)
    if least <= rate <= most:
        return
    what = "no more than" if rate > most else "no less than"
    bound = most if rate > most else least
    message = f"a learning rate of {rate:g} is far outside the usual range of {optimizer.word}"
    hint = f"{what} {bound:g} is usual"
    yield Found(subject.place(optimizer, "learning_rate"), message, hint)


def _peak(rate: float | Schedule) -> float:
    """Return the largest rate of a schedule, or the rate."""
    return rate.peak() if isinstance(rate, Schedule) else rate


def endless_average(subject: Subject) -> Iterator[Found]:
    """Find averages of gradients or weights that never forget, or in the wrong order."""
    if subject.fit is None:
        return
    optimizer = subject.fit.optimizer
    if getattr(optimizer, "momentum", 0) == 1:
        message = "a momentum of 1 never forgets a gradient, so updates only grow"
        yield Found(subject.place(optimizer, "momentum"), message, "0.9 is usual")
    if optimizer.use_ema and optimizer.ema_momentum == 1:
        message = "an average with ema_momentum 1 stays at the first weights"
        yield Found(subject.place(optimizer, "ema_momentum"), message, "0.99 is usual")
    first, second = getattr(optimizer, "beta_1", 0.0), getattr(optimizer, "beta_2", 1.0)
    if first > second:
        message = f"beta_1 {first:g} is above beta_2 {second:g}, as if they were mistaken"
        hint = "beta_2 averages squares over more steps; usual are 0.9 and 0.999"
        yield Found(subject.place(optimizer, "beta_1"), message, hint)


def rising_schedule(subject: Subject) -> Iterator[Found]:
    """Find a decay that raises the rate."""
    rate: Any = subject.fit.optimizer.learning_rate if subject.fit else None
    word = getattr(rate, "word", None)
    if word == "exponential_decay" and rate.decay_rate > 1:
        message = f"a decay_rate of {rate.decay_rate:g} lets the learning rate grow without end"
        yield Found(subject.place(rate, "decay_rate"), message, "use a decay_rate below 1")
    elif word == "polynomial_decay" and not is_written(rate, "end_learning_rate"):
        if rate.initial_learning_rate < rate.end_learning_rate:
            message = (
                f"the rate rises from {rate.initial_learning_rate:g} to the default "
                f"end_learning_rate of {rate.end_learning_rate:g}"
            )
            place = subject.place(rate, "initial_learning_rate")
            yield Found(place, message, "set end_learning_rate")
    elif word == "cosine_decay" and rate.alpha > 1:
        message = f"alpha is a share of the first rate, and {rate.alpha:g} lets it rise"
        yield Found(subject.place(rate, "alpha"), message, "use an alpha below 1")


def choked_gradient(subject: Subject) -> Iterator[Found]:
    """Find clipping that leaves hardly a gradient."""
    if subject.fit is None:
        return
    optimizer = subject.fit.optimizer
    limits = {"clipnorm": _SMALL_NORM, "global_clipnorm": _SMALL_NORM, "clipvalue": _SMALL_VALUE}
    for field, least in limits.items():
        value = getattr(optimizer, field)
        if value is not None and value < least:
            message = f"{field} {value:g} cuts nearly every gradient down to next to nothing"
            yield Found(subject.place(optimizer, field), message, "0.5 to 5 is usual")


def few_samples(subject: Subject) -> Iterator[Found]:
    """Find batch statistics of very few samples."""
    if subject.fit is None or subject.fit.training.batch_size > _FEW_SAMPLES:
        return
    for node in subject.nodes:
        if node.layer.batch_statistics and node.layer.trainable:
            samples = subject.fit.training.batch_size
            message = (
                f"{node.name} takes its statistics from {samples} "
                f"sample{'s' if samples > 1 else ''} at a time"
            )
            if subject.fit.optimizer.gradient_accumulation_steps:
                message += ", whatever gradients are accumulated"
            place = subject.place(subject.fit.training, "batch_size")
            yield Found(place, message, "use group_normalization, or larger batches")
            return


def _watching(subject: Subject, cls: type[_Watching]) -> Iterator[tuple[Watch, _Watching]]:
    for watch in subject.fit.watches if subject.fit else ():
        if isinstance(watch.callback, cls):
            yield watch, watch.callback


def never_stops(subject: Subject) -> Iterator[Found]:
    """Find an early stopping that the number of epochs comes before."""
    for _, callback in _watching(subject, EarlyStopping):
        assert subject.fit is not None
        epochs = subject.fit.training.epochs
        if callback.patience + callback.start_from_epoch >= epochs:
            field = "patience" if callback.patience >= epochs else "start_from_epoch"
            message = (
                f"early_stopping waits for {callback.patience + callback.start_from_epoch} epochs, "
                f"but training has {epochs}, so it never stops it"
            )
            yield Found(subject.place(callback, field), message, "lower it, or raise epochs")


def watches_training(subject: Subject) -> Iterator[Found]:
    """Find a callback that watches a figure of training though validation has it as well."""
    if subject.fit is None or not subject.fit.training.validation_split:
        return
    for watch in subject.fit.watches:
        callback = watch.callback
        idle = isinstance(callback, ModelCheckpoint) and not callback.save_best_only
        if not idle and not callback.monitor.startswith("val_"):
            message = (
                f"{callback.word} watches {callback.monitor}, which gets better while the model "
                "overfits, though a part of the data validates"
            )
            hint = f"use monitor: val_{callback.monitor}"
            yield Found(subject.place(callback, "monitor"), message, hint)


def keeps_the_worse(subject: Subject) -> Iterator[Found]:
    """Find an early stopping that leaves the weights of the epochs in which it waited."""
    saved = any(c.save_best_only for _, c in _watching(subject, ModelCheckpoint))
    for watch, callback in _watching(subject, EarlyStopping):
        if callback.patience and not saved and not is_written(callback, "restore_best_weights"):
            message = (
                f"early_stopping keeps the weights of the last epoch, {callback.patience} after "
                "the best one"
            )
            hint = "set restore_best_weights: true, or false where that is meant"
            yield Found(watch.span, message, hint)


def idle_monitor(subject: Subject) -> Iterator[Found]:
    """Find a checkpoint with a monitor that it does not look at."""
    for _, callback in _watching(subject, ModelCheckpoint):
        if is_written(callback, "monitor") and not is_written(callback, "save_best_only"):
            message = f"without save_best_only each epoch is saved, whatever {callback.monitor} is"
            yield Found(subject.place(callback, "monitor"), message, "set save_best_only: true")


def wrong_direction(subject: Subject) -> Iterator[Found]:
    """Find a mode that takes the worse for the better."""
    if subject.fit is None:
        return
    ways: dict[str, str] = {"loss": "down"}
    ways |= {figure.name: figure.metric.direction for figure in subject.fit.figures}
    for watch in subject.fit.watches:
        callback = watch.callback
        way = ways.get(callback.monitor.removeprefix("val_"), "")
        right = {"down": "min", "up": "max"}.get(way, callback.mode)
        if callback.mode not in ("auto", right):
            message = (
                f"mode {callback.mode} takes the worst {callback.monitor} for the best one: it is "
                f"better where it is {'smaller' if right == 'min' else 'larger'}"
            )
            yield Found(subject.place(callback, "mode"), message, f"set mode: {right}")


def more_validation(subject: Subject) -> Iterator[Found]:
    """Find more samples for validation than for training."""
    split = subject.fit.training.validation_split if subject.fit else 0.0
    if split > _HALF and subject.fit is not None:
        message = f"{split:.0%} of the samples validate and {1 - split:.0%} are trained on"
        hint = f"did you mean {round(1 - split, 3):g}?"
        yield Found(subject.place(subject.fit.training, "validation_split"), message, hint)


def trains_nothing(subject: Subject) -> Iterator[Found]:
    """Find keys of training in a spec that does not train, as optimizer or loss is missing."""
    unused = unused_keys(subject.spec, subject.places)
    if unused is not None:
        message, place, hint = unused
        yield Found(place, message, hint)


FINDINGS: dict[str, Look] = {
    "W350": unusual_rate,
    "W351": endless_average,
    "W352": rising_schedule,
    "W353": choked_gradient,
    "W354": few_samples,
    "W355": never_stops,
    "W356": watches_training,
    "W357": keeps_the_worse,
    "W358": idle_monitor,
    "W359": wrong_direction,
    "W360": more_validation,
    "W361": trains_nothing,
}
