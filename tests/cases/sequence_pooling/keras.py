# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec a82a2b376f8d4b4c, text 9f7c776d6c9994bb
"""The model sequence_pooling.

Input: (N, 30, 4). Output: (N, 3).
"""

import keras
from keras import layers


def build_model() -> keras.Sequential:
    """The model sequence_pooling."""
    return keras.Sequential(
        [
            keras.Input(shape=(30, 4)),
            layers.ZeroPadding1D((3, 0), name="zero_padding1d"),
            layers.Conv1D(8, 4, activation="tanh", name="conv1d"),
            layers.MaxPooling1D(name="max_pooling1d"),
            layers.AveragePooling1D(3, padding="same", name="average_pooling1d"),
            layers.UpSampling1D(size=3, name="up_sampling1d"),
            layers.Cropping1D((0, 1), name="cropping1d"),
            layers.GlobalAveragePooling1D(name="global_average_pooling1d"),
            layers.Dense(3, name="dense"),
        ],
        name="sequence_pooling",
    )


if __name__ == "__main__":
    build_model().summary()
