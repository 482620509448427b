# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 76ea855bd1f3b971, text b0bddb45c0d86a70
"""Momentum whose rate falls to a tenth twice.

Input: (N, 6). Output: (N, 2).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

EPOCHS = 30
BATCH_SIZE = 32
BOUNDARIES = [300, 600]
VALUES = [0.1, 0.01, 0.001]
WEIGHT_DECAY = 0.0001


def build_model() -> keras.Sequential:
    """Momentum whose rate falls to a tenth twice."""
    return keras.Sequential(
        [
            keras.Input(shape=(6,)),
            layers.Dense(8, activation="tanh", name="dense_1"),
            layers.Dense(2, name="dense_2"),
        ],
        name="piecewise_momentum",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.SGD(
            learning_rate=keras.optimizers.schedules.PiecewiseConstantDecay(
                boundaries=BOUNDARIES, values=VALUES
            ),
            momentum=0.9,
            nesterov=True,
            weight_decay=WEIGHT_DECAY,
        ),
        loss="mean_squared_error",
    )


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Read the four arrays, or leave with a line that says what is wrong."""
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        sys.exit(f"{path}: expected an npz file of numbers: {error}")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        shapes = [(6,)] if name.startswith("x") else [(2,)]
        expected = "(N, 6)" if name.startswith("x") else "(N, 2)"
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
    parser = argparse.ArgumentParser(description="Train piecewise_momentum.")
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
