# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 6abb0f3d5223cdd3, text 8faba77bb31ef846
"""A classifier on features that are not trained.

Input: (N, 9, 8, 3). Output: (N, 4).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

EPOCHS = 1
BATCH_SIZE = 8
DENSE_1_L2 = 0.01


def build_model() -> keras.Sequential:
    """A classifier on features that are not trained."""
    return keras.Sequential(
        [
            keras.Input(shape=(9, 8, 3)),
            layers.Conv2D(8, 3, use_bias=False, trainable=False, name="conv2d_1"),
            layers.BatchNormalization(trainable=False, name="batch_normalization_1"),
            layers.ReLU(name="relu_1"),
            layers.Conv2D(6, 3, trainable=False, name="conv2d_2"),
            layers.BatchNormalization(trainable=False, name="batch_normalization_2"),
            layers.ReLU(name="relu_2"),
            layers.GlobalAveragePooling2D(name="global_average_pooling2d"),
            layers.Dense(
                10,
                activation="relu",
                kernel_regularizer=keras.regularizers.L2(DENSE_1_L2),
                name="dense_1",
            ),
            layers.Dense(4, activation="softmax", name="dense_2"),
        ],
        name="frozen",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(
        optimizer=keras.optimizers.SGD(momentum=0.9),
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
        shapes = [(9, 8, 3)] if name.startswith("x") else [(), (1,)]
        expected = "(N, 9, 8, 3)" if name.startswith("x") else "(N,) or (N, 1)"
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
        low, high = arrays[y].min(), arrays[y].max()
        if not 0 <= low <= high <= 3:
            sys.exit(f"{path}: {y} holds {low} to {high}, expected 0 to 3")
    return arrays


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train frozen.")
    parser.add_argument("--data", required=True, help="npz file with the arrays")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument("--save", help="where to put the trained model (.keras)")
    args = parser.parse_args()

    arrays = read_arrays(args.data)
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
