# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 8a730376d04a567c, text b989fb75e8da65e1
"""The model reshaping.

Input: (N, 12, 16, 3). Output: (N, 5, 3).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

SEED = 3
EPOCHS = 2
BATCH_SIZE = 32
ACTIVITY_REGULARIZATION_L2 = 0.0001


def build_model() -> keras.Sequential:
    """The model reshaping."""
    return keras.Sequential(
        [
            keras.Input(shape=(12, 16, 3)),
            layers.Rescaling(
                (0.0174, 0.0175, 0.0171),
                offset=(-2.12, -2.04, -1.8),
                name="rescaling_1",
            ),
            layers.Conv2D(8, 3, activation="relu", name="conv2d_1"),
            layers.Permute((2, 1, 3), name="permute"),
            layers.Conv2D(4, 3, name="conv2d_2"),
            layers.ActivityRegularization(
                l2=ACTIVITY_REGULARIZATION_L2, name="activity_regularization"
            ),
            layers.Identity(name="identity"),
            layers.Flatten(name="flatten"),
            layers.Dense(16, name="dense_1"),
            layers.Rescaling(0.1, offset=-0.5, name="rescaling_2"),
            layers.RepeatVector(5, name="repeat_vector"),
            layers.Dense(3, name="dense_2"),
        ],
        name="reshaping",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(optimizer="sgd", loss="mean_squared_error")


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Read the four arrays, or leave with a line that says what is wrong."""
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        sys.exit(f"{path}: expected an npz file of numbers: {error}")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        shapes = [(12, 16, 3)] if name.startswith("x") else [(5, 3)]
        expected = "(N, 12, 16, 3)" if name.startswith("x") else "(N, 5, 3)"
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
    parser = argparse.ArgumentParser(description="Train reshaping.")
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
