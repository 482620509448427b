"""Recurrent layers in PyTorch (semantics.md, section 4).

Where a mask leaves steps out, the sequences are made compact first: modules then see each as if
those steps were not there, wherever they are, and the outputs go back to their places.
"""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.spec.layers.recurrent import GRU, LSTM, Bidirectional, LSTMGates, Recurrent, SimpleRNN
from specc.targets.torch.cells import drops_within, freeze, is_stock, module, weights
from specc.targets.torch.layers.regularization import SEED
from specc.targets.torch.layout import KERAS
from specc.targets.torch.lowered import At, Lowered, Module, Note, Step, X
from specc.targets.torch.weights import Weight


def recurrent(node: Node, at: At) -> Lowered:
    """torch.nn.LSTM, GRU or RNN, or a class that loops; its last output or all of them."""
    layer = cast(Recurrent, node.layer)
    value, helpers = module(layer, node.input_shape[-1])
    found = weights(node, layer, node.variables)
    x, drops = _dropped(layer)
    steps = [Step(x, _ALIKE)] if drops else []
    steps += _run(f"self.{node.name}", layer, X, node.masked, layer.go_backwards, "x")
    return Lowered(
        steps=tuple(steps),
        modules=(Module(node.name, value),),
        after=freeze(found) if layer.trainable else (),
        weights=found,
        layout=KERAS,
        helpers=(*helpers, "compact", "spread") if node.masked else helpers,
        notes=_notes(layer),
    )


_ALIKE = "the same features at all steps, as in Keras"


def _dropped(layer: Recurrent) -> tuple[Code, bool]:
    """Return the input with Keras' dropout, one mask for all steps, and whether it drops."""
    if not layer.dropout or drops_within(layer):
        return X, False
    mask = f"F.dropout(torch.ones_like(x[:, :1]), {literal(layer.dropout)}, self.training)"
    return Code(f"x * {mask}"), True


def _run(
    name: str, layer: Recurrent, x: Code, masked: bool, backwards: bool, target: str
) -> list[Step]:
    """Return the steps that assign a layer's outputs, or its last one, to `target`.

    Arguments:
        name: The module.
        x: Its input.
        backwards: Whether it reads from the end; its outputs are in that order.
    """
    flip = ".flip(1)" if backwards else ""
    given = Code(f"compact({x}{flip}, mask{flip})" if masked else f"{x}{flip}")
    called = call(name, given)
    stock, last = is_stock(layer), "" if layer.return_sequences else "[:, -1]"
    if masked:
        first = Step(called, target=f"{target}, _" if stock else target)
        return [first, Step(Code(f"spread({target}, mask{flip}){last}"), target=target)]
    if not stock:
        return [Step(Code(f"{called}{last}") if last else called, target=target)]
    if not last:
        return [Step(called, target=f"{target}, _")]
    state = "_, (h, _)" if isinstance(layer, LSTMGates) else "_, h"
    return [Step(called, target=state), Step(Code("h[-1]"), target=target)]


def _notes(*layers: Recurrent) -> tuple[Note, ...]:
    speed = [n for layer in layers for n in ("unroll", "use_cudnn") if n in layer.given()]
    notes = [Note("N103", f"{name} changes the speed of Keras alone") for name in speed]
    drops = any(n.seed is not None and (n.dropout or n.recurrent_dropout) for n in layers)
    return (*notes, SEED) if drops else tuple(notes)


def bidirectional(node: Node, at: At) -> Lowered:
    """A module with bidirectional=True where both directions are alike, else one for each."""
    layer = cast(Bidirectional, node.layer)
    forward, backward = layer.both()
    kinds = [str(module(each, node.input_shape[-1])[0]) for each in (forward, backward)]
    alike = is_stock(forward) and kinds[0] == kinds[1]
    # Keras drops other features in each direction.
    if alike and not forward.dropout and not backward.dropout:
        return _of_both(node, layer, forward)
    return _of_each(node, layer)


