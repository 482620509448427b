"""A comparison in sentences: what a reviewer decides from first, then each change by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from specc.changes.arguments import Effect
from specc.changes.code import code_changes
from specc.changes.comparison import Comparison, Layer, compare_versions
from specc.changes.sentences import summary
from specc.changes.training import Setting
from specc.changes.version import Version, version
from specc.changes.weights import Weight
from specc.changes.wording import change_of, count, without_repeats, word_text
from specc.costs import Cost
from specc.diagnostics import Diagnostic, SpeccError, listed
from specc.pipeline import decode
from specc.program import Graph, Node
from specc.revisions import Versions
from specc.shapes import text
from specc.spec.layers.core import Custom
from specc.targets import TARGETS


@dataclass(frozen=True, slots=True)
class Row:
    """One change.

    Attributes:
        mark: `+` added, `-` removed, `~` changed, empty for a remark.
        name: What changed.
        text: How.
        more: What follows from it, each a line.
    """

    mark: str
    name: str
    text: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a title."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of one spec.

    Attributes:
        name: The spec's.
        status: "changed", "same" where the model is, "added", "removed", or "wrong" where the new
            version does not compile.
        summary: Sentences from which a reviewer can decide.
        sections: The details.
        costs: Figures of the whole model, before and after, where both are known and differ.
        comparison: What it tells of, where both versions compile.
        errors: The mistakes of the new version.
        code: A unified diff for each program, where that was asked for.
    """

    name: str
    status: str
    summary: tuple[str, ...]
    sections: tuple[Section, ...] = ()
    costs: tuple[tuple[str, str, str, str], ...] = ()
    comparison: Comparison | None = None
    errors: tuple[Diagnostic, ...] = ()
    code: dict[str, list[str]] = field(default_factory=dict)

    @property
    def meaningful(self) -> bool:
        """Whether there is more than a change of the text."""
        return self.status != "same"


def report(versions: Versions, code: bool = False) -> Report:
    """Return what is told of one spec.

    Arguments:
        code: Whether to compare the generated programs too.
    """
    old = _read(versions.old, versions.old_name, versions)
    new = _read(versions.new, versions.new_name, versions)
    found = _report(versions, old, new)
    if not code or found.status == "wrong":
        return found
    sources = [side.source if isinstance(side, Version) else None for side in (old, new)]
    return replace(found, code=code_changes(*sources))


def _read(data: bytes | None, name: str, versions: Versions) -> Version | SpeccError | None:
    """Return a version, its mistakes, or None where it is not there."""
    if data is None:
        return None
    try:
        return version(decode(data, name), versions.ignore)
    except SpeccError as error:
        return error


def _report(
    versions: Versions, old: Version | SpeccError | None, new: Version | SpeccError | None
) -> Report:
    if isinstance(new, SpeccError):
        return _wrong(versions, new)
    if new is None:
        return _removed(versions, old)
    if old is None:
        return Report(versions.name, "added", ("A new spec.", _described(new), *_warned(new.told)))
    if isinstance(old, SpeccError):
        errors = _errors(old)
        first = f"{errors[0].code}, {errors[0].message}"
        told = f"The version before does not compile: {count(len(errors), 'error')}, first {first}."
        summary = (told, f"The new one does. {_described(new)}", *_warned(new.told))
        return Report(versions.name, "changed", summary)
    comparison = compare_versions(old, new)
    return Report(
        name=versions.name,
        status="changed" if comparison.meaningful else "same",
        summary=_summary(versions, comparison, old.source.text == new.source.text),
        sections=tuple(s for s in _sections(comparison) if s.rows),
        costs=tuple(_costs(*comparison.costs)),
        comparison=comparison,
    )


def _summary(versions: Versions, comparison: Comparison, same_text: bool) -> tuple[str, ...]:
    moved = (f"The file was {versions.renamed}.",) if versions.renamed else ()
    return (*summary(comparison, same_text), *_warned(comparison.appeared), *moved)


def _warned(told: Sequence[Diagnostic]) -> Iterator[str]:
    """Yield which warnings there are."""
    codes = without_repeats([d.code for d in told if d.severity == "warning"])
    if codes:
        yield f"New warnings of specc check: {listed(codes)}."


def _errors(error: SpeccError) -> tuple[Diagnostic, ...]:
    return tuple(d for d in error.diagnostics if d.severity == "error")


