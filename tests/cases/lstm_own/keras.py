# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec a290d0b131b427f9, text 100d03af2054394c
"""LSTM layers with dropout of the state and activations of their own.

Input: (N, 10, 3). Output: (N, 1).
"""

import keras
from keras import layers


def build_model() -> keras.Sequential:
    """LSTM layers with dropout of the state and activations of their own."""
    return keras.Sequential(
        [
            keras.Input(shape=(10, 3)),
            layers.LSTM(
                8,
                dropout=0.1,
                recurrent_dropout=0.2,
                return_sequences=True,
                name="lstm_1",
            ),
            layers.LSTM(
                4,
                activation="softsign",
                recurrent_activation="hard_sigmoid",
                unroll=True,
                name="lstm_2",
            ),
            layers.Dense(1, name="dense"),
        ],
        name="lstm_own",
    )


if __name__ == "__main__":
    build_model().summary()
