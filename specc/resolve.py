"""A `Spec` to a `Program`: names, shapes, and the checks that need the whole model."""

from __future__ import annotations

import builtins
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from keyword import iskeyword
from typing import TypeVar

from specc.diagnostics import Diagnostic, Span, SpeccError, has_errors
from specc.expressions import ClassName, Identifier, is_identifier
from specc.fit import resolve_fit
from specc.layer_notes import layer_notes
from specc.masks import check_mask, note_masks
from specc.names import Reserved
from specc.program import (
    Fit,
    Graph,
    Module,
    Node,
    Program,
    Value,
    activation_of,
    final_activation,
)
from specc.shapes import UNKNOWN, Shape, ShapeError, UnknownSizeError, text
from specc.source import shortened
from specc.spec.document import Spec
from specc.spec.layers.core import Custom
from specc.spec.variables import Variable
from specc.spec.word import Activation, Layer, Word
from specc.unsure import UNSURE, UnsureError, either, hidden, sure, where_sure
from specc.validate import Places
from specc.weight_checks import check_weights

T = TypeVar("T")


def resolve(
    spec: Spec, places: Places, file: str, reserved: Reserved
) -> tuple[Program, list[Diagnostic]]:
    """Return the program of a spec and notes about it.

    What mistakes of an earlier step hide is unsure in the program.

    Args:
        reserved: The names that programs need for themselves.

    Raises:
        SpeccError: with every mistake that was found; its rest is the program that is left, and
            no notes.
    """
    resolver = _Resolver(spec, places, reserved)
    graph = sure(resolver.graph)
    with where_sure:
        resolver.check_name(graph)
    last = sure(lambda: graph.last)
    fit, found = resolve_fit(spec, places, sure(_output, last), sure(final_activation, last))
    resolver.diagnostics += found
    if fit is not None:
        with where_sure:
            resolver.check_trainable(graph, fit)
        with where_sure:
            resolver.check_thresholds(last, fit)
    program = Program(
        name=sure(_identifier, spec),
        class_name=sure(_class_name, spec),
        description=sure(lambda: spec.description),
        seed=sure(lambda: spec.seed),
        exact=sure(lambda: spec.fidelity == "exact"),
        input=sure(lambda: spec.input),
        graph=graph,
        fit=fit,
        file=file,
        span=places.of(spec),
    )
    if has_errors(resolver.diagnostics):
        raise SpeccError(resolver.diagnostics, (program, []))
    with where_sure:
        resolver.diagnostics += note_masks(program, places)
    return program, resolver.diagnostics


def _identifier(spec: Spec) -> Identifier:
    return Identifier(spec.name) if is_identifier(spec.name) else UNSURE


def _class_name(spec: Spec) -> ClassName:
    return ClassName(spec.name) if is_identifier(_camel_case(spec.name)) else UNSURE


