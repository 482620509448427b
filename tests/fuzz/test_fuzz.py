"""Inputs by the thousand, from hypothesis and from a fuzzer that coverage guides.

`SPECC_EXAMPLES=1000000 pytest tests/fuzz/test_fuzz.py` searches longer, and elsewhere each time;
`python tests/fuzz/fuzz_build.py -max_total_time=600` lets coverage guide the search.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from timing import at_most

from specc.diagnostics import Source, SpeccError
from specc.pipeline import Compilation, compile_bytes, front

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "fuzz"))

from mutation import PIECES, dump, encoded, mutated_text, mutated_tree, value  # noqa: E402
from target import SECONDS, check_bytes, check_diagnostics, corpus  # noqa: E402

EXAMPLES = int(os.environ.get("SPECC_EXAMPLES", "0"))
COUNTS = {
    "text": 2000,
    "bytes": 2000,
    "encodings": 4000,
    "data": 4000,
    "trees": 6000,
    "lines": 2500,
}
TEXTS = [data.decode("utf-8", "replace") for data in corpus()]
SEEDS = st.binary(min_size=8, max_size=8).map(Random)


def readable(text: str) -> bool:
    """Tell whether a spec of the corpus is YAML that PyYAML makes data of."""
    try:
        return len(text) < 4000 and isinstance(yaml.safe_load(text), dict)
    except (yaml.YAMLError, ValueError, TypeError):
        return False


TREES = [yaml.safe_load(text) for text in TEXTS if readable(text)]


def search(kind: str) -> settings:
    """Return the settings of a search: the same examples each time, or `SPECC_EXAMPLES` others."""
    return settings(
        max_examples=EXAMPLES or COUNTS[kind],
        deadline=None,
        database=None,
        derandomize=not EXAMPLES,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )


def check(text: str) -> None:
    """Run the front end, whose answer is a program or mistakes."""
    with at_most(SECONDS):
        try:
            program, notes = front(Source("spec.yaml", text))
            found = Compilation({"_": ""}, tuple(notes), program)
        except SpeccError as error:
            found = Compilation(diagnostics=error.diagnostics)
    assert found.ok == bool(found.files)
    check_diagnostics(found)


def test_there_are_enough() -> None:
    assert sum(COUNTS.values()) >= 20_000
    assert len(TREES) > 200


@search("text")
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join))
def test_text(text: str) -> None:
    check(text)


@search("bytes")
@given(st.binary(max_size=200))
def test_bytes(data: bytes) -> None:
    check_diagnostics(compile_bytes(data, "spec.yaml", "torch"))


@search("encodings")
@given(SEEDS)
def test_encodings_and_line_ends(random: Random) -> None:
    data = encoded(random, random.choice(TEXTS))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        check_diagnostics(compile_bytes(data, "spec.yaml", "torch"))
    else:
        check(text)


@search("data")
@given(SEEDS)
def test_data_of_any_shape(random: Random) -> None:
    keys = ["name", "input", "layers", "optimizer", "loss", "metrics", "training", "data"]
    check(dump({**random.choice(TREES), random.choice(keys): value(random)}))


@search("trees")
@given(SEEDS)
def test_changed_trees(random: Random) -> None:
    check(dump(mutated_tree(random, random.choice(TREES))))


@search("lines")
@given(SEEDS)
def test_changed_text(random: Random) -> None:
    check(mutated_text(random, random.choice(TEXTS), TEXTS))


@settings(search("text"), max_examples=EXAMPLES or 150)
@given(SEEDS)
def test_programs_of_changed_trees(random: Random) -> None:
    check_bytes(dump(mutated_tree(random, random.choice(TREES))).encode(), 2.0)


def test_guided_by_coverage(tmp_path: Path) -> None:
    command = [sys.executable, "tests/fuzz/fuzz_build.py", "-runs=1500", "-seed=1"]
    command = ["sh", "-c", '"$@"; exit $?', "sh", *command, f"-artifact_prefix={tmp_path}/"]
    # By a shell, since a process counts the memory of the one that started it as its own, and
    # this one may hold frameworks.
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert re.search(r"Done 1500 runs|#1500\s+DONE", done.stderr), done.stderr[-2000:]
    covered = re.search(r"INITED cov: (\d+)", done.stderr)
    assert covered
    assert int(covered[1]) > 2000
    assert not list(tmp_path.glob("crash-*"))


@pytest.mark.parametrize(
    "broken", [b"name: net\r\xff", b"a\xc2\x85b: \xff", b"\xef\xbb\xbfa\n\n\xff"]
)
def test_the_place_of_a_byte_counts_every_line_end(broken: bytes) -> None:
    found = compile_bytes(broken, "spec.yaml")
    assert [d.code for d in found.diagnostics] == ["E100"]
    assert found.diagnostics[0].message == "expected UTF-8 text, found the byte 0xff"
    check_diagnostics(found)


def test_the_checks_notice() -> None:
    from target import check_program

    for code in ("import os", "eval('1')", "x.__subclasses__", "from subprocess import run"):
        with pytest.raises(AssertionError):
            check_program(code, frozenset())
    check_program("import mine.layers", frozenset({"mine.layers"}))
