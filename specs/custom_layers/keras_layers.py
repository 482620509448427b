"""Layers of one's own for Keras; specs name them by import path."""

import keras


@keras.saving.register_keras_serializable(package="specs")
class MatMul(keras.layers.Layer):
    """x @ w, where w has the shape (features, units)."""

    def __init__(self, features: int, units: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.features, self.units = features, units
        self.w = self.add_weight(
            shape=(features, units), initializer="glorot_uniform", name="w"
        )

    def call(self, inputs):
        return inputs @ self.w

    def get_config(self) -> dict:
        return {**super().get_config(), "features": self.features, "units": self.units}
