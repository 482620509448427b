"""The first layer whose output differs between the programs."""

from __future__ import annotations

import ast
import math
import sys
from types import FrameType
from typing import Any

import keras
import torch

from specc.targets.torch.layout import Layout, Output
from specc.verify.frameworks import Array
from specc.verify.pair import NotFiniteError, Pair, difference, output_of
from specc.verify.report import Place


def first_difference(pair: Pair, outputs: tuple[Output, ...], allowed: float) -> Place | None:
    """Return where outputs begin to differ, in inference mode first.

    Arguments:
        outputs: Where PyTorch's program has the output of each layer.
        allowed: How far outputs may be apart.
    """
    x = pair.inputs(5)
    for training in (False, True):
        with pair.restored():
            theirs = _of_keras(pair, x, training)
            ours = _of_torch(pair, outputs, x, training)
        for name, left in theirs.items():
            if name not in ours:
                continue
            measured = _distance(left, ours[name])
            if not measured <= allowed:
                return Place(name, measured, training)
    return None


def _distance(left: Array, right: Array) -> float:
    if left.shape != right.shape:
        return math.inf
    try:
        return difference(left, right)
    except NotFiniteError:
        return math.nan


def _of_keras(pair: Pair, x: Array, training: bool) -> dict[str, Array]:
    layers = pair.keras.layers
    model = keras.Model(pair.keras.inputs[0], [layer.output for layer in layers])
    found = pair.in_tensorflow(lambda: model(x, training=training))
    found = found if isinstance(found, (list, tuple)) else [found]  # of a single layer
    return {layer.name: value.numpy() for layer, value in zip(layers, found, strict=True)}


def _of_torch(
    pair: Pair, outputs: tuple[Output, ...], x: Array, training: bool
) -> dict[str, Array]:
    """Return the outputs of layers in Keras' axes, of those that the program's text shows."""
    values = _watched(pair, outputs, x, training)
    found = {
        output.layer: _in_keras_axes(values[output.statements], output.layout)
        for output in outputs[:-1]
        if output.statements in values
    }
    found[outputs[-1].layer] = pair.torch_outputs(x, training)
    return found


def _watched(pair: Pair, outputs: tuple[Output, ...], x: Array, training: bool) -> dict[int, Array]:
    """Return outputs by the number of statements of the program's `forward` that made them."""
    text = pair.files[f"{pair.program.name}_torch.py"]
    code = type(pair.torch).forward.__code__
    lines = _statements(text, pair)
    starts = {line: number for number, line in enumerate(lines)}
    names = {output.statements: output.variable for output in outputs}
    found: dict[int, Array] = {}

    def in_forward(frame: FrameType, event: str, argument: Any) -> Any:
        number = starts.get(frame.f_lineno)
        if event == "line" and number in names and number not in found:
            found[number] = frame.f_locals[names[number]].detach().clone()
        if event == "return" and argument is not None:
            found.setdefault(len(lines), output_of(argument).detach())
        return in_forward

    def on_call(frame: FrameType, event: str, argument: Any) -> Any:
        return in_forward if frame.f_code is code else None

    before = sys.gettrace()
    pair.torch.train(training)
    sys.settrace(on_call)
    try:
        with torch.no_grad():
            pair.torch(pair.to_torch(x))
    finally:
        sys.settrace(before)
    return found


def _statements(text: str, pair: Pair) -> list[int]:
    """Return the first line of each statement of `forward`."""
    for cls in ast.parse(text).body:
        if isinstance(cls, ast.ClassDef) and cls.name == pair.program.class_name:
            for function in cls.body:
                if isinstance(function, ast.FunctionDef) and function.name == "forward":
                    return [statement.lineno for statement in function.body]
    return []


def _in_keras_axes(value: Array, layout: Layout) -> Array:
    # Steps that are one with the batch are apart again at the end.
    batch = value.shape[0]
    if layout.first:
        value = value.movedim(1, -1)
    if layout.flat is not None and value.ndim == 2:
        *spatial, channels = layout.flat
        value = value.reshape(batch, channels, *spatial).movedim(1, -1).flatten(1)
    return (value.unflatten(0, (-1, *layout.steps)) if layout.steps else value).numpy()