def _wrong(versions: Versions, error: SpeccError) -> Report:
    errors = _errors(error)
    told = f"The new version does not compile: {count(len(errors), 'error')}."
    rows = tuple(
        Row("", f"line {d.span.line}", f"{d.code}: {d.message}" + (f"; {d.hint}" if d.hint else ""))
        for d in errors[:_MOST_ERRORS]
    )
    return Report(versions.name, "wrong", (told,), (Section("Errors", rows),), errors=errors)


_MOST_ERRORS = 20


def _removed(versions: Versions, old: Version | SpeccError | None) -> Report:
    told = ["The spec is removed; programs that were made from it stay as they are."]
    if isinstance(old, Version):
        told.append(f"It was: {_described(old)}")
    return Report(versions.name, "removed", tuple(told))


def _described(found: Version) -> str:
    program = found.program
    trained = ""
    if program.fit is not None:
        trained = f", trained by {word_text(program.fit.optimizer)}"
        trained += f" on {word_text(program.fit.head.loss)}"
    layers = count(len(program.graph.nodes), "layer")
    parameters = count(found.cost.parameters, "parameter")
    if any(isinstance(word, Custom) for word in program.words()):
        parameters = f"at least {parameters}"
    shapes = f"{text(program.input.shape)} to {text(program.graph.output.shape)}"
    return f"{program.name} takes {shapes} in {layers} with {parameters}{trained}."


def _sections(comparison: Comparison) -> Iterator[Section]:
    places = _Places(comparison)
    yield Section("Layers", tuple(places.row(layer) for layer in comparison.changed))
    yield Section("Trained weights", tuple(_weights(comparison)))
    yield Section("Interface", tuple(map(_setting, comparison.interface)))
    yield Section("Training", tuple(map(_setting, comparison.training)))
    appeared = [Row("+", note.code, note.message) for note in comparison.appeared]
    vanished = [Row("-", note.code, note.message) for note in comparison.vanished]
    yield Section("Notes and warnings", (*appeared, *vanished))


def _setting(setting: Setting) -> Row:
    mark = "+" if setting.before is None else "-" if setting.after is None else "~"
    both = [side for side in (setting.before, setting.after) if side is not None]
    return Row(mark, setting.name, " -> ".join(both), (setting.meaning,) if setting.meaning else ())


def _costs(old: Cost, new: Cost) -> Iterator[tuple[str, str, str, str]]:
    for name, before, after in (
        ("parameters", old.parameters, new.parameters),
        ("trained by gradients", old.trainable, new.trainable),
        ("multiply-adds", old.multiply_adds, new.multiply_adds),
        ("activations", old.activations, new.activations),
    ):
        if before != after:
            yield _figure(name, before, after)


def _figure(name: str, old: int | None, new: int | None) -> tuple[str, str, str, str]:
    before, after = ("unknown" if n is None else f"{n:,}" for n in (old, new))
    change = "" if old is None or new is None else change_of(old, new)
    return name, before, after, change


# Layers


class _Places:
    """Tells of layers, and behind which others they stand."""

    def __init__(self, comparison: Comparison) -> None:
        self.old = _before_each(comparison.old.graph)
        self.new = _before_each(comparison.new.graph)

    def row(self, layer: Layer) -> Row:
        """Return what is told of a layer."""
        old, new = layer.pair.old, layer.pair.new
        if new is None:
            assert old is not None
            return Row(
                "-", layer.name, f"{word_text(old.layer)}, {self.old[old.name]}", _lost(layer)
            )
        if old is None:
            place = f"{word_text(new.layer)}, {self.new[new.name]}"
            return Row("+", layer.name, place, (*_effect(layer), *_anew(layer)))
        parts = list(self._what(layer, old, new))
        more = (*_shapes(old, new), *_mask(layer), *_effect(layer), *_anew(layer), *_lost(layer))
        return Row("~", layer.name, "; ".join(parts), more)

    def _what(self, layer: Layer, old: Node, new: Node) -> Iterator[str]:
        if layer.kind == "replaced":
            yield f"{word_text(old.layer)} becomes {word_text(new.layer)}"
        for argument in layer.arguments:
            yield f"{argument.name} {argument.before} -> {argument.after}"
        if layer.pair.moved:
            yield f"moved: was {self.old[old.name]}, is {self.new[new.name]}"
        if layer.renamed and (layer.kind != "replaced" or new.layer.name or old.layer.name):
            yield f"was called {old.name}"
        if layer.kind == "same" and not layer.pair.moved and not layer.renamed:
            yield "unchanged, but not what stands before it"


