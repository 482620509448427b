"""The `nn.Module` of a program: the statements of its layers, one after the other."""

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
from specc.targets.torch.ends import model_end
from specc.targets.torch.initializers import Draw, draws_of
from specc.targets.torch.layers import lowering
from specc.targets.torch.layout import KERAS, Layout, Output, faced, is_of_steps, moves, outside
from specc.targets.torch.lowered import At, Lowered, Step
from specc.targets.torch.passes import layouts, reaches_loss, variables
from specc.targets.torch.penalties import Penalty, output_penalties, penalises_output
from specc.targets.torch.weights import Weight, is_declared
from specc.targets.view import Constants

_BODY = 8
_PENALTY = Code("activity_penalty")
_NARROW = ("uint8", "int8", "int16", "bool")
_LAYER = re.compile(r"(?<![\w.\"])layer\b")  # what a draw calls the layer


@dataclass
class Model:
    """What the class of a program holds, as ready lines.

    Attributes:
        layout: How the output is held.
        beside: What `forward` returns beside the output.
    """

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
    beside: list[str] = field(default_factory=list)
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
        self.layouts, self.names = layouts(program), variables(program)
        self._steps: list[Step] = []
        self._trained: set[Value] = set()  # what weights that are trained have made
        self._told: set[str] = set()
        self._noted: dict[tuple[str, str], list[Node]] = {}
        # By what is drawn of each: layers, or with True lists of modules.
        self._drawn: dict[tuple[bool, tuple[Draw, ...]], list[Node]] = {}
        self._classes: dict[str, str] = {}

    def add(self, node: Node) -> None:
        """Add the statements of a layer, in the order in which they run."""
        at = self._place(node)
        seen = node if node.nested or is_of_steps(node) else faced(node, at.layout)
        lowered = lowering(node.layer)(seen, at)
        if at.made_mask is not None and lowered.mask is not None:
            in_loss = reaches_loss(self.program, node.made_mask)
            comment = "what counts in the loss" if in_loss else None
            self._steps.append(Step(lowered.mask, comment, at.made_mask))
        logits = self.program.logits(node.output) is not None
        if logits and node.layer.is_function:
            lowered = replace(lowered, steps=(), modules=(), helpers=(), notes=())
        self._take(node, lowered, at.y)
        if getattr(activation_of(node.work.layer), "word", None) in ("selu", "celu"):
            self._noted.setdefault((AT_ZERO.code, AT_ZERO.message), []).append(node)
        self._activate(node, at, logits)
        self.model.outputs.append(Output(node.name, at.y, len(self._steps), at.gives))
        self._penalise(node, at, logits)

    def _place(self, node: Node) -> At:
        """Return where a layer stands; what it takes is permuted first where it must be."""
        mask, made = node.input.mask, node.made_mask
        behind = any(value in self._trained for value in node.inputs)
        if self.program.fit is not None and (behind or any(v.trainable for v in node.variables)):
            self._trained.update(node.outputs)
        x, y = self.names[node.input], self.names[node.output]
        takes = self.layouts.takes[node]
        return At(
            x=self._permute(x, y, self.layouts.values[node.input], takes, len(node.input_shape)),
            y=y,
            layout=takes,
            gives=self.layouts.gives[node],
            exact=self.program.exact,
            custom=self.custom,
            mask=None if mask is None else self.names.get(mask),
            made_mask=None if made is None else self.names.get(made),
            behind_weights=behind,
            narrow=self.program.input.dtype in _NARROW,
        )

    def _permute(self, x: Code, y: Code, now: Layout, goal: Layout, rank: int) -> Code:
        """Add the statements that bring `x` into a layout; return what then holds it."""
        found = moves(x, y, now, goal, rank)
        self._steps += [Step(value, comment, y) for value, comment in found]
        return y if found else x

    def _take(self, node: Node, lowered: Lowered, y: Code) -> None:
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
            step = step if isinstance(step, Step) else Step(step, comment)
            self._steps.append(replace(step, target=step.target or y))
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

    def _activate(self, node: Node, at: At, logits: bool) -> None:
        """Add the activation: around the last statement where that takes it as an argument."""
        activation = activation_of(node.work.layer)
        if activation is None or node.work.layer.is_function or logits:
            return
        rank = len(node.output_shape) - len(at.gives.steps)
        value, helpers = activate(activation, at.y, at.gives, rank)
        self.model.helpers.update(helpers)
        if value is None:
            return
        before = self._steps[-1]
        wraps = isinstance(value, Call) and value.args[:1] == (at.y,)
        if wraps and before.target == at.y and isinstance(before.value, Call):
            assert isinstance(value, Call)
            wrapped = replace(value, args=(before.value, *value.args[1:]))
            self._steps[-1] = replace(before, value=wrapped)
        else:
            self._steps.append(Step(value, target=at.y))

    def _penalise(self, node: Node, at: At, logits: bool) -> None:
        """Add the penalties on an output."""
        if self.program.fit is None or not penalises_output(node):
            return
        held = self.layouts.values[node.output]
        self._permute(at.y, at.y, at.gives, held, len(node.output_shape))
        given = Code(model_end(self.program, held).probabilities(at.y)) if logits else at.y
        for penalty in output_penalties(node, self.constants, given):
            value = Code(f"{penalty.term()} / len({at.y})")
            self._steps.append(Step(value, target=_PENALTY, adds=bool(self.model.activity)))
            self.model.activity.append(penalty)
            if penalty.what == "ORTHOGONAL":
                self.model.helpers.add("mean_cosine")

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
        """Add the statement that returns, and what is known only at the end."""
        model, output = self.model, self.program.graph.output
        self._add_notes()
        model.layout = outside(self.program, output.shape)
        held, name = self.layouts.values[output], self.names[output]
        name = self._permute(name, name, held, model.layout, len(output.shape))
        model.draws = self._draw_lines()
        if output.mask is not None and reaches_loss(self.program, output.mask):
            model.beside.append(self.names[output.mask])
        if model.activity:
            model.beside.append(_PENALTY)
        steps = self._steps
        returned = bool(steps) and steps[-1].target == name and steps[-1].comment is None
        returned = returned and not model.beside
        for step in steps[:-1] if returned else steps:
            model.forward += _lines(step)
        value = steps[-1].value if returned else Code(", ".join([name, *model.beside]))
        model.forward += self._return_lines(value)

    def _return_lines(self, value: Expression) -> list[str]:
        """Return the statement that returns, with a comment where it returns logits."""
        line = statement("return ", value, _BODY)
        logits = self.program.logits(self.program.graph.output)
        if logits is None:
            return [line]
        name = "softmax" if isinstance(logits, Softmax) else "sigmoid"
        note = f"  # logits: the {name} is part of the loss"
        if "\n" not in line and _BODY + len(line + note) > LINE_LENGTH:
            return [f"# Logits: the {name} is part of the loss.", line]
        return [line + note]


def _loop_name(known: dict[str, frozenset[str]], node: Node, classes: frozenset[str]) -> str:
    """Return what a loop calls a layer: another name where it is of another type, for mypy."""
    word = node.layer.word
    names = chain(["layer", word], (f"{word}_{number}" for number in count(2)))
    return next(name for name in names if known.setdefault(name, classes) == classes)


def _lines(step: Step) -> list[str]:
    """Return a statement with its comment behind it, or above it where the line is full."""
    line = statement(f"{step.target} {'+=' if step.adds else '='} ", step.value, _BODY)
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
