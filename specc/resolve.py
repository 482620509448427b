"""A `Spec` to a `Program`: names, shapes, and the checks that need the whole model."""

from __future__ import annotations

import builtins
import re
from collections import Counter
from dataclasses import replace
from keyword import iskeyword

from specc.diagnostics import Diagnostic, Span, SpeccError, has_errors
from specc.expressions import ClassName, Identifier, is_identifier
from specc.fit import resolve_fit
from specc.layer_notes import layer_notes
from specc.masks import check_mask, note_masks
from specc.names import MODULE_NAMES, PROGRAM_NAMES
from specc.program import Fit, Node, Program
from specc.shapes import UNKNOWN, Shape, ShapeError, UnknownSizeError, text
from specc.source import shortened
from specc.spec.activations import Glu, Sigmoid, Softmax
from specc.spec.document import Spec
from specc.spec.layers.core import Custom
from specc.spec.variables import Variable
from specc.spec.word import Activation, Constraint, Layer, Loss, Regularizer, Word
from specc.validate import Places


def resolve(spec: Spec, places: Places, file: str) -> tuple[Program, list[Diagnostic]]:
    """Return the program of a spec and notes about it.

    Errors:
        SpeccError: with every mistake that was found.
    """
    resolver = _Resolver(spec, places)
    nodes = resolver.nodes()
    resolver.check_name(nodes)
    fit: Fit | None = None
    logits: Activation | None = None
    if nodes:
        logits = final_activation(nodes)
        last = nodes[-1]
        masked = last.layer.gives_mask(last.masked)
        fit, found = resolve_fit(spec, places, last.output_shape, masked)
        resolver.diagnostics += found
        if fit is not None:
            resolver.check_trainable(nodes, fit)
            resolver.check_figures(logits, fit)
    if has_errors(resolver.diagnostics):
        raise SpeccError(resolver.diagnostics)
    program = Program(
        name=Identifier(spec.name),
        class_name=ClassName(spec.name),
        description=spec.description,
        seed=spec.seed,
        exact=spec.fidelity == "exact",
        input=spec.input,
        nodes=nodes,
        logits=logits if fit is not None and _sees_logits(fit.loss) else None,
        fit=fit,
        file=file,
        span=places.of(spec),
    )
    return program, resolver.diagnostics + note_masks(program, places)


def activation_of(layer: Layer) -> Activation | None:
    """Return the activation function that a layer applies last, or None."""
    if layer.is_function:
        return layer.function()
    found: Activation | None = getattr(layer, "activation", None)
    return found if layer.activates else None


def final_activation(nodes: tuple[Node, ...]) -> Activation | None:
    """Return the softmax or sigmoid at the end of a model.

    Keras' crossentropies then take its input instead of its output (`_keras_logits` in
    keras.activations, measured on TensorFlow). A softmax layer counts too, but not one along
    several axes.
    """
    # TimeDistributed stacks its outputs, so that Keras finds no softmax behind them.
    if nodes[-1].layer.word == "time_distributed":
        return None
    activation = activation_of(nodes[-1].work.layer)
    return activation if isinstance(activation, (Softmax, Sigmoid)) else None


def _sees_logits(loss: Loss) -> bool:
    # The categorical focal one works on probabilities, and a sigmoid of its own hides from the
    # binary one where the output came from. So does the mask of ignore_class.
    if loss.word == "categorical_focal_crossentropy":
        return False
    if loss.word == "binary_focal_crossentropy" and getattr(loss, "from_logits", False):
        return False
    return "crossentropy" in loss.word and getattr(loss, "ignore_class", None) is None


_LONGEST_NAME = 200  # a file's name has room for 255 on every system, with what build adds


