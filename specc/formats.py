"""Diagnostics as text, JSON, commands of a hosted CI, or SARIF."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from urllib.parse import quote

from specc import __version__
from specc.codes import CODES
from specc.diagnostics import Diagnostic

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def formatted(diagnostics: Iterable[Diagnostic], form: str, color: bool = False) -> str:
    """Return diagnostics in a format, each line with its end; empty where there is nothing to say.

    Arguments:
        form: text, json, github or sarif.
        color: Whether text is to be coloured.
    """
    if form == "text":
        return "".join(diagnostic.render(color) + "\n" for diagnostic in diagnostics)
    return _FORMATTERS[form](list(diagnostics))


def _json(diagnostics: list[Diagnostic]) -> str:
    found = {"version": __version__, "diagnostics": [_facts(each) for each in diagnostics]}
    return json.dumps(found, indent=2) + "\n"


def _facts(diagnostic: Diagnostic) -> dict[str, object]:
    span = diagnostic.span
    facts: dict[str, object] = {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
    if diagnostic.severity == "warning":
        from specc.review.advice import ADVICE

        advice = ADVICE[diagnostic.code]
        facts |= {"reason": advice.reason, "source": advice.source, "url": advice.url}
    return facts


def _github(diagnostics: list[Diagnostic]) -> str:
    return "".join(map(_command, diagnostics))


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    properties = {"file": _path(span.source.name), "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:  # a column is refused where a place has several lines
        properties |= {"col": span.column, "endColumn": span.end_column}
    properties["title"] = f"{diagnostic.code}: {CODES[diagnostic.code]}"
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[diagnostic.severity]} {listed}::{_data(_sentence(diagnostic))}\n"


def _sentence(diagnostic: Diagnostic) -> str:
    hint = f"; {diagnostic.hint}" if diagnostic.hint else ""
    return f"{diagnostic.message}{hint}"


def _data(text: object) -> str:
    # A percent sign escapes, and a line's end would end the command, or begin another.
    escaped = str(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.encode("utf-8", "backslashreplace").decode("utf-8")


def _property(text: object) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _path(name: str) -> str:
    """Return a file's name relative to the current folder where it is below, with slashes."""
    if os.path.isabs(name):
        inside = os.path.relpath(name)
        name = name if inside.startswith("..") else inside
    return name.replace(os.sep, "/")


def _sarif(diagnostics: list[Diagnostic]) -> str:
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    places = {code: place for place, code in enumerate(codes)}
    driver = {
        "name": "specc",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(code) for code in codes],
    }
    results = [_result(diagnostic, places[diagnostic.code]) for diagnostic in diagnostics]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> dict[str, object]:
    level = {"E": "error", "W": "warning", "N": "note"}[code[0]]
    text = CODES[code]
    rule: dict[str, object] = {
        "id": code,
        "shortDescription": {"text": text},
        # GitHub's code scanning takes no rule without it.
        "fullDescription": {"text": text},
        "help": {"text": f"`specc explain {code}` tells more."},
        "defaultConfiguration": {"level": level},
    }
    if level == "warning":
        from specc.review.advice import ADVICE

        advice = ADVICE[code]
        rule["fullDescription"] = {"text": advice.reason}
        rule["help"] = {"text": f"{advice.reason} {advice.fix} Source: {advice.source}"}
        if advice.url:
            rule["helpUri"] = advice.url
    return rule


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, object]:
    span = diagnostic.span
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    artifact = {"uri": quote(_path(span.source.name).encode("utf-8", "surrogateescape"), safe="/")}
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": {"text": _sentence(diagnostic)},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
    }


_FORMATTERS: dict[str, Callable[[list[Diagnostic]], str]] = {
    "json": _json,
    "github": _github,
    "sarif": _sarif,
}