def _before_each(graph: Graph) -> dict[str, str]:
    """Return where each layer stands."""
    before = {node.name: graph.producer(node.input) for node in graph.nodes}
    return {name: f"behind {node.name}" if node else "first" for name, node in before.items()}


def _shapes(old: Node, new: Node) -> Iterator[str]:
    shapes = [
        f"{what} {text(before)} -> {text(after)}"
        for what, before, after in (
            ("input", old.input_shape, new.input_shape),
            ("output", old.output_shape, new.output_shape),
        )
        if before != after
    ]
    if shapes:
        yield ", ".join(shapes)


def _mask(layer: Layer) -> Iterator[str]:
    if layer.masked is not None:
        yield (
            "a mask comes with its input now, and leaves out what is padding"
            if layer.masked
            else "no mask comes with its input any more, so padding counts"
        )


def _effect(layer: Layer) -> Iterator[str]:
    if layer.effect is Effect.TRAINING and not layer.anew:
        starts = all(a.name.endswith("_initializer") for a in layer.arguments)
        when = "a training from the start" if layer.arguments and starts else "training"
        yield f"acts on {when} alone; with trained weights the model computes the same"
    elif layer.effect is Effect.NOTHING and layer.arguments:
        yield "changes no number"
    elif layer.computes_otherwise:
        yield "the same weights, but it computes something else with them"
    if layer.renamed and layer.kept and layer.kind == "same" and not layer.anew:
        yield "the same weights under another name"


def _anew(layer: Layer) -> Iterator[str]:
    """Yield which weights must be retrained, by the reason."""
    reasons: dict[str, list[Weight]] = {}
    for weight in layer.anew:
        reasons.setdefault("shape" if weight.reshaped else weight.reason, []).append(weight)
    for reason, weights in reasons.items():
        size = count(sum(w.size for w in weights), "parameter")
        if reason == "new" and layer.kind == "added":
            yield f"{size} to be trained"
        elif reason == "shape":
            yield f"{size} to be retrained: {listed(f'{w.name} {w.reason}' for w in weights)}"
        elif reason == "new":
            yield f"{size} to be trained, which are new: {listed(w.name for w in weights)}"
        else:
            yield f"{size} to be retrained: {listed(w.name for w in weights)}, as {reason}"
    if layer.anew and layer.kept:
        yield f"{listed(w.name for w in layer.kept)} can be kept"
    if layer.anew and layer.pair.new is not None and not layer.pair.new.work.layer.trainable:
        yield "it is frozen: what is not loaded stays as it is drawn"


def _lost(layer: Layer) -> tuple[str, ...]:
    gone = [w for w in layer.weights if w.fate == "gone"]
    if not gone:
        return ()
    names = (
        ""
        if layer.kind == "removed"
        else f": {listed(w.name.removeprefix('before.') for w in gone)}"
    )
    return (f"{count(sum(w.size for w in gone), 'trained parameter')} dropped{names}",)


# Weights


def _weights(comparison: Comparison) -> Iterator[Row]:
    kinds = _kinds(comparison)
    if not any(sizes for title, sizes in kinds.items() if title != "carry over"):
        kinds = {}
    for title, sizes in kinds.items():
        if sizes:
            names = listed((f"{name} ({size:,})" for name, size in sizes.items()), 8)
            yield Row("", title, names)
    for file in comparison.files:
        if not file.loads or any(w.fate != "kept" for w in comparison.weights):
            yield Row("", TARGETS[file.target].title, file.what)


def _kinds(comparison: Comparison) -> dict[str, dict[str, int]]:
    """Return for each fate the layers with how many parameters share it."""
    found: dict[str, dict[str, int]] = {
        "to be retrained": {},
        "carry over": {},
        "carry over, used otherwise": {},
        "carry over, other inputs": {},
        "dropped": {},
    }
    for layer in comparison.layers:
        for weight in layer.weights:
            kind = found[_fate_text(layer, weight)]
            name = layer.old_label if weight.fate == "gone" else layer.label
            kind[name] = kind.get(name, 0) + weight.size
    return found


def _fate_text(layer: Layer, weight: Weight) -> str:
    if weight.fate != "kept":
        return "to be retrained" if weight.fate == "anew" else "dropped"
    if layer.computes_otherwise:
        return "carry over, used otherwise"
    return "carry over, other inputs" if layer.sees_other_inputs else "carry over"
