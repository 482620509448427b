"""Keras' optimizers that torch.optim lacks, or has otherwise: short classes of the program."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import combinations

from specc.expressions import Call, Code, call, literal, statement
from specc.spec.rare_optimizers import Adafactor, Ftrl, Lamb, Lion, Muon, ScheduleFreeAdamW
from specc.spec.word import Optimizer
from specc.targets.torch.lowered import Note
from specc.targets.torch.training.update import (
    PARAMETERS,
    Setting,
    Update,
    adds_l2,
    decay_of,
    has_groups,
)
from specc.targets.torch.weights import Weight, dimensions
from specc.targets.view import Section

_BODY = 4


class LionClass(Section):
    """Lion."""

    template = "torch/training/lion.py.jinja"
    groups: bool


class LambClass(Section):
    """LAMB."""

    template = "torch/training/lamb.py.jinja"
    groups: bool


class ScheduleFreeClass(Section):
    """Schedule-free AdamW."""

    template = "torch/training/schedule_free_adamw.py.jinja"
    groups: bool
    warms_up: bool


class FtrlClass(Section):
    """FTRL, with those of its terms that are not 0."""

    template = "torch/training/ftrl.py.jinja"
    groups: bool
    signature: str
    defaults: str
    l1: bool
    l2: bool
    l2_shrinkage: bool
    beta: bool


class AdafactorClass(Section):
    """Adafactor that factors Keras' axes, those of some weights by name."""

    template = "torch/training/keras_adafactor.py.jinja"
    factored: bool


class MuonClass(Section):
    """Muon with AdamW for the other weights."""

    template = "torch/training/muon.py.jinja"
    nesterov: bool
    rms: bool
    ratio: bool


def _betas(optimizer: Lion | Lamb | ScheduleFreeAdamW) -> Code:
    return literal((optimizer.beta_1, optimizer.beta_2))


def _lion(optimizer: Lion, at: Setting) -> Update:
    value = call("LionOptimizer", PARAMETERS, lr=at.rate, betas=_betas(optimizer))
    decay = decay_of(optimizer, at)
    own = LionClass(has_groups(optimizer, at))
    return Update("Lion", value, adds_l2(optimizer), decay=decay, sections=(own,))


def _lamb(optimizer: Lamb, at: Setting) -> Update:
    value = call(
        "LambOptimizer",
        PARAMETERS,
        lr=at.rate,
        betas=_betas(optimizer),
        eps=literal(optimizer.epsilon),
    )
    decay = decay_of(optimizer, at)
    same, own = adds_l2(optimizer), LambClass(has_groups(optimizer, at))
    return Update("LAMB", value, same, decay=decay, sections=(own,), notes=_apart(at))


def _apart(at: Setting) -> tuple[Note, ...]:
    """Return the note of an optimizer that looks at whole weights, where PyTorch has parts."""
    rows = [w.layer for w in at.weights if w.row is not None and w.variable.trainable]
    layers = tuple(dict.fromkeys(rows))
    message = "Keras holds the two biases as one weight, and the optimizer updates it as a whole"
    return (Note("N225", f"{', '.join(layers)}: {message}", layers=layers),) if rows else ()


_UNBUILT = Note(
    "N224",
    "Keras' fit would build its optimizer without the initial weights, and so train from 0; the "
    "Keras program builds it first",
)


def _schedule_free(optimizer: ScheduleFreeAdamW, at: Setting) -> Update:
    warmup = optimizer.warmup_steps
    value = call(
        "ScheduleFreeAdamW",
        PARAMETERS,
        lr=at.rate,
        betas=_betas(optimizer),
        eps=literal(optimizer.epsilon),
        warmup_steps=at.constants.add("WARMUP_STEPS", warmup) if warmup else None,
    )
    return Update(
        name="schedule-free AdamW",
        value=value,
        l2_as_decay=adds_l2(optimizer),
        decay=decay_of(optimizer, at),
        sections=(ScheduleFreeClass(has_groups(optimizer, at), bool(warmup)),),
        notes=(_UNBUILT,),
    )


