# Made by specc 0.1.0 from autoencoder.yaml
# Change the spec, not this file. Digests: spec a386fb14b0015a92, text dbe1b57bd3670fee
"""An autoencoder of 28x28 images with a code of 32 numbers.

Input: (N, 784). Output: (N, 784).
"""

import keras
from keras import layers


def build_model() -> keras.Sequential:
    """An autoencoder of 28x28 images with a code of 32 numbers."""
    return keras.Sequential(
        [
            keras.Input(shape=(784,)),
            layers.Dense(128, activation="relu", name="dense_1"),
            layers.Dense(32, activation="relu", name="code"),
            layers.Dense(128, activation="relu", name="dense_3"),
            layers.Dense(784, activation="sigmoid", name="output"),
        ],
        name="autoencoder",
    )


if __name__ == "__main__":
    build_model().summary()
