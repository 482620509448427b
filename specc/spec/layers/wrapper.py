"""Layers that hold another layer."""

from specc.shapes import Shape, ShapeError, text
from specc.spec.word import Layer, Nested


def check_within(layer: "TimeDistributed") -> None:
    """Check what Keras' wrappers drop in silence.

    Errors:
        ShapeError: an argument would have no effect.
    """
    if not layer.trainable:
        message = f"trainable: false changes nothing in Keras' {layer.word}"
        raise ShapeError(message, "trainable", f"put it into the arguments of {layer.layer.word}")
    if getattr(layer.layer, "mask_zero", False):
        message = f"mask_zero is not translated within {layer.word}"
        raise ShapeError(message, "layer")


class TimeDistributed(Layer, word="time_distributed", applies=True, passes_mask=True):
    """Another layer, applied to each step by itself.

    Input: `[steps, ...]`, the rest being what the layer takes. Output: `[steps, ...]`, the rest
    being what it gives. Keras calls the layer once for each step: batch_normalization has the
    statistics of each step, and moves its averages as often. An activity_regularizer does not act.
    """

    layer: Layer

    def nested(self, shape: Shape) -> tuple[Nested, ...]:
        if len(shape) < 2:
            message = f"time_distributed expects an input [steps, ...], found {text(shape)}"
            raise ShapeError(message, None, "put a reshape or repeat_vector before it")
        check_within(self)
        if getattr(self.layer, "stateful", False):
            message = f"{self.layer.word} within time_distributed would carry its state from step"
            raise ShapeError(f"{message} to step, which specc does not translate", "layer")
        return (Nested(self.layer, shape[1:]),)

    def check_mask(self, shape: Shape) -> None:
        if self.layer.uses_mask():
            message = f"a mask on {self.layer.word} within time_distributed is not translated"
            raise ShapeError(message, "layer")

    def infer(self, shape: Shape) -> Shape:
        return (shape[0], *self.layer.output(shape[1:]))
