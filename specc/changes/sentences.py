"""The sentences from which a reviewer can decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from specc.changes.arguments import Effect
from specc.changes.comparison import Comparison, Layer
from specc.changes.training import Setting
from specc.changes.wording import (
    change_of,
    count,
    in_a_sentence,
    shortened,
    without_repeats,
)
from specc.diagnostics import listed
from specc.spec.layers.core import Custom
from specc.targets import TARGETS

_MOST = 3  # changes that a sentence names


def summary(comparison: Comparison, same_text: bool) -> tuple[str, ...]:
    """Return the sentences about a change, the most important one first.

    Arguments:
        same_text: Whether the texts of both versions are the same.
    """
    if not comparison.meaningful:
        return (_nothing(comparison, same_text),)
    found = [_verdict(comparison)]
    if comparison.changed or _disturbed(comparison):
        found += _weights(comparison)
        found += _unknown(comparison)
    found += _cost(comparison)
    if _told(comparison):
        others = [setting for setting in comparison.interface if setting.name not in _INPUTS]
        found += _settings("What others see of it", others)
    if comparison.changed or comparison.interface:
        found += _settings("Training", comparison.training)
    return tuple(found)


def _nothing(comparison: Comparison, same_text: bool) -> str:
    if same_text:
        return "No change of what the file holds."
    if comparison.description:
        return "No change of the model: only its description, which the programs show."
    return "No change of the model: only the text of the spec, such as comments or spelling."


def _verdict(comparison: Comparison) -> str:
    told = _told(comparison)
    inputs = [_short(setting) for setting in comparison.interface if setting.name in _INPUTS]
    weighty = sorted(told, key=lambda layer: (not layer.anew, -layer.effect))
    what = [*inputs, *(_headline(layer) for layer in weighty[:_MOST]), *[""] * len(weighty[_MOST:])]
    if told and (_anew(comparison) or inputs or comparison.effect is Effect.FUNCTION):
        return f"The model changes: {_listed(what)}."
    if told and comparison.effect is Effect.TRAINING:
        return f"The model stays the same, but not how it is trained: {_listed(what)}."
    if told:
        return f"The model stays the same, as no number changes: {_listed(what)}."
    outside = [_short(setting) for setting in comparison.interface]
    if outside:
        return f"The model changes for those who use it: {_listed(outside)}."
    if comparison.changed:
        old = [layer.pair.old for layer in comparison.changed]
        names = [
            f"{was.name} is now {layer.name}"
            for was, layer in zip(old, comparison.changed, strict=True)
            if was is not None
        ]
        return f"The model stays the same, but layers have other names: {_listed(names)}."
    settings = [_short(setting) for setting in comparison.training]
    return f"The model stays the same, only its training changes: {_listed(settings)}."


_INPUTS = ("input", "input.dtype")


def _told(comparison: Comparison) -> list[Layer]:
    """Return the layers that change themselves, not only what stands before them or their names."""
    return [layer for layer in comparison.changed if layer.kind != "same" or layer.pair.moved]


def _headline(layer: Layer) -> str:
    old, new = layer.pair.old, layer.pair.new
    if new is None or old is None:
        return f"{layer.label} ({'removed' if new is None else 'added'})"
    if layer.kind == "replaced":
        return f"{old.name} (from {old.layer.word} to {new.layer.word})"
    if layer.pair.moved and not layer.arguments:
        return f"{layer.name} (moved)"
    arguments = [f"{a.name} {in_a_sentence(a.before, a.after)}" for a in layer.arguments]
    more = [f"{len(arguments) - _MOST} more"] if len(arguments) > _MOST else []
    moved = ["moved"] if layer.pair.moved else []
    return f"{layer.name} ({', '.join([*arguments[:_MOST], *more, *moved])})"


def _short(setting: Setting) -> str:
    before, after = setting.before, setting.after
    if before is None or after is None:
        value = shortened(before or after or "")
        return f"{setting.name} {value} is {'new' if before is None else 'gone'}"
    return f"{setting.name} {in_a_sentence(before, after)}"


def _listed(parts: Sequence[str]) -> str:
    return listed(parts, _MOST)


# Weights


def _anew(comparison: Comparison) -> int:
    return sum(w.size for w in comparison.weights if w.fate == "anew")


def _disturbed(comparison: Comparison) -> bool:
    return any(layer.behind for layer in comparison.layers)


def _weights(comparison: Comparison) -> Iterator[str]:
    weights = comparison.weights
    size = {f: sum(w.size for w in weights if w.fate == f) for f in ("kept", "anew", "gone")}
    has = size["kept"] + size["anew"]
    if not has or all(w.before is None for w in weights):
        return
    gone = f" {count(size['gone'], 'trained parameter')} are dropped." if size["gone"] else ""
    if not size["anew"]:
        yield f"All {count(size['kept'], 'parameter')} carry over{_but(comparison)}.{gone}"
    elif not size["kept"]:
        yield f"All {count(size['anew'], 'parameter')} must be retrained."
    else:
        layers = without_repeats([w.layer for w in weights if w.fate == "anew"])
        part = count(size["anew"], "parameter")
        carry = f"all others carry over{_but(comparison)}"
        yield f"{listed(layers)}: {part} of {has:,} must be retrained; {carry}.{gone}"
    if size["kept"] and not all(file.loads for file in comparison.files):
        targets = listed(TARGETS[f.target].title for f in comparison.files if not f.loads)
        yield f"Files of weights do not load as they are: {targets}, see below."


def _unknown(comparison: Comparison) -> Iterator[str]:
    if any(isinstance(word, Custom) for word in comparison.new.words()):
        yield "Whether weights of custom layers carry over is unknown."


def _but(comparison: Comparison) -> str:
    """Return what limits the use of weights that carry over."""
    other = [x.name for x in comparison.layers if x.computes_otherwise]
    behind = [x.name for x in comparison.layers if x.sees_other_inputs]
    parts = [f"{listed(other, _MOST)} computes something else with them"] if other else []
    if len(other) > 1:
        parts = [f"{listed(other, _MOST)} compute something else with them"]
    if behind:
        verb = "was" if len(behind) == 1 else "were"
        parts.append(f"{listed(behind, _MOST)} {verb} trained on other inputs")
    return f", but {listed(parts)}" if parts else ""


# Cost and training


def _cost(comparison: Comparison) -> Iterator[str]:
    old, new = comparison.costs
    parts = []
    for name, before, after in (
        ("parameters", old.parameters, new.parameters),
        ("multiply-adds", old.multiply_adds, new.multiply_adds),
    ):
        if before is None or after is None or before == after:
            continue
        change = change_of(before, after)
        parts.append(f"{name} {before:,} -> {after:,}" + (f" ({change})" if change else ""))
    if parts:
        found = ", ".join(parts)
        yield f"{found[0].upper()}{found[1:]}."


def _settings(title: str, settings: Sequence[Setting]) -> Iterator[str]:
    if settings:
        yield f"{title} changes too: {_listed([_short(setting) for setting in settings])}."
