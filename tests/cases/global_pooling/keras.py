# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 47562562988dfed3, text 8df6c22cd0f45db7
"""The model global_pooling.

Input: (N, 6, 6, 1). Output: (N, 2).
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from keras import layers

EPOCHS = 1
BATCH_SIZE = 4
SHAPES = {"x": ((6, 6, 1),), "y": ((2,),)}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (-3.4e38, 3.4e38)}
EXPECTED = {"x": "finite numbers", "y": "finite numbers"}
FIGURES = ("loss",)


def build_model() -> keras.Sequential:
    """The model global_pooling."""
    return keras.Sequential(
        [
            keras.Input(shape=(6, 6, 1)),
            layers.Conv2D(4, 3, activation="relu", name="conv2d_1"),
            layers.GlobalAveragePooling2D(name="global_average_pooling2d"),
            layers.LayerNormalization(center=False, name="layer_normalization"),
            layers.Reshape((2, 2, 1), name="reshape"),
            layers.Conv2D(2, 2, name="mix"),
            layers.GlobalMaxPooling2D(name="global_max_pooling2d"),
        ],
        name="global_pooling",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(optimizer="sgd", loss="mean_squared_error")


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    return ~((low <= array) & (array <= high))  # true for NaN


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Return the four arrays; raise ValueError where one is not as expected."""
    names = ("x_train", "y_train", "x_test", "y_test")
    try:
        with np.load(path) as file:
            arrays = {name: np.asarray(file[name]) for name in names if name in file}
    except Exception as error:
        message = f"{path}: expected an npz file of numbers: {error}"
        raise ValueError(message) from error
    for name in names:
        shapes = SHAPES[name[0]]
        shape = " or ".join(str(("N", *shape)) for shape in shapes).replace("'", "")
        if name not in arrays:
            raise ValueError(f"{path}: no array {name}, expected one of shape {shape}")
        array = arrays[name]
        if array.ndim == 0 or array.shape[1:] not in shapes or array.size == 0:
            found = f"{name} has shape {array.shape}"
            raise ValueError(f"{path}: {found}, expected {shape}")
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{path}: {name} holds {array.dtype}, expected numbers")
        wrong = outside(name[0], array)
        if wrong.any():
            place = np.unravel_index(wrong.argmax(), wrong.shape)
            found = f"{name}{[int(n) for n in place]} is {array[place]}"
            raise ValueError(f"{path}: {found}, expected {EXPECTED[name[0]]}")
    for x, y in (("x_train", "y_train"), ("x_test", "y_test")):
        if len(arrays[x]) != len(arrays[y]):
            found = f"{x} has {len(arrays[x])} rows, but {y} {len(arrays[y])}"
            raise ValueError(f"{path}: {found}")
    return arrays


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
    parser = argparse.ArgumentParser(description="Train global_pooling.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()
    if args.epochs < 1:
        parser.error(f"argument --epochs: expected 1 or more, found {args.epochs}")
    if args.save is not None and not args.save.endswith(".keras"):
        parser.error(f"argument --save: expected a .keras file, found {args.save!r}")
    if args.save is not None:
        check_path(args.save)

    try:
        arrays = read_arrays(args.data)
    except ValueError as error:
        sys.exit(str(error))
    x_train, y_train = arrays["x_train"].astype("float32"), arrays["y_train"]
    x_test, y_test = arrays["x_test"].astype("float32"), arrays["y_test"]

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
