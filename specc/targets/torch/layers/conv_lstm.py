"""Recurrent layers whose products are convolutions, in PyTorch (docs/semantics.md, section 4)."""

from __future__ import annotations

from typing import cast

from specc.expressions import call, literal
from specc.program import Node
from specc.spec.layers.conv_lstm import ConvLSTM, ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from specc.spec.layers.convolution import Convolution
from specc.targets.torch.cells import functions
from specc.targets.torch.layers.convolution import kernel_first, padded, weights
from specc.targets.torch.layers.regularization import SEED
from specc.targets.torch.layout import FIRST, KERAS, Layout
from specc.targets.torch.lowered import At, Attribute, Lowered
from specc.targets.torch.weights import Transform
from specc.targets.torch.windows import size, size_unless


def conv_lstm(node: Node, at: At) -> Lowered:
    """A class that loops over the steps, whose inputs it convolves all at once.

    It takes and gives steps as samples, so that what comes before and after may do the same.
    """
    layer = cast(ConvLSTM, node.layer)
    spatial, channels = layer.step(node.input_shape)
    pads = padded(at.x, cast(Convolution, layer), spatial)  # of the same fields
    own, helpers = functions(layer)
    rates = {"dropout": layer.dropout, "recurrent_dropout": layer.recurrent_dropout}
    flags = {"return_sequences": layer.return_sequences, "go_backwards": layer.go_backwards}
    value = call(
        f"ConvLSTM{layer.rank}d",
        literal(channels),
        literal(layer.filters),
        size(layer.kernel_size),
        literal(node.input_shape[0]),
        stride=size_unless(layer.strides, 1),
        padding=pads.padding,
        dilation=size_unless(layer.dilation_rate, 1),
        bias=None if layer.use_bias else literal(False),
        **own,
        **{name: literal(rate) if rate else None for name, rate in rates.items()},
        **{name: literal(True) if flag else None for name, flag in flags.items()},
    )
    turned = {
        "kernel": ("input.weight", kernel_first(layer.rank)),
        "recurrent_kernel": ("recurrent.weight", kernel_first(layer.rank)),
        "bias": ("input.bias", Transform()),
    }
    drops = layer.dropout or layer.recurrent_dropout
    return Lowered(
        steps=(*pads.steps, call(f"self.{node.name}", at.y if pads.steps else at.x)),
        modules=(Attribute(node.name, value),),
        weights=weights(node, turned),
        helpers=(
            f"conv_lstm{layer.rank}d",
            *((f"conv_lstm{layer.rank}d_dropout",) if drops else ()),
            *helpers,
        ),
        notes=(SEED,) if drops and layer.seed is not None else (),
        comment=pads.comment,
    )


def _given(node: Node, takes: Layout) -> Layout:
    """Return how all steps are held, or the last one alone."""
    layer = cast(ConvLSTM, node.layer)
    last = KERAS if layer.is_first() else FIRST
    return takes if layer.return_sequences else last


LAYERS = dict.fromkeys((ConvLSTM1D, ConvLSTM2D, ConvLSTM3D), conv_lstm)

LAYOUTS = dict.fromkeys((ConvLSTM1D, ConvLSTM2D, ConvLSTM3D), _given)
