"""What a change does to how a model is trained, and to what its programs take and give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from specc.changes.arguments import differences
from specc.changes.version import Version
from specc.changes.wording import both_texts, factor, value_text, word_text
from specc.diagnostics import listed
from specc.fresh import program_file
from specc.program import AnyOptimizer, Fit, Program
from specc.shapes import UNKNOWN, Shape, text
from specc.spec.document import Input
from specc.spec.word import Callback, Metric, Schedule, Word
from specc.targets import TARGETS
from specc.targets.view import View


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting before and after.

    Attributes:
        name: As the spec has it, with the words that lead to it: `optimizer.adam.beta_1`.
        before: As a spec has it, None where it was not there.
        after: Likewise.
        meaning: What follows from it; empty where that is plain.
    """

    name: str
    before: str | None
    after: str | None
    meaning: str = ""


def interface(old: Program, new: Program) -> Iterator[Setting]:
    """Yield what others who use the programs must know: names, inputs, outputs, targets."""
    if old.name != new.name:
        programs = listed(sorted(program_file(new.name, target) for target in TARGETS))
        meaning = f"the programs are now {programs}, the class {new.class_name}"
        yield Setting("name", str(old.name), str(new.name), meaning)
    before, after = old.input, new.input
    if before.shape != after.shape:
        yield Setting("input", text(before.shape), text(after.shape), _of_input(before, after))
    if before.dtype != after.dtype:
        meaning = "the data is read as another type"
        yield Setting("input.dtype", before.dtype, after.dtype, meaning)
    if old.graph.output.shape != new.graph.output.shape:
        yield Setting("output", text(old.graph.output.shape), text(new.graph.output.shape))
    yield from _targets(old.fit, new.fit)


def _of_input(before: Input, after: Input) -> str:
    if fits_into(before.shape, after.shape):
        return "existing data still fits"
    if fits_into(after.shape, before.shape):
        return "only data of these sizes fits now"
    return "the data must change with it"


def fits_into(shape: Shape, other: Shape) -> bool:
    """Tell whether inputs of one shape are inputs of another, which may leave sizes open."""
    return len(shape) == len(other) and all(
        b is UNKNOWN or a == b for a, b in zip(shape, other, strict=True)
    )


def ends(old: Version, new: Version) -> Iterator[Setting]:
    """Yield what the programs give, where that are probabilities or logits and it changed."""
    if old.program.fit is None or new.program.fit is None:
        return
    for title, before, after in _views(old, new):
        if before.gives != after.gives:
            name, meaning = f"output of the {title} program", _OF_END.get(after.gives, "")
            yield Setting(name, before.gives, after.gives, meaning)


def _views(old: Version, new: Version) -> Iterator[tuple[str, View, View]]:
    """Yield the title of each target with its views of both versions, Keras' first."""
    for target in sorted(TARGETS):
        yield TARGETS[target].title, old.views[target], new.views[target]


_OF_END = {"logits": "softmax or sigmoid makes probabilities of them"}


def _targets(old: Fit | None, new: Fit | None) -> Iterator[Setting]:
    if old is None or new is None:
        return
    before, after = _targets_text(old), _targets_text(new)
    if before != after:
        yield Setting("targets", before, after, "the data must change with it")


def _targets_text(fit: Fit) -> str:
    shape = text(fit.head.target_shapes[0])
    kind = "integers" if fit.head.integers else "numbers"
    kind += "" if fit.head.classes is None else f" below {value_text(fit.head.classes)}"
    return kind if shape == "[]" else f"{kind} {shape}"


def training(old: Program, new: Program) -> Iterator[Setting]:
    """Yield the changed settings of training."""
    if old.seed != new.seed:
        yield Setting("seed", *_texts(old.seed, new.seed), _of_seed(old.seed, new.seed))
    if old.exact != new.exact:
        before, after = ("exact" if p.exact else "idiomatic" for p in (old, new))
        yield Setting("fidelity", before, after, _OF_FIDELITY[new.exact])
    if old.fit is None or new.fit is None:
        yield from _begun_or_ended(old.fit, new.fit)
        return
    yield from _optimizer(old.fit.optimizer, new.fit.optimizer)
    yield from _words(
        "loss", old.fit.head.loss, new.fit.head.loss, "losses before and after do not compare"
    )
    yield from _figures(old.fit, new.fit)
    yield from _arguments(old.fit, new.fit)
    yield from _callbacks(old.fit, new.fit)
    if old.fit.data != new.fit.data:
        yield Setting("data", *_texts(old.fit.data, new.fit.data))


_OF_FIDELITY = {
    True: "both programs now train alike to rounding",
    False: "the programs may now differ in training where notes say so",
}


def _of_seed(old: int | None, new: int | None) -> str:
    if old is None:
        return "runs can now be repeated"
    return "runs can no longer be repeated" if new is None else "other random numbers"


def _texts(before: object, after: object) -> tuple[str | None, str | None]:
    """Return the texts of both, None for what is not there."""
    if before is None or after is None:
        return (
            None if before is None else value_text(before),
            None if after is None else value_text(after),
        )
    return both_texts(before, after)


def _begun_or_ended(old: Fit | None, new: Fit | None) -> Iterator[Setting]:
    if old is None and new is None:
        return
    before, after = (None if fit is None else _fit_text(fit) for fit in (old, new))
    meaning = (
        "the programs now train the model"
        if old is None
        else ("the programs now build the model alone")
    )
    yield Setting("training", before, after, meaning)


