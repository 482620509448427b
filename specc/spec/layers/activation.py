"""Activation layers."""

from __future__ import annotations

from typing import ClassVar

from specc.shapes import Shape
from specc.spec.word import Activation, Layer, Regularizer


class ActivationLayer(Layer):
    """An activation function as a layer of its own.

    Input: any shape. Output: the same, except glu's.
    """

    word: ClassVar[str] = "activation"

    activation: Activation
    activity_regularizer: Regularizer | None = None

    def infer(self, shape: Shape) -> Shape:
        return self.activation.infer(shape)
