"""A text that is no YAML: the mistake is told where it was made, with the likely fix."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from specc.diagnostics import Diagnostic, Source, SpeccError
from specc.source import load

ROOT = Path(__file__).parents[2]
SPECS = sorted([*ROOT.glob("specs/*.yaml"), *ROOT.glob("tests/cases/*/spec.yaml")])
SIGNS = ":,[]{}\"'"

SPEC = """\
name: digits_cnn
description: "A small net"
seed: 7
input: {shape: [8, 8, 1], dtype: float32}
layers:
  - conv2d: {filters: 16, kernel_size: 3, activation: relu}
  - max_pooling2d: 2
  - flatten
  - dense:
      units: 32
      activation: relu
      kernel_regularizer: {l2: 0.01}
  # the last one
  - dense: {units: 10, activation: softmax,
      name: output}
optimizer:
  adam:
    learning_rate: 0.001
    clipnorm: 1.0
loss: sparse_categorical_crossentropy
metrics: [accuracy]
training:
  epochs: 30
  batch_size: 32
  callbacks:
    - early_stopping: {monitor: val_loss, patience: 3}
  validation_split: 0.1
data: {npz: 'specs/digits.npz'}
"""

# One edit of the spec above in a line: what becomes what, the line, the column and the message.
# `SPECC_UPDATE=1 pytest tests/golden/test_yaml_mistakes.py` writes them anew; read the difference.
TABLE = ROOT / "tests" / "yaml_edits.jsonl"
EDITS = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


def mistake_in(text: str) -> Diagnostic | None:
    """Return the first mistake in a text, or None."""
    try:
        load(Source("spec.yaml", text))
    except SpeccError as error:
        return error.diagnostics[0]
    return None


def test_there_are_many_edits() -> None:
    assert mistake_in(SPEC) is None
    assert len(EDITS) >= 55


def test_one_edit() -> None:
    lines = []
    for old, new, *_ in EDITS:
        assert old in SPEC
        text = SPEC.replace(old, new, 1)
        found = mistake_in(text)
        assert found is not None
        assert found.code == "E102"
        told = f"{found.message}; {found.hint}" if found.hint else found.message
        lines.append([old, new, found.span.line, found.span.column, told])
        windows = mistake_in(text.replace("\n", "\r\n"))
        assert windows is not None
        place = windows.span.line, windows.span.column, windows.message
        assert place == (found.span.line, found.span.column, found.message)
    if os.environ.get("SPECC_UPDATE") == "1":
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        TABLE.write_text(text, encoding="utf-8")
    assert lines == EDITS


def opened(text: str, at: int) -> list[int]:
    """Return the lines of the brackets that are open at a place of a text without a mistake."""
    lines: list[int] = []
    for place, sign in enumerate(text[:at]):
        if sign in "[{":
            lines.append(text.count("\n", 0, place) + 1)
        elif sign in "]}" and lines:
            lines.pop()
    return lines


@pytest.mark.parametrize("path", SPECS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_sign_that_is_missing_is_told_in_its_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    places = [at for at, sign in enumerate(text) if sign in SIGNS]
    draw = random.Random(path.parent.name)
    for at in draw.sample(places, min(25, len(places))):
        found = mistake_in(text[:at] + text[at + 1 :])
        if found is None or found.code != "E102":
            continue
        line = text.count("\n", 0, at) + 1
        assert found.span.line in {line, *opened(text, at)}, f"{line}: {found.render()}"


@pytest.mark.parametrize("path", SPECS[::6], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_text_that_ends_too_early(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for at in random.Random(path.stem).sample(range(len(text)), 25):
        found = mistake_in(text[:at])
        if found is not None and found.code == "E102":
            line = text.count("\n", 0, at) + 1
            assert found.span.line in {line, *opened(text, at)}, f"{line}: {found.render()}"
