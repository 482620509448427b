# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 23540a25aa26dcc8, text fa51a7b88e468097
"""Ages in bins, embedded, and postcodes that a vocabulary names.

Input: (N, 6). Output: (N, 3).
"""

import keras
from keras import layers


def build_model() -> keras.Sequential:
    """Ages in bins, embedded, and postcodes that a vocabulary names."""
    return keras.Sequential(
        [
            keras.Input(shape=(6,)),
            layers.Discretization([18.0, 30.0, 45.0, 65.0], name="bins"),
            layers.IntegerLookup(
                num_oov_indices=0, mask_token=3, vocabulary=[0, 1, 2, 4], name="known"
            ),
            layers.Embedding(5, 8, name="embedding"),
            layers.Flatten(name="flatten"),
            layers.Dense(6, activation="tanh", name="dense"),
            layers.Discretization([-0.5, 0.5], output_mode="count", name="thirds"),
            layers.Normalization(
                mean=[2.0, 2.0, 2.0],
                variance=[1.0, 2.0, 1.0],
                invert=True,
                name="normalization",
            ),
        ],
        name="categories",
    )


if __name__ == "__main__":
    build_model().summary()
