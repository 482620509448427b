"""Ranks of classes in float64, which TensorFlow has in float32 alone."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def rank_in_single() -> None:
    """Have TensorFlow tell from numbers of any type what is among the k largest.

    Keras' metrics of the k largest outputs fail on others than float32. Once done it stays so.
    """
    found = tf.math.in_top_k
    if getattr(found, "takes_any_type", False):
        return

    def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
        return found(targets, tf.cast(predictions, tf.float32), k)

    in_top_k.takes_any_type = True  # type: ignore[attr-defined]
    tf.math.in_top_k = in_top_k
