"""Largest values of volumes in float64, which TensorFlow pools in float32 alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops


def pool_by_planes(model: Any) -> None:
    """Have layers that take the largest of a volume do so in each plane, then across planes.

    The values are the same. The gradient is not where entries are equal or nearly so: TensorFlow
    gives it to all entries of a volume's window within 1e-5 of the largest.
    """
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.MaxPooling3D):
            layer.call = _called(layer, _by_windows)
        if isinstance(layer, keras.layers.AdaptiveMaxPooling3D):
            layer.call = _called(layer, _by_output)


def _by_windows(layer: Any, x: Any, axes: slice) -> Any:
    """Return axes pooled by the windows that a layer has along them."""
    window, strides = layer.pool_size[axes], layer.strides[axes]
    return ops.max_pool(x, window, strides, layer.padding, "channels_last")


def _by_output(layer: Any, x: Any, axes: slice) -> Any:
    """Return axes pooled to the sizes that a layer gives them."""
    return ops.adaptive_max_pool(x, layer.output_size[axes], "channels_last")


def _called(layer: Any, pool: Callable[[Any, Any, slice], Any]) -> Callable[[Any], Any]:
    """Return what a layer makes of volumes: each plane pooled, then each row across the planes."""
    first = layer.data_format == "channels_first"

    def call(inputs: Any) -> Any:
        x = ops.moveaxis(inputs, 1, -1) if first else inputs
        _, depth, *plane = ops.shape(x)
        x = pool(layer, ops.reshape(x, (-1, *plane)), slice(1, 3))
        *plane, channels = ops.shape(x)[1:]
        across = ops.reshape(x, (-1, depth, plane[0] * plane[1] * channels))
        x = pool(layer, across, slice(0, 1))
        x = ops.reshape(x, (-1, ops.shape(x)[1], *plane, channels))
        return ops.moveaxis(x, -1, 1) if first else x

    return call
