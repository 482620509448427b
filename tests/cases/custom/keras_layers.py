"""Layers of one's own for Keras."""

import keras


@keras.saving.register_keras_serializable(package="case")
class Path(keras.layers.Identity):
    """A class of a name that the program has another use for."""


@keras.saving.register_keras_serializable(package="case")
class Permute(keras.layers.Permute):
    """Put the axes in another order."""
