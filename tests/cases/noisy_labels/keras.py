# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec b7d600ae92af7ad0, text d8885894b69e59bb
"""Classes of a table in which some labels are wrong.

Input: (N, 6). Output: (N, 3).
"""

import argparse
import csv
import sys

import keras
import numpy as np
from keras import layers

SEED = 3
DATA = "train.csv"
TEST_DATA = "test.csv"
EPOCHS = 2
BATCH_SIZE = 4


def build_model() -> keras.Sequential:
    """Classes of a table in which some labels are wrong."""
    return keras.Sequential(
        [
            keras.Input(shape=(6,)),
            layers.Dense(16, activation="relu", name="dense_1"),
            layers.Dense(3, activation="softmax", name="dense_2"),
        ],
        name="noisy_labels",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer="adam",
        loss=keras.losses.CategoricalGeneralizedCrossEntropy(q=0.7),
        metrics=["accuracy"],
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
    columns = [len(header) - 1]
    x, y = np.delete(table, columns, axis=1), table[:, columns]
    if x.shape[1] != 6:
        sys.exit(f"{path}: the inputs have {x.shape[1]} columns, expected 6")
    if y.shape[1] != 1:
        sys.exit(f"{path}: the target has {y.shape[1]} columns, expected 1")
    low, high = y.min(), y.max()
    if not 0 <= low <= high <= 2:
        sys.exit(f"{path}: the target holds {low} to {high}, expected 0 to 2")
    return x, y


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train noisy_labels.")
    parser.add_argument(
        "--data", default=DATA, help="CSV file for training (%(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    x_train, y_train = read_arrays(args.data)
    x_test, y_test = read_arrays(TEST_DATA)
    # Of targets (N, 1) Keras would compare each with every output.
    y_train = y_train.reshape(-1)
    y_test = y_test.reshape(-1)

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
