# Made by specc 0.1.0 from regression.yaml
# Change the spec, not this file. Digests: spec 6002774d402c767d, text 01048c03f69b9a0a
"""Regression of one number on eight features.

Input: (N, 8). Output: (N, 1).
"""

import argparse
import csv
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import layers

SEED = 1
DATA = "data/train.csv"
EPOCHS = 100
BATCH_SIZE = 32
VALIDATION_SPLIT = 0.2
RANGES = {"x": (-3.4e38, 3.4e38), "y": (-3.4e38, 3.4e38)}
EXPECTED = {"x": "finite numbers", "y": "finite numbers"}
LEARNING_RATE = 0.01
PATIENCE = 10
FIGURES = ("loss", "mean_absolute_error", "val_loss", "val_mean_absolute_error")


def build_model() -> keras.Sequential:
    """Regression of one number on eight features."""
    return keras.Sequential(
        [
            keras.Input(shape=(8,)),
            layers.Dense(16, activation="relu", name="dense_1"),
            layers.Dense(1, name="dense_2"),
        ],
        name="regression",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=LEARNING_RATE),
        loss="mean_squared_error",
        metrics=["mean_absolute_error"],
    )


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    return ~((low <= array) & (array <= high))  # true for NaN


def find_row(path: str, row: int | None = None) -> tuple[int, list[str]]:
    """Return a row's line and cells; raise ValueError at a row of another length."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        reader = csv.reader(file)
        for number, cells in enumerate(filter(None, reader), -1):
            if len(cells) != 9:
                found = f"{path}:{reader.line_num}: {len(cells)} cells"
                raise ValueError(f"{found}, expected 9")
            if number == row:
                return reader.line_num, cells
    raise ValueError(f"{path}: expected rows of 9 numbers below the names")


def read_arrays(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets; raise ValueError at what is not as expected."""
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        names = next(filter(None, csv.reader(file)), [])
        try:
            table = pd.read_csv(file, header=None, na_filter=False, low_memory=False)
        except (pd.errors.EmptyDataError, pd.errors.ParserError):
            table = pd.DataFrame()
    if len(names) != 9:
        found = f"{path}: a line of {len(names)} names: {names}"
        raise ValueError(f"{found}, expected 9 between ','")
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


def describe(figures: dict[str, float]) -> str:
    """Return figures as one line in the spec's order; Keras sorts them by name."""
    return " - ".join(
        f"{name}: {figures[name]:.4f}" for name in FIGURES if name in figures
    )


class EpochLine(keras.callbacks.Callback):
    """Prints the figures of an epoch, where there is no terminal for Keras' bar."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if not self.params["verbose"]:
            print(f"Epoch {epoch + 1}/{self.params['epochs']} - {describe(logs)}")


def check_path(path: str) -> None:
    """Make a file's folder, or leave with a line that says why it cannot be written."""
    partial = Path(path).with_name(f"partial-{Path(path).name}")
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.touch()
        partial.unlink()
    except OSError as error:
        sys.exit(f"{path}: {error}")
    if Path(path).exists() and not Path(path).is_file():
        sys.exit(f"{path}: expected a file, found a folder or a device")


def save(write: Callable[[Path], None], path: str) -> None:
    """Write a file beside its place, then move it there: it is whole, old or new."""
    partial = Path(path).with_name(f"partial-{Path(path).name}")
    write(partial)
    partial.replace(path)


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train regression.")
    parser.add_argument(
        "--data", default=DATA, help="CSV file for training (%(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()
    if args.epochs < 1:
        parser.error(f"argument --epochs: expected 1 or more, found {args.epochs}")
    if args.save is not None and not args.save.endswith(".keras"):
        parser.error(f"argument --save: expected a .keras file, found {args.save!r}")
    if args.save is not None:
        check_path(args.save)

    keras.utils.set_random_seed(SEED)
    try:
        x_train, y_train = read_arrays(args.data)
    except (OSError, ValueError, csv.Error) as error:
        sys.exit(str(error))
    if not 0 < int(len(x_train) * (1 - VALIDATION_SPLIT)) < len(x_train):
        sys.exit(f"{args.data}: {len(x_train)} samples are too few to split")

    model = build_model()
    compile_model(model)
    early_stopping = keras.callbacks.EarlyStopping(
        patience=PATIENCE, restore_best_weights=True
    )
    try:
        model.fit(
            x_train,
            y_train,
            batch_size=BATCH_SIZE,
            epochs=args.epochs,
            verbose=int(sys.stdout.isatty()),
            callbacks=[EpochLine(), early_stopping],
            validation_split=VALIDATION_SPLIT,
        )
    except KeyboardInterrupt:
        if not args.save:
            raise
        which = "weights as they are"
        if early_stopping.best_weights:
            model.set_weights(early_stopping.best_weights)
            which = "best weights"
        save(model.save, args.save)
        print(f"Interrupted: {args.save} has the {which}", file=sys.stderr)
        sys.exit(130)
    if args.save:
        save(model.save, args.save)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
