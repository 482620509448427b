"""Two versions of one spec, compared: everything that a report tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

from specc.changes.arguments import Argument, Effect, changed_arguments, effect_of_layer
from specc.changes.files import File, files
from specc.changes.matching import Pair, match
from specc.changes.training import Setting, interface, penalties, training
from specc.changes.weights import Weight, fates
from specc.costs import Cost, cost
from specc.diagnostics import Diagnostic, Source, SpeccError
from specc.pipeline import compile_source, front
from specc.program import Program
from specc.targets import TARGETS, View, lower


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer before and after.

    Attributes:
        pair: The layer in both models.
        kind: "same", "changed", "added", "removed" or "replaced" by a layer of another word.
        arguments: Those that differ.
        weights: What becomes of its weights.
        effect: How far its change reaches, its weights aside.
        behind: Whether its inputs are other than those that its weights were trained on.
    """

    pair: Pair
    kind: str
    arguments: tuple[Argument, ...]
    weights: tuple[Weight, ...]
    effect: Effect
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

    @property
    def weights(self) -> tuple[Weight, ...]:
        """What becomes of all weights."""
        return tuple(weight for layer in self.layers for weight in layer.weights)


def is_told(layer: Layer) -> bool:
    """Tell whether a report names a layer: not one that has only shapes or a number anew."""
    named = layer.renamed and (bool(layer.weights) or _is_named(layer))
    return layer.kind != "same" or layer.pair.moved or named or len(layer.kept) < len(layer.weights)


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
    # What stands before a layer gives it other inputs from the first change of that on.
    taken = [(p.input.shape, p.input.dtype) for p in (old, new)]
    disturbed = taken[0] != taken[1]
    found = []
    for pair, held in zip(pairs, weights, strict=True):
        kind, arguments, effect = _change(pair)
        found.append(Layer(pair, kind, arguments, tuple(held), effect, disturbed))
        disturbed |= effect is Effect.FUNCTION or any(w.fate == "anew" for w in held)
    return tuple(found)


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
