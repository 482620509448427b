"""No string of a spec becomes code: it is refused, or it stands as a constant and nothing more."""

from __future__ import annotations

import ast
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writing import spec

from specc.diagnostics import Source
from specc.pipeline import compile_source

STRINGS = [
    '"',
    "'",
    '"""',
    "'''",
    '"""\nimport os\n"""',
    "\\",
    'a\\"b',
    "\\\nimport os",
    "\n",
    "\r",
    "a\nimport os\n",
    "a\r\nimport os",
    "#",
    "# noqa\nimport os",
    "{",
    "}",
    "{}",
    "{{ name }}",
    "{{ 1 + 1 }}",
    "{% include 'x' %}",
    "{# no #}",
    "{__import__('os')}",
    "{epoch.__class__}",
    "%(default)s %s",
    "a); import os; print(",
    '"); import os; ("',
    "x'); import os #",
    "\0",
    "a\0b",
    "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029import os",
    "\N{RIGHT-TO-LEFT OVERRIDE}tpircs",
    "\N{LATIN SMALL LETTER E WITH ACUTE}\N{GRINNING FACE}",
    "\N{ZERO WIDTH SPACE}",
    "__import__",
    "lambda",
    "None",
    "self",
    "x" * 300,
    "\t  \t",
    "-*- coding: utf-7 -*-",
    "../../etc/passwd",
    "${HOME} $(id) `id`",
]

ALPHABET = st.sampled_from("\"'\\\n\r\t\0 {}%#();:=[]_.azA0\x85\u2028\u00e9\U0001f600")

HOLE = "HOLE"
DENSE: dict[str, Any] = {"dense": {"units": 3, "activation": "softmax"}}
ONE: dict[str, Any] = {"dense": 1}
SPARSE: dict[str, Any] = {"loss": "sparse_categorical_crossentropy"}


def training(**arguments: Any) -> dict[str, Any]:
    """Return a spec's training with one callback."""
    return {"training": {"validation_split": 0.5, "callbacks": [arguments]}}


def custom(**arguments: Any) -> str:
    """Return a spec with a custom layer."""
    layer = {"keras": "a:B", "torch": "c:D", **arguments}
    return spec([4], [{"custom": layer}, DENSE])


# Where a spec takes a string, with a harmless one.
PLACES: dict[str, tuple[str, str]] = {
    "name": (spec([4], [DENSE], name=HOLE), "harmless"),
    "description": (spec([4], [DENSE], description=HOLE), "harmless"),
    "layer name": (spec([4], [{"dense": {"units": 3, "name": HOLE}}]), "harmless"),
    "input name": (spec([4], [DENSE], input={"shape": [4], "name": HOLE}), "harmless"),
    "metric name": (
        spec([4], [DENSE], metrics=[{"accuracy": {"name": HOLE}}], **SPARSE),
        "harmless",
    ),
    "loss name": (spec([4], [DENSE], loss={"huber": {"name": HOLE}}), "harmless"),
    "optimizer name": (spec([4], [DENSE], optimizer={"adam": {"name": HOLE}}), "harmless"),
    "npz path": (spec([4], [DENSE], data={"npz": HOLE}), "harmless"),
    "csv path": (spec([4], [ONE], data={"csv": HOLE}), "harmless"),
    "csv test path": (
        spec([4], [ONE], data={"csv": {"path": "p", "test_path": HOLE}}),
        "harmless",
    ),
    "csv target": (spec([4], [ONE], data={"csv": {"path": "p", "target": HOLE}}), "harmless"),
    "csv delimiter": (spec([4], [ONE], data={"csv": {"path": "p", "delimiter": HOLE}}), ";"),
    "monitor": (spec([4], [DENSE], **training(early_stopping=HOLE)), "val_loss"),
    "argument value": (custom(arguments={"key": HOLE}), "harmless"),
    "argument list": (custom(arguments={"key": ["a", HOLE]}), "harmless"),
    "argument inner key": (custom(arguments={"key": {HOLE: 1}}), "harmless"),
    "argument key": (custom(arguments={HOLE: 1}), "harmless"),
    "keras path": (custom(keras=HOLE), "a:B"),
    "torch path": (custom(torch=HOLE), "c:D"),
    "activation": (spec([4], [{"dense": {"units": 3, "activation": HOLE}}]), "relu"),
}
# Places whose value must stand in both programs as it is.
INTACT = {
    *("npz path", "csv path", "csv test path", "csv target", "csv delimiter"),
    *("metric name", "argument value", "argument list", "argument inner key"),
}


