"""One cell over all steps: a module of torch.nn where it is equal, else a class that loops.

The modules of torch.nn have a bias for the input and one for the state. Keras has both for a GRU
alone; elsewhere the second stays at 0, or training would count it twice (docs/semantics.md, fact
0.5).
"""

from __future__ import annotations

from dataclasses import replace

from specc.expressions import Call, Code, Expression, call, literal
from specc.program import Node
from specc.spec.activations import Linear, Relu, Sigmoid, Tanh
from specc.spec.layers.recurrent import Gates, GRUGates, LSTMGates
from specc.spec.variables import Variable
from specc.spec.word import Activation, Word
from specc.targets.torch.activations import activate
from specc.targets.torch.layout import KERAS
from specc.targets.torch.weights import Transform, Weight

# Keras' gates of a GRU are update, reset and new; PyTorch's are reset, update and new.
_GATES = (1, 0, 2)


def is_stock(cell: Gates) -> bool:
    """Tell whether a module of torch.nn is equal to a cell over all steps."""
    if cell.recurrent_dropout:
        return False
    if isinstance(cell, (LSTMGates, GRUGates)):
        after = not isinstance(cell, GRUGates) or cell.reset_after
        sigmoid = isinstance(cell.recurrent_activation, Sigmoid)
        return after and sigmoid and isinstance(cell.activation, Tanh)
    return isinstance(cell.activation, Tanh) or _is_relu(cell.activation)


def _is_relu(activation: Activation | None) -> bool:
    return isinstance(activation, Relu) and not activation.given()


def drops_within(cell: Gates) -> bool:
    """Tell whether a cell drops its inputs by itself, as each gate has a mask of its own."""
    return bool(cell.recurrent_dropout) and isinstance(cell, (LSTMGates, GRUGates))


def module(cell: Gates, features: int, **extra: Expression) -> tuple[Call, tuple[str, ...]]:
    """Return the module of a cell and the helpers that it needs.

    Arguments:
        extra: Further arguments of a module of torch.nn.
    """
    sizes = literal(features), literal(cell.units)
    bias = None if cell.use_bias else literal(False)
    if is_stock(cell):
        kind = "LSTM" if isinstance(cell, LSTMGates) else "GRU"
        kind = kind if isinstance(cell, (LSTMGates, GRUGates)) else "RNN"
        relu = literal("relu") if _is_relu(cell.activation) else None
        more = {"nonlinearity": relu, "bias": bias, **extra, "batch_first": literal(True)}
        return call(f"nn.{kind}", *sizes, **more), ()
    helper, name = _loop(cell)
    rates = {"dropout": cell.dropout if drops_within(cell) else 0.0}
    rates["recurrent_dropout"] = cell.recurrent_dropout
    own, helpers = functions(cell)
    value = call(
        name,
        *sizes,
        bias=bias,
        **own,
        **{field: literal(rate) if rate else None for field, rate in rates.items()},
    )
    drops = (f"{helper}_dropout",) if cell.recurrent_dropout else ()
    return value, (helper, *drops, *helpers)


def _loop(cell: Gates) -> tuple[str, str]:
    if isinstance(cell, GRUGates):
        after = "keras_gru", "KerasGRU"
        return after if cell.reset_after else ("reset_before_gru", "ResetBeforeGRU")
    return ("keras_lstm", "KerasLSTM") if isinstance(cell, LSTMGates) else ("keras_rnn", "KerasRNN")


def functions(cell: Word) -> tuple[dict[str, Expression], tuple[str, ...]]:
    """Return the activations that differ from the defaults, as functions."""
    found: dict[str, Expression] = {}
    helpers: tuple[str, ...] = ()
    for field, default in (("activation", Tanh), ("recurrent_activation", Sigmoid)):
        activation: Activation | None = getattr(cell, field, default())
        if not isinstance(activation, default):
            applied, needed = activate(activation or Linear(), _X, KERAS, 1)
            found[field] = _function(_X if applied is None else applied)
            helpers += needed
    return found, helpers


_X = Code("x")


def _function(value: Expression) -> Code:
    """Return the function of `x` that an expression of it makes."""
    if isinstance(value, Call) and value.args == (_X,) and not value.kwargs:
        return Code(value.function)
    return Code(f"lambda {_X}: {value}")


def weights(
    node: Node,
    cell: Gates,
    variables: tuple[Variable, ...],
    place: int | None = None,
    end: str = "l0",
) -> tuple[Weight, ...]:
    """Return the part of a cell in the map of weights.

    Arguments:
        place: Which of a list of modules it is.
        end: How the modules of torch.nn end its names.
    """
    kernel, recurrent, *biases = variables
    stock, two = is_stock(cell), isinstance(cell, GRUGates) and cell.reset_after
    blocks = _GATES if stock and two else None
    turned, order = Transform(axes=(1, 0), blocks=blocks), Transform(blocks=blocks)
    names = [f"{what}_{end}" for what in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    if not stock:
        names = ["input.weight", "recurrent.weight", "input.bias", "recurrent.bias"]
    found = [
        Weight(node.name, kernel, names[0], turned),
        Weight(node.name, recurrent, names[1], turned),
    ]
    for bias in biases:
        found.append(Weight(node.name, bias, names[2], order, row=0 if two else None))
        if two:
            found.append(Weight(node.name, bias, names[3], order, row=1))
        elif stock:
            found.append(Weight(node.name, bias, names[3], order, frozen=True))
    declared = not stock and place is None
    return tuple(replace(weight, place=place, declared=declared) for weight in found)


def freeze(found: tuple[Weight, ...]) -> tuple[str, ...]:
    """Return the statements of `__init__` that keep at 0 what PyTorch alone has."""
    lines = [f"self.{w.layer}{w.bare}.requires_grad_(False)" for w in found if w.frozen]
    return tuple([f"{lines[0]}  # Keras has one bias", *lines[1:]] if lines else [])
