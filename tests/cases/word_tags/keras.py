# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 7f72a34d4018daf3, text 9adf962b0e40f61b
"""The part of speech of each word of a sentence, 0 being padding.

Input: (N, 24). Output: (N, 24, 12).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

SEED = 1
EPOCHS = 3
BATCH_SIZE = 16
VALIDATION_SPLIT = 0.1
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


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Read the four arrays, or leave with a line that says what is wrong."""
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        sys.exit(f"{path}: expected an npz file of numbers: {error}")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        shapes = [(24,)] if name.startswith("x") else [(24,), (24, 1)]
        expected = "(N, 24)" if name.startswith("x") else "(N, 24) or (N, 24, 1)"
        if name not in arrays:
            sys.exit(f"{path}: no array {name}, expected one of shape {expected}")
        array = arrays[name]
        if array.ndim == 0 or array.shape[1:] not in shapes or array.size == 0:
            sys.exit(f"{path}: {name} has shape {array.shape}, expected {expected}")
        if array.dtype.kind not in "biuf":
            sys.exit(f"{path}: {name} holds {array.dtype}, expected numbers")
    for x, y in (("x_train", "y_train"), ("x_test", "y_test")):
        if len(arrays[x]) != len(arrays[y]):
            sys.exit(f"{path}: {x} has {len(arrays[x])} rows, but {y} {len(arrays[y])}")
        low, high = arrays[x].min(), arrays[x].max()
        if not 0 <= low <= high <= 499:
            sys.exit(f"{path}: {x} holds {low} to {high}, expected 0 to 499")
        low, high = arrays[y].min(), arrays[y].max()
        if not 0 <= low <= high <= 11:
            sys.exit(f"{path}: {y} holds {low} to {high}, expected 0 to 11")
    return arrays


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train word_tags.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    arrays = read_arrays(args.data)
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