def quoted(text: str) -> str:
    """Return the YAML of any string."""
    return '"' + "".join(f"\\U{ord(c):08x}" for c in text) + '"'


def programs(template: str, text: str, file: str = "spec.yaml") -> dict[str, str] | None:
    """Return the programs of a template whose hole holds a text, or None where it is refused."""
    found = compile_source(Source(file, template.replace(json.dumps(HOLE), quoted(text))))
    return {name[-8:]: code for name, code in found.files.items()} if found.ok else None


def shape(node: Any) -> Any:
    """Return a syntax tree without names and strings."""
    if isinstance(node, ast.AST):
        return type(node).__name__, [shape(value) for _, value in ast.iter_fields(node)]
    if isinstance(node, list):
        return [shape(item) for item in node]
    return None if isinstance(node, str) else node


@cache
def plain_shapes(template: str, text: str) -> Any:
    """Return the shapes of the programs that hold a harmless text."""
    return shapes(programs(template, text))


def shapes(found: dict[str, str] | None) -> Any:
    """Return the syntax trees of programs without names and strings."""
    assert found is not None
    return {target: shape(ast.parse(code)) for target, code in found.items()}


def constants(code: str) -> set[Any]:
    """Return the strings of a program."""
    nodes = ast.walk(ast.parse(code))
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def check(place: str, text: str) -> None:
    """Compare the programs that hold a text with those that hold a harmless one."""
    template, harmless = PLACES[place]
    found = programs(template, text)
    if found is None:
        return
    assert shapes(found) == plain_shapes(template, harmless)
    if place in INTACT:
        assert all(text in constants(code) for code in found.values())


@pytest.mark.parametrize("place", PLACES)
def test_fixed_strings(place: str) -> None:
    assert programs(*PLACES[place]) is not None
    for text in STRINGS:
        check(place, text)


@pytest.mark.parametrize("place", PLACES)
def test_strings_in_data_paths_are_taken(place: str) -> None:
    if place in INTACT - {"csv delimiter"}:
        assert programs(PLACES[place][0], 'a"b\\c{{ d }}') is not None


@pytest.mark.parametrize("place", ["checkpoint"])
@pytest.mark.parametrize("ending", [".keras", ".weights.h5"])
def test_checkpoints(place: str, ending: str) -> None:
    weights = ending == ".weights.h5"
    template = spec(
        [4],
        [DENSE],
        **training(model_checkpoint={"filepath": HOLE, "save_weights_only": weights}),
    )
    plain = shapes(programs(template, "harmless" + ending))
    # A folder with braces is another one after each epoch, and doubled braces take no value.
    braces = ("{epoch}", "{epoch}/a", "{{}}")
    formatted = [shapes(programs(template, name + ending)) for name in braces]
    for text in STRINGS:
        found = programs(template, text + ending)
        if found is None:
            continue
        assert shapes(found) in (formatted if "{" in text or "}" in text else [plain])
        assert text + ending in constants(found["keras.py"])
        assert text + ".pt" in constants(found["torch.py"])


def test_file_names() -> None:
    template, harmless = PLACES["name"]
    plain = shapes(programs(template, harmless))
    for text in STRINGS:
        assert shapes(programs(template, harmless, text)) == plain


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=st.sampled_from(sorted(PLACES)), text=st.text(ALPHABET, min_size=1, max_size=20))
def test_any_string(place: str, text: str) -> None:
    check(place, text)
