"""Which arguments of a word changed, defaults resolved, and how far that reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from specc.changes.wording import both_texts
from specc.spec.activations import Linear
from specc.spec.layers.core import Identity
from specc.spec.word import Layer, Word


class Effect(IntEnum):
    """What a change does to a model with trained weights that fit it; the greater the more."""

    NOTHING = 0  # not even to a new training
    TRAINING = 1  # a new training goes otherwise; what trained weights compute stays as it is
    FUNCTION = 2  # the same weights compute something else


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument before and after.

    Attributes:
        name: With the layer that has it, where that is within another: `layer.units`.
        before: As a spec has it.
        after: Likewise.
        effect: How far the change reaches.
    """

    name: str
    before: str
    after: str
    effect: Effect


_NO_EFFECT = ("name", "dtype", "unroll", "use_cudnn", "weights")
_IN_TRAINING = (
    *("trainable", "seed", "dropout", "recurrent_dropout", "power_iterations"),
    "unit_forget_bias",
)
_ENDINGS = ("_initializer", "_regularizer", "_constraint")


def effect_of_layer(layer: Layer) -> Effect:
    """Return how far it reaches that a layer is there, its weights aside."""
    if isinstance(layer, Identity):
        return Effect.NOTHING
    inner = getattr(layer, "layer", None)
    if layer.applies and layer.each_step and isinstance(inner, Layer):
        return effect_of_layer(inner)
    return Effect.TRAINING if layer.training_only else Effect.FUNCTION


def changed_arguments(old: Layer, new: Layer) -> list[Argument]:
    """Return the arguments in which two layers of one word differ, defaults resolved."""
    limit = effect_of_layer(new)
    found = _trainable(old, new)
    for name, before, after, owner in _differences(old, new, ""):
        field = name.rpartition(".")[2]
        effect = min(_effect(owner, field), limit)
        found.append(Argument(name, *both_texts(before, after, field), effect))
    return found


def differences(old: Word, new: Word) -> list[tuple[str, object, object]]:
    """Return name, value before and value after of what differs in two words of one class."""
    return [(name, before, after) for name, before, after, _ in _differences(old, new, "")]


def _trainable(old: Layer, new: Layer) -> list[Argument]:
    if old.trainable == new.trainable:
        return []
    texts = both_texts(old.trainable, new.trainable)
    return [Argument("trainable", *texts, Effect.TRAINING)]


def _differences(old: Word, new: Word, path: str) -> Iterator[tuple[str, object, object, Word]]:
    for name in new.parameters():
        before, after = _value(old, name), _value(new, name)
        if before == after:
            continue
        inner = list(_within(before, after, f"{path}{name}"))
        if inner:
            yield from inner
        else:
            yield f"{path}{name}", before, after, new


def _within(before: Any, after: Any, path: str) -> Iterator[tuple[str, object, object, Word]]:
    """Yield the differences within layers of one word, nothing where that is not what changed."""
    if isinstance(before, Layer) and type(before) is type(after):
        for field in ("name", "trainable"):
            values = getattr(before, field), getattr(after, field)
            if values[0] != values[1]:
                yield f"{path}.{field}", *values, after
        yield from _differences(before, after, f"{path}.")
    elif _are_alike(before, after):
        for number, (a, b) in enumerate(zip(before, after, strict=True), 1):
            yield from _within(a, b, f"{path}.{number}")


def _are_alike(before: Any, after: Any) -> bool:
    """Tell whether both are as many layers, each of the other's word."""
    both = isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after)
    return both and all(
        isinstance(a, Layer) and type(a) is type(b) for a, b in zip(before, after, strict=True)
    )


def _value(word: Word, name: str) -> object:
    """Return an argument's value, one of several that mean the same for all of them."""
    value = getattr(word, name)
    if value is None and name == "data_format":
        return "channels_last"
    if value is None and name == "strides" and hasattr(word, "pool_size"):
        return word.pool_size
    return None if isinstance(value, Linear) else value


def _effect(owner: Word, field: str) -> Effect:
    if field in _NO_EFFECT:
        return Effect.NOTHING
    normalizes = isinstance(owner, Layer) and owner.batch_statistics
    averages = normalizes and field == "momentum"
    if field in _IN_TRAINING or field.endswith(_ENDINGS) or averages:
        return Effect.TRAINING
    return Effect.FUNCTION
