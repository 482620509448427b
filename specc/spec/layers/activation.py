"""Activation layers."""

from specc.shapes import Shape
from specc.spec.word import Activation, Layer, Regularizer


class ActivationLayer(Layer, word="activation"):
    """An activation function as a layer of its own.

    Input: any shape. Output: the same, except glu's.
    """

    activation: Activation
    activity_regularizer: Regularizer | None = None

    def infer(self, shape: Shape) -> Shape:
        return self.activation.infer(shape)
