# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec b7d600ae92af7ad0, text 6cbb8f3a69193707
"""Classes of a table in which some labels are wrong.

Input: (N, 6). Output: (N, 3).
"""

import argparse
import csv
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from keras import layers

SEED = 3
DATA = "train.csv"
TEST_DATA = "test.csv"
EPOCHS = 2
BATCH_SIZE = 4
FIGURES = ("loss", "accuracy")


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
    parser = argparse.ArgumentParser(description="Train noisy_labels.")
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
    x_train, y_train = read_arrays(args.data)
    x_test, y_test = read_arrays(TEST_DATA)
    # Of targets (N, 1) Keras would compare each with every output.
    y_train = y_train.reshape(-1)
    y_test = y_test.reshape(-1)

    model = build_model()
    compile_model(model)
    try:
        model.fit(
            x_train,
            y_train,
            batch_size=BATCH_SIZE,
            epochs=args.epochs,
            verbose=int(sys.stdout.isatty()),
            callbacks=[EpochLine()],
        )
        figures = model.evaluate(
            x_test, y_test, batch_size=BATCH_SIZE, return_dict=True, verbose=0
        )
        print(f"Test - {describe(figures)}")
    except KeyboardInterrupt:
        if not args.save:
            raise
        save(model.save, args.save)
        print(f"Interrupted: {args.save} has the weights as they are", file=sys.stderr)
        sys.exit(130)
    if args.save:
        save(model.save, args.save)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
