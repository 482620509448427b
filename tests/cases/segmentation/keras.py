# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 6d8ba0542e3f20e9, text 8699b1439e1d9f1c
"""Three classes of pixels.

Input: (N, 6, 8, 3). Output: (N, 6, 8, 3).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

SEED = 1
DATA = "pixels.npz"
EPOCHS = 1
BATCH_SIZE = 4
LEARNING_RATE = 0.01


def build_model() -> keras.Sequential:
    """Three classes of pixels."""
    return keras.Sequential(
        [
            keras.Input(shape=(6, 8, 3)),
            layers.Conv2D(8, 3, padding="same", activation="relu", name="conv2d_1"),
            layers.Dropout(0.2, noise_shape=(None, 1, 1, 8), name="dropout"),
            layers.Conv2D(3, 1, activation="softmax", name="classes"),
        ],
        name="segmentation",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=LEARNING_RATE, epsilon=1e-08),
        loss=keras.losses.SparseCategoricalCrossentropy(ignore_class=255),
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
        shapes = [(6, 8, 3)] if name.startswith("x") else [(6, 8), (6, 8, 1)]
        expected = (
            "(N, 6, 8, 3)" if name.startswith("x") else "(N, 6, 8) or (N, 6, 8, 1)"
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
    parser = argparse.ArgumentParser(description="Train segmentation.")
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
