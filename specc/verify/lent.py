"""Custom layers whose weights cannot be carried over: Keras' layer computes for both programs.

So one such layer does not end the checks of all others.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import torch

from specc.program import Node
from specc.spec.layers.core import Custom
from specc.verify.frameworks import Model
from specc.verify.programs import Programs

_IMAGES = (3, 4)  # ranks without the batch that PyTorch holds channels first


def lend(programs: Programs) -> None:
    """Put Keras' layer in the place of each custom layer of PyTorch that is unmatched."""
    for name in programs.unmatched:
        (outer,) = (node for node in programs.program.graph.nodes if node.name == name)
        node = next(inner for inner in outer.walk() if isinstance(inner.layer, Custom))
        setattr(programs.torch, name, _Lent(programs.keras_custom(name), node))


class _Lent(torch.nn.Module):  # type: ignore[misc]
    """A layer of Keras as a module of PyTorch, without its weights."""

    def __init__(self, layer: Model, node: Node) -> None:
        super().__init__()
        self.layer = layer
        self.first_in = len(node.input_shape) in _IMAGES
        self.first_out = len(node.output_shape) in _IMAGES

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return what Keras' layer makes of it."""
        x = x.movedim(1, -1) if self.first_in else x
        found: torch.Tensor = _Call.apply(x, self.layer, self.training)
        return found.movedim(-1, 1) if self.first_out else found


class _Call(torch.autograd.Function):  # type: ignore[misc]
    """A call of a layer of Keras, through which gradients go."""

    @staticmethod
    def forward(context: Any, x: torch.Tensor, layer: Model, training: bool) -> torch.Tensor:
        """Call the layer, and keep what its gradient needs."""
        given = tf.convert_to_tensor(x.detach().numpy())
        with tf.GradientTape() as tape:
            tape.watch(given)
            made = layer(given, training=training)
        context.tape, context.given, context.made = tape, given, made
        return torch.from_numpy(made.numpy())

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> Any:
        """Return the gradient of the input, none of the layer and the mode."""
        passed = tf.convert_to_tensor(gradient.contiguous().numpy())
        found = context.tape.gradient(context.made, context.given, passed)
        back = (
            torch.zeros(context.given.shape) if found is None else torch.from_numpy(found.numpy())
        )
        return back, None, None
