# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 4b1f671c02ca7657, text e3bd3caf3772edfa
"""A sentence of any length to one of three classes.

Input: (N, None). Output: (N, 3).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

EPOCHS = 1
BATCH_SIZE = 8


def build_model() -> keras.Sequential:
    """A sentence of any length to one of three classes."""
    return keras.Sequential(
        [
            keras.Input(shape=(None,), dtype="int32"),
            layers.Embedding(50, 8, name="embedding"),
            layers.Conv1D(12, 3, padding="causal", activation="relu", name="conv1d"),
            layers.LayerNormalization(name="layer_normalization"),
            layers.GlobalMaxPooling1D(name="global_max_pooling1d"),
            layers.Dense(3, activation="softmax", name="dense"),
        ],
        name="text_of_any_length",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )


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
        shapes = [(None,)] if name.startswith("x") else [(), (1,)]
        expected = "(N, None)" if name.startswith("x") else "(N,) or (N, 1)"
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
        low, high = arrays[x].min(), arrays[x].max()
        if not 0 <= low <= high <= 49:
            sys.exit(f"{path}: {x} holds {low} to {high}, expected 0 to 49")
        low, high = arrays[y].min(), arrays[y].max()
        if not 0 <= low <= high <= 2:
            sys.exit(f"{path}: {y} holds {low} to {high}, expected 0 to 2")
    return arrays


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train text_of_any_length.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    arrays = read_arrays(args.data)
    x_train, y_train = arrays["x_train"].astype("int32"), arrays["y_train"]
    x_test, y_test = arrays["x_test"].astype("int32"), arrays["y_test"]

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
