# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 6e3f62b15032df63, text 6065c03cd2941e38
"""One class for each pixel, at any height and width.

Input: (N, None, None, 3). Output: (N, None, None, 4).
"""

import argparse
import sys

import keras
import numpy as np
from keras import layers

EPOCHS = 1
BATCH_SIZE = 4
SHAPES = {"x": ((None, None, 3),), "y": ((None, None), (None, None, 1))}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 3)}
EXPECTED = {"x": "finite numbers", "y": "whole numbers, 0 to 3"}


def build_model() -> keras.Sequential:
    """One class for each pixel, at any height and width."""
    return keras.Sequential(
        [
            keras.Input(shape=(None, None, 3)),
            layers.Conv2D(8, 3, padding="same", activation="relu", name="conv2d_1"),
            layers.MaxPooling2D(padding="same", name="max_pooling2d"),
            layers.Conv2D(16, 3, padding="same", activation="relu", name="conv2d_2"),
            layers.Conv2DTranspose(
                8, 2, strides=2, activation="relu", name="conv2d_transpose"
            ),
            layers.Conv2D(4, 1, activation="softmax", name="conv2d_3"),
        ],
        name="images_of_any_size",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.SGD(momentum=0.9),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


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
    parser = argparse.ArgumentParser(description="Train images_of_any_size.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

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
