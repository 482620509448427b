"""Recurrent layers in PyTorch (semantics.md, section 4)."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, call, literal
from specc.program import Node
from specc.spec.layers.recurrent import GRU, LSTM, Gates, LSTMGates, Recurrent, SimpleRNN
from specc.targets.torch.cells import drops_within, freeze, is_stock, module, weights
from specc.targets.torch.layers.regularization import SEED
from specc.targets.torch.layout import KERAS
from specc.targets.torch.lowered import At, Lowered, Module, Note, Step


def recurrent(node: Node, at: At) -> Lowered:
    """torch.nn.LSTM, GRU or RNN, or a class that loops; its last output or all of them."""
    layer = cast(Recurrent, node.layer)
    value, helpers = module(layer, node.input_shape[-1])
    found = weights(node, layer, node.variables)
    return Lowered(
        steps=(*_dropout(layer), *_steps(node, layer)),
        modules=(Module(node.name, value),),
        after=freeze(found) if layer.trainable else (),
        weights=found,
        layout=KERAS,
        helpers=(*helpers, "compact") if node.masked else helpers,
        notes=_notes(layer),
    )


def _dropout(cell: Gates) -> tuple[Step, ...]:
    """Return the step that drops inputs with one mask for all steps."""
    if not cell.dropout or drops_within(cell):
        return ()
    mask = f"F.dropout(torch.ones_like(x[:, :1]), {literal(cell.dropout)}, self.training)"
    return (Step(Code(f"x * {mask}"), "the same features at all steps, as in Keras"),)


def _steps(node: Node, layer: Recurrent) -> tuple[Step, ...]:
    flip = ".flip(1)" if layer.go_backwards else ""
    x = Code(f"compact(x{flip}, mask{flip})" if node.masked else f"x{flip}")
    called = call(f"self.{node.name}", x)
    stock, last = is_stock(layer), "" if layer.return_sequences else "[:, -1]"
    if node.masked:
        first = Step(called, target="x, _" if stock else "x")
        return first, Step(Code(f"spread(x, mask{flip}){last}"))
    if not stock:
        return (Step(Code(f"{called}{last}") if last else called),)
    if not last:
        return (Step(called, target="x, _"),)
    state = "_, (h, _)" if isinstance(layer, LSTMGates) else "_, h"
    return Step(called, target=state), Step(Code("h[-1]"))


def _notes(layer: Recurrent) -> tuple[Note, ...]:
    drops = layer.dropout or layer.recurrent_dropout
    speed = [name for name in ("unroll", "use_cudnn") if name in layer.given()]
    notes = [Note("N103", f"{name} changes the speed of Keras alone") for name in speed]
    return (*notes, SEED) if drops and layer.seed is not None else tuple(notes)


LAYERS = {SimpleRNN: recurrent, LSTM: recurrent, GRU: recurrent}
