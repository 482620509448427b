"""`specc schema`: for an editor, every spec is as right or wrong as for specc."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic import BeforeValidator, create_model

from specc import schema as module
from specc.cli import main
from specc.codes import CODES
from specc.diagnostics import Diagnostic, Source, SpeccError
from specc.examples import example, written
from specc.pipeline import front
from specc.schema import schema, text
from specc.source import Tree, load, plain
from specc.spec import catalogue
from specc.spec.catalogue import CATALOGUE
from specc.spec.word import Word
from specc.validate import validate

ROOT = Path(__file__).parents[2]
RIGHT = sorted([*ROOT.glob("specs/*.yaml"), *ROOT.glob("tests/cases/*/spec.yaml")])
WRONG = sorted(ROOT.glob("tests/errors/*/spec.yaml"))
SCHEMA = schema()
VALIDATOR = Draft7Validator(SCHEMA)
WORDS = [(family, word) for family in CATALOGUE for word in CATALOGUE[family]]

# What a schema says too, by code.
SAID = {
    "E110",
    *(code for code in CODES if code.startswith("E2")),
    "E301",  # of names, which are a pattern
}
# What no schema can say, by the first letters of a code.
BEYOND = {
    "E6": "about files of programs, not about a spec",
    "E111": "the file is that of another tool",
    "E10": "the text has no data, or the editor's own YAML reader tells of it",
    "E302": "a name is compared with all others",
    "E303": "what names become in a program is compared with hundreds of names that it needs",
    "E4": "shapes are computed from layer to layer",
    "E5": "parts of the spec are compared with each other",
}
# What no schema can say of a single value, by what specc expected.
FINER = {
    "numbers in rising order": "values are compared with each other",
    "each larger than the one before": "values are compared with each other",
    "one more than there are boundaries": "two arguments are compared with each other",
    "at least min_value": "two arguments are compared with each other",
    "as initial_learning_rate is 0": "two arguments are compared with each other",
    "the lowest and the highest value": "values are compared with each other",
    "lists of numbers of one length": "lengths of lists are compared with each other",
    "one of which may be -1": "draft 7 cannot count how often a value is in a list",
    "each letter once in a part": "letters are compared with each other",
    "in another part too": "letters are compared with each other",
    "the dots in the same place": "parts of a text are compared with each other",
}


# The verdicts of both


def as_json(value: Any) -> Any:
    """Return data of a spec as an editor has it: lists for tuples, keys as they are written."""
    if isinstance(value, dict):
        keys = {key: key if isinstance(key, str) else json.dumps(key) for key in value}
        return {keys[key]: as_json(inner) for key, inner in value.items()}
    return [as_json(inner) for inner in value] if isinstance(value, tuple | list) else value


def refused(data: Any) -> bool:
    """Tell whether the schema refuses a spec's data."""
    return not VALIDATOR.is_valid(as_json(data))


def mistakes(spec: str) -> list[Diagnostic]:
    """Return the mistakes in a spec that a schema could tell of."""
    source, found = Source("spec.yaml", spec), []
    try:
        validate(load(source), source)
    except SpeccError as error:
        found = list(error.diagnostics)
    try:
        front(source)
    except SpeccError as error:
        found += [d for d in error.diagnostics if d.code == "E301"]
    return found


def is_finer(diagnostic: Diagnostic) -> bool:
    return any(part in diagnostic.message for part in FINER)


def check_same_verdict(data: Any, spec: str) -> None:
    """Check that the schema refuses data where specc does."""
    found = mistakes(spec)
    if refused(data):
        assert found, [error.message for error in VALIDATOR.iter_errors(as_json(data))]
    else:
        assert [d.render() for d in found if not is_finer(d)] == []


def tree(path: Path) -> Tree | None:
    """Return what a file holds, or None where it is no YAML for specc."""
    try:
        return load(Source("spec.yaml", path.read_bytes().decode("utf-8")))
    except SpeccError:
        return None


def test_every_code_is_said_or_beyond() -> None:
    errors = {code for code in CODES if code.startswith("E")} - {"E100"}
    beyond = {code for code in errors if code.startswith(tuple(BEYOND))}
    assert SAID | beyond == errors
    assert not SAID & beyond


# Every spec, right and wrong


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: str(path.relative_to(ROOT)))
def test_right_specs(path: Path) -> None:
    found = tree(path)
    assert found is not None
    errors = [error.message[:200] for error in VALIDATOR.iter_errors(as_json(plain(found)))]
    assert errors == []


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.parent.name)
def test_wrong_specs(path: Path) -> None:
    found = tree(path)
    if found is not None:
        check_same_verdict(plain(found), path.read_bytes().decode("utf-8"))


def test_most_of_what_validate_refuses_the_schema_refuses() -> None:
    trees = [(path, found) for path in WRONG if (found := tree(path)) is not None]
    told = [(path, found) for path, found in trees if mistakes(path.read_text(encoding="utf-8"))]
    missed = [path.parent.name for path, found in told if not refused(plain(found))]
    assert len(told) > 130
    assert len(missed) <= 6, missed


# Every word in every form, every argument with values of every kind


