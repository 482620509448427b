"""What is in float32 alone, for models in float64: constants, ranks, and smooth resizing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import ops
from keras.src import ops as source

from specc.verify.frameworks import Array, Model


def rank_in_single() -> None:
    """Have TensorFlow tell from numbers of any type what is among the k largest.

    Keras' metrics of the k largest outputs fail on others than float32. Once done it stays so.
    """
    found = tf.math.in_top_k
    if getattr(found, "takes_any_type", False):
        return

    def in_top_k(targets: Array, predictions: Array, k: int) -> Array:
        return found(targets, tf.cast(predictions, tf.float32), k)

    in_top_k.takes_any_type = True  # type: ignore[attr-defined]
    tf.math.in_top_k = in_top_k


def keep_constants() -> None:
    """Have Keras' optimizers take numbers such as 0.999 as they are, not by way of float32.

    Once done it stays so.
    """
    found = source.cast
    if getattr(found, "keeps_constants", False):
        return

    def cast(x: Array, dtype: Any) -> Array:
        return ops.convert_to_tensor(x, dtype=dtype) if isinstance(x, float) else found(x, dtype)

    cast.keeps_constants = True  # type: ignore[attr-defined]
    source.cast = cast


def resize_in_single(model: Model) -> None:
    """Have layers that smooth while they resize do so in float32: there is no other gradient."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Resizing) and layer.antialias:
            layer.call = _called(layer.call)


def _called(call: Callable[..., Array]) -> Callable[..., Array]:
    def called(data: Array, **more: Any) -> Array:
        return ops.cast(call(ops.cast(data, "float32"), **more), keras.config.floatx())

    return called
