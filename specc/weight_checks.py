"""What the spec says of a layer's weights, against their shapes."""

from __future__ import annotations

from specc.diagnostics import Diagnostic, Span
from specc.program import Node
from specc.shapes import Shape, text
from specc.spec.layers.core import Custom
from specc.spec.variables import Variable
from specc.spec.word import Constraint, Regularizer
from specc.unsure import hidden, where_sure
from specc.validate import Places


def check_weights(node: Node, variables: tuple[Variable, ...], places: Places) -> list[Diagnostic]:
    """Return what is wrong with the initializers, penalties and constraints of a layer.

    Arguments:
        variables: Its own weights, without those of the layers within it.
    """
    checker = _Checker(places)
    checker.weights(node, variables)
    return checker.diagnostics


class _Checker:
    def __init__(self, places: Places) -> None:
        self.places = places
        self.diagnostics: list[Diagnostic] = []

    def error(self, code: str, message: str, span: Span) -> None:
        self.diagnostics.append(Diagnostic(code, message, span))

    def note(self, message: str, span: Span) -> None:
        self.diagnostics.append(Diagnostic("N103", message, span, None, "note"))

    def weights(self, node: Node, variables: tuple[Variable, ...]) -> None:
        """Check the weights of a layer, and its penalty on the output."""
        with where_sure:
            self._note_trainable(node, variables)
        for variable in variables if not hidden(variables) else ():
            with where_sure:
                self._check_initializer(node, variable)
            with where_sure:
                self._check_penalty(node, variable)
            with where_sure:
                if variable.constraint is not None:
                    self._check_constraint(variable.constraint, variable)
                    self._note_frozen(node, f"{variable.stem}_constraint")
        with where_sure:
            activity: Regularizer | None = getattr(node.layer, "activity_regularizer", None)
            if activity is not None:
                self._check_regularizer(node, activity, (2, *node.output_shape), "output")

    def _note_trainable(self, node: Node, variables: tuple[Variable, ...]) -> None:
        known = not isinstance(node.layer, Custom)
        if known and not (node.layer.trainable or variables or node.nested):
            message = f"trainable: false changes nothing in {node.layer.word}, which has no weights"
            place = self.places.of(node.layer, "trainable")
            self.note(message, place)

    def _check_penalty(self, node: Node, variable: Variable) -> None:
        if variable.regularizer is not None:
            self._check_regularizer(node, variable.regularizer, variable.shape, variable.name)
            self._note_frozen(node, f"{variable.stem}_regularizer")

    def _note_frozen(self, node: Node, field: str) -> None:
        if not node.layer.trainable:
            message = f"{field} changes nothing with trainable: false; Keras leaves it out"
            place = self.places.of(node.layer, field)
            self.note(message, place)

    def _check_initializer(self, node: Node, variable: Variable) -> None:
        initializer, rank = variable.initializer, len(variable.shape)
        field = f"{variable.stem}_initializer"
        if not initializer.minimum_rank <= rank <= initializer.maximum_rank:
            message = (
                f"{initializer.word} expects a matrix, found {variable.name} of shape "
                f"{text(variable.shape)}"
            )
            self.error("E403", message, self.places.of(node.layer, field))
        for name in ("input_axes", "output_axes"):
            axes = getattr(initializer, name, None) or ()
            if any(not -rank <= axis < rank for axis in axes):
                message = (
                    f"expected axes of {variable.name}, whose shape is {text(variable.shape)}, "
                    f"found {text(axes)}"
                )
                self.error("E403", message, self.places.of(initializer, name))

    def _check_regularizer(
        self, node: Node, regularizer: Regularizer, shape: Shape, what: str
    ) -> None:
        mode = getattr(regularizer, "mode", None)  # that of an orthogonal_regularizer
        if mode is not None:
            vectors = shape[0] if mode == "rows" else shape[-1]
            if len(shape) != 2 or vectors < 2:
                message = (
                    f"orthogonal_regularizer expects a matrix of at least 2 {mode}, "
                    f"found {what} of shape {text(shape)}"
                )
                self.error("E404", message, self.places.of(regularizer))

    def _check_constraint(self, constraint: Constraint, variable: Variable) -> None:
        axes, rank = constraint.axes(), len(variable.shape)
        inside = all(-rank <= axis < rank for axis in axes)
        if not inside or len({axis % rank for axis in axes}) < len(axes):
            message = (
                f"expected axes of {variable.name}, whose shape is {text(variable.shape)}, "
                f"found {text(axes)}"
            )
            self.error("E409", message, self.places.of(constraint, "axis"))
