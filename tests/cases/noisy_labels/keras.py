# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec b7d600ae92af7ad0, text 10291d3c49b01d9f
"""Classes of a table in which some labels are wrong.

Input: (N, 6). Output: (N, 3).
"""

import argparse
import csv
import sys

import keras
import numpy as np
import pandas as pd
from keras import layers

SEED = 3
DATA = "train.csv"
TEST_DATA = "test.csv"
EPOCHS = 2
BATCH_SIZE = 4
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 2)}
EXPECTED = {"x": "finite numbers", "y": "whole numbers, 0 to 2"}


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


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    wrong = ~((low <= array) & (array <= high))  # true for NaN
    if kind == "y":
        wrong |= array != np.floor(array)
    return wrong


def find_row(path: str, row: int | None = None) -> tuple[int, list[str]]:
    """Return a row's line and cells; raise ValueError at a row of another length."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        reader = csv.reader(file)
        for number, cells in enumerate(filter(None, reader), -1):
            if len(cells) != 7:
                found = f"{path}:{reader.line_num}: {len(cells)} cells"
                raise ValueError(f"{found}, expected 7")
            if number == row:
                return reader.line_num, cells
    raise ValueError(f"{path}: expected rows of 7 numbers below the names")


def read_arrays(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets; raise ValueError at what is not as expected."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        names = next(filter(None, csv.reader(file)), [])
        try:
            table = pd.read_csv(file, header=None, na_filter=False, low_memory=False)
        except (pd.errors.EmptyDataError, pd.errors.ParserError):
            table = pd.DataFrame()
    if len(names) != 7:
        found = f"{path}: a line of {len(names)} names: {names}"
        raise ValueError(f"{found}, expected 7 between ','")
    if len(set(names)) < len(names):
        raise ValueError(f"{path}: two columns have one name: {names}")
    if pd.to_numeric(pd.Series(names), errors="coerce").notna().all():
        raise ValueError(f"{path}: expected a line of names, found numbers: {names}")
    if table.shape[1] != len(names):
        find_row(path)
    # What is no number becomes NaN, and so do truth values, numbers to pandas.
    numeric = table.select_dtypes(exclude=bool).apply(pd.to_numeric, errors="coerce")
    numbers = numeric.reindex(columns=table.columns).to_numpy(float)
    targets = [len(names) - 1]
    inputs = [column for column in range(len(names)) if column not in targets]
    for kind, columns in (("x", inputs), ("y", targets)):
        wrong = outside(kind, numbers[:, columns])
        if wrong.any():
            row, place = divmod(int(wrong.argmax()), len(columns))
            line, cells = find_row(path, row)
            column = columns[place]
            found = f"column {names[column]!r} holds {cells[column]!r}"
            raise ValueError(f"{path}:{line}: {found}, expected {EXPECTED[kind]}")
    return numbers[:, inputs], numbers[:, targets]


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
    try:
        x_train, y_train = read_arrays(args.data)
        x_test, y_test = read_arrays(TEST_DATA)
    except (OSError, ValueError, csv.Error) as error:
        sys.exit(str(error))
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
