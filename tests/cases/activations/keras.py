# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec b2674da325c090bd, text 17a7d1b457af7523
"""The model activations.

Input: (N, 8). Output: (N, 4).
"""

import keras
from keras import layers


@keras.saving.register_keras_serializable(package="activations")
def dense_1_activation(x):
    return keras.activations.leaky_relu(x, negative_slope=0.1)


@keras.saving.register_keras_serializable(package="activations")
def activation_1_function(x):
    return keras.activations.relu(x, negative_slope=0.1, max_value=6.0, threshold=0.5)


@keras.saving.register_keras_serializable(package="activations")
def activation_2_function(x):
    return keras.activations.elu(x, alpha=0.5)


@keras.saving.register_keras_serializable(package="activations")
def dense_2_activation(x):
    return keras.activations.gelu(x, approximate=True)


@keras.saving.register_keras_serializable(package="activations")
def activation_8_function(x):
    return keras.activations.threshold(x, threshold=0.1, default_value=0.2)


@keras.saving.register_keras_serializable(package="activations")
def activation_11_function(x):
    return keras.activations.soft_shrink(x, threshold=0.1)


def build_model() -> keras.Sequential:
    """The model activations."""
    return keras.Sequential(
        [
            keras.Input(shape=(8,)),
            layers.Dense(8, activation=dense_1_activation, name="dense_1"),
            layers.Activation(activation_1_function, name="activation_1"),
            layers.Activation(activation_2_function, name="activation_2"),
            layers.Dense(8, activation=dense_2_activation, name="dense_2"),
            layers.Activation("relu6", name="activation_3"),
            layers.Activation("squareplus", name="activation_4"),
            layers.Activation("sparse_plus", name="activation_5"),
            layers.Activation("hard_tanh", name="activation_6"),
            layers.Activation("sparse_sigmoid", name="activation_7"),
            layers.Activation(activation_8_function, name="activation_8"),
            layers.Activation("exponential", name="activation_9"),
            layers.Activation("sparsemax", name="activation_10"),
            layers.Activation(activation_11_function, name="activation_11"),
            layers.Dense(8, activation="glu", name="dense_3"),
        ],
        name="activations",
    )


if __name__ == "__main__":
    build_model().summary()
