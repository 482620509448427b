# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 4f2e3e559c125779, text a504d5870a26440e
"""A regression, trained by Nadam.

Input: (N, 12). Output: (N, 2).
"""

import argparse
import sys

import keras
import numpy as np
from keras import layers

EPOCHS = 3
BATCH_SIZE = 32
SHAPES = {"x": ((12,),), "y": ((2,),)}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (-3.4e38, 3.4e38)}
EXPECTED = {"x": "finite numbers", "y": "finite numbers"}
DENSE_1_L2 = 0.01
WEIGHT_DECAY = 0.01
CLIPNORM = 1.0


def build_model() -> keras.Sequential:
    """A regression, trained by Nadam."""
    return keras.Sequential(
        [
            keras.Input(shape=(12,)),
            layers.Dense(
                16,
                activation="tanh",
                kernel_regularizer=keras.regularizers.L2(DENSE_1_L2),
                name="dense_1",
            ),
            layers.Dense(2, name="output"),
        ],
        name="nadam_net",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.Nadam(weight_decay=WEIGHT_DECAY, clipnorm=CLIPNORM),
        loss="log_cosh",
    )


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
        raise ValueError(message) from None
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


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train nadam_net.")
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
