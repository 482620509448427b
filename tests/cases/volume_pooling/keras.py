# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec cd40a13b66da6d36, text 6b8ac55f45a0cc4b
"""The model volume_pooling.

Input: (N, 9, 10, 11, 2). Output: (N, 3).
"""

import keras
from keras import layers


def build_model() -> keras.Sequential:
    """The model volume_pooling."""
    return keras.Sequential(
        [
            keras.Input(shape=(9, 10, 11, 2)),
            layers.ZeroPadding3D(((0, 1), (0, 0), (2, 0)), name="zero_padding3d"),
            layers.Conv3D(4, 2, activation="relu", name="conv3d"),
            layers.MaxPooling3D(
                pool_size=3, strides=2, padding="same", name="max_pooling3d"
            ),
            layers.AveragePooling3D(
                3, strides=2, padding="same", name="average_pooling3d"
            ),
            layers.Cropping3D(((1, 0), (0, 0), (0, 0)), name="cropping3d"),
            layers.UpSampling3D(size=(1, 2, 2), name="up_sampling3d"),
            layers.GlobalMaxPooling3D(name="global_max_pooling3d"),
            layers.Dense(3, name="dense"),
        ],
        name="volume_pooling",
    )


if __name__ == "__main__":
    build_model().summary()