def _ftrl(optimizer: Ftrl, at: Setting) -> Update:
    extra = {
        "l1": optimizer.l1_regularization_strength,
        "l2": optimizer.l2_regularization_strength,
        "l2_shrinkage": optimizer.l2_shrinkage_regularization_strength,
        "beta": optimizer.beta,
    }
    given = {name: literal(number) for name, number in extra.items() if number}
    value = call(
        "FtrlOptimizer",
        PARAMETERS,
        lr=at.rate,
        lr_power=literal(optimizer.learning_rate_power),
        initial_accumulator_value=literal(optimizer.initial_accumulator_value),
        **given,
    )
    names = ["lr_power", "initial_accumulator_value", *given]
    own = FtrlClass(
        groups=has_groups(optimizer, at),
        signature="".join(f", {name}: float" for name in names),
        defaults="".join(f', "{name}": {name}' for name in names),
        **{name: name in given for name in extra},
    )
    return Update(
        name="FTRL",
        value=value,
        l2_as_decay=adds_l2(optimizer),
        decay=decay_of(optimizer, at),
        sections=(own,),
    )


def _adafactor(optimizer: Adafactor, at: Setting) -> Update:
    """torch.optim.Adafactor, or a class: in exact programs with convolutions, or for what it lacks.

    PyTorch factors the last two axes of its tensor: those of a convolution's window, where Keras
    has the channels. It squares its epsilon, so that is the root of Keras'.
    """
    trained = [w for w in at.weights if w.variable.trainable and w.row is None]
    foreign = [w for w in trained if not _is_factored_alike(w, -2, -1)]
    decay = decay_of(optimizer, at)
    by_class = (at.exact and bool(foreign)) or optimizer.clip_threshold < 1
    by_class |= optimizer.epsilon_1 > 1e-24  # which PyTorch does not add, but keeps as a minimum
    pairs = [(w, _factored(w)) for w in trained if by_class and not _is_factored_alike(w, 0, 1)]
    factored = [f"{w.tensor}: {pair}" for w, pair in pairs if pair]
    first = literal(optimizer.epsilon_1)
    smallest = first if by_class else Code(f"math.sqrt({first})")
    value = call(
        "KerasAdafactor" if by_class else "torch.optim.Adafactor",
        PARAMETERS,
        lr=at.rate,
        beta2_decay=_unless(optimizer.beta_2_decay, -0.8, by_class),
        eps=Code(f"({smallest}, {literal(optimizer.epsilon_2)})"),
        d=_unless(optimizer.clip_threshold, 1.0, by_class),
        factored=Code("{" + ", ".join(factored) + "}") if factored else None,
    )
    message = (
        "PyTorch factors the last two dimensions, of a convolution's kernel its window, Keras the "
        "last two axes, its channels"
    )
    notes = [Note("N222", f"{message}; fidelity: exact matches Keras", f"{message}.")]
    if by_class:
        other = [w for w, pair in pairs if not pair]
        text = f"{', '.join(w.parameter for w in other)}: PyTorch factors other axes than Keras"
        notes = [Note("N222", text, layers=tuple(w.layer for w in other))] if other else []
    return Update(
        name="Adafactor",
        value=value,
        l2_as_decay=False,
        decay=decay,
        sections=(AdafactorClass(bool(factored)),) if by_class else (),
        notes=(*(notes if foreign else ()), *_apart(at)),
        comment=None if by_class else "Keras adds epsilon to the square, PyTorch squares its own.",
    )


def _unless(value: float, default: float, always: bool) -> Code | None:
    return literal(value) if always or value != default else None


def _factored(weight: Weight) -> tuple[int, int] | None:
    """Return the dimensions of PyTorch's tensor that Keras factors, or None where none are."""
    rank = len(dimensions(weight.variable.shape, weight.transform))
    pairs = combinations(range(rank), 2)
    return next((pair for pair in pairs if _is_factored_alike(weight, *pair)), None)


def _is_factored_alike(weight: Weight, first: int, second: int) -> bool:
    """Tell whether two dimensions of PyTorch's tensor are the last two axes that Keras factors.

    Where one of two axes has length 1, they are averaged without being factored.
    """
    shape = weight.variable.shape
    axes = {axis for axis in range(len(shape))[-2:] if shape[axis] > 1}
    held = dimensions(shape, weight.transform)
    if len(held) < 2:
        return len(axes) < 2
    pair = [{axis for axis, size in held[d] if size > 1} for d in (first, second)]
    if len(axes) < 2 and not all(pair):
        return True
    return set().union(*pair) == axes and all(len(found) < 2 for found in pair)


