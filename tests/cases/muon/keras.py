# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 62cf15a1d70ff6f1, text 487bb9cb90610a0d
"""Matrices by Muon, the rest and the last layer by AdamW.

Input: (N, 8). Output: (N, 3).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

EPOCHS = 10
BATCH_SIZE = 32
INITIAL_LEARNING_RATE = 0.01
DECAY_STEPS = 1000
WEIGHT_DECAY = 0.01


def build_model() -> keras.Sequential:
    """Matrices by Muon, the rest and the last layer by AdamW."""
    return keras.Sequential(
        [
            keras.Input(shape=(8,), dtype="int32"),
            layers.Embedding(50, 12, name="embedding"),
            layers.Flatten(name="flatten"),
            layers.Dense(32, activation="silu", name="dense_1"),
            layers.Dense(16, activation="silu", name="dense_2"),
            layers.Dense(3, activation="softmax", name="output"),
        ],
        name="muon",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.Muon(
            learning_rate=keras.optimizers.schedules.CosineDecay(
                initial_learning_rate=INITIAL_LEARNING_RATE, decay_steps=DECAY_STEPS
            ),
            weight_decay=WEIGHT_DECAY,
            exclude_layers=["output"],
        ),
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
        shapes = [(8,)] if name.startswith("x") else [(), (1,)]
        expected = "(N, 8)" if name.startswith("x") else "(N,) or (N, 1)"
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
        low, high = arrays[x].min(), arrays[x].max()
        if not 0 <= low <= high <= 49:
            sys.exit(f"{path}: {x} holds {low} to {high}, expected 0 to 49")
        low, high = arrays[y].min(), arrays[y].max()
        if not 0 <= low <= high <= 2:
            sys.exit(f"{path}: {y} holds {low} to {high}, expected 0 to 2")
    return arrays


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train muon.")
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
