# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec f2b5a59e3a73d1cf, text 254fa72682a3eef3
"""The model bilinear.

Input: (N, 8, 9, 3). Output: (N, 6, 9, 1).
"""

import keras
from keras import layers


def build_model() -> keras.Sequential:
    """The model bilinear."""
    return keras.Sequential(
        [
            keras.Input(shape=(8, 9, 3)),
            layers.Conv2D(4, 3, padding="same", activation="relu", name="conv2d_1"),
            layers.MaxPooling2D(name="max_pooling2d"),
            layers.Cropping2D(((0, 1), (1, 0)), name="cropping2d"),
            layers.UpSampling2D(
                size=(2, 3), interpolation="bilinear", name="up_sampling2d"
            ),
            layers.Conv2D(1, 1, activation="sigmoid", name="conv2d_2"),
        ],
        name="bilinear",
    )


if __name__ == "__main__":
    build_model().summary()
