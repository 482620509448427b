"""No name of a spec hides what a generated program needs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import specc
from specc.names import PROGRAM_NAMES
from specc.spec.catalogue import CATALOGUE, load
from specc.targets import keras, torch

TEMPLATES = Path(__file__).parent.parent / "templates"

HEAD = "name: net\nseed: 1\ninput: [8]\nlayers: [dense: {units: 3, activation: softmax%s}]\n"
FULL = """\
fidelity: %s
optimizer: {%s: {weight_decay: 0.1, %s, use_ema: true, ema_overwrite_frequency: 2,
  gradient_accumulation_steps: 2}}
loss: {categorical_crossentropy: {label_smoothing: 0.1}}
metrics: [accuracy]
training:
  epochs: 3
  validation_split: 0.1
  class_weight: {0: 2.0}
  callbacks:
    - early_stopping: {patience: 3, baseline: 1.0, min_delta: 0.1, start_from_epoch: 1}
    - model_checkpoint: a.keras
data: %s
"""
REGULARIZERS = ", kernel_regularizer: orthogonal_regularizer, activity_regularizer: l2"
VARIANTS = [
    ("idiomatic", "sgd", "momentum: 0.9, clipnorm: 1.0", "{npz: a.npz}"),
    ("exact", "rmsprop", "rho: 0.8, clipvalue: 1.0", "{csv: {path: a.csv, target: [a, b, c]}}"),
    (
        "exact",
        "adam",
        "beta_1: 0.8, global_clipnorm: 1.0",
        "{csv: {path: a, test_path: b, header: false, target: [0, 1, 2]}}",
    ),
]


def names_of(text: str) -> set[str]:
    """Return the names that a program binds at its top, its own class left out."""
    names: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names - {"Net"}


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant[1])
def test_no_model_is_called_like_what_a_program_binds(variant: tuple[str, ...]) -> None:
    result = specc.compile(HEAD % REGULARIZERS + FULL % variant)
    assert len(result.files) == 2, [d.render() for d in result.diagnostics]
    bound = {name for text in result.files.values() for name in names_of(text)}
    assert "EPOCHS" in bound
    assert {name for name in bound if name[0].isupper() and "_" not in name} <= PROGRAM_NAMES


@pytest.mark.parametrize("name", sorted(PROGRAM_NAMES))
def test_the_names_of_programs_are_refused(name: str) -> None:
    result = specc.compile((HEAD % "").replace("net", name))
    assert [diagnostic.code for diagnostic in result.diagnostics] == ["E303"]


def test_classes_of_the_templates_are_known() -> None:
    lines = [line for path in TEMPLATES.rglob("*.jinja") for line in path.read_text().split("\n")]
    groups = (*torch.IMPORTS, *keras.IMPORTS)
    names = {name for group in groups for statement in group for name in statement.gives}
    names |= {line[6:].split("(")[0] for line in lines if line.startswith("class ")}
    classes = {name for name in names if name[0].isupper()}
    assert "DataLoader" in classes
    words = {load("layer", word) for word in CATALOGUE["layer"]}
    # A program that has one of these layers cannot have its name.
    layers = {cls.__name__ for cls in words if cls and getattr(cls, "defines_class", False)}
    assert layers <= classes
    assert classes - layers <= PROGRAM_NAMES
