# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 8b8f0cb5913b4a5d, text 41cd95a045922ac4
"""The model volume_exact.

Input: (N, 8, 9, 10, 2). Output: (N, 3).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

EPOCHS = 2
BATCH_SIZE = 32


def build_model() -> keras.Sequential:
    """The model volume_exact."""
    return keras.Sequential(
        [
            keras.Input(shape=(8, 9, 10, 2)),
            layers.Conv3D(
                4,
                3,
                padding="same",
                use_bias=False,
                kernel_regularizer="l2",
                name="conv3d_1",
            ),
            layers.BatchNormalization(name="batch_normalization"),
            layers.Activation("relu", name="activation"),
            layers.Conv3D(6, (1, 2, 3), strides=2, padding="same", name="conv3d_2"),
            layers.Flatten(name="flatten"),
            layers.Dense(3, activation="softmax", name="dense"),
        ],
        name="volume_exact",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Read the four arrays, or leave with a line that says what is wrong."""
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        sys.exit(f"{path}: expected an npz file of numbers: {error}")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        shapes = [(8, 9, 10, 2)] if name.startswith("x") else [(), (1,)]
        expected = "(N, 8, 9, 10, 2)" if name.startswith("x") else "(N,) or (N, 1)"
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
        if not 0 <= low <= high <= 2:
            sys.exit(f"{path}: {y} holds {low} to {high}, expected 0 to 2")
    return arrays


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train volume_exact.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

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
