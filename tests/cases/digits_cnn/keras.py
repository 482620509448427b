# Made by specc 0.1.0 from digits_cnn.yaml
# Change the spec, not this file. Digests: spec d34278d93ec8d3a5, text 0aa4e0e02a298a7a
"""Two convolutions on 8x8 digits.

Input: (N, 8, 8, 1). Output: (N, 10).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

SEED = 7
DATA = "specs/data/digits_images.npz"
EPOCHS = 20
BATCH_SIZE = 32
LEARNING_RATE = 0.001


def build_model() -> keras.Sequential:
    """Two convolutions on 8x8 digits."""
    return keras.Sequential(
        [
            keras.Input(shape=(8, 8, 1)),
            layers.Conv2D(32, 3, padding="same", use_bias=False, name="conv2d_1"),
            layers.BatchNormalization(name="batch_normalization_1"),
            layers.Activation("relu", name="activation_1"),
            layers.MaxPooling2D(name="max_pooling2d_1"),
            layers.Conv2D(64, 3, padding="same", use_bias=False, name="conv2d_2"),
            layers.BatchNormalization(name="batch_normalization_2"),
            layers.Activation("relu", name="activation_2"),
            layers.MaxPooling2D(name="max_pooling2d_2"),
            layers.Flatten(name="flatten"),
            layers.Dropout(0.4, name="dropout"),
            layers.Dense(10, activation="softmax", name="output"),
        ],
        name="digits_cnn",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=LEARNING_RATE),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Read the four arrays, or leave with a line that says what is wrong."""
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        sys.exit(f"{path}: expected an npz file of numbers: {error}")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        shapes = [(8, 8, 1)] if name.startswith("x") else [(), (1,)]
        expected = "(N, 8, 8, 1)" if name.startswith("x") else "(N,) or (N, 1)"
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
        low, high = arrays[y].min(), arrays[y].max()
        if not 0 <= low <= high <= 9:
            sys.exit(f"{path}: {y} holds {low} to {high}, expected 0 to 9")
    return arrays


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train digits_cnn.")
    parser.add_argument(
        "--data", default=DATA, help="npz file with the arrays (%(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    arrays = read_arrays(args.data)
    x_train, y_train = arrays["x_train"].astype("float32"), arrays["y_train"]
    x_test, y_test = arrays["x_test"].astype("float32"), arrays["y_test"]

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
