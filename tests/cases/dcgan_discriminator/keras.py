# Made by specc 0.1.0 from dcgan_discriminator.yaml
# Change the spec, not this file. Digests: spec 9a2c4022b5b9f94b, text b530cb1f60ad2683
"""Tells 32x32 images that a generator made from real ones.

Input: (N, 32, 32, 3). Output: (N, 1).
"""

import argparse
import sys

import keras
import numpy as np
from keras import layers

SEED = 1
EPOCHS = 25
BATCH_SIZE = 128
SHAPES = {"x": ((32, 32, 3),), "y": ((1,), ())}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 1)}
EXPECTED = {"x": "finite numbers", "y": "0 or 1"}
LEARNING_RATE = 0.0002


def build_model() -> keras.Sequential:
    """Tells 32x32 images that a generator made from real ones."""
    return keras.Sequential(
        [
            keras.Input(shape=(32, 32, 3)),
            layers.SpectralNormalization(
                layers.Conv2D(32, 4, strides=2, padding="same"),
                name="spectral_normalization_1",
            ),
            layers.LeakyReLU(0.2, name="leaky_relu_1"),
            layers.SpectralNormalization(
                layers.Conv2D(64, 4, strides=2, padding="same"),
                name="spectral_normalization_2",
            ),
            layers.LeakyReLU(0.2, name="leaky_relu_2"),
            layers.SpectralNormalization(
                layers.Conv2D(128, 4, strides=2, padding="same"),
                name="spectral_normalization_3",
            ),
            layers.LeakyReLU(0.2, name="leaky_relu_3"),
            layers.Flatten(name="flatten"),
            layers.Dense(1, activation="sigmoid", name="output"),
        ],
        name="dcgan_discriminator",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=LEARNING_RATE, beta_1=0.5),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    wrong = ~((low <= array) & (array <= high))  # true for NaN
    if kind == "y":
        wrong |= array != np.floor(array)
    return wrong


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Return the four arrays; raise ValueError where one is not as expected."""
    names = ("x_train", "y_train", "x_test", "y_test")
    try:
        with np.load(path) as file:
            arrays = {name: np.asarray(file[name]) for name in names if name in file}
    except Exception as error:
        message = f"{path}: expected an npz file of numbers: {error}"
        raise ValueError(message) from None
    for name in names:
        shapes = SHAPES[name[0]]
        shape = " or ".join(str(("N", *shape)) for shape in shapes).replace("'", "")
        if name not in arrays:
            raise ValueError(f"{path}: no array {name}, expected one of shape {shape}")
        array = arrays[name]
        if array.ndim == 0 or array.shape[1:] not in shapes or array.size == 0:
            found = f"{name} has shape {array.shape}"
            raise ValueError(f"{path}: {found}, expected {shape}")
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{path}: {name} holds {array.dtype}, expected numbers")
        wrong = outside(name[0], array)
        if wrong.any():
            place = np.unravel_index(wrong.argmax(), wrong.shape)
            found = f"{name}{[int(n) for n in place]} is {array[place]}"
            raise ValueError(f"{path}: {found}, expected {EXPECTED[name[0]]}")
    for x, y in (("x_train", "y_train"), ("x_test", "y_test")):
        if len(arrays[x]) != len(arrays[y]):
            found = f"{x} has {len(arrays[x])} rows, but {y} {len(arrays[y])}"
            raise ValueError(f"{path}: {found}")
    return arrays


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train dcgan_discriminator.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    try:
        arrays = read_arrays(args.data)
    except ValueError as error:
        sys.exit(str(error))
    x_train, y_train = arrays["x_train"].astype("float32"), arrays["y_train"]
    x_test, y_test = arrays["x_test"].astype("float32"), arrays["y_test"]
    # Keras' metrics, unlike its losses, do not add a missing last axis.
    y_train, y_test = y_train.reshape(-1, 1), y_test.reshape(-1, 1)

    model = build_model()
    compile_model(model)
    model.fit(
        x_train,
        y_train,
        batch_size=BATCH_SIZE,
        epochs=args.epochs,
    )

    figures = model.evaluate(
        x_test, y_test, batch_size=BATCH_SIZE, return_dict=True, verbose=0
    )
    described = " - ".join(f"{name}: {value:.4f}" for name, value in figures.items())
    print(f"Test - {described}")
    if args.save:
        model.save(args.save)


if __name__ == "__main__":
    main()
