# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec df15a4af2896a7bf, text acc870b970b840e1
"""The letters of a line of any length.

Input: (N, None, 8). Output: (N, None, 12).
"""

import argparse
import sys

import keras
import numpy as np
from keras import layers

SEED = 2
EPOCHS = 2
BATCH_SIZE = 4
SHAPES = {"x": ((None, 8),), "y": ((None,),)}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 11)}
EXPECTED = {"x": "finite numbers", "y": "labels from 1 to 11, with 0 behind the last"}


def build_model() -> keras.Sequential:
    """The letters of a line of any length."""
    return keras.Sequential(
        [
            keras.Input(shape=(None, 8)),
            layers.Conv1D(16, 3, padding="same", activation="relu", name="conv1d"),
            layers.Dense(12, name="letters"),
        ],
        name="handwriting",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(optimizer="adam", loss="ctc")


def fits(shape: tuple[int, ...], expected: tuple[int | None, ...]) -> bool:
    """Tell whether a shape is the expected one, in which None is any size."""
    if len(shape) != len(expected):
        return False
    return all(b in (a, None) for a, b in zip(shape, expected, strict=True))


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    wrong = ~((low <= array) & (array <= high))  # true for NaN
    if kind == "y":
        wrong |= array != np.floor(array)
        wrong[:, 1:] |= (array[:, :-1] == 0) & (array[:, 1:] != 0)
    return wrong


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Return the four arrays; raise ValueError where one is not as expected."""
    names = ("x_train", "y_train", "x_test", "y_test")
    try:
        with np.load(path) as file:
            arrays = {name: np.asarray(file[name]) for name in names if name in file}
    except Exception as error:
        message = f"{path}: expected an npz file of numbers: {error}"
        raise ValueError(message) from None
    for name in names:
        shapes = SHAPES[name[0]]
        shape = " or ".join(str(("N", *shape)) for shape in shapes).replace("'", "")
        if name not in arrays:
            raise ValueError(f"{path}: no array {name}, expected one of shape {shape}")
        array = arrays[name]
        known = any(fits(array.shape[1:], shape) for shape in shapes)
        if array.ndim == 0 or not known or array.size == 0:
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


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train handwriting.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    try:
        arrays = read_arrays(args.data)
    except ValueError as error:
        sys.exit(str(error))
    x_train, y_train = arrays["x_train"].astype("float32"), arrays["y_train"]
    x_test, y_test = arrays["x_test"].astype("float32"), arrays["y_test"]

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
