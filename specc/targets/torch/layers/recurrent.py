"""Recurrent layers in PyTorch (docs/semantics.md, section 4).

Where a mask leaves steps out, the sequences are made compact first: modules then see each as if
those steps were not there, wherever they are, and the outputs go back to their places.
"""

from __future__ import annotations

from typing import cast

from specc.expressions import Call, Code, Expression, call, literal
from specc.program import Node
from specc.spec.layers.recurrent import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    GatedCell,
    Gates,
    LSTMGates,
    Recurrent,
    SimpleRNN,
)
from specc.spec.word import Layer
from specc.targets.torch.cells import drops_within, freeze, is_stock, module, weights
from specc.targets.torch.layers.regularization import SEED
from specc.targets.torch.layout import keras_order
from specc.targets.torch.lowered import At, Attribute, Lowered, Note, Step
from specc.targets.torch.weights import Weight


def recurrent(node: Node, at: At) -> Lowered:
    """torch.nn.LSTM, GRU or RNN, or a class that loops; its last output or all of them."""
    layer = cast(Recurrent, node.layer)
    value, helpers = module(layer, node.input_shape[-1])
    found = weights(node, layer, node.variables)
    names, ways = (f"self.{node.name}",), (layer.go_backwards, layer.return_sequences)
    return Lowered(
        steps=_chain(at, names, (layer,), *ways),
        modules=(Attribute(node.name, value),),
        after=freeze(found) if layer.trainable else (),
        weights=found,
        helpers=(*helpers, "compact", "spread") if at.mask is not None else helpers,
        notes=_notes(layer),
    )


_ALIKE = "the same features at all steps, as in Keras"


def _dropped(cell: Gates, x: Code) -> Code | None:
    """Return `x` with Keras' dropout, one mask for all steps; None where none is dropped."""
    if not cell.dropout or drops_within(cell):
        return None
    mask = f"F.dropout(torch.ones_like({x}[:, :1]), {literal(cell.dropout)}, self.training)"
    return Code(f"{x} * {mask}")


def _chain(
    at: At,
    names: tuple[str, ...],
    cells: tuple[Gates, ...],
    backwards: bool,
    sequences: bool,
    target: Code | None = None,
    told: bool = False,
) -> tuple[Step, ...]:
    """Return the steps through modules, each of which takes what the one before gives.

    Args:
        names: The modules.
        backwards: Whether they read from the end; their outputs are in that order.
        sequences: Whether the outputs of all steps are wanted, or the last one's.
        target: What the outputs are assigned to where another direction takes the input too.
        told: Whether the program says already how it drops.
    """
    flip, x, steps = ".flip(1)" if backwards else "", at.x, []
    last = "" if sequences else "[:, -1]"
    kept, target = (at.y, at.y) if target is None else (Code("dropped"), target)
    for number, (name, cell) in enumerate(zip(names, cells, strict=True), 1):
        dropped = _dropped(cell, x)
        if dropped is not None:
            x = kept
            steps.append(Step(dropped, None if told else _ALIKE, x))
            told = True
        if number == 1:
            x = Code(f"compact({x}{flip}, {at.mask}{flip})" if at.mask else f"{x}{flip}")
        called = call(name, x)
        ends = number == len(cells) and at.mask is None
        if not is_stock(cell):
            value = Code(f"{called}{last}") if ends and last else called
            steps.append(Step(value, target=target))
        elif ends and last:
            state = Code("_, (h, _)" if isinstance(cell, LSTMGates) else "_, h")
            steps += [Step(called, target=state), Step(Code("h[-1]"), target=target)]
        else:
            steps.append(Step(called, target=Code(f"{target}, _")))
        x = target
    if at.mask is not None:
        steps.append(Step(Code(f"spread({target}, {at.mask}{flip}){last}"), target=target))
    return tuple(steps)


def _notes(*layers: Layer) -> tuple[Note, ...]:
    speed = [n for layer in layers for n in ("unroll", "use_cudnn") if n in layer.given()]
    notes = [Note("N103", f"{name} changes the speed of Keras alone") for name in speed]
    cells = [cast(Gates, layer) for layer in layers if isinstance(layer, Gates)]
    drops = any(
        cell.seed is not None and (cell.dropout or cell.recurrent_dropout) for cell in cells
    )
    return (*notes, SEED) if drops else tuple(notes)


def bidirectional(node: Node, at: At) -> Lowered:
    """A module with bidirectional=True where both directions are alike, else one for each."""
    layer = cast(Bidirectional, node.layer)
    forward, backward = layer.both()
    kinds = [str(module(each, node.input_shape[-1])[0]) for each in (forward, backward)]
    alike = is_stock(forward) and kinds[0] == kinds[1]
    # Keras drops other features in each direction.
    if alike and not forward.dropout and not backward.dropout:
        return _of_both(node, at, layer, forward)
    return _of_each(node, at, layer)


