"""What the keys of a spec hold: those at its top, of the input, of the training, of every layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from specc.explain.layout import in_yaml, indented, wrapped
from specc.explain.words import limits, written_default
from specc.spec.document import Input, Spec, Training
from specc.spec.word import Layer, Word
from specc.validate import expects


@dataclass(frozen=True, slots=True)
class _Place:
    """Where keys stand.

    Attributes:
        name: For a text.
        cls: The class whose fields they are.
    """

    name: str
    cls: type[Word]


_PLACES = (
    _Place("at the top of a spec", Spec),
    _Place("in input", Input),
    _Place("in training", Training),
    _Place("in any layer", Layer),
)

# An example of each key, by the class that has it.
_EXAMPLES: dict[type[Word], dict[str, str]] = {
    Spec: {
        "name": "name: digits_mlp",
        "description": "description: Two hidden layers on 8x8 digits",
        "seed": "seed: 7",
        "fidelity": "fidelity: exact",
        "input": "input: [28, 28, 1]   # or {shape: [200], dtype: int32}",
        "layers": "layers:\n  - flatten\n  - dense: {units: 10, activation: softmax}",
        "optimizer": "optimizer: {adam: {learning_rate: 0.001}}",
        "loss": "loss: sparse_categorical_crossentropy",
        "metrics": "metrics: [accuracy]",
        "training": "training: {epochs: 20, batch_size: 32}",
        "data": "data: {npz: data/digits.npz}",
    },
    Input: {
        "shape": "input: {shape: [28, 28, 1]}",
        "dtype": "input: {shape: [200], dtype: int32}",
        "name": "input: {shape: [64], name: pixels}",
    },
    Training: {
        "batch_size": "training: {batch_size: 64}",
        "epochs": "training: {epochs: 20}",
        "callbacks": (
            "training:\n  validation_split: 0.1\n  callbacks:\n"
            "    - early_stopping: {monitor: val_loss, patience: 3, restore_best_weights: true}"
        ),
        "validation_split": "training: {validation_split: 0.1}",
        "shuffle": "training: {shuffle: false}",
        "class_weight": "training:\n  class_weight: {0: 1.0, 1: 5.0}",
    },
    Layer: {
        "name": "layers:\n  - dense: {units: 10, name: output}",
        "trainable": "layers:\n  - dense: {units: 64, trainable: false}\n  - dense: 10",
        "dtype": "layers:\n  - dense: {units: 10, dtype: float32}",
    },
}

_FAMILIES = {
    "layers": "a list, each a layer",
    "callbacks": "a list, each a callback",
    "metrics": "a list, each a metric",
    "optimizer": "an optimizer, or null",
    "loss": "a loss, or null",
    "data": "a data source: npz or csv, or null",
    "input": "a shape, or a mapping of its keys",
    "training": "a mapping of its keys, or null",
}

_BLOCKS: dict[str, type[Word]] = {"input": Input, "training": Training}

KEYS = sorted({key for place in _PLACES for key in place.cls.model_fields})


def _found(key: str) -> Iterator[_Place]:
    yield from (place for place in _PLACES if key in place.cls.model_fields)


def summaries() -> list[str]:
    """Return a line for each key: its name, where it stands, and what it holds."""
    return [
        f"{key} ({place.name}) - {field.description}"
        for place in _PLACES
        for key, field in place.cls.model_fields.items()
    ]


def explain_key(key: str) -> list[str]:
    """Return what there is to know of a key, once for each place that has one of its name."""
    return [_explained(key, place) for place in _found(key)]


def _explained(key: str, place: _Place) -> str:
    field = place.cls.model_fields[key]
    default = "required" if field.is_required() else in_yaml(written_default(field))
    parts = [f"key {key}, {place.name}", wrapped(field.description or "")]
    parts += ["", "takes", wrapped(_takes(key, place)), "", "default", f"  {default}"]
    inner = _BLOCKS.get(key)
    if inner is not None:
        parts += ["", "its keys", wrapped(", ".join(inner.model_fields))]
    return "\n".join([*parts, "", "example", indented(_EXAMPLES[place.cls][key])])


def _takes(key: str, place: _Place) -> str:
    """Return what a key takes."""
    if place.cls in (Spec, Training) and key in _FAMILIES:
        return _FAMILIES[key]
    field = place.cls.model_fields[key]
    null = "or null" if field.default is None and not field.is_required() else ""
    return ", ".join(filter(None, [expects(place.cls, key), *limits(field), null]))
