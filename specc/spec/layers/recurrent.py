"""Recurrent layers."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from specc.shapes import UNKNOWN, Shape, ShapeError, text
from specc.spec.activations import Sigmoid, Softmax, Tanh
from specc.spec.editor import takes
from specc.spec.initializers import GlorotUniform, Orthogonal, Zeros
from specc.spec.layers.wrapper import check_within
from specc.spec.types import Fraction, PositiveInt, expected
from specc.spec.variables import Variable
from specc.spec.word import Activation, Constraint, Initializer, Layer, Nested, Regularizer, Word


class Gates(Word):
    """What a recurrent layer and its cell have in common.

    Attributes:
        gates: How many blocks of `units` its kernels hold side by side.
    """

    gates: ClassVar[int] = 1

    units: PositiveInt
    activation: Activation | None = Field(default_factory=Tanh)
    use_bias: bool = True
    kernel_initializer: Initializer = Field(default_factory=GlorotUniform)
    recurrent_initializer: Initializer = Field(default_factory=Orthogonal)
    bias_initializer: Initializer = Field(default_factory=Zeros)
    kernel_regularizer: Regularizer | None = None
    recurrent_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    recurrent_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None
    dropout: Fraction = 0.0
    recurrent_dropout: Fraction = 0.0
    seed: int | None = None

    def step_variables(self, features: int) -> tuple[Variable, ...]:
        """Return its weights for steps of so many features, in Keras' order."""
        wide = self.gates * self.units
        recurrent = self.recurrent_initializer, self.recurrent_regularizer
        kernels = (
            Variable("kernel", (features, wide), self.kernel_initializer, self.kernel_regularizer),
            Variable("recurrent_kernel", (self.units, wide), *recurrent, argument="recurrent"),
        )
        return (*kernels, self.bias()) if self.use_bias else kernels

    def bias(self) -> Variable:
        """Return the bias."""
        shape = (self.gates * self.units,)
        return Variable("bias", shape, self.bias_initializer, self.bias_regularizer)

    def check(self) -> None:
        """Check that its activations keep the number of units.

        Errors:
            ShapeError: one of them does not.
        """
        for field in ("activation", "recurrent_activation"):
            activation: Activation | None = getattr(self, field, None)
            try:
                kept = activation is None or activation.infer((self.units,)) == (self.units,)
            except ShapeError as error:
                raise ShapeError(error.message, field) from None
            if not kept:
                message = f"{self.word} expects an activation that keeps the units, found glu"
                raise ShapeError(message, field)


class LSTMGates(Gates):
    """An LSTM: the gates input, forget, cell and output, in this order."""

    gates: ClassVar[int] = 4

    recurrent_activation: Activation | None = Field(default_factory=Sigmoid)
    unit_forget_bias: bool = True

    def bias(self) -> Variable:
        """Return the bias, whose forget gate begins at 1 with `unit_forget_bias`."""
        shape = (self.gates * self.units,)
        ones = (self.units, 2 * self.units) if self.unit_forget_bias else None
        return Variable("bias", shape, self.bias_initializer, self.bias_regularizer, ones=ones)


class GRUGates(Gates):
    """A GRU: the gates update, reset and new, in this order."""

    gates: ClassVar[int] = 3

    recurrent_activation: Activation | None = Field(default_factory=Sigmoid)
    reset_after: bool = True

    def bias(self) -> Variable:
        """Return the bias, of the input and of the state where the reset gate comes after."""
        shape = (2, self.gates * self.units) if self.reset_after else (self.gates * self.units,)
        return Variable("bias", shape, self.bias_initializer, self.bias_regularizer)


_INITIALIZERS = ("kernel_initializer", "recurrent_initializer", "bias_initializer")
_REGULARIZERS = ("kernel_regularizer", "recurrent_regularizer", "bias_regularizer")
_CONSTRAINTS = ("kernel_constraint", "recurrent_constraint", "bias_constraint")
_SEVERAL = "it gives several tensors, and a spec is a sequence of layers with one"
_STATEFUL = "it needs a batch size that is fixed in the model, which a spec does not have"


