"""Both digits programs learn: trained as a user runs them, from the repository's root."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import specc
from specc.targets import TARGETS

ROOT = Path(__file__).parents[2]


@pytest.mark.frameworks
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("name", "accuracy"), [("digits_mlp", 0.96), ("digits_cnn", 0.98)])
def test_accuracy(name: str, accuracy: float, target: str, tmp_path: Path) -> None:
    (text,) = specc.compile(ROOT / "specs" / f"{name}.yaml", target=target).files.values()
    program = tmp_path / "program.py"
    program.write_text(text)
    done = subprocess.run(
        [sys.executable, program],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = re.search(r"^Test - .*accuracy: ([\d.]+)", done.stdout, flags=re.MULTILINE)
    assert found is not None, done.stdout
    assert float(found[1]) >= accuracy