def _fit_text(fit: Fit) -> str:
    return f"{word_text(fit.optimizer)} on {word_text(fit.head.loss)}"


# Optimizer

# What an optimizer keeps for each weight depends on these.
_OF_STATE = ("momentum", "amsgrad", "centered", "use_ema", "gradient_accumulation_steps")


def _optimizer(old: AnyOptimizer, new: AnyOptimizer) -> Iterator[Setting]:
    if type(old) is not type(new):
        meaning = "its saved state does not carry over"
        yield Setting("optimizer", word_text(old), word_text(new), meaning)
        rates = old.learning_rate, new.learning_rate
        told = all("learning_rate" in rule.given() for rule in (old, new))
        if rates[0] != rates[1] and not told:
            yield Setting("learning_rate", *both_texts(*rates), factor(*rates))
        return
    for name, before, after in differences(old, new):
        yield from _rule(f"optimizer.{new.word}.{name}", name, before, after)


def _rule(path: str, name: str, before: Any, after: Any) -> Iterator[Setting]:
    scheduled = isinstance(before, Schedule) + isinstance(after, Schedule)
    if scheduled == 2 and type(before) is type(after):
        for inner, a, b in differences(before, after):
            yield Setting(f"{path}.{after.word}.{inner}", *both_texts(a, b), factor(a, b))
        return
    meaning = factor(before, after)
    if scheduled == 1:
        meaning = "the rate now changes from batch to batch"
        if isinstance(before, Schedule):
            meaning = "the rate no longer changes"
        # Keras' optimizer holds a number as a variable, and a schedule as none.
        meaning += ", and Keras does not load the optimizer's saved state"
    if name in _OF_STATE and bool(before) != bool(after):
        meaning = "the optimizer's saved state does not carry over"
    yield Setting(path, *both_texts(before, after), meaning)


def _words(name: str, old: Word, new: Word, meaning: str) -> Iterator[Setting]:
    if type(old) is not type(new):
        yield Setting(name, word_text(old), word_text(new), meaning)
        return
    for field, before, after in differences(old, new):
        found = "the loss interprets the output differently" if field == "from_logits" else meaning
        yield Setting(f"{name}.{new.word}.{field}", *both_texts(before, after), found)


# Figures, arguments of fit, callbacks


def _figures(old: Fit, new: Fit) -> Iterator[Setting]:
    before = {figure.name: figure.metric for figure in old.figures}
    after = {figure.name: figure.metric for figure in new.figures}
    for name, metric in before.items():
        if name not in after:
            yield Setting(f"metrics.{name}", word_text(metric), None, "no longer reported")
    for name, metric in after.items():
        if name not in before:
            yield Setting(f"metrics.{name}", None, word_text(metric), "a new figure in reports")
        elif metric != before[name]:
            yield Setting(f"metrics.{name}", *_metric_texts(before[name], metric))


def _metric_texts(old: Metric, new: Metric) -> tuple[str, str, str]:
    return *both_texts(old, new), "the figure now means something else"


def _arguments(old: Fit, new: Fit) -> Iterator[Setting]:
    for name, before, after in differences(old.training, new.training):
        if name != "callbacks":
            yield Setting(name, *_texts(before, after), _of_argument(name, new, before, after))


def _of_argument(name: str, fit: Fit, before: object, after: object) -> str:
    if name == "batch_size":
        meaning = (
            f"each epoch has about {factor(after, before)} updates" if factor(after, before) else ""
        )
        meaning = meaning.replace("times larger", "times as many").replace(
            "times smaller", "times fewer"
        )
        scheduled = isinstance(fit.optimizer.learning_rate, Schedule)
        counts = "the schedule counts batches, so it ends after other epochs" if scheduled else ""
        return "; ".join(part for part in (meaning, counts) if part)
    if name == "validation_split" and not before:
        return "some samples are no longer trained on; figures val_... are reported"
    if name == "validation_split" and not after:
        return "all samples are trained on; figures val_... are no longer reported"
    return ""


def _callbacks(old: Fit, new: Fit) -> Iterator[Setting]:
    before, after = _by_word(old.training.callbacks), _by_word(new.training.callbacks)
    for key in dict.fromkeys((*before, *after)):
        a, b = before.get(key), after.get(key)
        if a is None or b is None:
            yield Setting(f"callbacks.{key[0]}", *_texts(a, b))
            continue
        for name, value, now in differences(a, b):
            yield Setting(f"callbacks.{key[0]}.{name}", *_texts(value, now))


def _by_word(callbacks: Sequence[Callback]) -> dict[tuple[str, int], Callback]:
    """Return callbacks by word and number, as the same may be there several times."""
    found: dict[tuple[str, int], Callback] = {}
    counts: Counter[str] = Counter()
    for callback in callbacks:
        found[callback.word, counts[callback.word]] = callback
        counts[callback.word] += 1
    return found


def penalties(old: Version, new: Version) -> Iterator[Setting]:
    """Yield where a program has L2, where that changed."""
    for title, *views in _views(old, new):
        before, after = (_penalty_text(view) for view in views)
        if before and after and before != after:
            meaning = "the same L2 penalty, applied as the optimizer requires"
            yield Setting(f"L2 of the {title} program", before, after, meaning)


def _penalty_text(view: View) -> str:
    found = {penalty.is_decay for penalty in view.penalties if penalty.what == "L2"}
    places = ["weight_decay"] * (True in found) + ["a term of the loss"] * (False in found)
    return listed(places)
