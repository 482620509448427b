# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 74f41efefdc23acb, text 4abadf6c171e23ce
"""The model csv_plain.

Input: (N, 4). Output: (N, 3).
"""

import argparse
import csv
import sys

import keras
import numpy as np
from keras import layers

DATA = "train.csv"
EPOCHS = 1
BATCH_SIZE = 4
VALIDATION_SPLIT = 0.25


def build_model() -> keras.Sequential:
    """The model csv_plain."""
    return keras.Sequential(
        [
            keras.Input(shape=(4,)),
            layers.Dense(3, activation="softmax", name="dense"),
        ],
        name="csv_plain",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")


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
    columns = [len(header) - 1]
    x, y = np.delete(table, columns, axis=1), table[:, columns]
    if x.shape[1] != 4:
        sys.exit(f"{path}: the inputs have {x.shape[1]} columns, expected 4")
    if y.shape[1] != 1:
        sys.exit(f"{path}: the target has {y.shape[1]} columns, expected 1")
    low, high = y.min(), y.max()
    if not 0 <= low <= high <= 2:
        sys.exit(f"{path}: the target holds {low} to {high}, expected 0 to 2")
    return x, y


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train csv_plain.")
    parser.add_argument(
        "--data", default=DATA, help="CSV file for training (%(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

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
        shuffle=False,
    )

    if args.save:
        model.save(args.save)


if __name__ == "__main__":
    main()
