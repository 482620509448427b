# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 5f1f3946977f191c, text 050cb67d3ca7d987
"""The model table.

Input: (N, 2, 2, 1). Output: (N, 2).
"""

import argparse
import csv
import sys

import keras
import numpy as np
import pandas as pd
from keras import layers

DATA = "train.csv"
TEST_DATA = "test.csv"
TARGETS = ["width", "height; cm"]
DELIMITER = ";"
EPOCHS = 1
BATCH_SIZE = 4
RANGES = {"x": (-3.4e38, 3.4e38), "y": (-3.4e38, 3.4e38)}
EXPECTED = {"x": "finite numbers", "y": "finite numbers"}


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


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    return ~((low <= array) & (array <= high))  # true for NaN


def find_row(path: str, row: int | None = None) -> tuple[int, list[str]]:
    """Return a row's line and cells; raise ValueError at a row of another length."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        reader = csv.reader(file, delimiter=DELIMITER)
        for number, cells in enumerate(filter(None, reader), -1):
            if len(cells) != 6:
                found = f"{path}:{reader.line_num}: {len(cells)} cells"
                raise ValueError(f"{found}, expected 6")
            if number == row:
                return reader.line_num, cells
    raise ValueError(f"{path}: expected rows of 6 numbers below the names")


def read_arrays(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets; raise ValueError at what is not as expected."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        names = next(filter(None, csv.reader(file, delimiter=DELIMITER)), [])
        try:
            table = pd.read_csv(
                file, sep=DELIMITER, header=None, na_filter=False, low_memory=False
            )
        except (pd.errors.EmptyDataError, pd.errors.ParserError):
            table = pd.DataFrame()
    if len(names) != 6:
        found = f"{path}: a line of {len(names)} names: {names}"
        raise ValueError(f"{found}, expected 6 between {DELIMITER!r}")
    if len(set(names)) < len(names):
        raise ValueError(f"{path}: two columns have one name: {names}")
    if pd.to_numeric(pd.Series(names), errors="coerce").notna().all():
        raise ValueError(f"{path}: expected a line of names, found numbers: {names}")
    for name in TARGETS:
        if name not in names:
            raise ValueError(f"{path}: no column {name!r}, expected one of {names}")
    if table.shape[1] != len(names):
        find_row(path)
    # What is no number becomes NaN, and so do truth values, numbers to pandas.
    numeric = table.select_dtypes(exclude=bool).apply(pd.to_numeric, errors="coerce")
    numbers = numeric.reindex(columns=table.columns).to_numpy(float)
    targets = [names.index(name) for name in TARGETS]
    inputs = [column for column in range(len(names)) if column not in targets]
    for kind, columns in (("x", inputs), ("y", targets)):
        wrong = outside(kind, numbers[:, columns])
        if wrong.any():
            row, place = divmod(int(wrong.argmax()), len(columns))
            line, cells = find_row(path, row)
            column = columns[place]
            found = f"column {names[column]!r} holds {cells[column]!r}"
            raise ValueError(f"{path}:{line}: {found}, expected {EXPECTED[kind]}")
    return numbers[:, inputs].reshape(-1, 2, 2, 1), numbers[:, targets]


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train table.")
    parser.add_argument(
        "--data", default=DATA, help="CSV file for training (%(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    try:
        x_train, y_train = read_arrays(args.data)
        x_test, y_test = read_arrays(TEST_DATA)
    except (OSError, ValueError, csv.Error) as error:
        sys.exit(str(error))

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
