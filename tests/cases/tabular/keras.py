# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 39ff4674a524ece0, text dbf7642f2d6c6ccb
"""House prices from four measures.

Input: (N, 4). Output: (N, 1).
"""

import argparse
import csv
import sys

import keras
import numpy as np
from keras import layers

SEED = 3
DATA = "data/houses.csv"
TARGETS = ["price"]
EPOCHS = 20
BATCH_SIZE = 64
VALIDATION_SPLIT = 0.1
LEARNING_RATE = 0.001


def build_model() -> keras.Sequential:
    """House prices from four measures."""
    return keras.Sequential(
        [
            keras.Input(shape=(4,)),
            layers.Normalization(
                mean=[3.87, 28.6, 5.43, 1425.0],
                variance=[3.61, 158.4, 6.12, 1282470.0],
                name="normalization_1",
            ),
            layers.Dense(32, activation="relu", name="dense_1"),
            layers.Dense(1, name="scaled_price"),
            layers.Normalization(
                axis=None, mean=2.07, variance=1.33, invert=True, name="price"
            ),
        ],
        name="tabular",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=LEARNING_RATE),
        loss="huber",
        metrics=["mae"],
    )


def read_arrays(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Read inputs and targets, or leave with a line that says what is wrong."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            header, *rows = filter(None, csv.reader(file))
        table = np.array(rows, dtype=float)
    except (OSError, ValueError, csv.Error) as error:
        sys.exit(f"{path}: expected a line of names and rows of numbers: {error}")
    if table.shape[1:] != (len(header),):
        sys.exit(
            f"{path}: the table has shape {table.shape}, expected (N, {len(header)})"
        )
    missing = [name for name in TARGETS if name not in header]
    if missing:
        sys.exit(f"{path}: no column {missing[0]!r}, expected one of {header}")
    columns = [header.index(name) for name in TARGETS]
    x, y = np.delete(table, columns, axis=1), table[:, columns]
    if x.shape[1] != 4:
        sys.exit(f"{path}: the inputs have {x.shape[1]} columns, expected 4")
    if y.shape[1] != 1:
        sys.exit(f"{path}: the target has {y.shape[1]} columns, expected 1")
    return x, y


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train tabular.")
    parser.add_argument(
        "--data", default=DATA, help="CSV file for training (%(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    x_train, y_train = read_arrays(args.data)
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

    if args.save:
        model.save(args.save)


if __name__ == "__main__":
    main()
