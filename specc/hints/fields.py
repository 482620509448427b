"""What a field that a word lacks most likely meant."""

from __future__ import annotations

from specc.diagnostics import did_you_mean, nearest
from specc.hints.forms import joined
from specc.hints.names import (
    known_field,
    meant_field,
    renamed_field,
    same_letters,
    with_part,
    words_of,
)
from specc.hints.values import BRACKETS
from specc.hints.words import Slip
from specc.hints.writing import listing
from specc.source import Scalar, Tree, shortened
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.document import Spec, Training
from specc.spec.wishes import wish
from specc.spec.word import Word, later

_LATER = later("any")["any"]
# Keys of the document that people write into `training`, as Keras' compile has them.
_BESIDE = ("optimizer", "loss", "metrics", "data", "input", "layers", "seed", "fidelity")


def unknown_field(
    cls: type[Word], key: Scalar, value: Tree, first: tuple[type[Word] | None, str | None]
) -> Slip:
    """Return what there is to say of a field that a word lacks.

    Arguments:
        value: What stands behind it.
        first: The class of words that the first field of `cls` holds, and that field.
    """
    name = str(key.value)
    refused = same_letters(name, cls.refused)
    if refused is not None:
        reason = cls.refused[refused]
        # A wish says more than that this version lacks it.
        entry = wish(_place(cls), refused) if reason == _LATER else None
        message = f"{refused!r} of {cls.word} is not supported: {entry.fact if entry else reason}"
        return Slip("E208", message, entry.way if entry else None)
    message = f"unknown field {shortened(key.value)} in {cls.word}"
    found, hint = _without_colon(cls, name) if _is_nothing(value) else (None, None)
    if hint is None:
        found, hint = _meant(cls, name, *first)
    entry = wish(_place(cls), name) if hint is None else None
    if entry is not None:
        message = f"{shortened(key.value)} is not supported in {cls.word}: {entry.fact}"
        return Slip("E212", message, entry.way, nearest(name, cls.model_fields))
    if hint is None:
        found, hint = _near(cls, name)
    return Slip("E207", message, hint or _all_fields(cls), found)


Meaning = tuple[str | None, str | None]  # a field that is surely meant, and the hint


def _without_colon(cls: type[Word], name: str) -> Meaning:
    """Return what `units=32` means, or the second half of `(3, 3)`, where nothing stands behind."""
    apart = joined(name, lambda field: known_field(cls, field))
    if apart:
        return apart[0], f"write '{apart[0]}: {apart[1]}', with a space behind the colon"
    return None, BRACKETS if name.endswith(")") or name.isdigit() else None


def _meant(cls: type[Word], name: str, kind: type[Word] | None, field: str | None) -> Meaning:
    """Return what a name surely means: another spelling, another place, another framework."""
    glued = same_letters(name.partition("{")[0].strip(), cls.model_fields)
    if glued and "{" in name:  # `kernel_regularizer {l2: 0.01}` is a key with a brace to YAML
        return glued, f"put a colon and a space behind {glued!r}"
    same = same_letters(name, cls.model_fields)
    if same:
        return same, f"did you mean {same!r}?"
    misplaced = _misplaced(cls, name)
    if misplaced:
        return None, misplaced
    found, hint = meant_field(name, cls.model_fields)
    if hint is None and cls.family == "layer" and name in CATALOGUE["layer"] and kind is None:
        return None, f"it is a layer of its own: put '- {name}: ...' behind this one"
    if hint is None and kind is not None and kind.family and name in CATALOGUE[kind.family]:
        return field, f"write {cls.word}: {{{field}: {{{name}: ...}}}}"
    return found, hint


def _is_nothing(value: Tree) -> bool:
    return isinstance(value, Scalar) and value.value is None


def _place(cls: type[Word]) -> str:
    return cls.family or {"the spec": "spec"}.get(cls.word, cls.word)


def _misplaced(cls: type[Word], name: str) -> str | None:
    """Return the hint where a field belongs to another part of the spec."""
    if cls is Training and name in _BESIDE:
        return f"put it beside training, at the start of a line: {name}: ..."
    if cls not in (Spec, Training):
        return None
    beside = renamed_field(name, Spec.model_fields) if cls is Training else None
    if beside in _BESIDE and beside != "layers":
        return f"write {beside}: ... beside training, at the start of a line"
    found = _fit_field(name)
    if cls is Spec and found:
        return "put it into training" if found == name else f"write {found} in training"
    optimizer = _of_optimizer(name)
    if optimizer:
        return f"put it into the optimizer, as in {optimizer}"
    if name in CATALOGUE["callback"]:
        where = "callbacks" if cls is Training else "callbacks of training"
        return f"put it into {where}: callbacks: [{name}: ...]"
    if cls is Spec and name in CATALOGUE["layer"]:
        return f"put it into layers, as an item: '- {name}: ...'"
    return None


def _fit_field(name: str) -> str | None:
    if name in Spec.model_fields or renamed_field(name, Spec.model_fields):
        return None
    own = [field for field in Training.model_fields if field not in Spec.model_fields]
    return known_field(Training, name) if known_field(Training, name) in own else None


def _of_optimizer(name: str) -> str | None:
    """Return an optimizer with the argument that a name means, or None."""
    for word in ("adam", "sgd"):
        cls = load("optimizer", word)
        found = known_field(cls, name) if cls else None
        if found and found not in Spec.model_fields:
            return f"{word}: {{{found}: ...}}"
    return None


_ENDS = ("regularizer", "initializer", "constraint")  # of fields that each weight has


def _near(cls: type[Word], name: str) -> Meaning:
    """Return the field of which a name is a slip, and a hint; those alike where it is none."""
    fields = list(cls.model_fields)
    known = _is_known_elsewhere(cls, name)
    hint = None if known else did_you_mean(name, fields)
    if hint:
        return nearest(name, fields), hint
    last = name.rpartition("_")[2].lower()
    alike = with_part(name, fields) or (with_part(last, fields) if last in _ENDS else [])
    if len(alike) == 1 and not known:
        return None, f"did you mean {alike[0]!r}?"
    return None, f"there are {listing(alike)}" if len(alike) > 1 else None


def _is_known_elsewhere(cls: type[Word], name: str) -> bool:
    """Tell whether another word of the family has a field, so that its name is no slip."""
    if not cls.family:
        return False
    classes = (load(cls.family, word) for word in words_of(cls.family))
    return any(name in other.model_fields for other in classes if other)


def _all_fields(cls: type[Word]) -> str:
    fields = [*cls.parameters(), *(f for f in cls.common if f in cls.model_fields)]
    return f"its fields are {listing(fields)}" if fields else "it takes none"
