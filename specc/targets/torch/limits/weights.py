"""Weights that PyTorch holds as other matrices than Keras does."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Node
from specc.shapes import text
from specc.spec.initializers import Orthogonal
from specc.spec.variables import Variable
from specc.unsure import hidden, where_sure
from specc.validate import Places


def refuse_weights(node: Node, places: Places) -> Iterator[Diagnostic]:
    """Yield what is wrong with the initializers and penalties of a layer's own weights."""
    if hidden(node.variables) or hidden(node.nested):
        return
    for variable in node.own:
        with where_sure:
            yield from _initializer(node, variable, places)
        with where_sure:
            yield from _penalty(variable, places)


def _initializer(node: Node, variable: Variable, places: Places) -> Iterator[Diagnostic]:
    place = places.of(node.layer, f"{variable.stem}_initializer")
    if variable.stem == "depthwise" and isinstance(variable.initializer, Orthogonal):
        message = (
            "orthogonal expects a kernel that mixes channels, found the depthwise kernel of "
            f"shape {text(variable.shape)}, which PyTorch holds as another matrix"
        )
        yield Diagnostic("E403", message, place)
    if _is_split(variable) and variable.initializer.minimum_rank == 2:
        word = variable.initializer.word
        message = f"{word} expects a kernel, found the bias, whose rows PyTorch holds apart"
        yield Diagnostic("E403", message, place)


def _penalty(variable: Variable, places: Places) -> Iterator[Diagnostic]:
    mode = getattr(variable.regularizer, "mode", None)  # that of an orthogonal_regularizer
    if variable.regularizer is None or mode is None or not _is_split(variable):
        return
    if variable.shape[0 if mode == "rows" else -1] >= 2:  # else it is no penalty at all
        message = (
            f"orthogonal_regularizer expects a matrix of at least 2 {mode}, found the bias, whose "
            f"rows PyTorch holds apart, of shape {text(variable.shape)}"
        )
        yield Diagnostic("E404", message, places.of(variable.regularizer))


def _is_split(variable: Variable) -> bool:
    """Tell whether a weight is a bias of several rows, as that of a GRU."""
    return variable.name == "bias" and len(variable.shape) == 2
