# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 7f72a34d4018daf3, text d8f8abb213e05b96
"""The part of speech of each word of a sentence, 0 being padding.

Input: (N, 24). Output: (N, 24, 12).
"""

import argparse
import sys

import keras
import numpy as np
from keras import layers

SEED = 1
EPOCHS = 3
BATCH_SIZE = 16
VALIDATION_SPLIT = 0.1
SHAPES = {"x": ((24,),), "y": ((24,), (24, 1))}
RANGES = {"x": (0, 499), "y": (0, 11)}
EXPECTED = {"x": "whole numbers, 0 to 499", "y": "whole numbers, 0 to 11"}
LEARNING_RATE = 0.1
CLIPNORM = 1.0
PATIENCE = 2


def build_model() -> keras.Sequential:
    """The part of speech of each word of a sentence, 0 being padding."""
    return keras.Sequential(
        [
            keras.Input(shape=(24,), dtype="int32"),
            layers.Embedding(500, 32, mask_zero=True, name="embedding"),
            layers.SpatialDropout1D(0.1, name="spatial_dropout1d"),
            layers.LSTM(16, return_sequences=True, name="lstm"),
            layers.Dense(12, activation="softmax", name="tags"),
        ],
        name="word_tags",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=LEARNING_RATE, clipnorm=CLIPNORM),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def outside(kind: str, array: np.ndarray) -> np.ndarray:
    """Tell which inputs (x) or targets (y) are not the numbers that are expected."""
    low, high = np.array(RANGES[kind], float)
    wrong = ~((low <= array) & (array <= high))  # true for NaN
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
    parser = argparse.ArgumentParser(description="Train word_tags.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    try:
        arrays = read_arrays(args.data)
    except ValueError as error:
        sys.exit(str(error))
    x_train, y_train = arrays["x_train"].astype("int32"), arrays["y_train"]
    x_test, y_test = arrays["x_test"].astype("int32"), arrays["y_test"]
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
            keras.callbacks.EarlyStopping(
                monitor="val_accuracy", patience=PATIENCE, restore_best_weights=True
            ),
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
