"""Two versions of one spec, compared: everything that a report tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from specc.changes.arguments import Argument, Effect, changed_arguments, effect_of_layer
from specc.changes.files import File, files
from specc.changes.matching import Pair, match
from specc.changes.training import Setting, ends, fits_into, interface, penalties, training
from specc.changes.version import Version, version
from specc.changes.weights import Weight, fates
from specc.costs import Cost
from specc.diagnostics import Diagnostic, Source
from specc.program import Graph, Node, Program, Value


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer before and after.

    Attributes:
        pair: The layer in both models.
        kind: "same", "changed", "added", "removed" or "replaced" by a layer of another word.
        arguments: Those that differ.
        effect: How far its change reaches, its weights aside.
        weights: What becomes of its weights.
        taken: Whether another layer now has the name that it had.
        behind: Whether its inputs are other than those that its weights were trained on.
    """

    pair: Pair
    kind: str
    arguments: tuple[Argument, ...]
    effect: Effect
    weights: tuple[Weight, ...]
    taken: bool = False
    behind: bool = False

    @property
    def name(self) -> str:
        """The layer's name, the new one where there is one."""
        node = self.pair.new or self.pair.old
        assert node is not None
        return str(node.name)

    @property
    def label(self) -> str:
        """How a report calls it: a removed layer otherwise than one that has its name now."""
        return self.old_label if self.pair.new is None else self.name

    @property
    def old_label(self) -> str:
        """How a report calls what it was before."""
        name = self.name if self.pair.old is None else str(self.pair.old.name)
        return f"{name} of before" if self.taken else name

    @property
    def renamed(self) -> bool:
        """Whether it has another name than before."""
        old, new = self.pair.old, self.pair.new
        return old is not None and new is not None and old.name != new.name

    @property
    def masked(self) -> bool | None:
        """Whether a mask comes with its input now, None where that is as before or unused."""
        old, new = self.pair.old, self.pair.new
        if old is None or new is None or not new.layer.uses_mask():
            return None
        return None if old.input.masked == new.input.masked else new.input.masked

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
        """The weights that must be retrained."""
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
        appeared: Notes and warnings that are new.
        vanished: Those that are gone.
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
    """Compare two versions of a spec, given as texts.

    Errors:
        SpeccError: one of them has mistakes.
    """
    return compare_versions(version(old), version(new))


def compare_versions(old: Version, new: Version) -> Comparison:
    """Compare two versions of a spec."""
    before, after = old.program, new.program
    pairs = match(before.graph.nodes, after.graph.nodes)
    layers = _layers(before, after, pairs)
    weights = [weight for layer in layers for weight in layer.weights]
    return Comparison(
        old=before,
        new=after,
        layers=layers,
        costs=(old.cost, new.cost),
        interface=(*interface(before, after), *ends(old, new)),
        training=(*training(before, after), *penalties(old, new)),
        files=tuple(files(weights, pairs, old, new)),
        description=before.description != after.description,
        appeared=_without(new.told, old.told),
        vanished=_without(old.told, new.told),
    )


def _layers(old: Program, new: Program, pairs: Sequence[Pair]) -> tuple[Layer, ...]:
    weights = fates(old, new, pairs)
    inputs, names = _Inputs(old, new), {node.name for node in new.graph.nodes}
    found = []
    for pair, held in zip(pairs, weights, strict=True):
        taken = _name_is_taken(pair, names)
        layer = Layer(pair, *_change(pair), tuple(held), taken, inputs.are_other(pair))
        inputs.go_behind(layer)
        found.append(layer)
    return tuple(found)


def _name_is_taken(pair: Pair, names: Collection[str]) -> bool:
    same = pair.old is not None and pair.new is not None and pair.old.name == pair.new.name
    return pair.old is not None and pair.old.name in names and not same


class _Inputs:
    """Whether a layer gets what it got before, told layer by layer in the order of the new model.

    Layers that act in training alone do not count, as trained weights were evaluated without them.
    """

    def __init__(self, old: Program, new: Program) -> None:
        self.before = {n.name: _source(old.graph, n.input) for n in old.graph.nodes}
        before, after = old.input, new.input
        fits = fits_into(before.shape, after.shape) or fits_into(after.shape, before.shape)
        # Of each value of the new model: whether it is another than before, and the layer before
        # that gave it.
        self.given: dict[Value, tuple[bool, Node | None]] = {
            new.graph.input: (not fits or before.dtype != after.dtype, None)
        }

    def are_other(self, pair: Pair) -> bool:
        """Tell whether a layer gets something else than before."""
        if pair.old is None or pair.new is None:
            return False
        other, source = self.given[pair.new.input]
        return other or source is not self.before[pair.old.name]

    def go_behind(self, layer: Layer) -> None:
        """Note what a layer gives those behind it."""
        old, new = layer.pair.old, layer.pair.new
        if new is None:
            return
        other, source = self.given[new.input]
        if _counts(new):
            changes = old is None or layer.effect is Effect.FUNCTION or bool(layer.anew)
            other, source = other or changes or layer.behind, old
        self.given[new.output] = other, source


def _source(graph: Graph, value: Value) -> Node | None:
    """Return the layer that gives a value but for what acts in training alone."""
    node = graph.producer(value)
    while node is not None and not _counts(node):
        node = graph.producer(node.input)
    return node


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


def _without(notes: Sequence[Diagnostic], others: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the notes that are not among the others, wherever they stand, each once."""
    left = Counter((note.code, note.message) for note in others)
    found: dict[tuple[str, str], Diagnostic] = {}
    for note in notes:
        if (note.code, note.message) not in left:
            found.setdefault((note.code, note.message), note)
    return tuple(found.values())