def _check_sequence(layer: "Recurrent | RNN", shape: Shape) -> None:
    if len(shape) != 2:
        message = f"{layer.word} expects a sequence [steps, features], found {text(shape)}"
        hint = "put a reshape before it, or return_sequences: true into a recurrent layer"
        hint = hint if len(shape) == 1 else "put a reshape before it"
        raise ShapeError(message, None, hint)
    if layer.unroll and shape[0] is UNKNOWN:
        message = "unroll expects a number of steps, found steps that the spec leaves open"
        raise ShapeError(message, "unroll")


def _check_logits(layer: "Recurrent | RNN", activation: Activation | None) -> None:
    """Check that Keras sees no logits: unrolled, the last step is not hidden behind a loop."""
    ends = isinstance(activation, (Sigmoid, Softmax))
    if layer.unroll and ends and not layer.return_sequences:
        message = (
            "expected no unroll beside a sigmoid or softmax, as Keras' crossentropies then "
            "take the logits of the last step"
        )
        raise ShapeError(message, "unroll", "leave it out: it changes the speed alone")


class Recurrent(Gates, Layer, kind="recurrent", activates=False):
    """The base of the layers that read a sequence step by step.

    Input: `[steps, features]`. Output: `[units]`, that of the last step, or `[steps, units]` with
    `return_sequences`. `go_backwards` reads from the end, and gives its outputs in that order.
    A step that a mask leaves out repeats the output before it. `dropout` and `recurrent_dropout`
    drop the same entries at all steps. `unroll` and `use_cudnn` are about speed alone.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | {
        "return_state": _SEVERAL,
        "stateful": _STATEFUL,
    }

    return_sequences: bool = False
    go_backwards: bool = False
    unroll: bool = False

    def infer(self, shape: Shape) -> Shape:
        _check_sequence(self, shape)
        self.check()
        return (shape[0], self.units) if self.return_sequences else (self.units,)

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        return self.step_variables(shape[-1])

    def uses_mask(self) -> bool:
        return True

    def gives_mask(self, masked: bool) -> bool:
        return masked and self.return_sequences


class SimpleRNN(Recurrent, word="simple_rnn"):
    """`h = activation(x @ kernel + h @ recurrent_kernel + bias)`, step by step.

    Input: `[steps, features]`. Output: `[units]`, or `[steps, units]` with `return_sequences`.
    """

    order: ClassVar[tuple[str, ...]] = (
        "units",
        "activation",
        "use_bias",
        *_INITIALIZERS,
        *_REGULARIZERS,
        *_CONSTRAINTS,
        "dropout",
        "recurrent_dropout",
        "return_sequences",
        "go_backwards",
        "unroll",
        "seed",
    )
    refused: ClassVar[dict[str, str]] = Recurrent.refused | {
        "activity_regularizer": "Keras 3 takes it and ignores it; put an activity_regularization "
        "layer behind this one"
    }

    def infer(self, shape: Shape) -> Shape:
        _check_logits(self, self.activation)
        return super().infer(shape)


def _cudnn(value: object) -> object:
    if value not in ("auto", False):
        raise expected("auto or false, as Keras then runs on a GPU alone")
    return value


CuDNN = Annotated[str | bool, BeforeValidator(_cudnn), takes({"enum": ["auto", False]})]


class LSTM(LSTMGates, Recurrent, word="lstm"):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997).

    Input: `[steps, features]`. Output: `[units]`, or `[steps, units]` with `return_sequences`.
    """

    order: ClassVar[tuple[str, ...]] = (
        "units",
        "activation",
        "recurrent_activation",
        "use_bias",
        *_INITIALIZERS,
        "unit_forget_bias",
        *_REGULARIZERS,
        "activity_regularizer",
        *_CONSTRAINTS,
        "dropout",
        "recurrent_dropout",
        "seed",
        "return_sequences",
        "go_backwards",
        "unroll",
        "use_cudnn",
    )

    activity_regularizer: Regularizer | None = None
    use_cudnn: CuDNN = "auto"


class GRU(GRUGates, Recurrent, word="gru"):
    """Gated recurrent unit (Cho et al., 2014).

    Input: `[steps, features]`. Output: `[units]`, or `[steps, units]` with `return_sequences`.
    """

    order: ClassVar[tuple[str, ...]] = (
        "units",
        "activation",
        "recurrent_activation",
        "use_bias",
        *_INITIALIZERS,
        *_REGULARIZERS,
        "activity_regularizer",
        *_CONSTRAINTS,
        "dropout",
        "recurrent_dropout",
        "seed",
        "return_sequences",
        "go_backwards",
        "unroll",
        "reset_after",
        "use_cudnn",
    )

    activity_regularizer: Regularizer | None = None
    use_cudnn: CuDNN = "auto"


