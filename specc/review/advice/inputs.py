"""Advice about the shape of the input; see `specc.review.inputs`."""

from __future__ import annotations

from specc.review.advice.entry import Advice

ADVICE: dict[str, Advice] = {
    "W362": Advice(
        reason=(
            "Keras has the channels of an image last and leaves the batch axis out of `shape`. "
            "With PyTorch's order a convolution with padding moves along the channels and a row, "
            "and its kernel has as many channels as the image is wide; with a batch axis a dense "
            "layer takes each step of a sequence. Neither fails."
        ),
        fix=(
            "Write the shape as [height, width, channels], or without the batch axis. Where "
            "PyTorch's order is meant, say `data_format: channels_first` in the layers."
        ),
        source="Keras documentation, Conv2D, data_format, and InputLayer, shape",
        url="https://keras.io/api/layers/convolution_layers/convolution2d/",
        shows="""
input: [3, 32, 32]
layers:
  - conv2d: {filters: 8, kernel_size: 3, padding: same, activation: relu}
  - global_average_pooling2d
  - dense: {units: 10, activation: softmax}
""",
        instead="""
input: [32, 32, 3]
layers:
  - conv2d: {filters: 8, kernel_size: 3, padding: same, activation: relu}
  - global_average_pooling2d
  - dense: {units: 10, activation: softmax}
""",
    ),
}