def _of_both(node: Node, at: At, layer: Bidirectional, cell: Recurrent) -> Lowered:
    value, _ = module(cell, node.input_shape[-1], bidirectional=literal(True))
    ends = zip(node.nested, ("l0", "l0_reverse"), strict=True)
    found = tuple(w for inner, end in ends for w in weights(node, cell, inner.variables, end=end))
    x = at.x if at.mask is None else Code(f"pack({at.x}, {at.mask})")
    called = call(f"self.{node.name}", x)
    helpers = ("compact", "pack", *(("spread", "unpack") if cell.return_sequences else ()))
    if cell.return_sequences:
        steps = _merged_steps(at, called, layer.merge_mode)
    else:
        state = Code("_, (h, _)" if isinstance(cell, LSTMGates) else "_, h")
        last = "torch.cat([h[0], h[1]], dim=1)"
        if layer.merge_mode != "concat":
            last = f"h.{_MERGED[layer.merge_mode]}(dim=0)"
        steps = [Step(called, target=state), Step(Code(last))]
        if at.mask is not None:
            counted = Code(f"{last} * {at.mask}.any(dim=1, keepdim=True)")
            steps[1] = Step(counted, "0 where no step counts")
    return Lowered(
        steps=tuple(steps),
        modules=(Attribute(node.name, value),),
        after=freeze(found) if cell.trainable else (),
        weights=found,
        helpers=helpers if at.mask is not None else (),
        notes=_notes(*layer.both()),
    )


def _merged_steps(at: At, called: Call, mode: str) -> list[Step]:
    """Return the steps to the outputs of both directions at each step, merged."""
    if at.mask is None:
        steps = [Step(called, target=Code(f"{at.y}, _"))]
    else:
        # Another name for what is packed, as it is of another type.
        unpacked = Step(Code(f"unpack(packed, {at.mask})"))
        steps = [Step(called, target=Code("packed, _")), unpacked]
    if mode != "concat":
        halves = f"{at.y}.unflatten(2, (2, -1)).{_MERGED[mode]}(dim=2)"
        steps.append(Step(Code(halves)))
    return steps


_DIRECTIONS = (Code("ahead"), Code("back"))
_MERGED = {"sum": "sum", "ave": "mean", "mul": "prod"}


def _of_each(node: Node, at: At, layer: Bidirectional) -> Lowered:
    steps: list[Step] = []
    values: list[Expression] = []
    helpers = ["compact", "spread"] if at.mask is not None else []
    found: list[Weight] = []
    for number, (inner, name) in enumerate(zip(node.nested, _DIRECTIONS, strict=True)):
        cell = cast(Recurrent, inner.layer)
        value, needed = module(cell, node.input_shape[-1])
        values.append(value)
        helpers += needed
        found += weights(node, cell, inner.variables, number)
        told = any(step.comment for step in steps)
        names, cells = (f"self.{node.name}[{number}]",), (cell,)
        steps += _chain(at, names, cells, bool(number), cell.return_sequences, name, told)
    sequences = cast(Recurrent, layer.layer).return_sequences
    merged: Expression = _merged(layer.merge_mode, sequences)
    if sequences and at.mask is not None:
        steps += [Step(merged), Step(Code(f"{at.y} * {at.mask}.unsqueeze(2)"))]
    else:
        steps.append(Step(merged))
    listed = Code(f"[{', '.join(map(str, values))}]")
    frozen = not layer.both()[0].trainable
    return Lowered(
        steps=tuple(steps),
        modules=(Attribute(node.name, call("nn.ModuleList", listed)),),
        after=() if frozen else freeze(tuple(found)),
        weights=tuple(found),
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


def rnn(node: Node, at: At) -> Lowered:
    """One module where all cells are alike, else one for each cell."""
    layer = cast(RNN, node.layer)
    inner = [within for within in node.walk() if isinstance(within.layer, GatedCell)]
    cells = layer.cells()
    built = [module(cast(Gates, n.layer), n.input_shape[-1]) for n in inner]
    kinds = {str(module(cell, 1)[0]) for cell in cells}
    one = is_stock(cells[0]) and len(kinds) == 1 and not any(cell.dropout for cell in cells)
    found: list[Weight] = []
    for number, (cell, n) in enumerate(zip(cells, inner, strict=True)):
        place, end = (None, f"l{number}") if one else (number, "l0")
        found += weights(node, cell, n.variables, place if len(cells) > 1 else None, end)
    name = f"self.{node.name}"
    if one and len(cells) > 1:
        count = literal(len(cells))
        built = [module(cells[0], node.input_shape[-1], num_layers=count)]
    value: Expression = built[0][0]
    names: tuple[str, ...] = (name,)
    if len(built) > 1:
        value = call("nn.ModuleList", Code(f"[{', '.join(str(made) for made, _ in built)}]"))
        names = tuple(f"{name}[{number}]" for number in range(len(built)))
    used = cells[: len(built)]
    steps = _chain(at, names, used, layer.go_backwards, layer.return_sequences)
    return Lowered(
        steps=(*steps, *_zeroed(at, layer)),
        modules=(Attribute(node.name, value),),
        after=freeze(tuple(found)) if cells[0].trainable else (),
        weights=tuple(found),
        helpers=(
            *(helper for _, helpers in built for helper in helpers),
            *(("compact", "spread") if at.mask is not None else ()),
        ),
        notes=_notes(layer, *cells),
    )


def _zeroed(at: At, layer: RNN) -> tuple[Step, ...]:
    """Return the step that sets to 0 what a mask leaves out, where the layer says so."""
    if at.mask is None or not layer.zero_output_for_mask:
        return ()
    flip = ".flip(1)" if layer.go_backwards else ""
    if layer.return_sequences:
        return (Step(Code(f"{at.y} * {at.mask}{flip}.unsqueeze(2)")),)
    last = ":1" if layer.go_backwards else "-1:"
    return (Step(Code(f"{at.y} * {at.mask}[:, {last}]")),)


LAYERS = {
    SimpleRNN: recurrent,
    LSTM: recurrent,
    GRU: recurrent,
    Bidirectional: bidirectional,
    RNN: rnn,
}

LAYOUTS = dict.fromkeys(LAYERS, keras_order)