class Cell(Layer, family="cell", kind="cell", activates=False):
    """One step of a recurrent layer, for `rnn`. Input: `[features]`. Output: `[units]`."""


_STEP = {"activity_regularizer": "Keras adds it at each step; put it into the rnn"}


class GatedCell(Gates, Cell):
    """The base of the cells with weights."""

    refused: ClassVar[dict[str, str]] = Layer.refused | _STEP

    def infer(self, shape: Shape) -> Shape:
        self.check()
        return (self.units,)

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        return self.step_variables(shape[-1])


class SimpleRNNCell(GatedCell, word="simple_rnn_cell"):
    """A step of `simple_rnn`. Input: `[features]`. Output: `[units]`."""


class LSTMCell(LSTMGates, GatedCell, word="lstm_cell"):
    """A step of `lstm`. Input: `[features]`. Output: `[units]`."""

    order: ClassVar[tuple[str, ...]] = LSTM.order[:11] + LSTM.order[12:18]


class GRUCell(GRUGates, GatedCell, word="gru_cell"):
    """A step of `gru`. Input: `[features]`. Output: `[units]`."""

    order: ClassVar[tuple[str, ...]] = (*GRU.order[:10], *GRU.order[11:16], "reset_after", "seed")


def _cells(cells: tuple[Cell, ...], shape: Shape, owner: tuple[str, ...]) -> tuple[Nested, ...]:
    """Return cells, each of which takes what the one before gives."""
    found = []
    if not cells:
        raise ShapeError("expected at least one cell, found none")
    for number, cell in enumerate(cells):
        if isinstance(cell, StackedRNNCells):
            raise ShapeError("expected cells side by side, found stacked_rnn_cells among them")
        label = str(number + 1) if len(cells) > 1 else ""
        found.append(Nested(cell, shape, (*owner, str(number)), label))
        shape = cell.infer(shape)
    return tuple(found)


class StackedRNNCells(Cell, word="stacked_rnn_cells"):
    """Cells, each of which takes what the one before gives, as a list in `rnn`.

    Input: `[features]`. Output: that of the last cell.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | _STEP

    cells: tuple[Cell, ...]

    def nested(self, shape: Shape) -> tuple[Nested, ...]:
        if not self.trainable:
            message = "trainable: false changes nothing in Keras' stacked_rnn_cells"
            raise ShapeError(message, "trainable", "put it into the arguments of the cells")
        return _cells(self.cells, shape, ("cells",))

    def infer(self, shape: Shape) -> Shape:
        for cell in self.cells:
            shape = cell.infer(shape)
        return shape


class RNN(Layer, word="rnn", kind="recurrent", each_step=True):
    """A recurrent layer of one or several cells.

    Input: `[steps, features]`. Output: `[units]`, that of the last step, or `[steps, units]` with
    `return_sequences`. A step that a mask leaves out repeats the output before it, or is 0 with
    `zero_output_for_mask`. `unroll` is about speed alone.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | {
        "return_state": _SEVERAL,
        "stateful": _STATEFUL,
    }

    cell: Cell | tuple[Cell, ...]
    return_sequences: bool = False
    go_backwards: bool = False
    unroll: bool = False
    zero_output_for_mask: bool = False
    activity_regularizer: Regularizer | None = None

    def cells(self) -> tuple[GatedCell, ...]:
        """Return the cells with weights, the first being the one that takes the input."""
        cell = self.cell.cells if isinstance(self.cell, StackedRNNCells) else self.cell
        cells = cell if isinstance(cell, tuple) else (cell,)
        return tuple(cell for cell in cells if isinstance(cell, GatedCell))

    def nested(self, shape: Shape) -> tuple[Nested, ...]:
        _check_sequence(self, shape)
        if not self.trainable:
            message = "trainable: false changes nothing in Keras' rnn"
            raise ShapeError(message, "trainable", "put it into the arguments of the cells")
        if len({cell.trainable for cell in self.cells()}) > 1:
            raise ShapeError("trainable: false of some cells alone is not translated", "cell")
        if isinstance(self.cell, tuple):
            return _cells(self.cell, shape[1:], ("cell", "cells"))
        return (Nested(self.cell, shape[1:], ("cell",)),)

    def infer(self, shape: Shape) -> Shape:
        last = self.cells()[-1]
        if isinstance(last, SimpleRNNCell):
            _check_logits(self, last.activation)
        return (shape[0], last.units) if self.return_sequences else (last.units,)

    def uses_mask(self) -> bool:
        return True

    def gives_mask(self, masked: bool) -> bool:
        return masked and self.return_sequences

    def check_mask(self, shape: Shape) -> None:
        if self.unroll and self.zero_output_for_mask and self.go_backwards:
            message = "with unroll Keras sets other steps to 0 than those that the mask leaves out"
            raise ShapeError(message, "unroll", "leave it out: it changes the speed alone")


