# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 5f1f3946977f191c, text e830b79a1b95e7fe
"""The model table.

Input: (N, 2, 2, 1). Output: (N, 2).
"""

import argparse
import csv
import sys

import keras
import numpy as np
from keras import layers

DATA = "train.csv"
TEST_DATA = "test.csv"
TARGETS = ["width", "height; cm"]
EPOCHS = 1
BATCH_SIZE = 4


def build_model() -> keras.Sequential:
    """The model table."""
    return keras.Sequential(
        [
            keras.Input(shape=(2, 2, 1)),
            layers.Conv2D(2, 2, activation="tanh", name="conv2d"),
            layers.Flatten(name="flatten"),
            layers.Dense(2, name="dense"),
        ],
        name="table",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(optimizer="sgd", loss="mean_squared_error")


def read_arrays(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Read inputs and targets, or leave with a line that says what is wrong."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            header, *rows = filter(None, csv.reader(file, delimiter=";"))
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
    if y.shape[1] != 2:
        sys.exit(f"{path}: the target has {y.shape[1]} columns, expected 2")
    return x.reshape(-1, 2, 2, 1), y


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train table.")
    parser.add_argument(
        "--data", default=DATA, help="CSV file for training (%(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    x_train, y_train = read_arrays(args.data)
    x_test, y_test = read_arrays(TEST_DATA)

    model = build_model()
    compile_model(model)
    model.fit(
        x_train,
        y_train,
        batch_size=BATCH_SIZE,
        epochs=args.epochs,
        shuffle=False,
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
