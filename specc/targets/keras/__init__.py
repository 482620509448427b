"""Keras: a `Sequential` with `compile` and `fit`."""

from __future__ import annotations

from specc.expressions import Code, call, literal, statement
from specc.program import Program
from specc.targets.data import data_context
from specc.targets.keras.arguments import Writer
from specc.targets.keras.layers import lowering
from specc.targets.keras.training import dense_gradients, training_context
from specc.targets.view import (
    Constants,
    View,
    batch_shape,
    custom_classes,
    description_line,
    docstring,
    open_shape,
    training_constants,
)

_LAYER = 12
# Where a file is written before it gets its name; Keras asks for the name's ending.
_PARTIAL = 'Path(path).with_name(f"partial-{Path(path).name}")'


def lower(program: Program) -> View:
    """Return what the template of Keras programs places."""
    constants = Constants()
    training_constants(program, constants)
    imports, custom = custom_classes(program, "keras")
    write = Writer(constants, custom, lowering)
    write.dense_gradient = dense_gradients(program)
    context: dict[str, object] = {**data_context(program, constants)}
    layers = [_input(program)]
    for node in program.graph.nodes:
        text = statement("", lowering(node.layer)(node, write), _LAYER, ",")
        if write.dense_gradient and "keras.regularizers.L2(0.0)" in text:
            layers.append("# L2(0.0) has TensorFlow add up the gradients of repeated tokens.")
        layers.append(text)
    if program.fit is not None:
        context |= training_context(program.fit, constants)
    output = batch_shape(program.graph.output.shape)
    lines = docstring(program, batch_shape(program.input.shape), output)
    context |= {
        "name": program.name,
        "name_literal": literal(str(program.name)),
        "docstring_first": lines[0],
        "docstring_rest": lines[1:],
        "description": description_line(program),
        "layers": layers,
        "functions": write.functions,
        "package": literal(str(program.name)),
        "constants": constants.lines(),
        "custom_imports": imports,
        "has_custom": bool(imports),
        "seeds": program.seed is not None,
        "x_dtype": literal(program.input.dtype),
        "partial": _PARTIAL,
        "save_ending": True,
    }
    return View("keras/program.py.jinja", context)


def _input(program: Program) -> str:
    dtype = None if program.input.dtype == "float32" else literal(program.input.dtype)
    name = None if program.input.name is None else literal(program.input.name)
    shape: Code = literal(open_shape(program.input.shape))
    return statement("", call("keras.Input", shape=shape, dtype=dtype, name=name), _LAYER, ",")
