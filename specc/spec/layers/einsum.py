"""The dense layer of any equation."""

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from specc.shapes import Shape, ShapeError, text
from specc.spec.editor import NULL, at_least, list_of, matching, takes
from specc.spec.initializers import GlorotUniform, Scaled, VarianceScaling, Zeros
from specc.spec.types import expected
from specc.spec.variables import Variable
from specc.spec.word import LORA, Activation, Constraint, Initializer, Layer, Regularizer, later

_EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")

_FORM = "an equation like 'abc,cd->abd', '...c,cd->...d' or 'ab...,bc->ac...'"


@dataclass(frozen=True, slots=True)
class Einsum:
    """An equation with the shapes that it has for one input.

    Attributes:
        kernel: Shape of the kernel.
        bias: Shape of the bias, or None.
        output: Shape of the output, without the batch.
        inputs: The kernel's axes that the output lacks.
        outputs: The kernel's axes that the output has.
    """

    kernel: Shape
    bias: Shape | None
    output: Shape
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def _equation(value: object) -> object:
    found = _EQUATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise expected(_FORM)
    before, x, after, kernel, output_before, output, output_after = found.groups()
    if (before, after) != (output_before, output_after) or (before and after):
        raise expected(f"{_FORM}, the dots in the same place on both sides and only there")
    for part in (x, kernel, output):
        if len(set(part)) < len(part):
            raise expected(f"{_FORM}, each letter once in a part")
    if not set(output) <= {*x, *kernel} or not set(kernel) <= {*x, *output}:
        raise expected(f"{_FORM}, each letter of the kernel and of the output in another part too")
    return value


def _output_shape(value: object) -> object:
    sizes = value if isinstance(value, tuple) else (value,)
    if not all(size is None or (type(size) is int and size > 0) for size in sizes):
        raise expected("a positive integer, or a list of them and of null for what the input has")
    return sizes


_SIZE = (at_least(1), NULL)


class EinsumDense(Layer, word="einsum_dense", kind="einsum_dense"):
    """`activation(einsum(equation, x, kernel) + bias)`.

    Input: `[...]`, as the equation's first part says, the batch being its first letter or among
    the dots. Output: as its last part says; `output_shape` gives its sizes without the batch and
    the dots. `bias_axes` holds the letters of the output along which the bias varies.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | LORA | later("gptq_unpacked_column_size")

    equation: Annotated[
        str, BeforeValidator(_equation), takes(matching(f"^{_EQUATION.pattern}$", _FORM))
    ]
    output_shape: Annotated[
        tuple[int | None, ...],
        BeforeValidator(_output_shape),
        takes(*_SIZE, list_of({"anyOf": list(_SIZE)})),
    ]
    activation: Activation | None = None
    bias_axes: str | None = None
    kernel_initializer: Initializer = Field(default_factory=GlorotUniform)
    bias_initializer: Initializer = Field(default_factory=Zeros)
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None
    activity_regularizer: Regularizer | None = None

    def parts(self) -> tuple[str, str, str]:
        """Return the letters of the input, of the kernel and of the output."""
        x, kernel, output = re.split(",|->", self.equation.replace("...", ""))
        return x, kernel, output

    def is_dense(self) -> bool:
        """Tell whether this is a dense layer on the last axis, in other words."""
        x, kernel, output = self.parts()
        last = x[:-1] == output[:-1] and not self.equation.endswith("...")
        return last and set(kernel) == {x[-1], output[-1]} and self.bias_axes in (None, output[-1])

    def analyse(self, shape: Shape) -> Einsum:
        """Return the shapes for an input of `shape`, without the batch.

        Errors:
            ShapeError: the equation does not fit the input.
        """
        x, kernel, output = self.parts()
        before, after = self.equation.startswith("..."), self.equation.endswith("...")
        dots = len(shape) + 1 - len(x)  # with the batch
        if dots < int(before) or (dots > 0 and not before and not after) or dots < 0:
            axes = len(x) - (0 if before else 1)
            least = "at least " if before or after else ""
            message = f"{self.equation!r} expects {least}{axes} axes beside the batch"
            raise ShapeError(f"{message}, found {text(shape)}", "equation")
        letters = dict(zip(x, (0, *shape)[dots if before else 0 :], strict=False))
        if not before and (x[0] != output[0] or x[0] in kernel):
            message = f"expected the batch, {x[0]!r}, to come first in the output alone"
            raise ShapeError(message, "equation")
        sizes = self._sizes(output if before else output[1:], letters)
        found = letters | sizes
        bias = self._bias(output, found, dots if after else 0)
        elided = shape[: dots - 1] if before else ()
        return Einsum(
            kernel=tuple(found[letter] for letter in kernel),
            bias=bias,
            output=(*elided, *sizes.values(), *(shape[len(shape) - dots :] if after else ())),
            inputs=tuple(i for i, letter in enumerate(kernel) if letter not in output),
            outputs=tuple(i for i, letter in enumerate(kernel) if letter in output),
        )

    def _sizes(self, output: str, letters: dict[str, int]) -> dict[str, int]:
        """Return the length of each letter of the output, without the batch."""
        if len(self.output_shape) != len(output):
            message = f"expected {len(output)} sizes for {output!r}, without the batch and the dots"
            raise ShapeError(f"{message}, found {len(self.output_shape)}", "output_shape")
        sizes = {}
        for letter, given in zip(output, self.output_shape, strict=True):
            known = letters.get(letter)
            if given is None and known is None:
                raise ShapeError(f"expected a size for {letter!r}, found null", "output_shape")
            if None not in (given, known) and given != known:
                message = f"expected {known} for {letter!r}, which the input has, found {given}"
                raise ShapeError(message, "output_shape")
            sizes[letter] = known if given is None else given
        return {letter: size for letter, size in sizes.items() if size is not None}

    def _bias(self, output: str, sizes: dict[str, int], dots: int) -> Shape | None:
        axes = self.bias_axes
        if axes is None:
            return None
        batch = "" if self.equation.startswith("...") else output[0]
        if not axes or not set(axes) <= set(output) - set(batch):
            message = f"expected letters of the output {output!r} except the batch, found {axes!r}"
            raise ShapeError(message, "bias_axes")
        varying = output[min(map(output.index, axes)) :]
        return (*(sizes[letter] if letter in axes else 1 for letter in varying), *(1,) * dots)

    def infer(self, shape: Shape) -> Shape:
        return self.analyse(shape).output

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        found, drawn = self.analyse(shape), self.kernel_initializer
        counted = isinstance(drawn, (Scaled, VarianceScaling)) and None in (
            drawn.input_axes,
            drawn.output_axes,
        )
        if counted and not (self.is_dense() and found.inputs == (0,)):
            axes = {"input_axes": found.inputs, "output_axes": found.outputs}
            drawn = drawn.model_copy(update=axes)
        kernel = Variable("kernel", found.kernel, drawn, self.kernel_regularizer)
        if found.bias is None:
            return (kernel,)
        return (
            kernel,
            Variable("bias", found.bias, self.bias_initializer, self.bias_regularizer),
        )