def _of_both(node: Node, layer: Bidirectional, cell: Recurrent) -> Lowered:
    value, _ = module(cell, node.input_shape[-1], bidirectional=literal(True))
    ends = zip(node.nested, ("l0", "l0_reverse"), strict=True)
    found = tuple(w for inner, end in ends for w in weights(node, cell, inner.variables, "", end))
    called = call(f"self.{node.name}", Code("pack(x, mask)") if node.masked else X)
    helpers = ("compact", "pack", *(("spread", "unpack") if cell.return_sequences else ()))
    if cell.return_sequences:
        steps = [Step(called, target="x, _")]
        steps += [Step(Code("unpack(x, mask)"))] if node.masked else []
        if layer.merge_mode != "concat":
            halves = Code(f"x.unflatten(2, (2, -1)).{_MERGED[layer.merge_mode]}(dim=2)")
            steps.append(Step(halves))
    else:
        state = "_, (h, _)" if isinstance(cell, LSTMGates) else "_, h"
        last = "torch.cat([h[0], h[1]], dim=1)"
        if layer.merge_mode != "concat":
            last = f"h.{_MERGED[layer.merge_mode]}(dim=0)"
        steps = [Step(called, target=state), Step(Code(last))]
        if node.masked:
            steps[1] = Step(
                Code(f"{last} * mask.any(dim=1, keepdim=True)"), "0 where no step counts"
            )
    return Lowered(
        steps=tuple(steps),
        modules=(Module(node.name, value),),
        after=freeze(found) if cell.trainable else (),
        weights=found,
        layout=KERAS,
        helpers=helpers if node.masked else (),
        notes=_notes(*layer.both()),
    )


_MERGED = {"sum": "sum", "ave": "mean", "mul": "prod"}


def _of_each(node: Node, layer: Bidirectional) -> Lowered:
    steps: list[Step] = []
    values: list[Expression] = []
    helpers = ["compact", "spread"] if node.masked else []
    found: list[Weight] = []
    for number, (inner, name) in enumerate(zip(node.nested, ("ahead", "back"), strict=True)):
        cell = cast(Recurrent, inner.layer)
        value, needed = module(cell, node.input_shape[-1])
        values.append(value)
        helpers += needed
        found += weights(node, cell, inner.variables, f"{number}.")
        x, drops = _dropped(cell)
        if drops:
            told = any(step.comment for step in steps)
            steps.append(Step(x, None if told else _ALIKE, "dropped"))
        given = Code("dropped") if drops else X
        module_name = f"self.{node.name}[{number}]"
        steps += _run(module_name, cell, given, node.masked, bool(number), name)
    sequences = cast(Recurrent, layer.layer).return_sequences
    merged: Expression = _merged(layer.merge_mode, sequences)
    if sequences and node.masked:
        steps += [Step(merged), Step(Code("x * mask.unsqueeze(2)"))]
    else:
        steps.append(Step(merged))
    listed = Code(f"[{', '.join(map(str, values))}]")
    frozen = not layer.both()[0].trainable
    return Lowered(
        steps=tuple(steps),
        modules=(Module(node.name, call("nn.ModuleList", listed)),),
        after=() if frozen else freeze(tuple(found)),
        weights=tuple(found),
        layout=KERAS,
        helpers=tuple(helpers),
        notes=_notes(*layer.both()),
    )


def _merged(mode: str, sequences: bool) -> Code:
    back = "back.flip(1)" if sequences else "back"
    if mode == "concat":
        return Code(f"torch.cat([ahead, {back}], dim={2 if sequences else 1})")
    if mode == "mul":
        return Code(f"ahead * {back}")
    return Code(f"ahead + {back}" if mode == "sum" else f"(ahead + {back}) / 2")


LAYERS = {SimpleRNN: recurrent, LSTM: recurrent, GRU: recurrent, Bidirectional: bidirectional}
