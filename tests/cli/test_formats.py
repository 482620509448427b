"""Diagnostics in the formats that machines read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from specc.check import check
from specc.cli import main
from specc.codes import CODES
from specc.diagnostics import Diagnostic, Source, Span
from specc.formats import formatted
from specc.review.advice import ADVICE

SPEC = """\
name: example
input: {shape: [64]}
layers:
  - dense: 64
  - dense: {units: 10, activation: softmax}
optimizer: adam
loss: sparse_categorical_crossentropy
training: {epochs: 20}
data: {npz: a.npz}
"""


def diagnostics(text: str = SPEC, name: str = "specs/a.yaml") -> list[Diagnostic]:
    """Return what a check finds in a text."""
    return list(check(text.encode(), name))


def odd() -> list[Diagnostic]:
    """Return an error, a warning and a note with odd texts and places."""
    name = "C:odd, 100%.yaml"
    source = Source(name, "a: 1\nb: 2\n")
    return [
        Diagnostic("E201", "one\r\n::error::two, 100%: x", Span(source, 1, 1, 2, 3)),
        Diagnostic("W320", "\u00e9\u4e2d\udc80", Span(source, 2, 1, 2, 2), "h", "warning"),
        Diagnostic("N118", "note", Span(source), None, "note"),
    ]


# JSON


def test_json() -> None:
    (found,) = json.loads(formatted(diagnostics(), "json"))["diagnostics"]
    assert found == {
        "code": "W320",
        "severity": "warning",
        "message": "dense_1 and dense_2 have no activation between them, so together they are no "
        "more than one linear layer",
        "hint": "add activation: relu, or activation: linear where that is meant",
        "file": "specs/a.yaml",
        "line": 4,
        "column": 5,
        "end_line": 4,
        "end_column": 10,
        "reason": ADVICE["W320"].reason,
        "source": ADVICE["W320"].source,
        "url": ADVICE["W320"].url,
    }
    error, _, note = json.loads(formatted(odd(), "json"))["diagnostics"]
    assert "reason" not in error | note
    assert note["hint"] is None
    assert json.loads(formatted([], "json"))["diagnostics"] == []


# GitHub


def test_github() -> None:
    (line,) = formatted(diagnostics(), "github").splitlines()
    assert line == (
        "::warning file=specs/a.yaml,line=4,endLine=4,col=5,endColumn=10,"
        f"title=W320%3A {CODES['W320']}::dense_1 and dense_2 have no activation between them, so "
        "together they are no more than one linear layer; add activation: relu, or activation: "
        "linear where that is meant"
    )


def test_github_escapes_what_would_be_a_command() -> None:
    error, warning, note = formatted(odd(), "github").split("\n")[:-1]
    head, message = error.removeprefix("::error ").split("::", 1)
    assert head == (f"file=C%3Aodd%2C 100%25.yaml,line=1,endLine=2,title=E201%3A {CODES['E201']}")
    assert message == "one%0D%0A::error::two, 100%25: x"
    assert warning.startswith("::warning ")
    assert warning.endswith("::\u00e9\u4e2d\\udc80; h")
    assert note.startswith("::notice ")


# SARIF

# Of the schema of SARIF 2.1.0 (OASIS) and of GitHub's code scanning: what they require, and the
# kinds of what is written here. Microsoft's `sarif-multitool validate --rule-kind "Sarif;Gh"`, run
# by hand, finds no error either.
_TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
_INTEGER = {"type": "integer", "minimum": 1}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


_RULE = _object(
    ["id", "shortDescription", "fullDescription", "help"],
    id={"type": "string"},
    shortDescription=_TEXT,
    fullDescription=_TEXT,
    help=_TEXT,
    helpUri={"type": "string", "format": "uri"},
    defaultConfiguration=_object([], level=_LEVEL),
)
_DRIVER = _object(
    ["name"],
    name={"type": "string"},
    version={"type": "string"},
    semanticVersion={"type": "string"},
    rules={"type": "array", "uniqueItems": True, "items": _RULE},
)
_PLACE = _object(
    [],
    artifactLocation=_object([], uri={"type": "string", "format": "uri-reference"}),
    region=_object(
        [], startLine=_INTEGER, startColumn=_INTEGER, endLine=_INTEGER, endColumn=_INTEGER
    ),
)
_RESULT = _object(
    ["message"],
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": -1},
    level=_LEVEL,
    message=_TEXT,
    locations={"type": "array", "items": _object([], physicalLocation=_PLACE)},
)
_RUN = _object(
    ["tool"],
    tool=_object(["driver"], driver=_DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results={"type": "array", "items": _RESULT},
)
SARIF = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    **_object(
        ["version", "runs"],
        **{"$schema": {"type": "string", "format": "uri"}},
        version={"enum": ["2.1.0"]},
        runs={"type": "array", "items": _RUN},
    ),
}


def sarif(found: list[Diagnostic]) -> dict[str, Any]:
    """Return the one run of a SARIF log, which is checked."""
    log = json.loads(formatted(found, "sarif"))
    checker = jsonschema.Draft7Validator.FORMAT_CHECKER
    jsonschema.Draft7Validator(SARIF, format_checker=checker).validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif() -> None:
    run = sarif(diagnostics())
    (result,) = run["results"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert result["ruleId"] == rule["id"] == "W320"
    assert result["level"] == rule["defaultConfiguration"]["level"] == "warning"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "specs/a.yaml"},
        "region": {"startLine": 4, "startColumn": 5, "endLine": 4, "endColumn": 10},
    }
    assert ADVICE["W320"].reason in rule["help"]["text"]


def test_sarif_of_odd_texts_and_of_nothing() -> None:
    run = sarif(odd())
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["E201", "N118", "W320"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 2, 1]
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "C%3Aodd%2C%20100%25.yaml"
    assert sarif([])["results"] == []


def test_every_rule_is_valid() -> None:
    source = Source("a.yaml", "")
    kinds: dict[str, Any] = {"E": "error", "W": "warning", "N": "note"}
    everything = [Diagnostic(code, "m", Span(source), None, kinds[code[0]]) for code in CODES]
    assert len(sarif(everything)["tool"]["driver"]["rules"]) == len(CODES)
    assert formatted(everything, "github").count("\n") == len(CODES)


# The command


def test_paths_are_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = str(tmp_path / "specs" / "a.yaml")
    assert "file=specs/a.yaml," in formatted(diagnostics(name=name), "github")
    assert '"uri": "specs/a.yaml"' in formatted(diagnostics(name=name), "sarif")
    other = str(tmp_path.parent / "a.yaml")
    assert f'"uri": "{other}"' in formatted(diagnostics(name=other), "sarif")


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_machines_read_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(SPEC, encoding="utf-8")
    Path("b.yaml").write_text(SPEC.replace("dense: 64", "dens: 64"), encoding="utf-8")
    assert main(["check", "a.yaml", "b.yaml", "--output-format", form]) == 1
    output, told = capsys.readouterr()
    assert told == ""
    assert output == formatted(
        [
            *diagnostics(name="a.yaml"),
            *diagnostics(SPEC.replace("dense: 64", "dens: 64"), "b.yaml"),
        ],
        form,
    )


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_machines_read_utf8_whatever_the_terminal_has(tmp_path: Path, form: str) -> None:
    spec = SPEC.replace("dense: 64", "dens\xe9: 64")
    (tmp_path / "\xe9.yaml").write_text(spec, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "specc", "check", "\xe9.yaml", "--output-format", form],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode("utf-8") == formatted(diagnostics(spec, "\xe9.yaml"), form)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "specc",
                "check",
                "specs/vgg16.yaml",
                "--output-format",
                "sarif",
            ],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            cwd=Path(__file__).parents[2],
        )
    assert done.stderr == b"specc: cannot write what is found: No space left on device\n"
    assert done.returncode == 2


def test_text_is_what_a_person_reads() -> None:
    text = formatted(diagnostics(), "text")
    assert text == "".join(d.render() + "\n" for d in diagnostics())
    assert "\033[1;33mwarning W320\033[0m" in formatted(diagnostics(), "text", color=True)
