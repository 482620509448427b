# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec c613b5ced964d37e, text b35092e94c64c100
"""The next frame of a video, and what a dropout drops within its gates.

Input: (N, 5, 9, 8, 3). Output: (N, 9, 8, 3).
"""

import argparse
import sys
import zipfile

import keras
import numpy as np
from keras import layers

EPOCHS = 2
BATCH_SIZE = 32
CONV_LSTM2D_2_L2 = 0.0001


def build_model() -> keras.Sequential:
    """The next frame of a video, and what a dropout drops within its gates."""
    return keras.Sequential(
        [
            keras.Input(shape=(5, 9, 8, 3)),
            layers.ConvLSTM2D(
                4, 3, padding="same", return_sequences=True, name="conv_lstm2d_1"
            ),
            layers.TimeDistributed(
                layers.BatchNormalization(), name="time_distributed"
            ),
            layers.ConvLSTM2D(
                4,
                3,
                padding="same",
                activation="relu",
                recurrent_activation="hard_sigmoid",
                kernel_regularizer=keras.regularizers.L2(CONV_LSTM2D_2_L2),
                dropout=0.2,
                name="conv_lstm2d_2",
            ),
            layers.Conv2D(3, 3, padding="same", activation="sigmoid", name="conv2d"),
        ],
        name="conv_lstm",
    )


def compile_model(model: keras.Sequential) -> None:
    """Set optimizer, loss and metrics."""
    model.compile(optimizer="adam", loss="mean_squared_error")


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """Read the four arrays, or leave with a line that says what is wrong."""
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        sys.exit(f"{path}: expected an npz file of numbers: {error}")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        shapes = [(5, 9, 8, 3)] if name.startswith("x") else [(9, 8, 3)]
        expected = "(N, 5, 9, 8, 3)" if name.startswith("x") else "(N, 9, 8, 3)"
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
    return arrays


def main() -> None:
    """Train the model and evaluate it."""
    parser = argparse.ArgumentParser(description="Train conv_lstm.")
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
