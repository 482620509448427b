# Made by specc 0.1.0 from spec.yaml
# Change the spec, not this file. Digests: spec 9cb4da22ea671b59, text fe07383dd5658b59
"""Every other way to change an image.

Input: (N, 20, 30, 3). Output: (N, 28, 12, 3).
"""

import keras
from keras import layers


def build_model() -> keras.Sequential:
    """Every other way to change an image."""
    return keras.Sequential(
        [
            keras.Input(shape=(20, 30, 3)),
            layers.CenterCrop(20, 20, name="center_crop_1"),
            layers.Resizing(
                24,
                32,
                interpolation="nearest",
                pad_to_aspect_ratio=True,
                fill_value=0.5,
                name="resizing",
            ),
            layers.AutoContrast(value_range=(0.0, 1.0), name="auto_contrast"),
            layers.RandomFlip(name="random_flip"),
            layers.RandomRotation(
                (-0.1, 0.2),
                fill_mode="wrap",
                interpolation="nearest",
                name="random_rotation",
            ),
            layers.RandomZoom(
                (-0.2, 0.1),
                width_factor=0.3,
                fill_mode="constant",
                fill_value=0.5,
                name="random_zoom",
            ),
            layers.RandomShear(0.2, fill_mode="constant", name="random_shear"),
            layers.RandomContrast(
                (0.5, 0.25), value_range=(0.0, 1.0), name="random_contrast"
            ),
            layers.RandomGrayscale(name="random_grayscale"),
            layers.RandomColorDegeneration(
                (0.0, 0.5), value_range=(0.0, 1.0), name="random_color_degeneration"
            ),
            layers.RandomInvert(0.1, value_range=(0.0, 1.0), name="random_invert"),
            layers.Solarization(
                0.2,
                threshold_factor=(0.5, 0.9),
                value_range=(0.0, 1.0),
                name="solarization",
            ),
            layers.RandomPosterization(
                (4, 8), value_range=(0.0, 1.0), name="random_posterization"
            ),
            layers.RandomSharpness(
                0.7, value_range=(0.0, 1.0), seed=5, name="random_sharpness"
            ),
            layers.Conv2D(3, 3, name="conv2d"),
            layers.CenterCrop(28, 12, name="center_crop_2"),
        ],
        name="augmented_variants",
    )


if __name__ == "__main__":
    build_model().summary()
