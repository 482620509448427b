"""A whole Keras program: its sections and what they import."""

from __future__ import annotations

from specc.expressions import Code, call, literal, statement
from specc.program import Program
from specc.targets.data import reading
from specc.targets.keras.arguments import Writer
from specc.targets.keras.layers import lowering
from specc.targets.keras.training import dense_gradients, lower_training
from specc.targets.view import (
    Constants,
    Import,
    Part,
    Section,
    View,
    batch_shape,
    custom_classes,
    description_line,
    docstring,
    given,
    open_shape,
    training_constants,
)

_LAYER = 12

# What programs may use from elsewhere.
IMPORTS = (
    (
        Import("argparse"),
        Import("csv"),
        Import("sys"),
        Import("collections.abc", ("Callable",)),
        Import("pathlib", ("Path",)),
    ),
    (
        Import("keras"),
        Import("numpy", alias="np"),
        Import("pandas", alias="pd"),
        Import("keras", ("layers",)),
    ),
)


class Function(Section):
    """An activation function with its arguments."""

    template = "keras/function.py.jinja"
    package: Code
    name: str
    value: str


class BuildModel(Section):
    """The function that makes the model."""

    template = "keras/model.py.jinja"
    description: str
    layers: tuple[str, ...]
    name: Code


class Show(Section):
    """What a program without training does: it shows the model."""

    template = "keras/show.py.jinja"
    seeds: bool


def lower(program: Program) -> View:
    """Return a Keras program."""
    constants = Constants()
    training_constants(program, constants)
    lines, custom = custom_classes(program, "keras")
    write = Writer(constants, custom, lowering)
    write.dense_gradient = dense_gradients(program)
    readers, name = reading(program, constants), literal(str(program.name))
    model = BuildModel(description_line(program), _layers(program, write), name)
    functions = (Function(name, f, f"return {value}") for f, value in write.functions)
    end: tuple[Part, ...] = (Show(program.seed is not None),)
    if program.fit is not None:
        end = lower_training(program, program.fit, readers, constants)
    return View(
        docstring=docstring(
            program, batch_shape(program.input.shape), batch_shape(program.graph.output.shape)
        ),
        imports=IMPORTS,
        custom=lines,
        constants=constants.lines(),
        sections=(*functions, model, *end),
        gives=given(program),
    )


def _layers(program: Program, write: Writer) -> tuple[str, ...]:
    lines = [_input(program)]
    for node in program.graph.nodes:
        text = statement("", lowering(node.layer)(node, write), _LAYER, ",")
        lines += [*write.comments, text]
        write.comments.clear()
    return tuple(lines)


def _input(program: Program) -> str:
    dtype = None if program.input.dtype == "float32" else literal(program.input.dtype)
    name = None if program.input.name is None else literal(program.input.name)
    shape: Code = literal(open_shape(program.input.shape))
    return statement("", call("keras.Input", shape=shape, dtype=dtype, name=name), _LAYER, ",")
