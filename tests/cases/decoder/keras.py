# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 8e2ccc992c1aff94, text 44d4f2d758741b6b
"""The model decoder.

Input: (N, 32). Output: (N, 84, 84, 1).
"""

import keras
from keras import layers


def build_model() -> keras.Sequential:
    """The model decoder."""
    return keras.Sequential(
        [
            keras.Input(shape=(32,)),
            layers.Dense(98, activation="relu", name="dense"),
            layers.Reshape((7, 7, 2), name="reshape"),
            layers.Conv2DTranspose(
                8,
                3,
                strides=2,
                padding="same",
                activation="relu",
                name="conv2d_transpose_1",
            ),
            layers.Conv2DTranspose(
                4,
                4,
                strides=2,
                padding="same",
                activation="relu",
                name="conv2d_transpose_2",
            ),
            layers.Conv2DTranspose(
                1, 2, strides=3, activation="sigmoid", name="conv2d_transpose_3"
            ),
        ],
        name="decoder",
    )


if __name__ == "__main__":
    build_model().summary()
