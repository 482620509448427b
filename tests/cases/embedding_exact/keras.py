# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 2b74e391a8ff1315, text 394067c38ca695b4
"""The model embedding_exact.

Input: (N, 6). Output: (N, 6, 5).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

EPOCHS = 1
BATCH_SIZE = 4
TAGS_L2 = 0.02


def build_model() -> keras.Sequential:
    """The model embedding_exact."""
    return keras.Sequential(
        [
            keras.Input(shape=(6,), dtype="int32"),
            # L2(0.0) has TensorFlow add up the gradients of repeated tokens.
            layers.Embedding(
                20,
                4,
                embeddings_regularizer=keras.regularizers.L2(0.0),
                name="embedding",
            ),
            layers.Dense(
                5,
                activation="softmax",
                kernel_regularizer=keras.regularizers.L2(TAGS_L2),
                name="tags",
            ),
        ],
        name="embedding_exact",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer="rmsprop",
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
        shapes = [(6,)] if name.startswith("x") else [(6,), (6, 1)]
        expected = "(N, 6)" if name.startswith("x") else "(N, 6) or (N, 6, 1)"
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
        if not 0 <= low <= high <= 19:
            sys.exit(f"{path}: {x} holds {low} to {high}, expected 0 to 19")
        low, high = arrays[y].min(), arrays[y].max()
        if not 0 <= low <= high <= 4:
            sys.exit(f"{path}: {y} holds {low} to {high}, expected 0 to 4")
    return arrays


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train embedding_exact.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    arrays = read_arrays(args.data)
    x_train, y_train = arrays["x_train"].astype("int32"), arrays["y_train"]
    x_test, y_test = arrays["x_test"].astype("int32"), arrays["y_test"]

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
