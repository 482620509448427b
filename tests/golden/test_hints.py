"""Hints: tests/hints.txt has wrong specs and what is told of them; the tables name what there is.

`SPECC_UPDATE=1 pytest tests/golden/test_hints.py` writes what is told anew; read the difference as
one who meets it for the first time.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from specc.diagnostics import Diagnostic, Source, SpeccError, did_you_mean, near, nearest
from specc.hints.fields import unknown_field
from specc.pipeline import front
from specc.source import Scalar
from specc.spec import everyday_names, older_keras, torch_names
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.document import Input, Spec, Training
from specc.spec.refused import REFUSED
from specc.spec.wishes import WISHES, wish
from specc.spec.word import Word

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "tests" / "hints.txt"
TABLES = [torch_names, older_keras, everyday_names]
# What the key of each place of a case says in a spec that is right.
KEYS = {
    "name": "net",
    "input": "[64]",
    "layers": "[dense: 10]",
    "optimizer": "adam",
    "loss": "mse",
    "metrics": "[mae]",
    "training": "{epochs: 2}",
    "data": "{npz: a.npz}",
}
INPUTS = {"conv2d": "[8, 8, 3]", "lstm": "[5, 8]"}  # of layers that do not take [64]
MONITOR = "{validation_split: 0.1, callbacks: [early_stopping: {monitor: @}]}"
INSTEAD = {  # of the keys that people write otherwise, the one that is then left out
    **dict.fromkeys(("model", "layer", "architecture"), "layers"),
    **dict.fromkeys(("inputs", "input_shape"), "input"),
    "criterion": "loss",
    "optimiser": "optimizer",
    "metric": "metrics",
}


def read() -> dict[str, list[str]]:
    """Return the cases of the table, each with what is told of it."""
    found: dict[str, list[str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            found[list(found)[-1]].append(line.strip())
        elif line.strip() and not line.startswith("#"):
            found[line] = []
    return found


CASES = read()


def spec(case: str) -> str:
    """Return the spec of a case: `place | text`."""
    place, _, text = case.partition(" | ")
    keys = dict(KEYS)
    if place == "layer":
        keys["layers"] = f"\n  - {text}\n  - dense: 10"
        keys["input"] = INPUTS.get(text.partition(":")[0].lower(), keys["input"])
    elif place == "callbacks":
        keys["training"] = f"{{callbacks: {text}}}"
    elif place == "monitor":
        keys |= {"metrics": "[accuracy]", "loss": "categorical_crossentropy"}
        keys["training"] = MONITOR.replace("@", text)
    elif place == "top":
        key, _, value = text.partition(": ")
        keys.pop(INSTEAD.get(key, ""), None)
        keys[key] = value
    else:
        keys[place] = text
    return "".join(f"{key}: {value}\n" for key, value in keys.items())


def told(text: str) -> list[Diagnostic]:
    """Return the errors of a spec."""
    try:
        front(Source("spec.yaml", text))
    except SpeccError as error:
        return list(error.diagnostics)
    return []


def line(found: Diagnostic) -> str:
    """Return a diagnostic as the table has it."""
    hint = f"; {found.hint}" if found.hint else ""
    return f"{found.code}: {found.message}{hint}"


def test_there_are_cases_of_every_kind() -> None:
    if os.environ.get("SPECC_UPDATE") == "1":
        text = TABLE.read_text(encoding="utf-8")
        kept = [row for row in text.splitlines() if not row.startswith("    ")]
        rows = [text for row in kept for text in (row, *(f"    {line(d)}" for d in _of_row(row)))]
        TABLE.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert len(CASES) > 250
    assert {case.partition(" | ")[0] for case in CASES} >= {*KEYS, "layer", "top"} - {
        "name",
        "layers",
    }


def _of_row(row: str) -> list[Diagnostic]:
    return told(spec(row)) if " | " in row and not row.startswith("#") else []


@pytest.mark.parametrize("case", CASES)
def test_what_is_told_is_the_committed_text(case: str) -> None:
    assert [line(found) for found in told(spec(case))] == read()[case]
    assert read()[case]


@pytest.mark.parametrize("case", CASES)
def test_who_follows_a_hint_gets_on(case: str) -> None:
    """What a hint shows in full is what the language takes."""
    place = case.partition(" | ")[0]
    for found in told(spec(case)):
        shown = re.fullmatch(
            r"write '?((?:\w+)(?:: .*?)?)'?(?:, with a space.*)?", found.hint or ""
        )
        whole = found.code in ("E201", "E203", "E204", "E205", "E209")
        if (
            not shown
            or not whole
            or "..." in shown[1]
            or place not in ("layer", "optimizer", "loss")
        ):
            continue
        word = shown[1].partition(":")[0]
        if word not in CATALOGUE[place] or " with " in shown[1] or found.span.column > 12:
            continue
        again = {d.code for d in told(spec(f"{place} | {_flow(shown[1])}"))}
        assert again <= {"E209", "E401", "E408", "E207"}, (shown[1], again)


def _flow(text: str) -> str:
    return f"{{{text}}}" if ":" in text else text


# Where nothing is near


@pytest.mark.parametrize(
    ("word", "words", "expected"),
    [
        ("init", ["units", "use_bias"], []),
        ("W_regularizer", ["kernel_regularizer", "bias_regularizer"], []),
        ("tan", ["tanh", "sin"], ["tanh"]),
        ("l3", ["l1", "l2"], []),
        ("x", ["y", "xy"], []),
        ("adm", ["adam", "adamw"], ["adam"]),
        ("flaten", ["flatten", "dense"], ["flatten"]),
        ("relu", ["selu", "elu"], ["elu", "selu"]),
        ("drpoout", ["dropout"], ["dropout"]),
        ("MaxPooling2D", ["max_pooling2d", "max_pooling1d"], ["max_pooling2d"]),
        ("bn", ["batch_normalization", "dense"], ["batch_normalization"]),
        ("early-stoping", ["early_stopping"], ["early_stopping"]),
        ("exclude_from_weight_decay", ["weight_decay"], []),
        ("a" * 300, ["a" * 299], []),
    ],
)
def test_only_a_likely_slip_is_one(word: str, words: list[str], expected: list[str]) -> None:
    assert near(word, words) == expected
    assert nearest(word, words) == (expected[0] if len(expected) == 1 else None)
    assert (did_you_mean(word, words) is None) == (not expected)


def test_each_slip_of_one_letter_is_found() -> None:
    for word in ("batch_size", "activation", "momentum", "strides"):
        known = {"batch_size", "activation", "momentum", "strides", "units"}
        for place in range(1, len(word) - 1):
            swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
            for slip in (word[:place] + word[place + 1 :], word[:place] + "q" + word[place:]):
                assert nearest(slip, known) == word
            assert nearest(swapped, known) == word


# Tables

WORDS = [(family, word) for family, words in CATALOGUE.items() for word in words]


def class_of(family: str, word: str) -> type[Word]:
    """Return the class of a word."""
    found = load(family, word)
    assert found is not None
    return found


FIELDS = {name for family, word in WORDS for name in class_of(family, word).model_fields}
FIELDS |= {*Spec.model_fields, *Training.model_fields, *Input.model_fields}
EVERY = {word for words in CATALOGUE.values() for word in words}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_tables_name_what_there_is(table: ModuleType) -> None:
    for family, words in table.WORDS.items():
        assert family in CATALOGUE
        for name, meant in words.items():
            assert name == name.lower().replace("_", "")
            assert name not in CATALOGUE[family], "the language has it"
            quoted = re.findall(r"'([a-z_0-9]+)[:']", meant)
            assert (meant in CATALOGUE[family]) or " " in meant, meant
            assert set(quoted) <= EVERY, meant
    for name, meant in table.FIELDS.items():
        assert name == name.lower().replace("_", "")
        assert set(meant.split()) <= FIELDS, meant
    for name, (needed, hint) in table.HINTS.items():
        assert name == name.lower().replace("_", "")
        assert set(needed.split()) <= FIELDS, needed
        shown = re.findall(r"\b([a-z_]+_[a-z_]+): ", hint)
        assert set(shown) <= FIELDS | EVERY, hint


def test_a_name_that_two_tables_have_means_one_thing() -> None:
    for family in CATALOGUE:
        seen: dict[str, str] = {}
        for table in TABLES:
            for name, meant in table.WORDS.get(family, {}).items():
                assert seen.setdefault(name, meant) == meant


def vocabulary(place: str) -> set[str]:
    """Return the words and fields that the language has where a wish may stand."""
    blocks: dict[str, type[Word]] = {"spec": Spec, "training": Training, "input": Input}
    if place in blocks:
        return set(blocks[place].model_fields)
    # What `custom` takes is specc's own, and no other layer takes it.
    classes = [class_of(place, word) for word in CATALOGUE[place] if word != "custom"]
    return {*CATALOGUE[place], *(name for cls in classes for name in cls.model_fields)}


PLACES = sorted({place for entry in WISHES for place in entry.places.split()})


@pytest.mark.parametrize("place", PLACES)
def test_a_wish_is_nothing_that_the_language_has(place: str) -> None:
    """Where this fails the language has grown: take the name out of the table."""
    have = {name.replace("_", "") for name in vocabulary(place)}
    for entry in WISHES:
        if place in entry.places.split():
            names = [name.replace("_", "") for name in entry.names.split()]
            assert set(names) & have == set(), place


@pytest.mark.parametrize("place", PLACES)
def test_each_wish_is_told_once(place: str) -> None:
    here = [entry for entry in WISHES if place in entry.places.split()]
    names = [name for entry in here for name in entry.names.split()]
    assert [name for name in names if names.count(name) > 1] == []
    for entry in here:
        for name in entry.names.split():
            assert wish(place, name) is entry


def test_wishes_point_to_what_there_is() -> None:
    from specc.cli import VERBS

    for entry in WISHES:
        assert not entry.fact.endswith(".")
        assert not entry.way.endswith(".")
        text = f"{entry.fact} {entry.way}"
        named = set(re.findall(r"(?<![\w.=(])'([a-z_0-9]+)'(?!\))", text))
        assert named <= EVERY | FIELDS, text
        assert set(re.findall(r"`specc (\w+)", text)) <= set(VERBS)


def test_a_wish_of_the_issue_is_in_the_table() -> None:
    for place, names in {
        "spec": "strategy resume pretrained mixed_precision blocks inputs outputs variants "
        "parameters dtype_policy multi_gpu distribute weights lora teacher scheduler",
        "layer": "tied_to self_attention repeat residual transformer vit add concatenate attention",
        "callback": "reduce_lr_on_plateau",
        "loss": "contrastive",
    }.items():
        assert [name for name in names.split() if wish(place, name) is None] == []


def test_every_argument_of_older_keras_is_answered() -> None:
    """Keras 1's names of arguments, each at a layer that had it."""
    arguments = {
        "dense": "output_dim init W_regularizer b_regularizer W_constraint b_constraint bias "
        "input_dim",
        "conv2d": "nb_filter nb_row nb_col border_mode subsample dim_ordering init",
        "conv1d": "nb_filter filter_length subsample_length border_mode",
        "lstm": "inner_init inner_activation forget_bias_init U_regularizer dropout_W dropout_U "
        "consume_less output_dim",
        "embedding": "init W_regularizer W_constraint input_length",
        "batch_normalization": "mode beta_init gamma_init",
        "max_pooling1d": "pool_length stride border_mode",
        "gaussian_noise": "sigma",
        "dropout": "p",
        "leaky_relu": "alpha",
    }
    for word, names in arguments.items():
        cls = class_of("layer", word)
        for name in names.split():
            slip = unknown_field(cls, _scalar(name), _scalar(1), (None, None))
            assert slip.hint is not None
            assert slip.hint.startswith(("write ", "leave it out")), (word, name, slip.hint)


