"""`specc explain`: every word has arguments, an example, what it becomes, and what differs."""

from __future__ import annotations

import re
import subprocess
import sys
from textwrap import dedent, indent

import pytest
import yaml

from specc.cli import main
from specc.codes import CODES, FORMER
from specc.diagnostics import Source
from specc.explain import KEYS, explain, overview, statuses
from specc.explain.reasons import REASONS
from specc.mistakes import MISTAKES
from specc.pipeline import compile_source
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.document import Input, Spec, Training
from specc.spec.refused import REFUSED
from specc.spec.word import Layer

WORDS = [(family, word) for family in CATALOGUE for word in CATALOGUE[family]]
CANONICAL = [(f, w) for f, w in WORDS if (cls := load(f, w)) is not None and cls.word == w]


@pytest.mark.parametrize(("family", "word"), CANONICAL)
def test_every_word_is_explained(family: str, word: str) -> None:
    told = explain(word, family)
    assert told is not None
    cls = load(family, word)
    assert cls is not None
    assert told.startswith(f"{family} {word}")
    for name in cls.parameters():
        assert re.search(rf"^  {name} .*\w", told, re.MULTILINE), name
    assert "any value" not in told.replace("any value of", "") or word == "custom", told
    example = told.split("\nexample\n")[1].split("\n\nin Keras\n")[0]
    assert word in str(yaml.safe_load(example))
    becomes = told.split("\nin Keras\n")[1].split("\n\nwhat differs\n")[0]
    keras, torch = becomes.split("\n\nin PyTorch\n")
    assert keras.strip()
    assert torch.strip()


def test_a_word_of_several_families(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "relu"]) == 0
    both = capsys.readouterr().out
    assert "layer relu\n" in both
    assert "activation relu\n" in both
    assert "max_value       null  a number, at least 0, or null\n" in both
    assert main(["explain", "activation", "relu"]) == 0
    assert "layer relu\n" not in capsys.readouterr().out


def test_aliases_codes_and_refused_words() -> None:
    assert str(explain("swish")).startswith("activation silu, also swish\n")
    assert str(explain("n201")).startswith("N201: epsilon of Adam\n  It is a note")
    assert explain("lambda") == f"layer lambda\n  refused: {REFUSED['layer']['lambda']}"
    assert "N201: PyTorch adds epsilon" in str(explain("adam"))


@pytest.mark.parametrize(("former", "code"), FORMER.items())
def test_a_code_that_is_no_more_leads_to_what_tells_it_now(former: str, code: str) -> None:
    assert former not in CODES
    assert str(explain(former)) == (f"{former} was a note; {code} replaces it\n\n{explain(code)}")


# What bytes, sizes, other files or a certain layer and stride show, and no small spec.
UNSHOWN = {
    *("E100", "E101", "E103", "E601", "E602", "E603", "E604", "E605", "E606", "E608"),
    *("N212", "N213", "N301", "N302", "N303"),
}


def test_every_error_and_note_that_a_small_spec_shows_is_shown() -> None:
    assert set(MISTAKES) == {code for code in CODES if code[0] != "W"} - UNSHOWN


@pytest.mark.parametrize("code", MISTAKES)
def test_a_code_is_explained_by_a_spec_that_has_it(code: str) -> None:
    found = compile_source(Source("net.yaml", MISTAKES[code])).diagnostics
    assert code in {diagnostic.code for diagnostic in found}
    errors = {diagnostic.code for diagnostic in found if diagnostic.severity == "error"}
    assert errors == ({code} if code.startswith("E") else set())
    told = str(explain(code))
    assert indent(MISTAKES[code].rstrip("\n"), "  ") in told
    message = next(diagnostic.message for diagnostic in found if diagnostic.code == code)
    assert message in told.replace("\n    ", " ")


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_why_what_to_do_and_an_example(code: str) -> None:
    told = str(explain(code))
    reason = {"E": "why", "N": "why", "W": CODES[code]}[code[0]]
    assert reason in told
    assert ("\nwhat to do\n" if code[0] == "N" else "\nhow to fix it\n") in told
    found = told.split("\nfound in\n")[1].split("\n\n")[0]
    assert found.strip()
    assert max(map(len, told.split("\n")[1:])) <= 130


def test_every_error_and_note_has_a_reason_of_its_own() -> None:
    assert list(REASONS) == [code for code in CODES if code[0] != "W"]
    reasons = [reason.why for reason in REASONS.values()]
    assert len(set(reasons)) == len(reasons)
    for code, reason in REASONS.items():
        assert reason.why.endswith("."), code
        assert reason.fix.endswith("."), code
        assert (reason.shows == "") == (code in MISTAKES), code


HOLDERS = {
    "at the top of a spec": Spec,
    "in input": Input,
    "in training": Training,
    "in any layer": Layer,
}


@pytest.mark.parametrize(
    ("place", "key"), [(place, key) for place, cls in HOLDERS.items() for key in cls.model_fields]
)
def test_every_key_is_explained(place: str, key: str) -> None:
    told = str(explain(key))
    part = told.split(f"key {key}, {place}\n")[1].split("\n\nkey ")[0]
    field = HOLDERS[place].model_fields[key]
    for heading in ("takes", "default", "example"):
        assert re.search(rf"\n{heading}\n  \S", part), heading
    assert str(field.description).split(" ")[0] in part
    assert ("\ndefault\n  required" in part) == field.is_required()
    text = part.split("\nexample\n")[1].split("\n\n")[0]
    example = yaml.safe_load(dedent(text))
    assert key in str(example)
    rest = {"name": "net", "input": [8, 8, 1], "layers": ["flatten", {"dense": 10}]}
    rest |= {"optimizer": "sgd", "loss": "sparse_categorical_crossentropy", "training": {}}
    found = compile_source(Source("net.yaml", yaml.safe_dump({**rest, **example}))).diagnostics
    unfit = {"E402", "E505"}  # integers into a dense layer, two classes of ten
    assert {d.code for d in found if d.severity == "error"} <= unfit, found


def test_keys_are_listed_and_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert {key for cls in HOLDERS.values() for key in cls.model_fields} == set(KEYS)
    told = overview()
    for key in KEYS:
        assert f"\n  {key} (" in told
    assert main(["explain", "batchsize"]) == 2
    assert "did you mean 'batch_size'?" in capsys.readouterr().err
    assert str(explain("trainable")).startswith("key trainable, in any layer\n")
    assert str(explain("epochs")).split("\ntakes\n")[1].startswith("  an integer, above 0\n")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["dens"], "expected a word of the language, found 'dens'; did you mean 'dense'?"),
        (["optimizer", "dense"], "expected a word of the language of the family optimizer"),
        (["layers", "dense"], "expected [FAMILY] WORD, a family being one of layer, "),
        (["N999"], "found 'N999'"),
    ],
)
def test_unknown_words(words: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", *words]) == 2
    assert reason in capsys.readouterr().err


def test_all_words_by_family() -> None:
    told = overview()
    for family in CATALOGUE:
        listed = {status.word for status in statuses(family)}
        assert {w for f, w in CANONICAL if f == family} | set(REFUSED.get(family, {})) == listed
        assert f"\n{family}:\n" in f"\n{told}"
    assert "  dense - supported\n" in told
    assert "  adam - noted: N201\n" in told
    assert "  lambda - refused: it wraps code" in told


def test_it_imports_no_framework() -> None:
    code = (
        "import sys; from specc.cli import main; main(['explain', 'lstm']);"
        "print({'torch', 'keras', 'tensorflow', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")