def forms(family: str, word: str) -> Iterator[Any]:
    """Yield a word as a spec might have it, rightly or not."""
    cls = catalogue.load(family, word)
    assert cls is not None
    use = written(family, cls.word)
    arguments = use[cls.word] if isinstance(use, dict) else {}
    first = next(iter(cls.parameters()), "")
    yield from (word, {word: None}, {word: {}}, {word: arguments}, {word: {"bogus": 1}})
    yield from ({word: 1.5, "name": "x"}, {word: [[]]}, {word: {**arguments, "name": "given"}})
    yield from ({word: {**arguments, name: 1}} for name in cls.refused)
    if first in arguments:
        yield {word: arguments[first]}


@pytest.mark.parametrize(("family", "word"), WORDS)
def test_every_form_of_a_word(family: str, word: str) -> None:
    canonical = catalogue.load(family, word)
    assert canonical is not None
    for use in forms(family, word):
        data = example(family, canonical.word, use)
        check_same_verdict(data, json.dumps(data))


VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 3, 7, 9, 0.5, -0.5, 1.5, -2.5, 2**40, "", " ", "x"),
    *("relu", "l2", "same", "auto", "1", "a.b:C", "ab,bc->ac", "a,b->ab->", "sgd", "epoch"),
    *([], [1], [2, 2], [0, 0], [2, 1, 3], [4, 3, 2, 1], [1, None], [-1, 2], [0.5], [0.1, 0.9]),
    *([1.5, 2.5], [True], ["x"], ["x", "x"], ["class"], [[1, 2], [3, 4]], [[1], [2, 3]], [[]]),
    *([{}], ["gru_cell"], [{"gru_cell": 3}], {}, {"x": 1}, {"l2": 0.1}, {"l2": -1}),
    *("a.class:C", "a.classes:C", {"class": 1}, {"classes": 1}, {"a-b": 1}),
    *({"relu": {}}, {"dense": 3}, {"cosine_decay": 9}, {"relu": 1, "elu": 1}, {"lstm_cell": 2}),
    {"cosine_decay": {"initial_learning_rate": 0.1, "decay_steps": 9}},
]


def argument_types() -> Iterator[tuple[str, str, str]]:
    """Yield an argument of each type, with its word and its family."""
    seen = set()
    for family, word in WORDS:
        cls = catalogue.load(family, word)
        assert cls is not None
        for name, field in cls.model_fields.items():
            kind = (repr(field.annotation), repr(field.metadata), name in cls.parameters()[:1])
            if word == cls.word and kind not in seen:
                seen.add(kind)
                yield family, word, name


@pytest.mark.parametrize(("family", "word", "name"), list(argument_types()))
def test_every_type_of_argument(family: str, word: str, name: str) -> None:
    use = written(family, word)
    arguments = use[word] if isinstance(use, dict) else {}
    for value in VALUES:
        data = example(family, word, {word: {**arguments, name: value}})
        check_same_verdict(data, json.dumps(data))


@pytest.mark.parametrize("part", ["", "input", "training"])
def test_every_argument_of_the_document(part: str) -> None:
    whole = {**example("metric", "mse"), "description": "d", "seed": 1, "fidelity": "exact"}
    whole["training"] = {"class_weight": None, "callbacks": ["early_stopping"], "epochs": 1}
    whole |= {"data": {"npz": "a"}, "input": {"shape": [6], "dtype": "float32", "name": "i"}}
    names = list(SCHEMA["properties"]) if not part else []
    names += [] if not part else [*whole[part], "shuffle", "batch_size", "validation_split"]
    for name in names:
        for value in VALUES:
            data = deepcopy(whole)
            (data[part] if part else data)[name] = value
            check_same_verdict(data, json.dumps(data))


@pytest.mark.parametrize(
    ("weights", "wrong"),
    [
        ("{0: 1.0, 1: 5}", False),
        ("{}", False),
        ("{0: -1}", True),
        ("{-1: 1}", True),
        ("{x: 1}", True),
        ("{0: x}", True),
        ("[1, 2]", True),
    ],
)
def test_class_weights(weights: str, wrong: bool) -> None:
    spec = f"name: m\ninput: [2]\nlayers: [flatten]\ntraining: {{class_weight: {weights}}}\n"
    data = plain(load(Source("spec.yaml", spec)))
    assert refused(data) == wrong
    check_same_verdict(data, spec)


# What JSON cannot tell apart


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("4.0", "JSON Schema takes 4.0 for an integer"),
        (".inf", "JSON has no infinity, so no limit shuts it out"),
    ],
)
def test_what_json_cannot_tell_apart(value: str, reason: str) -> None:
    argument = {"4.0": "units", ".inf": "mask_value"}[value]
    layer = {"4.0": "dense", ".inf": "masking"}[value]
    spec = f"name: m\ninput: [3, 2]\nlayers: [{layer}: {{{argument}: {value}}}]\n"
    assert not refused(plain(load(Source("spec.yaml", spec)))), reason
    assert {d.code for d in mistakes(spec)} <= {"E210", "E211"}
    assert mistakes(spec)