class _Resolver:
    def __init__(self, spec: Spec, places: Places) -> None:
        self.spec, self.places = spec, places
        self.diagnostics: list[Diagnostic] = []
        self.whole = "the input"  # what made the integers that a layer gets

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, hint))

    def check_name(self, nodes: tuple[Node, ...]) -> None:
        name, span = self.spec.name, self.places.of(self.spec, "name")
        if not is_identifier(name):
            self._refuse_name(name, span)
            return
        if len(name) > _LONGEST_NAME:
            message = f"expected a name of at most {_LONGEST_NAME} characters, found {len(name)}"
            self.error("E301", message, span)
            return
        class_name = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
        layers = [inner.layer for node in nodes for inner in node.walk()]
        defined = {type(layer).__name__ for layer in layers if layer.defines_class}
        if (
            not is_identifier(class_name)
            or class_name in PROGRAM_NAMES | defined
            or hasattr(builtins, class_name)
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

    def check_trainable(self, nodes: tuple[Node, ...], fit: Fit) -> None:
        """Check that there is a weight to train; those of custom layers are not known."""
        known = not any(isinstance(n.layer, Custom) for node in nodes for n in node.walk())
        if known and not any(v.trainable for node in nodes for v in node.variables):
            message = "expected a layer with weights to train, found none"
            hint = "add a dense or conv2d, or leave out the optimizer"
            if any(node.variables and not node.layer.trainable for node in nodes):
                hint = "leave out trainable: false in one of them, or the optimizer"
            self.error("E508", message, fit.span, hint)
        cuts = [n for n, node in enumerate(nodes) if node.work.layer.cuts_gradient]
        for node in nodes[: cuts[-1]] if cuts else ():
            if any(v.trainable for v in node.variables):
                cut = nodes[next(n for n in cuts if n > nodes.index(node))].name
                message = f"no gradient goes through {cut}, so {node.name} cannot be trained"
                self.error("E508", message, node.span, "set trainable: false")

    def check_figures(self, activation: Activation | None, fit: Fit) -> None:
        """Check crossentropies as metrics, which Keras computes from logits whatever the loss.

        Also thresholds that are not even, as Keras then does not clip outputs.
        """
        for figure in fit.figures:
            edges = getattr(figure.metric, "edges", None)
            logits = activation is None and not getattr(figure.metric, "from_logits", False)
            if edges is not None and edges() and logits:
                message = f"{figure.metric.word} with thresholds expects outputs from 0 to 1"
                place = self.places.of(figure.written, "thresholds")
                self.error("E502", message, place, "end the model in a sigmoid or softmax")
        if activation is None or _sees_logits(fit.loss):
            return
        for figure in fit.figures:
            word, place = figure.metric.word, self.places.of(figure.written)
            if "crossentropy" not in word:
                continue
            if word.startswith("binary") == isinstance(activation, Sigmoid):
                message = (
                    f"Keras computes {word} from the logits, the PyTorch program from "
                    "probabilities cut at 1e-7; they differ where outputs are saturated"
                )
                self.diagnostics.append(Diagnostic("N107", message, place, None, "note"))
            else:
                message = (
                    f"Keras computes {word} from the logits of the {activation.word} at the end, "
                    f"which a program trained on {fit.loss.word} does not have"
                )
                self.error("E502", message, place, "choose another metric")

    def names(self) -> list[str]:
        """Return the name of each layer: its own, or its type and a number where that repeats."""
        types = Counter(layer.word for layer in self.spec.layers)
        seen: Counter[str] = Counter()
        names = []
        for layer in self.spec.layers:
            seen[layer.word] += 1
            number = f"_{seen[layer.word]}" if types[layer.word] > 1 else ""
            names.append(layer.word + number if layer.name is None else layer.name)
        return names

    def _check_names(self, names: list[str]) -> None:
        first: dict[str, int] = {}
        given = self.spec.input.name
        if given is not None and not is_identifier(given):
            self._refuse_name(given, self.places.of(self.spec.input, "name"))
        for number, (name, layer) in enumerate(zip(names, self.spec.layers, strict=True), 1):
            span = self.places.of(layer, "name")
            if not is_identifier(name):
                self._refuse_name(name, span)
            elif name in MODULE_NAMES:
                message = f"a PyTorch module has an attribute {name!r} of its own"
                self.error("E303", message, span, "choose another name")
            elif name == given:
                message = f"expected a name of its own, found {name!r}, the name of the input"
                self.error("E302", message, span)
            elif name in first:
                message = f"expected a name of its own, found {name!r}"
                if layer.name is None:
                    message = f"the name {name!r}, which this layer gets, is taken"
                hint = f"layer {first[name]} has it; choose another name for one of them"
                self.error("E302", message, span, hint)
            first.setdefault(name, number)

    def nodes(self) -> tuple[Node, ...]:
        """Return the layers with their shapes; none where something does not fit."""
        names = self.names()
        self._check_names(names)
        shape, integers = self.spec.input.shape, self.spec.input.holds_integers()
        masked = False
        nodes: list[Node] = []
        for name, layer in zip(names, self.spec.layers, strict=True):
            source = nodes[-1].name if nodes else "input"
            node = self._node(name, layer, source, shape, integers, masked, (name,))
            if node is None or not is_identifier(name):
                return ()
            self._look_for_slips(node, layer is self.spec.layers[-1])
            self.diagnostics += check_mask(node, self.places)
            nodes.append(node)
            shape, computed = node.output_shape, node.work.layer
            if computed.returns_integers(integers) and not integers:
                self.whole = name
            integers = computed.returns_integers(integers)
            masked = layer.gives_mask(masked)
        return () if has_errors(self.diagnostics) else tuple(nodes)

    def _refuse_integers(self, layer: Layer) -> None:
        message = f"{layer.word} expects floating-point numbers, found the integers of {self.whole}"
        hint = "put an embedding or category_encoding before it"
        if self.whole == "the input":
            hint = "set input dtype: float32, or put an embedding before it"
        self.error("E402", message, self.places.of(layer), hint)

    def _node(
        self,
        name: str,
        layer: Layer,
        source: str,
        shape: Shape,
        integers: bool,
        masked: bool,
        owner: tuple[str, ...],
    ) -> Node | None:
        """Return a layer with the layers within it, or None where something does not fit.

        Arguments:
            owner: Where Keras has the layer, as `Variable.owner`.
        """
        span = self.places.of(layer)
        nested = self._nested(name, layer, source, shape, integers, owner)
        if nested is None:
            return None
        if integers and not layer.takes_integers:
            self._refuse_integers(layer)
            return None
        at_work: Word = layer
        try:
            output = layer.infer(shape)
            activation: Activation | None = getattr(layer, "activation", None)
            if activation is not None:
                at_work = activation
                output = layer.output(shape)
            own = tuple(replace(v, owner=owner) for v in layer.weights(shape))
        except ShapeError as error:
            place = self.places.of(at_work, error.field)
            self.error("E401", error.message, place, self._meant_shape(layer) or error.hint)
            return None
        except UnknownSizeError as error:
            self._refuse_unknown(layer, shape, error.why)
            return None
        unsized = next((v for v in own if UNKNOWN in v.shape), None)
        if unsized is not None:
            why = f"its {unsized.name} has the shape {text(unsized.shape)}"
            self._refuse_unknown(layer, shape, why)
            return None
        if not is_identifier(name):
            return None
        node = Node(
            name=Identifier(name),
            layer=layer,
            inputs=(source,),
            input_shape=shape,
            output_shape=output,
            integers=integers,
            masked=masked,
            variables=(*own, *(v for inner in nested for v in inner.variables)),
            span=span,
            nested=nested,
            inside=len(owner) > 1,
        )
        self._check_weights(node, own)
        return node

    def _nested(
        self,
        name: str,
        layer: Layer,
        source: str,
        shape: Shape,
        integers: bool,
        owner: tuple[str, ...],
    ) -> tuple[Node, ...] | None:
        """Return the layers within a layer, or None where one does not fit."""
        try:
            found = layer.nested(shape)
        except ShapeError as error:
            place = self.places.of(layer, error.field)
            self.error("E401", error.message, place, error.hint)
            return None
        except UnknownSizeError as error:
            self._refuse_unknown(layer, shape, error.why)
            return None
        nodes = []
        for inner in found:
            given = inner.layer.name
            if given is not None and not is_identifier(given):
                self._refuse_name(given, self.places.of(inner.layer, "name"))
            label = f"{name}_{inner.label}" if inner.label else name
            nodes.append(
                self._node(
                    label, inner.layer, source, inner.shape, integers, False, (*owner, *inner.owner)
                )
            )
        return tuple(n for n in nodes if n is not None) if None not in nodes else None

    def _meant_shape(self, layer: Layer) -> str | None:
        """Return the hint where it is the input's shape that does not fit a layer, or None."""
        from specc.hints.shapes import shape_meant

        number = next((n for n, own in enumerate(self.spec.layers) if own is layer), None)
        shape = self.spec.input.shape
        return None if number is None else shape_meant(shape, self.spec.layers, number)

    def _refuse_unknown(self, layer: Layer, shape: Shape, why: str | None) -> None:
        message = f"{layer.word} needs to know each size that it works on, found {text(shape)}"
        message += f": {why}" if why else ""
        from specc.hints.shapes import size_meant

        hint = size_meant(self.spec.input.shape, self.spec.layers)
        self.error("E408", message, self.places.of(layer), hint)

    def _check_weights(self, node: Node, variables: tuple[Variable, ...]) -> None:
        known = node.layer.word != "custom"
        if known and not (node.layer.trainable or variables or node.nested):
            message = f"trainable: false changes nothing in {node.layer.word}, which has no weights"
            place = self.places.of(node.layer, "trainable")
            self.diagnostics.append(Diagnostic("N103", message, place, None, "note"))
        for variable in variables:
            self._check_initializer(node, variable)
            if variable.regularizer is not None:
                self._check_regularizer(node, variable.regularizer, variable.shape, variable.name)
                self._note_frozen(node, f"{variable.stem}_regularizer")
            if variable.constraint is not None:
                self._check_constraint(variable.constraint, variable)
                self._note_frozen(node, f"{variable.stem}_constraint")
        activity: Regularizer | None = getattr(node.layer, "activity_regularizer", None)
        if activity is not None:
            self._check_regularizer(node, activity, (2, *node.output_shape), "output")

    def _note_frozen(self, node: Node, field: str) -> None:
        if not node.layer.trainable:
            message = f"{field} changes nothing with trainable: false; Keras leaves it out"
            place = self.places.of(node.layer, field)
            self.diagnostics.append(Diagnostic("N103", message, place, None, "note"))

    def _check_initializer(self, node: Node, variable: Variable) -> None:
        initializer, rank = variable.initializer, len(variable.shape)
        field = f"{variable.stem}_initializer"
        if not initializer.minimum_rank <= rank <= initializer.maximum_rank:
            message = (
                f"{initializer.word} expects a matrix, found {variable.name} of shape "
                f"{text(variable.shape)}"
            )
            self.error("E403", message, self.places.of(node.layer, field))
        whole = node.layer.word == "einsum_dense" and rank > 2
        if initializer.word == "orthogonal" and whole:
            message = (
                f"orthogonal expects a matrix, found the kernel of shape {text(variable.shape)}, "
                "of which PyTorch makes another matrix than Keras"
            )
            self.error("E403", message, self.places.of(node.layer, field))
        if variable.stem == "depthwise" and initializer.word == "orthogonal":
            message = (
                "orthogonal expects a kernel that mixes channels, found the depthwise kernel of "
                f"shape {text(variable.shape)}, which PyTorch holds as another matrix"
            )
            self.error("E403", message, self.places.of(node.layer, field))
        self._check_gates(node, variable, field)
        for name in ("input_axes", "output_axes"):
            axes = getattr(initializer, name, None) or ()
            if any(not -rank <= axis < rank for axis in axes):
                message = (
                    f"expected axes of {variable.name}, whose shape is {text(variable.shape)}, "
                    f"found {text(axes)}"
                )
                self.error("E403", message, self.places.of(initializer, name))

    def _check_gates(self, node: Node, variable: Variable, field: str) -> None:
        """Check the initializers of a GRU, whose gates and biases PyTorch holds otherwise."""
        word, message = variable.initializer.word, None
        if variable.name == "bias" and len(variable.shape) == 2:
            if variable.initializer.minimum_rank == 2:
                message = f"{word} expects a kernel, found the bias, whose rows PyTorch holds apart"
        elif word == "identity" and node.layer.word in ("gru", "gru_cell"):
            message = "a gru cannot begin with the identity, as PyTorch has other gates first"
        if message is not None:
            self.error("E403", message, self.places.of(node.layer, field))

    def _check_regularizer(
        self, node: Node, regularizer: Regularizer, shape: Shape, what: str
    ) -> None:
        mode = getattr(regularizer, "mode", None)  # that of an orthogonal_regularizer
        if mode is not None:
            vectors = shape[0] if mode == "rows" else shape[-1]
            if len(shape) == 2 and what == "bias":
                what = "the bias, whose rows PyTorch holds apart,"
            if len(shape) != 2 or vectors < 2 or what.startswith("the bias"):
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

    def _look_for_slips(self, node: Node, last: bool) -> None:
        told = any(d.code == "N102" for d in self.diagnostics)
        activation = activation_of(node.work.layer)
        self.diagnostics += layer_notes(node, activation, self.spec, self.places, last, told)
        node = node.work
        span = node.span
        if isinstance(activation_of(node.layer), Glu) and not last:
            message = (
                "glu halves its axis, but Keras takes its output to be as wide as its input, so no "
                "layer can follow it"
            )
            self.error("E405", message, span, "put a custom layer in its place")
        if node.layer.word == "batch_normalization" and len(node.input_shape) > 4:
            message = (
                "batch_normalization expects at most 4 axes, as PyTorch's modules do, "
                f"found {text(node.input_shape)}"
            )
            self.error("E401", message, span, "put a reshape before and after it")
