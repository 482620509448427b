# Made by specc 0.1.0 from digits_mlp.yaml
# Change the spec, not this file. Digests: spec e24ff48cd2409a54, text 091ec191ea89b9dd
"""One hidden layer on 8x8 digits.

Input: (N, 64). Output: (N, 10).
"""

import argparse
import sys

import keras
import numpy as np
from keras import layers

SEED = 7
DATA = "specs/data/digits.npz"
EPOCHS = 60
BATCH_SIZE = 32
VALIDATION_SPLIT = 0.1
SHAPES = {"x": ((64,),), "y": ((), (1,))}
RANGES = {"x": (-3.4e38, 3.4e38), "y": (0, 9)}
EXPECTED = {"x": "finite numbers", "y": "whole numbers, 0 to 9"}
DENSE_1_L2 = 0.001
LEARNING_RATE = 0.001
PATIENCE = 10


def build_model() -> keras.Sequential:
    """One hidden layer on 8x8 digits."""
    return keras.Sequential(
        [
            keras.Input(shape=(64,)),
            layers.Dense(
                128,
                activation="relu",
                kernel_initializer="he_normal",
                kernel_regularizer=keras.regularizers.L2(DENSE_1_L2),
                name="dense_1",
            ),
            layers.Dropout(0.4, name="dropout"),
            layers.Dense(10, activation="softmax", name="output"),
        ],
        name="digits_mlp",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=LEARNING_RATE),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


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
    parser = argparse.ArgumentParser(description="Train digits_mlp.")
    parser.add_argument(
        "--data", default=DATA, help="npz file with the arrays (%(default)s)"
    )
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
    if not 0 < int(len(x_train) * (1 - VALIDATION_SPLIT)) < len(x_train):
        sys.exit(f"{args.data}: {len(x_train)} samples are too few to split")

    model = build_model()
    compile_model(model)
    model.fit(
        x_train,
        y_train,
        batch_size=BATCH_SIZE,
        epochs=args.epochs,
        callbacks=[
            keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True),
        ],
        validation_split=VALIDATION_SPLIT,
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
