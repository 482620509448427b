# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 89e3147a32c775ef, text 37be1db1ed8aa329
"""The model normalization.

Input: (N, 12, 12, 3). Output: (N, 10).
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
    """The model normalization."""
    return keras.Sequential(
        [
            keras.Input(shape=(12, 12, 3)),
            layers.Conv2D(8, 3, name="conv2d"),
            layers.GroupNormalization(groups=4, name="group_normalization_1"),
            layers.GroupNormalization(
                groups=5, axis=2, scale=False, name="group_normalization_2"
            ),
            layers.UnitNormalization(axis=(1, 2), name="unit_normalization_1"),
            layers.Flatten(name="flatten"),
            layers.RMSNormalization(name="rms_normalization"),
            layers.Dense(10, name="dense"),
            layers.UnitNormalization(name="unit_normalization_2"),
        ],
        name="normalization",
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
        shapes = [(12, 12, 3)] if name.startswith("x") else [(10,)]
        expected = "(N, 12, 12, 3)" if name.startswith("x") else "(N, 10)"
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
    parser = argparse.ArgumentParser(description="Train normalization.")
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
