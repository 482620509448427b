# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 992f1e7a127e0f8d, text e92afc0ec349374d
"""The model channels_first.

Input: (N, 3, 8, 6). Output: (N, 2).
"""

import keras
from keras import layers


def build_model() -> keras.Sequential:
    """The model channels_first."""
    return keras.Sequential(
        [
            keras.Input(shape=(3, 8, 6)),
            layers.Conv2D(
                4, 3, data_format="channels_first", activation="relu", name="conv2d"
            ),
            layers.BatchNormalization(axis=1, name="batch_normalization"),
            layers.MaxPooling2D(data_format="channels_first", name="max_pooling2d"),
            layers.Flatten(data_format="channels_first", name="flatten"),
            layers.Dense(2, activation="softmax", name="dense"),
        ],
        name="channels_first",
    )


if __name__ == "__main__":
    build_model().summary()