def _of_type(matrices: Sequence[str]) -> str:
    """Return what tells type checkers what a list holds where nothing in it does."""
    return "" if matrices else ": list[torch.Tensor]"


def _muon(optimizer: Muon, at: Setting) -> Update:
    """A class for all weights: torch.optim.Muon takes matrices alone, and works in bfloat16."""
    matrices = [w.tensor for w in _muon_weights(optimizer, at.weights, at.model)]
    value = call(
        "MuonOptimizer",
        Code("matrices"),
        Code("others"),
        lr=at.rate,
        momentum=literal(optimizer.momentum),
        coefficients=literal((optimizer.muon_a, optimizer.muon_b, optimizer.muon_c)),
        ns_steps=literal(optimizer.ns_steps),
        rms_rate=None if optimizer.rms_rate is None else literal(optimizer.rms_rate),
        weight_decay=_muon_decay(optimizer, at),
        betas=literal((optimizer.adam_beta_1, optimizer.adam_beta_2)),
        eps=literal(optimizer.epsilon),
        adam_lr_ratio=_unless(optimizer.adam_lr_ratio, 1.0, False),
        adam_weight_decay=literal(optimizer.adam_weight_decay or 0.0),
    )
    rms = optimizer.rms_rate is not None
    none = Note("N223", "no weight is a matrix that Muon takes, so AdamW updates them all")
    return Update(
        name="Muon and AdamW",
        value=value,
        l2_as_decay=False,
        before=(
            statement(f"matrices{_of_type(matrices)} = ", _listed(matrices), _BODY),
            "chosen = set(matrices)",
            "others = [p for p in model.parameters() if p not in chosen]",
        ),
        sections=(MuonClass(optimizer.nesterov, rms, optimizer.adam_lr_ratio != 1),),
        notes=(*(() if matrices else (none,)), *_apart(at), *_vectors(at)),
    )


def _vectors(at: Setting) -> tuple[Note, ...]:
    """Return the note of matrices of one row that PyTorch holds as vectors."""
    found = [
        weight
        for weight in at.weights
        if weight.row is None
        and weight.variable.trainable
        and len(weight.variable.shape) == 2
        and len(dimensions(weight.variable.shape, weight.transform)) != 2
    ]
    message = "a matrix for Muon in Keras, a vector in PyTorch, which AdamW updates"
    names = ", ".join(weight.parameter for weight in found)
    layers = tuple(weight.layer for weight in found)
    return (Note("N225", f"{names}: {message}", layers=layers),) if found else ()


def _listed(items: Sequence[str]) -> Call | Code:
    return Code("[" + ", ".join(items) + "]")


def _muon_decay(optimizer: Muon, at: Setting) -> Code:
    if "weight_decay" in optimizer.model_fields_set:
        return decay_of(optimizer, at) or literal(0.0)
    return literal(optimizer.weight_decay)


def _muon_weights(optimizer: Muon, weights: Sequence[Weight], model: str) -> list[Weight]:
    """Return the weights that Muon itself updates: matrices that its arguments do not exclude.

    Keras looks for the words in the path of the variable, the model's name included.
    """
    words = [*(optimizer.exclude_layers or ()), *["(?i:embedding)"] * optimizer.exclude_embeddings]
    return [
        weight
        for weight in weights
        if weight.variable.trainable
        and len(weight.variable.shape) == 2
        and weight.row is None
        and not weight.frozen
        and len(dimensions(weight.variable.shape, weight.transform)) == 2
        and not any(re.search(w, f"{model}/{weight.layer}/{weight.variable.name}") for w in words)
    ]


UPDATES: dict[type[Optimizer], Callable[..., Update]] = {
    Lion: _lion,
    Lamb: _lamb,
    ScheduleFreeAdamW: _schedule_free,
    Ftrl: _ftrl,
    Adafactor: _adafactor,
    Muon: _muon,
}
