# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 5ac427c27dcb593a, text 0cbf5523d9e36a81
"""The model initializers.

Input: (N, 8). Output: (N, 8).
"""

import keras
from keras import layers

SEED = 5


def build_model() -> keras.Sequential:
    """The model initializers."""
    return keras.Sequential(
        [
            keras.Input(shape=(8,)),
            layers.Dense(
                8,
                kernel_initializer=keras.initializers.HeNormal(seed=1),
                bias_initializer="ones",
                name="dense_1",
            ),
            layers.Dense(
                8,
                kernel_initializer=keras.initializers.Orthogonal(gain=2.0, seed=2),
                name="dense_2",
            ),
            layers.Dense(
                8,
                kernel_initializer=keras.initializers.Identity(gain=0.5),
                bias_initializer=keras.initializers.Constant(value=0.1),
                name="dense_3",
            ),
            layers.Dense(
                8,
                kernel_initializer=keras.initializers.VarianceScaling(
                    scale=3.0, mode="fan_out", distribution="uniform"
                ),
                bias_initializer=keras.initializers.RandomUniform(
                    minval=-0.1, maxval=0.1
                ),
                name="dense_4",
            ),
            layers.Dense(
                8,
                kernel_initializer=keras.initializers.TruncatedNormal(
                    mean=0.1, stddev=0.2, seed=3
                ),
                bias_initializer="he_uniform",
                name="dense_5",
            ),
            layers.Dense(
                8, use_bias=False, kernel_initializer="glorot_normal", name="dense_6"
            ),
            layers.Dense(
                8,
                kernel_initializer=keras.initializers.LecunUniform(seed=4),
                name="dense_7",
            ),
        ],
        name="initializers",
    )


if __name__ == "__main__":
    keras.utils.set_random_seed(SEED)
    build_model().summary()