def _merge_mode(value: object) -> object:
    if value not in ("concat", "sum", "ave", "mul"):
        raise expected("concat, sum, ave or mul (null would give two tensors)")
    return value


class Bidirectional(Layer, word="bidirectional", kind="recurrent"):
    """A recurrent layer that reads the sequence, and one of its kind that reads it backwards.

    Input: `[steps, features]`. Output: what both give, side by side (`concat`), added (`sum`),
    averaged (`ave`) or multiplied (`mul`). `backward_layer` is the second where it differs. With
    `return_sequences` a step that a mask leaves out is 0.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | {
        "weights": "a spec holds no arrays; load them in the generated program",
        "activity_regularizer": "put an activity_regularization layer behind this one",
    }

    layer: Layer
    merge_mode: Annotated[
        str, BeforeValidator(_merge_mode), takes({"enum": ["concat", "sum", "ave", "mul"]})
    ] = "concat"
    backward_layer: Layer | None = None

    def both(self) -> tuple[Recurrent, Recurrent]:
        """Return the layer of each direction, which are the same where the spec says one.

        Errors:
            ShapeError: they are no pair.
        """
        for field in ("layer", "backward_layer"):
            self._check(field)
        forward, backward = self.layer, self.backward_layer or self.layer
        assert isinstance(forward, Recurrent)
        assert isinstance(backward, Recurrent)
        if forward.return_sequences != backward.return_sequences:
            message = "expected one value of return_sequences in both layers, found two"
            raise ShapeError(message, "backward_layer")
        if forward.units != backward.units:
            message = "expected as many units in both layers, as Keras takes them to have, found "
            raise ShapeError(f"{message}{forward.units} and {backward.units}", "backward_layer")
        if forward.trainable != backward.trainable:
            message = "trainable: false of one direction is not translated"
            raise ShapeError(message, "backward_layer")
        return forward, backward

    def _check(self, field: str) -> None:
        layer: Layer | None = getattr(self, field)
        if layer is None:
            return
        if isinstance(layer, RNN):
            raise ShapeError("rnn is not translated within bidirectional", field)
        if not isinstance(layer, Recurrent):
            raise ShapeError(f"bidirectional expects a recurrent layer, found {layer.word}", field)
        if layer.go_backwards != (field == "backward_layer"):
            message = "layer reads forwards, backward_layer backwards: expected go_backwards: "
            raise ShapeError(f"{message}{'false' if layer.go_backwards else 'true'}", field)
        if getattr(layer, "activity_regularizer", None) is not None:
            message = "activity_regularizer is not translated within bidirectional"
            hint = "put an activity_regularization layer behind it"
            raise ShapeError(message, field, hint)

    def nested(self, shape: Shape) -> tuple[Nested, ...]:
        check_within(self)
        forward, backward = self.both()
        labels = ("", "") if forward is backward else ("forward", "backward")
        return (
            Nested(forward, shape, ("forward_layer",), labels[0]),
            Nested(backward, shape, ("backward_layer",), labels[1]),
        )

    def infer(self, shape: Shape) -> Shape:
        output = self.both()[0].output(shape)
        return (*output[:-1], 2 * output[-1]) if self.merge_mode == "concat" else output

    def uses_mask(self) -> bool:
        return True

    def gives_mask(self, masked: bool) -> bool:
        return masked and self.both()[0].return_sequences

    def check_mask(self, shape: Shape) -> None:
        forward, backward = self.both()
        if backward.unroll and forward.return_sequences:
            message = "with unroll Keras sets other steps to 0 than those that the mask leaves out"
            raise ShapeError(message, "layer", "leave out unroll: it changes the speed alone")
