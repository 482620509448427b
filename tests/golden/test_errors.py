"""Wrong specs and what specc tells about them: tests/errors/<name>/spec.yaml and stderr.txt.

`SPECC_UPDATE=1 pytest tests/golden/test_errors.py` writes the messages anew; read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from specc.codes import FORMER
from specc.diagnostics import Diagnostic, Source, SpeccError, in_source_order
from specc.pipeline import front

ROOT = Path(__file__).parents[2]
CASES = sorted(path.parent for path in (ROOT / "tests" / "errors").glob("*/spec.yaml"))
MODULES = [
    *(path for path in (ROOT / "specc").glob("*.py") if path.name != "pipeline.py"),
    *(ROOT / "specc" / "targets").glob("*/limits*/**/*.py"),
    *(ROOT / "specc" / "targets").glob("*/limits.py"),
]


def diagnose(text: str) -> list[Diagnostic]:
    """Return what the front end tells about a spec, in source order."""
    try:
        _, notes = front(Source("spec.yaml", text))
    except SpeccError as error:
        return list(error.diagnostics)
    return list(in_source_order(notes))


def rendered(case: Path) -> str:
    """Return the messages for the spec of a case as they are printed."""
    text = (case / "spec.yaml").read_bytes().decode("utf-8")
    return "".join(diagnostic.render() + "\n" for diagnostic in diagnose(text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_message_is_the_committed_one(case: Path) -> None:
    expected = case / "stderr.txt"
    if os.environ.get("SPECC_UPDATE") == "1":
        expected.write_text(rendered(case), encoding="utf-8")
    assert rendered(case) == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_message_points_into_the_spec(case: Path) -> None:
    text = (case / "spec.yaml").read_bytes().decode("utf-8")
    found = diagnose(text)
    assert found
    for diagnostic in found:
        span = diagnostic.span
        assert 1 <= span.line <= text.count("\n") + 1
        assert 1 <= span.column <= len(span.source.line(span.line)) + 1
        assert (span.end_line, span.end_column) >= (span.line, span.column)


def test_every_code_has_a_case() -> None:
    emitted = {
        code for path in MODULES for code in re.findall(r"\b(?:E\d{3}|N1\d\d)\b", read(path))
    }
    covered = {
        code
        for case in CASES
        for code in re.findall(r"(?:error|note) (\w+):", read(case / "stderr.txt"))
    }
    assert len(emitted) > 30
    of_files = {"E100", "E601", "E602", "E603", "E604", "E605", "E606", "E608"}
    # tests/cli/test_building.py, test_owners.py and test_merges.py have them.
    assert emitted - covered - of_files - set(FORMER) == set()


def read(path: Path) -> str:
    """Return the text of a file."""
    return path.read_text(encoding="utf-8")