# Any mistake


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where each value within a value stands."""
    yield path
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, inner in items:
        yield from paths(inner, (*path, key))


def with_lists(value: Any) -> Any:
    """Return data of a spec with lists for tuples, so that it can be changed."""
    if isinstance(value, dict):
        return {key: with_lists(inner) for key, inner in value.items()}
    return list(map(with_lists, value)) if isinstance(value, tuple) else value


TEXTS = [path.read_text(encoding="utf-8") for path in RIGHT]
SPECS = [with_lists(plain(load(Source("spec.yaml", spec)))) for spec in TEXTS]


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """Draw a right spec with a few changes."""
    data = deepcopy(draw(st.sampled_from(SPECS)))
    for _ in range(draw(st.integers(1, 2))):
        *way, last = draw(st.sampled_from([path for path in paths(data) if path]))
        part = data
        for step in way:
            part = part[step]
        change = draw(st.sampled_from(["value", "drop", "key", "word"]))
        if change == "drop":
            del part[last]
        elif change == "key" and isinstance(part, dict):
            part[draw(st.sampled_from(["bogus", "name", "units", "dense", "axis"]))] = 1
        elif change == "word" and isinstance(part, dict):
            part[draw(st.sampled_from(["dense", "adam", "unit", "Dense"]))] = part.pop(last)
        else:
            part[last] = deepcopy(draw(st.sampled_from(VALUES)))
    return data


@given(changed())
@settings(max_examples=400, deadline=None, database=None, derandomize=True)
def test_random_mistakes(data: Any) -> None:
    spec = yaml.safe_dump(data)
    try:
        found = load(Source("spec.yaml", spec))
    except SpeccError:
        return
    check_same_verdict(plain(found), spec)


# The schema itself


def test_it_is_valid_in_draft_7() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert json.loads(text()) == json.loads(json.dumps(SCHEMA))


def references(part: Any) -> Iterator[str]:
    """Yield what a schema refers to."""
    if isinstance(part, dict):
        if "$ref" in part:
            assert list(part) == ["$ref"], "draft 7 ignores what stands beside it"
            yield part["$ref"].removeprefix("#/definitions/")
        part = list(part.values())
    for inner in part if isinstance(part, list) else ():
        yield from references(inner)


def test_every_definition_is_there_and_used() -> None:
    assert set(references(SCHEMA)) == set(SCHEMA["definitions"])


def arguments_of(found: Any) -> dict[str, Any]:
    mapping = found if "properties" in found else found["anyOf"][0]
    properties: dict[str, Any] = mapping["properties"]
    return properties


@pytest.mark.parametrize(("family", "word"), WORDS)
def test_every_argument_has_its_description_and_its_default(family: str, word: str) -> None:
    cls = catalogue.load(family, word)
    assert cls is not None
    found = SCHEMA["definitions"][f"{family}.{cls.word}"]
    assert found["description"]
    properties = arguments_of(found)
    assert set(properties) == set(cls.model_fields)
    for name, argument in properties.items():
        if "$ref" in argument:
            argument = SCHEMA["definitions"][argument["$ref"].removeprefix("#/definitions/")]
        assert argument["description"], name
        assert ("default" in argument) != cls.model_fields[name].is_required()
        if "default" in argument:
            data = example(family, cls.word, {cls.word: {**needed(family, cls), name: None}})
            data = json.loads(json.dumps(data).replace("null", json.dumps(argument["default"])))
            assert not refused(data) or name == "name"


def needed(family: str, cls: type[Word]) -> dict[str, Any]:
    use = written(family, cls.word)
    return use[cls.word] if isinstance(use, dict) else {}


def test_what_an_editor_shows() -> None:
    definitions = SCHEMA["definitions"]
    assert definitions["argument.units"]["description"] == "an integer, above 0"
    assert definitions["argument.learning_rate"]["default"] == 0.001
    assert definitions["argument.learning_rate"]["description"] == "a number or a schedule"
    names = definitions["layer.name"]
    assert len(names["enum"]) == len(names["enumDescriptions"])
    assert "flatten" in names["enum"]
    assert "dense" not in names["enum"]
    assert set(definitions["layer"]["anyOf"][1]["properties"]) == set(CATALOGUE["layer"])


def test_a_check_that_tells_editors_nothing_is_found() -> None:
    silent = Annotated[int, BeforeValidator(lambda value: value)]
    field = create_model("Silent", value=(silent, 1)).model_fields["value"]
    with pytest.raises(TypeError, match="needs `takes"):
        module._type(field.annotation, field.metadata)
    with pytest.raises(TypeError, match="no schema is known"):
        module._type(complex)


# The verb


def test_it_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == text()
    path = tmp_path / "within" / "specc.schema.json"
    assert main(["schema", "-o", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == text()
    assert capsys.readouterr().out == f"wrote {path}\n"
    assert main(["schema", "-o", str(tmp_path)]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_the_same_bytes_each_time() -> None:
    command = [sys.executable, "-m", "specc", "schema"]
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    other = subprocess.run(command, capture_output=True, check=True, env=environment, text=True)
    assert other.stdout == text()
    assert len(other.stdout) < 300_000
