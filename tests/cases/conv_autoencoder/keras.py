# Made by specc 0.1.0 from conv_autoencoder.yaml
# Change the spec, not this file. Digests: spec 5930c6f953535f7e, text 678d7d670c1202b0
"""A convolutional autoencoder of 28x28 images.

Input: (N, 28, 28, 1). Output: (N, 28, 28, 1).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

SEED = 1
EPOCHS = 50
BATCH_SIZE = 128
VALIDATION_SPLIT = 0.1
LEARNING_RATE = 0.001


def build_model() -> keras.Sequential:
    """A convolutional autoencoder of 28x28 images."""
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(
                16, 3, strides=2, padding="same", activation="relu", name="conv2d_1"
            ),
            layers.Conv2D(
                8, 3, strides=2, padding="same", activation="relu", name="code"
            ),
            layers.Conv2DTranspose(
                8,
                3,
                strides=2,
                padding="same",
                activation="relu",
                name="conv2d_transpose_1",
            ),
            layers.Conv2DTranspose(
                16,
                3,
                strides=2,
                padding="same",
                activation="relu",
                name="conv2d_transpose_2",
            ),
            layers.Conv2D(1, 3, padding="same", activation="sigmoid", name="output"),
        ],
        name="conv_autoencoder",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=LEARNING_RATE),
        loss="binary_crossentropy",
    )


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Read the four arrays, or leave with a line that says what is wrong."""
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        sys.exit(f"{path}: expected an npz file of numbers: {error}")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        shapes = [(28, 28, 1)] if name.startswith("x") else [(28, 28, 1), (28, 28)]
        expected = (
            "(N, 28, 28, 1)"
            if name.startswith("x")
            else "(N, 28, 28, 1) or (N, 28, 28)"
        )
        if name not in arrays:
            sys.exit(f"{path}: no array {name}, expected one of shape {expected}")
        array = arrays[name]
        if array.ndim == 0 or array.shape[1:] not in shapes or array.size == 0:
            sys.exit(f"{path}: {name} has shape {array.shape}, expected {expected}")
        if array.dtype.kind not in "biuf":
            sys.exit(f"{path}: {name} holds {array.dtype}, expected numbers")
    for x, y in (("x_train", "y_train"), ("x_test", "y_test")):
        if len(arrays[x]) != len(arrays[y]):
            sys.exit(f"{path}: {x} has {len(arrays[x])} rows, but {y} {len(arrays[y])}")
    return arrays


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train conv_autoencoder.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    arrays = read_arrays(args.data)
    x_train, y_train = arrays["x_train"].astype("float32"), arrays["y_train"]
    x_test, y_test = arrays["x_test"].astype("float32"), arrays["y_test"]
    # Keras' metrics, unlike its losses, do not add a missing last axis.
    y_train, y_test = y_train.reshape(-1, 28, 28, 1), y_test.reshape(-1, 28, 28, 1)
    if not 0 < int(len(x_train) * (1 - VALIDATION_SPLIT)) < len(x_train):
        sys.exit(f"{args.data}: {len(x_train)} samples are too few to split")

    model = build_model()
    compile_model(model)
    model.fit(
        x_train,
        y_train,
        batch_size=BATCH_SIZE,
        epochs=args.epochs,
        validation_split=VALIDATION_SPLIT,
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
