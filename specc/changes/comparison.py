"""Two versions of one spec, compared: everything that a report tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

from specc.changes.arguments import Argument, Effect, changed_arguments, effect_of_layer
from specc.changes.files import File, files
from specc.changes.matching import Pair, match
from specc.changes.training import Setting, fits_into, interface, penalties, training
from specc.changes.weights import Weight, fates
from specc.costs import Cost, cost
from specc.diagnostics import Diagnostic, Source, SpeccError
from specc.pipeline import compile_source, front
from specc.program import Node, Program
from specc.targets import TARGETS, View, lower


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer before and after.

    Attributes:
        pair: The layer in both models.
        kind: "same", "changed", "added", "removed" or "replaced" by a layer of another word.
        arguments: Those that differ.
        effect: How far its change reaches, its weights aside.
        weights: What becomes of its weights.
        behind: Whether its inputs are other than those that its weights were trained on.
    """

    pair: Pair
    kind: str
    arguments: tuple[Argument, ...]
    effect: Effect
    weights: tuple[Weight, ...]
    behind: bool = False

    @property
    def name(self) -> str:
        """The layer's name, the new one where there is one."""
        node = self.pair.new or self.pair.old
        assert node is not None
        return str(node.name)

    @property
    def renamed(self) -> bool:
        """Whether it has another name than before."""
        old, new = self.pair.old, self.pair.new
        return old is not None and new is not None and old.name != new.name

    @property
    def masked(self) -> bool | None:
        """Whether a mask comes with its input now, None where that is as before or unused."""
        old, new = self.pair.old, self.pair.new
        if old is None or new is None or old.masked == new.masked or not new.layer.uses_mask():
            return None
        return new.masked

    @property
    def computes_otherwise(self) -> bool:
        """Whether it has all its weights, but computes something else with them."""
        return bool(self.kept) and not self.anew and self.effect is Effect.FUNCTION

    @property
    def sees_other_inputs(self) -> bool:
        """Whether it computes as before, with all its weights, but on other inputs."""
        complete = bool(self.kept) and not self.anew
        return self.behind and complete and self.effect is not Effect.FUNCTION

    @property
    def anew(self) -> tuple[Weight, ...]:
        """The weights that must be trained anew."""
        return tuple(w for w in self.weights if w.fate == "anew")

    @property
    def kept(self) -> tuple[Weight, ...]:
        """The weights that carry over."""
        return tuple(w for w in self.weights if w.fate == "kept")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a change of a spec means.

    Attributes:
        old: The model before.
        new: The model after.
        layers: All layers of both, in the order of the new model.
        costs: Those of the whole models before and after.
        interface: What others who use the programs must know.
        training: The changed settings of training.
        files: What becomes of files of trained weights, where that is known.
        description: Whether the description changed, which no program computes with.
        appeared: Notes that are new.
        vanished: Notes that are gone.
    """

    old: Program
    new: Program
    layers: tuple[Layer, ...]
    costs: tuple[Cost, Cost]
    interface: tuple[Setting, ...]
    training: tuple[Setting, ...]
    files: tuple[File, ...]
    description: bool
    appeared: tuple[Diagnostic, ...]
    vanished: tuple[Diagnostic, ...]

    @property
    def changed(self) -> tuple[Layer, ...]:
        """The layers of which there is something to tell."""
        return tuple(layer for layer in self.layers if is_told(layer))

    @property
    def meaningful(self) -> bool:
        """Whether the change is one of the model or its training, not only of the text."""
        return bool(self.changed or self.interface or self.training)

    @property
    def effect(self) -> Effect:
        """How far the changes of layers reach, weights aside."""
        return max((layer.effect for layer in self.layers), default=Effect.NOTHING)

    def label(self, layer: Layer) -> str:
        """Return how a report calls a layer, a removed one otherwise than one that is there."""
        return layer.name if layer.pair.new is not None else self.old_label(layer)

    def old_label(self, layer: Layer) -> str:
        """Return how a report calls what a layer was before."""
        name = layer.name if layer.pair.old is None else str(layer.pair.old.name)
        taken = any(node.name == name for node in self.new.nodes)
        itself = layer.pair.new is not None and layer.pair.new.name == name
        return f"{name} of before" if taken and not itself else name

    @property
    def weights(self) -> tuple[Weight, ...]:
        """What becomes of all weights."""
        return tuple(weight for layer in self.layers for weight in layer.weights)


def is_told(layer: Layer) -> bool:
    """Tell whether a report names a layer: not one that has only shapes or a number anew."""
    named = layer.renamed and (bool(layer.weights) or _is_named(layer))
    changed = layer.kind != "same" or layer.pair.moved or layer.masked is not None
    return changed or named or len(layer.kept) < len(layer.weights)


def _is_named(layer: Layer) -> bool:
    nodes = layer.pair.old, layer.pair.new
    return any(node is not None and node.layer.name is not None for node in nodes)


def compare(old: Source, new: Source) -> Comparison:
    """Compare two versions of a spec.

    Errors:
        SpeccError: one of them has mistakes.
    """
    (before, told), (after, telling) = front(old), front(new)
    views = [{name: lower(program, name) for name in TARGETS} for program in (before, after)]
    notes = [
        [*found, *(note for view in held.values() for note in view.notes)]
        for found, held in zip((told, telling), views, strict=True)
    ]
    pairs = match(before.nodes, after.nodes)
    layers = _layers(before, after, pairs)
    torch = [held["torch"] for held in views]
    weights = [weight for layer in layers for weight in layer.weights]
    return Comparison(
        old=before,
        new=after,
        layers=layers,
        costs=(total(before), total(after)),
        interface=tuple(interface(before, after)),
        training=_training(before, after, torch),
        files=files(weights, pairs, (before, after), (torch[0].weights, torch[1].weights)),
        description=before.description != after.description,
        appeared=_without(notes[1], notes[0]),
        vanished=_without(notes[0], notes[1]),
    )


def _training(old: Program, new: Program, views: Sequence[View]) -> tuple[Setting, ...]:
    return (*training(old, new), *penalties(views[0].context, views[1].context))


def _layers(old: Program, new: Program, pairs: Sequence[Pair]) -> tuple[Layer, ...]:
    weights = fates(old, new, pairs)
    inputs = _Inputs(old, new)
    found = []
    for pair, held in zip(pairs, weights, strict=True):
        layer = Layer(pair, *_change(pair), tuple(held), behind=inputs.are_other(pair))
        inputs.go_behind(layer)
        found.append(layer)
    return tuple(found)


class _Inputs:
    """Whether a layer gets what it got before, told layer by layer in the order of the new model.

    Layers that act in training alone do not count, as trained weights were evaluated without them.
    """

    def __init__(self, old: Program, new: Program) -> None:
        self.before: dict[str, Node | None] = {}
        last: Node | None = None
        for node in old.nodes:
            self.before[node.name] = last
            last = node if _counts(node) else last
        self.last: Node | None = None  # which layer before is that which the next one stands behind
        before, after = old.input, new.input
        fits = fits_into(before.shape, after.shape) or fits_into(after.shape, before.shape)
        self.other = not fits or before.dtype != after.dtype

    def are_other(self, pair: Pair) -> bool:
        """Tell whether a layer gets something else than before."""
        if pair.old is None or pair.new is None:
            return False
        return self.other or self.last is not self.before[pair.old.name]

    def go_behind(self, layer: Layer) -> None:
        """Note what a layer gives those behind it."""
        old, new = layer.pair.old, layer.pair.new
        if new is None or not _counts(new):
            return
        changes = old is None or layer.effect is Effect.FUNCTION or bool(layer.anew)
        self.other = self.other or changes or layer.behind
        self.last = old


def _counts(node: Node) -> bool:
    return effect_of_layer(node.layer) is Effect.FUNCTION


def _change(pair: Pair) -> tuple[str, tuple[Argument, ...], Effect]:
    """Return the kind of a change, the arguments that differ, and how far it reaches."""
    old, new = pair.old, pair.new
    if old is None or new is None:
        node = new or old
        assert node is not None
        return ("added" if old is None else "removed"), (), effect_of_layer(node.layer)
    if type(old.layer) is not type(new.layer):
        return "replaced", (), max(effect_of_layer(old.layer), effect_of_layer(new.layer))
    arguments = tuple(changed_arguments(old.layer, new.layer))
    found = [argument.effect for argument in arguments]
    found += [effect_of_layer(new.layer)] if pair.moved else []
    return ("changed" if arguments else "same"), arguments, max(found, default=Effect.NOTHING)


def total(program: Program) -> Cost:
    """Return what a whole model costs; None where a layer's is not known."""
    found = [cost(node) for node in program.nodes]
    return Cost(
        sum(c.parameters for c in found),
        sum(c.trainable for c in found),
        _sum([c.multiply_adds for c in found]),
        _sum([c.activations for c in found]),
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _without(notes: Sequence[Diagnostic], others: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the notes that are not among the others, wherever they stand, each once."""
    left = Counter((note.code, note.message) for note in others)
    found: dict[tuple[str, str], Diagnostic] = {}
    for note in notes:
        if (note.code, note.message) not in left:
            found.setdefault((note.code, note.message), note)
    return tuple(found.values())


def code_changes(old: Source | None, new: Source | None) -> dict[str, list[str]]:
    """Return a unified diff for each program whose code changes, the header left out.

    A spec that is not there, or that has mistakes, has empty programs.
    """
    before, after = _programs(old), _programs(new)
    found = {}
    for target in TARGETS:
        (a, name), (b, now) = before.get(target, ([], "")), after.get(target, ([], ""))
        lines = list(unified_diff(a, b, name or "/dev/null", now or "/dev/null", lineterm=""))
        if lines:
            found[target] = lines
    return found


_HEADER = 2  # lines that name the file and the digest


def _programs(source: Source | None) -> dict[str, tuple[list[str], str]]:
    if source is None:
        return {}
    found = {}
    for target in TARGETS:
        for name, text in compile_source(source, target).files.items():
            found[target] = (text.splitlines()[_HEADER:], name)
    return found


def errors_of(source: Source) -> tuple[Diagnostic, ...]:
    """Return the mistakes of a spec, none where it compiles."""
    try:
        front(source)
    except SpeccError as error:
        return tuple(d for d in error.diagnostics if d.severity == "error")
    return ()
