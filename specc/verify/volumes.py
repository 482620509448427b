"""Pools of volumes in float64, which TensorFlow has in float32 alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from specc.verify.frameworks import Array, Model

# Of a layer, what it gets, and the axes that are pooled.
_Pool = Callable[[Model, Array, slice], Array]


def pool_by_planes(model: Model) -> None:
    """Have layers that pool volumes do so in each plane, then across planes.

    The values are the same. So is the gradient but for the largest values that are equal or nearly
    so: TensorFlow gives it to all entries of a volume's window within 1e-5 of the largest.
    """
    for layer in model._flatten_layers():
        for cls, pool in _POOLS.items():
            if isinstance(layer, cls):
                layer.call = _called(layer, pool)


def _windows(function: Callable[..., Array]) -> _Pool:
    """Return a pooling of axes by the windows that a layer has along them."""

    def pool(layer: Model, x: Array, axes: slice) -> Array:
        window, strides = layer.pool_size[axes], layer.strides[axes]
        return function(x, window, strides, layer.padding, "channels_last")

    return pool


def _sizes(function: Callable[..., Array]) -> _Pool:
    """Return a pooling of axes to the sizes that a layer gives them."""
    return lambda layer, x, axes: function(x, layer.output_size[axes], "channels_last")


_POOLS: dict[Any, _Pool] = {
    keras.layers.MaxPooling3D: _windows(ops.max_pool),
    keras.layers.AveragePooling3D: _windows(ops.average_pool),
    keras.layers.AdaptiveMaxPooling3D: _sizes(ops.adaptive_max_pool),
    keras.layers.AdaptiveAveragePooling3D: _sizes(ops.adaptive_average_pool),
}


def _called(layer: Model, pool: _Pool) -> Callable[[Array], Array]:
    """Return what a layer makes of volumes: each plane pooled, then each row across the planes."""
    first = layer.data_format == "channels_first"

    def call(inputs: Array) -> Array:
        x = ops.moveaxis(inputs, 1, -1) if first else inputs
        _, depth, *plane = ops.shape(x)
        x = pool(layer, ops.reshape(x, (-1, *plane)), slice(1, 3))
        *plane, channels = ops.shape(x)[1:]
        across = ops.reshape(x, (-1, depth, plane[0] * plane[1] * channels))
        x = pool(layer, across, slice(0, 1))
        x = ops.reshape(x, (-1, ops.shape(x)[1], *plane, channels))
        return ops.moveaxis(x, -1, 1) if first else x

    return call
