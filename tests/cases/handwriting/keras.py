# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec df15a4af2896a7bf, text 86a29c45e92500bd
"""The letters of a line of any length.

Input: (N, None, 8). Output: (N, None, 12).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

SEED = 2
EPOCHS = 2
BATCH_SIZE = 4


def build_model() -> keras.Sequential:
    """The letters of a line of any length."""
    return keras.Sequential(
        [
            keras.Input(shape=(None, 8)),
            layers.Conv1D(16, 3, padding="same", activation="relu", name="conv1d"),
            layers.Dense(12, name="letters"),
        ],
        name="handwriting",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(optimizer="adam", loss="ctc")


def fits(shape: tuple[int, ...], expected: tuple[int | None, ...]) -> bool:
    """Tell whether a shape is the expected one, in which None is any size."""
    if len(shape) != len(expected):
        return False
    return all(b in (a, None) for a, b in zip(shape, expected, strict=True))


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Read the four arrays, or leave with a line that says what is wrong."""
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        sys.exit(f"{path}: expected an npz file of numbers: {error}")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        shapes = [(None, 8)] if name.startswith("x") else [(None,)]
        expected = "(N, None, 8)" if name.startswith("x") else "(N, None)"
        if name not in arrays:
            sys.exit(f"{path}: no array {name}, expected one of shape {expected}")
        array = arrays[name]
        known = any(fits(array.shape[1:], shape) for shape in shapes)
        if array.ndim == 0 or not known or array.size == 0:
            sys.exit(f"{path}: {name} has shape {array.shape}, expected {expected}")
        if array.dtype.kind not in "biuf":
            sys.exit(f"{path}: {name} holds {array.dtype}, expected numbers")
    for x, y in (("x_train", "y_train"), ("x_test", "y_test")):
        if len(arrays[x]) != len(arrays[y]):
            sys.exit(f"{path}: {x} has {len(arrays[x])} rows, but {y} {len(arrays[y])}")
        low, high = arrays[y].min(), arrays[y].max()
        if not 0 <= low <= high <= 11:
            sys.exit(f"{path}: {y} holds {low} to {high}, expected 0 to 11")
    return arrays


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train handwriting.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
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