def _camel_case(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _output(last: Node) -> Value:
    """Return a model's output."""
    activation_of(last.work.layer)  # an activation that is not known may be glu
    return last.output


def _defined(graph: Graph) -> set[str]:
    """Return the names of the classes that a program may define for its layers."""
    layers = [node.layer for node in graph.walk()]
    return {type(layer).__name__ for layer in layers if layer.defines_class}


def _learning(graph: Graph) -> set[Node]:
    """Return the nodes whose weights a gradient of an output reaches."""
    reached: set[Node] = set()
    values = list(graph.outputs)
    while values:
        node = graph.producer(values.pop())
        if node is not None and node not in reached and not node.work.layer.cuts_gradient:
            reached.add(node)
            values += node.inputs
    return reached


_LONGEST_NAME = 200  # a file's name has room for 255 on every system, with what build adds


# Ranks of the inputs that any layer takes, without the batch axis.
_RANKS = range(1, 6)


def _agreed(give: Callable[[Shape], tuple[T, ...]], shape: Shape) -> tuple[T, ...]:
    """Return what a layer gives for each input that an unsure shape may stand for.

    UNSURE where that is not the same for all: `flatten` gives a vector whatever it takes.
    """
    shapes = [(UNKNOWN,) * rank for rank in _RANKS]
    if not hidden(shape):
        shapes = [tuple(UNKNOWN if size is UNSURE else size for size in shape)]
    found = set()
    for possible in shapes:
        try:
            found.add(give(possible))
        except ShapeError:
            continue  # it cannot be this one
        except (UnknownSizeError, UnsureError):
            return UNSURE
    if len(found) != 1:
        return UNSURE
    return tuple(UNSURE if size is UNKNOWN else size for size in found.pop())


def _hidden(name: str) -> Value:
    """Return what a layer gives that a mistake hides, or that does not fit.

    What is put before it to mend that may also end a mask.
    """
    return Value(name, UNSURE, UNSURE, UNSURE)


def _given(module: Module, value: Value, shape: Shape) -> Value:
    """Return the value of a shape that a module gives for one that it takes."""
    if hidden(shape):
        return _hidden(module.name)
    work = module.nested[0].work.layer if module.layer.applies else module.layer
    integers = sure(either, work.returns_integers, value.integers)
    return Value(module.name, shape, integers, _mask(module, value, shape))


def _mask(module: Module, value: Value, shape: Shape) -> Value | None:
    """Return the mask that travels with what a module gives: its own, or that of what it takes."""
    gives = either(module.layer.gives_mask, value.masked)
    if hidden(gives):
        return UNSURE
    if gives and module.layer.gives_mask(False):
        return Value(f"{module.name}_mask", shape[:-1])
    return value.mask if gives else None


class _Resolver:
    def __init__(self, spec: Spec, places: Places, reserved: Reserved) -> None:
        self.spec, self.places, self.reserved = spec, places, reserved
        self.diagnostics: list[Diagnostic] = []
        self.whole = "the input"  # what made the integers that a layer gets

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, hint))

    def check_name(self, graph: Graph) -> None:
        name, span = self.spec.name, self.places.of(self.spec, "name")
        if not is_identifier(name):
            self._refuse_name(name, span)
            return
        if len(name) > _LONGEST_NAME:
            message = f"expected a name of at most {_LONGEST_NAME} characters, found {len(name)}"
            self.error("E301", message, span)
            return
        class_name = _camel_case(name)
        defined = sure(_defined, graph)
        if (
            not is_identifier(class_name)
            or class_name in self.reserved.top
            or hasattr(builtins, class_name)
            or class_name in defined
        ):
            message = (
                f"the name {name!r} would make the class {class_name!r}, which Python programs need"
            )
            self.error("E303", message, span, "choose another name")

    def _refuse_name(self, name: str, span: Span) -> None:
        rule = "a name of ASCII letters, digits and underscores that starts with a letter"
        found = f"the Python keyword {name!r}" if iskeyword(name) else shortened(name)
        near = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
        hint = f"write {near!r}" if name.isascii() and is_identifier(near) else None
        self.error("E301", f"expected {rule}, found {found}", span, hint)

    def check_trainable(self, graph: Graph, fit: Fit) -> None:
        """Check that there is a weight to train; those of custom layers are not known."""
        known = not any(isinstance(node.layer, Custom) for node in graph.walk())
        variables = [v for module in graph.modules() for v in module.variables]
        if known and not any(v.trainable for v in variables):
            message = "expected a layer with weights to train, found none"
            hint = "add a dense or conv2d, or leave out the optimizer"
            if any(module.variables and not module.layer.trainable for module in graph.modules()):
                hint = "leave out trainable: false in one of them, or the optimizer"
            self.error("E508", message, fit.span, hint)
        learning = _learning(graph)
        cuts = [node for node in graph.nodes if node.work.layer.cuts_gradient]
        for node in graph.nodes:
            learns = node in learning or node in cuts
            if not learns and any(v.trainable for v in node.variables):
                cut = next(cut for cut in cuts if node in graph.before(cut))
                message = f"no gradient goes through {cut.name}, so {node.name} cannot be trained"
                self.error("E508", message, node.span, "set trainable: false")

    def check_thresholds(self, last: Node, fit: Fit) -> None:
        """Check thresholds that are not even, as Keras then does not clip outputs."""
        if final_activation(last) is not None:
            return
        for figure in fit.figures:
            edges = getattr(figure.metric, "edges", None)
            if edges is None or not edges() or getattr(figure.metric, "from_logits", False):
                continue
            message = f"{figure.metric.word} with thresholds expects outputs from 0 to 1"
            place = self.places.of(figure.written, "thresholds")
            self.error("E502", message, place, "end the model in a sigmoid or softmax")

    def names(self) -> list[str]:
        """Return the name of each layer: its own, or its type and a number where that repeats.

        The number is unsure where a mistake hides a layer that may be of the same type.
        """
        types = Counter(layer.word for layer in self.spec.layers if not hidden(layer))
        whole = types.total() == len(self.spec.layers)
        seen: Counter[str] = Counter()
        names = []
        for layer in self.spec.layers:
            given = sure(getattr, layer, "name", None)
            if given is None:
                seen[layer.word] += 1
                number = f"_{seen[layer.word]}" if types[layer.word] > 1 else ""
                given = layer.word + number if whole else UNSURE
            elif not hidden(layer):
                seen[layer.word] += 1
            names.append(given)
        return names

    def _check_names(self, names: list[str]) -> None:
        first: dict[str, int] = {}
        given = sure(lambda: self.spec.input.name)
        if not hidden(given) and given is not None and not is_identifier(given):
            self._refuse_name(given, self.places.of(self.spec.input, "name"))
        for number, (name, layer) in enumerate(zip(names, self.spec.layers, strict=True), 1):
            if hidden(name):
                continue
            span = self.places.of(layer, "name")
            if not is_identifier(name):
                self._refuse_name(name, span)
            elif name in self.reserved.layers:
                self.error("E303", self.reserved.layers[name], span, "choose another name")
            elif not hidden(given) and name == given:
                message = f"expected a name of its own, found {name!r}, the name of the input"
                self.error("E302", message, span)
            elif name in first:
                message = f"expected a name of its own, found {name!r}"
                if layer.name is None:
                    message = f"the name {name!r}, which this layer gets, is taken"
                hint = f"layer {first[name]} has it; choose another name for one of them"
                self.error("E302", message, span, hint)
            first.setdefault(name, number)

    def graph(self) -> Graph:
        """Return the layers with their values; what mistakes hide is unsure in them."""
        names = self.names()
        self._check_names(names)
        shape = sure(lambda: self.spec.input.shape)
        value = first = Value("input", shape, sure(lambda: self.spec.input.holds_integers()))
        nodes: list[Node] = []
        for name, layer in zip(names, self.spec.layers, strict=True):
            if hidden(layer):
                nodes.append(UNSURE)
                value = _hidden(UNSURE)
                continue
            # A name that is wrong or unsure shall not stop the checks of the layer.
            safe = name if sure(is_identifier, name) is True else layer.word
            node = self._node(safe, layer, value, (safe,))
            self.diagnostics += layer_notes(node, self.places)
            nodes.append(node)
            value = node.output
            if hidden(value.shape):
                continue
            with where_sure:
                self.diagnostics += check_mask(node, self.places)
            if value.integers is True and node.input.integers is False:
                self.whole = node.name
        return Graph((first,), tuple(nodes), (value,))

    def _refuse_integers(self, layer: Layer) -> None:
        message = f"{layer.word} expects floating-point numbers, found the integers of {self.whole}"
        hint = "put an embedding or category_encoding before it"
        if self.whole == "the input":
            hint = "set input dtype: float32, or put an embedding before it"
        self.error("E402", message, self.places.of(layer), hint)

    def _node(self, name: str, layer: Layer, value: Value, owner: tuple[str, ...]) -> Node:
        """Return a layer with the layers within it; what does not fit is told and unsure.

        Args:
            value: What it takes.
            owner: Where Keras has the layer, as `Variable.owner`.
        """
        nested = self._nested(name, layer, value, owner)
        told = len(self.diagnostics)
        if value.integers is True and not layer.takes_integers:
            self._refuse_integers(layer)
            value = replace(value, shape=UNSURE)  # an embedding before it would give another one
        fits = not hidden(nested) and all(not hidden(n.output_shape) for n in nested)
        output = self._output(layer, value.shape) if fits else UNSURE
        own = self._own(layer, value.shape, owner) if not hidden(output) else UNSURE
        span = self.places.of(layer)
        module = Module(
            name=Identifier(name),
            layer=layer,
            variables=sure(lambda: (*own, *(v for inner in nested for v in inner.variables))),
            span=span,
            nested=nested,
            inside=len(owner) > 1,
        )
        given = _given(module, value, output if len(self.diagnostics) == told else UNSURE)
        node = Node(module, (value,), (given,), span)
        self.diagnostics += check_weights(node, own, self.places)
        return node

    def _output(self, layer: Layer, shape: Shape) -> Shape:
        inferred = self._fitting(layer, layer, shape, layer.infer)
        try:
            activation: Activation | None = getattr(layer, "activation", None)
        except UnsureError:
            return inferred  # as of all but glu, which no layer can follow
        if hidden(inferred) or activation is None:
            return inferred
        return self._fitting(layer, activation, shape, layer.output)

    def _own(self, layer: Layer, shape: Shape, owner: tuple[str, ...]) -> tuple[Variable, ...]:
        """Return the weights of a layer without those of the layers within."""
        own = self._fitting(layer, layer, shape, lambda given: sure(layer.held, given))
        if hidden(own):
            return UNSURE
        unsized = next((v for v in own if any(size is UNKNOWN for size in v.shape)), None)
        if unsized is not None:
            why = f"its {unsized.name} has the shape {text(unsized.shape)}"
            self._refuse_unknown(layer, shape, why)
        return tuple(replace(v, owner=owner) for v in own)

    def _fitting(
        self, layer: Layer, at_work: Word, shape: Shape, give: Callable[[Shape], tuple[T, ...]]
    ) -> tuple[T, ...]:
        """Return what a layer gives for an input; UNSURE where that does not fit, and tell why.

        Arguments:
            at_work: The layer, or its activation.
        """
        try:
            return give(shape)
        except ShapeError as error:
            place = self.places.of(at_work, error.field)
            self.error("E401", error.message, place, self._meant_shape(layer) or error.hint)
        except UnknownSizeError as error:
            self._refuse_unknown(layer, shape, error.why)
        except UnsureError:
            return _agreed(give, shape)
        return UNSURE

    def _nested(
        self, name: str, layer: Layer, value: Value, owner: tuple[str, ...]
    ) -> tuple[Node, ...]:
        """Return the layers within a layer, UNSURE where what holds them does not fit."""
        found = self._fitting(layer, layer, value.shape, lambda given: sure(layer.nested, given))
        if hidden(found):
            return UNSURE
        nodes = []
        for inner in found:
            given = sure(getattr, inner.layer, "name")
            if not hidden(given) and given is not None and not is_identifier(given):
                self._refuse_name(given, self.places.of(inner.layer, "name"))
            label = f"{name}_{inner.label}" if inner.label else name
            place = *owner, *inner.owner
            taken = Value(value.name, inner.shape, value.integers)
            nodes.append(self._node(label, inner.layer, taken, place))
        return tuple(nodes)

    def _meant_shape(self, layer: Layer) -> str | None:
        """Return the hint where it is the input's shape that does not fit a layer, or None."""
        from specc.hints.shapes import shape_meant

        number = next((n for n, own in enumerate(self.spec.layers) if own is layer), None)
        with where_sure:
            if number is not None:
                return shape_meant(self.spec.input.shape, self.spec.layers, number)
        return None

    def _refuse_unknown(self, layer: Layer, shape: Shape, why: str | None) -> None:
        message = f"{layer.word} needs to know each size that it works on, found {text(shape)}"
        message += f": {why}" if why else ""
        from specc.hints.shapes import size_meant

        hint = None
        with where_sure:
            hint = size_meant(self.spec.input.shape, self.spec.layers)
        self.error("E408", message, self.places.of(layer), hint)
