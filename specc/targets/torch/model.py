"""The `nn.Module` of a program: its layers lowered one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, count

from specc.diagnostics import Diagnostic
from specc.expressions import LINE_LENGTH, Call, Code, Expression, call, quoted, statement
from specc.program import Node, Program, Value, activation_of
from specc.spec.activations import Softmax
from specc.spec.spatial import Spatial
from specc.targets.torch.activations import AT_ZERO, activate
from specc.targets.torch.ends import Ends, model_end
from specc.targets.torch.initializers import Draw, draws_of
from specc.targets.torch.layers import lowering
from specc.targets.torch.layout import (
    KERAS,
    Layout,
    Output,
    faced,
    is_of_steps,
    keeps_order,
    moves,
    outside,
    wanted,
    within,
)
from specc.targets.torch.lowered import At, Lowered, Step, X
from specc.targets.torch.masks import mask_of
from specc.targets.torch.penalties import Penalty, output_penalties
from specc.targets.torch.weights import Weight, is_declared
from specc.targets.view import Constants

_BODY = 8
_NARROW = ("uint8", "int8", "int16", "bool")
_LAYER = re.compile(r"(?<![\w.\"])layer\b")  # what a draw calls the layer


@dataclass
class Model:
    """What the class of a program holds, as ready lines."""

    modules: list[str] = field(default_factory=list)
    draws: list[str] = field(default_factory=list)
    forward: list[str] = field(default_factory=list)
    weights: list[Weight] = field(default_factory=list)
    inferring: list[str] = field(default_factory=list)
    frozen: list[str] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    activity: list[Penalty] = field(default_factory=list)
    helpers: set[str] = field(default_factory=set)
    notes: list[Diagnostic] = field(default_factory=list)
    noted: dict[Diagnostic, tuple[str, ...]] = field(default_factory=dict)
    no_grad: bool = False
    layout: Layout = KERAS
    convolves: bool = False

    def note(self, note: Diagnostic, layers: Iterable[str] = ()) -> None:
        """Add a note, with the names of the layers of which it tells."""
        self.notes.append(note)
        self.noted[note] = tuple(dict.fromkeys(layers))


def lower_model(program: Program, custom: dict[str, Code], constants: Constants) -> Model:
    """Return the lowered layers of a program."""
    builder = _Builder(program, custom, constants)
    for node in program.graph.nodes:
        builder.add(node)
    builder.finish()
    return builder.model


def for_each(layers: list[str], method: str) -> list[str]:
    """Return the statements that call a method of one or several layers."""
    if len(layers) < 2:
        return [f"{layer}.{method}" for layer in layers]
    several = call("", *map(Code, layers))
    return [statement("for layer in ", several, _BODY, ":"), f"    layer.{method}"]


class _Builder:
    def __init__(self, program: Program, custom: dict[str, Code], constants: Constants) -> None:
        self.program, self.custom, self.constants = program, custom, constants
        self.model = Model()
        self.now = outside(program, program.input.shape)
        self._steps: list[Step] = []
        self._trained: set[Value] = set()  # what weights that are trained have made
        self._told: set[str] = set()
        self._noted: dict[tuple[str, str], list[Node]] = {}
        # By what is drawn of each: layers, or with True lists of modules.
        self._drawn: dict[tuple[bool, tuple[Draw, ...]], list[Node]] = {}
        self._classes: dict[str, str] = {}

    def add(self, node: Node) -> None:
        graph = self.program.graph
        goal = wanted(node, self.now, graph.chain(node))
        self._permute(goal, len(node.input_shape))
        mask = mask_of(self.program, node)
        name = None if mask is None else mask.name
        plain = replace(goal, steps=())
        keeps = keeps_order(faced(node, goal), plain, within(graph.chain(node), goal))
        behind = any(value in self._trained for value in node.inputs)
        if self.program.fit is not None and (behind or any(v.trainable for v in node.variables)):
            self._trained.update(node.outputs)
        narrow = self.program.input.dtype in _NARROW
        at = At(goal, keeps, self.program.exact, self.custom, name, behind, narrow)
        plain_node = node if node.nested or is_of_steps(node) else faced(node, goal)
        lowered = lowering(node.layer)(plain_node, at)
        if mask is not None and lowered.mask is not None:
            comment = "what counts in the loss" if "self" in mask.target else None
            self._steps.append(Step(lowered.mask, comment, mask.target))
        logits = self.program.logits(node.output) is not None
        if logits and node.layer.is_function:
            lowered = Lowered(())
        self._take(node, lowered)
        if getattr(activation_of(node.work.layer), "word", None) in ("selu", "celu"):
            self._noted.setdefault((AT_ZERO.code, AT_ZERO.message), []).append(node)
        self.now = lowered.layout or goal
        if not is_of_steps(node):
            self.now = replace(self.now, steps=goal.steps)
        self._activate(node, logits)
        self.model.outputs.append(Output(node.name, len(self._steps), self.now))
        self._penalise(node, logits)

    def _permute(self, goal: Layout, rank: int) -> None:
        self._steps += [Step(*move) for move in moves(self.now, goal, rank)]
        same = self.now.steps == goal.steps and rank - len(goal.steps) == 1
        self.now = replace(goal, flat=self.now.flat if same else None)

    def _take(self, node: Node, lowered: Lowered) -> None:
        model = self.model
        told = [n.comment for n in lowered.notes if n.comment and n.code not in self._told]
        model.modules += [f"# {comment}" for comment in told]
        for module in lowered.modules:
            model.modules.append(statement(f"self.{module.name} = ", module.value, _BODY))
        model.modules += lowered.after
        self._freeze(node, lowered)
        for note in lowered.notes:
            self._noted.setdefault((note.code, note.message), []).append(node)
            self._told.add(note.code)
        classes = {m.name: getattr(m.value, "function", "") for m in lowered.modules}
        weights = tuple(
            replace(w, declared=is_declared(classes.get(w.layer, ""), w.attribute))
            for w in lowered.weights
        )
        model.weights += weights
        model.helpers.update(lowered.helpers)
        work = node.work.layer
        if node.layer.word != "time_distributed":
            model.convolves |= isinstance(work, Spatial) and work.mixes_images()
        comments = [lowered.comment, *[None] * len(lowered.steps)]
        for step, comment in zip(lowered.steps, comments, strict=False):
            self._steps.append(step if isinstance(step, Step) else Step(step, comment))
        self._draw(node, weights, classes)

    def _freeze(self, node: Node, lowered: Lowered) -> None:
        """Remember which modules are not trained, and which work as in inference alone."""
        if lowered.infers:
            self.model.inferring.append(f"self.{node.name}")
        work = node.work
        learns = any(v.trainable for v in work.layer.variables(work.input_shape))
        still = not work.layer.trainable and (learns or work.layer.word == "custom")
        within = [v for inner in work.nested for v in inner.variables]
        if still or (within and not any(v.trainable for v in within)):
            self.model.frozen += [f"self.{module.name}" for module in lowered.modules]

    def _activate(self, node: Node, logits: bool) -> None:
        activation = activation_of(node.work.layer)
        is_layer = node.work.layer.is_function
        if activation is None or is_layer or logits:
            return
        steps, helpers = activate(
            activation, self.now, len(node.output_shape) - len(self.now.steps)
        )
        self.model.helpers.update(helpers)
        for step in steps:
            self._wrap(step)

    def _wrap(self, step: Expression) -> None:
        """Put a function of `x` around the last step where it takes `x` once, as its argument."""
        before = self._steps[-1] if self._steps else Step(X)
        plain = before.target == "x" and isinstance(before.value, Call)
        if plain and isinstance(step, Call) and step.args[:1] == (X,):
            wrapped = replace(step, args=(before.value, *step.args[1:]))
            self._steps[-1] = replace(before, value=wrapped)
        else:
            self._steps.append(Step(step))

    def _penalise(self, node: Node, logits: bool) -> None:
        if self.program.fit is None:
            return
        tensor = X
        if logits:
            tensor = Code(self.end().probabilities().replace("logits", "x"))
        found = output_penalties(node, self.constants, tensor)
        if found and self.now.steps:
            # Keras divides by the number of sequences, not of steps.
            self._permute(KERAS, len(node.output_shape))
        for penalty in found:
            name = "self.activity_penalty"
            before = f"{name} + " if self.model.activity else ""
            value = Code(f"{before}{penalty.term()} / len(x)")
            self._steps.append(Step(value, target=name))
            self.model.activity.append(penalty)
            if penalty.what == "ORTHOGONAL":
                self.model.helpers.add("mean_cosine")

    def end(self) -> Ends:
        """Return how the model ends, the layout being the one of now."""
        return model_end(self.program, self.now)

    def _draw(self, node: Node, weights: tuple[Weight, ...], classes: Mapping[str, str]) -> None:
        draws = tuple(d for w in weights for d in draws_of(w, Code(f"layer{w.access}")))
        self.model.no_grad |= any(d.no_grad for d in draws)
        for found in draws:
            self.model.helpers.update(found.helpers)
        of_each = _of_each_module(weights)
        if draws:
            self._drawn.setdefault((bool(of_each), of_each or draws), []).append(node)
            self._classes |= classes

    def _draw_lines(self) -> list[str]:
        lines: list[str] = []
        known: dict[str, frozenset[str]] = {}
        for (listed, draws), nodes in self._drawn.items():
            found = [Code(f"self.{node.name}") for node in nodes]
            if len(nodes) == 1 and not listed:
                lines += [_drawn(d, found[0], _BODY) for d in draws]
                continue
            classes = frozenset() if listed else {self._classes[node.name] for node in nodes}
            name = _loop_name(known, nodes[0], frozenset(classes))
            for layers in found if listed else [call("", *found)]:
                lines.append(statement(f"for {name} in ", layers, _BODY, ":"))
                lines += ["    " + _drawn(d, name, _BODY + 4) for d in draws]
        return lines

    def _add_notes(self) -> None:
        """Add one note for each difference, at the first layer that has it."""
        for (code, message), nodes in self._noted.items():
            names = ", ".join(node.name for node in nodes[:3])
            more = f" and {len(nodes) - 3} more" if len(nodes) > 3 else ""
            text = f"{names}{more}: {message}"
            note = Diagnostic(code, text, nodes[0].span, None, "note", message)
            self.model.note(note, [node.name for node in nodes])

    def finish(self) -> None:
        model, rank = self.model, len(self.program.graph.output.shape)
        self._add_notes()
        goal = outside(self.program, self.program.graph.output.shape)
        self._permute(goal, rank)
        model.layout = self.now
        model.draws = self._draw_lines()
        steps = self._steps
        returned = bool(steps) and steps[-1].target == "x" and steps[-1].comment is None
        for step in steps[:-1] if returned else steps:
            model.forward += _lines(step)
        value = steps[-1].value if returned else X
        note = ""
        logits = self.program.logits(self.program.graph.output)
        if logits is not None:
            name = "softmax" if isinstance(logits, Softmax) else "sigmoid"
            note = f"  # logits: the {name} is part of the loss"
        line = statement("return ", value, _BODY)
        if note and "\n" not in line and _BODY + len(line + note) > LINE_LENGTH:
            model.forward.append(f"# Logits: the {name} is part of the loss.")
            note = ""
        model.forward.append(line + note)


def _loop_name(known: dict[str, frozenset[str]], node: Node, classes: frozenset[str]) -> str:
    """Return what a loop calls a layer: another name where it is of another type, for mypy."""
    word = node.layer.word
    names = chain(["layer", word], (f"{word}_{number}" for number in count(2)))
    return next(name for name in names if known.setdefault(name, classes) == classes)


def _lines(step: Step) -> list[str]:
    """Return a statement with its comment behind it, or above it where the line is full."""
    line = statement(f"{step.target} = ", step.value, _BODY)
    if step.comment is None:
        return [line]
    whole = f"{line}  # {step.comment}"
    return [whole] if _BODY + len(whole) <= LINE_LENGTH else [f"# {step.comment}", line]


def _of_each_module(weights: tuple[Weight, ...]) -> tuple[Draw, ...]:
    """Return what is drawn of each of a list of modules where that is the same, else nothing."""
    drawn: dict[str, tuple[Draw, ...]] = {}
    for weight in weights:
        index, _, rest = weight.attribute.partition(".")
        if not index.isdigit():
            return ()
        found = draws_of(weight, Code(f"layer.get_parameter({quoted(rest)})"))
        drawn[index] = (*drawn.get(index, ()), *found)
    each = set(drawn.values())
    return each.pop() if len(each) == 1 and len(drawn) > 1 else ()


def _drawn(found: Draw, layer: str, indent: int) -> str:
    value = replace(
        found.value,
        function=_LAYER.sub(layer, found.value.function),
        args=tuple(
            Code(_LAYER.sub(layer, a)) if isinstance(a, Code) else a for a in found.value.args
        ),
    )
    line = statement("", value, indent)
    if found.comment is None:
        return line
    whole = f"{line}  # {found.comment}"
    margin = " " * indent
    return whole if indent + len(whole) <= LINE_LENGTH else f"# {found.comment}\n{margin}{line}"
