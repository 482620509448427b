# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec e944af9879c6dec3, text 80ee43daf9aa1338
"""Directions that differ, and a dropout of each.

Input: (N, 12, 4). Output: (N, 2).
"""

import keras
from keras import layers


def build_model() -> keras.Sequential:
    """Directions that differ, and a dropout of each."""
    return keras.Sequential(
        [
            keras.Input(shape=(12, 4)),
            layers.Bidirectional(
                layers.GRU(6, dropout=0.2, return_sequences=True),
                merge_mode="ave",
                name="bidirectional_1",
            ),
            layers.Bidirectional(
                layers.LSTM(5, activation="softsign"),
                backward_layer=layers.SimpleRNN(5, go_backwards=True),
                name="bidirectional_2",
            ),
            layers.Dense(2, name="dense"),
        ],
        name="bidirectional_gru",
    )


if __name__ == "__main__":
    build_model().summary()