def _scalar(value: object) -> Scalar:
    from specc.diagnostics import Span

    return Scalar(value, Span(Source("spec.yaml", "")))


@pytest.mark.parametrize("family", REFUSED)
def test_a_refused_word_is_known_however_it_is_spelled(family: str) -> None:
    from specc.hints.words import unknown_word

    for word in REFUSED[family]:
        for spelled in (word, word.replace("_", ""), word.title().replace("_", "")):
            if spelled.replace("_", "") not in {w.replace("_", "") for w in CATALOGUE[family]}:
                assert unknown_word(family, _scalar(spelled), None).code == "E202", spelled


# Cost

BUILD = """
import sys
from specc.pipeline import compile_source
from specc.diagnostics import Source
result = compile_source(Source("spec.yaml", sys.argv[1]))
assert result.ok == (len(sys.argv) < 3), result.diagnostics
late = ("specc.hints", "specc.foreign", "specc.spec.wishes", "specc.spec.torch_names",
        "specc.spec.older_keras", "specc.spec.everyday_names")
print([name for name in sys.modules if name.startswith(late)])
"""


def test_tables_are_imported_upon_a_mistake() -> None:
    def imported(*arguments: str) -> str:
        command = [sys.executable, "-c", BUILD, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    good = spec("loss | mse")
    assert imported(good) == "[]"
    assert "specc.spec.wishes" in imported(good + "strategy: ddp\n", "wrong")
