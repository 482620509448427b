# Made by specc 0.1.0 from dense_relu.yaml
# Change the spec, not this file. Digests: spec 02df91c937e5065b, text 868c46f9fd4a3c82
"""A single dense layer with ReLU.

Input: (N, 16). Output: (N, 32).
"""

import keras
from keras import layers


def build_model() -> keras.Sequential:
    """A single dense layer with ReLU."""
    return keras.Sequential(
        [
            keras.Input(shape=(16,)),
            layers.Dense(32, activation="relu", name="dense"),
        ],
        name="dense_relu",
    )


if __name__ == "__main__":
    build_model().summary()
