"""With a seed two runs of a program print the same figures, without one they do not."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equality import load_module
from writing import spec

import specc

pytestmark = pytest.mark.frameworks


def figures(program: Path, capsys: pytest.CaptureFixture[str], data: Path) -> list[str]:
    """Return the last figures that a run of a program prints."""
    module: Any = load_module(program)
    capsys.readouterr()
    module.main()
    return re.findall(r"Test - (.*)", capsys.readouterr().out)


@pytest.mark.parametrize("target", ["torch", "keras"])
@pytest.mark.parametrize("seed", [11, None])
def test_two_runs(
    target: str,
    seed: int | None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(0)
    arrays = {f"{a}_{p}": random.normal(size=(40, 4)) for a in "xy" for p in ("train", "test")}
    data = tmp_path / "data.npz"
    np.savez(data, **{k: v[:, :1] if k.startswith("y") else v for k, v in arrays.items()})
    layers = [{"dense": {"units": 30, "activation": "relu"}}, {"dropout": 0.5}, {"dense": 1}]
    text = spec([4], layers, seed=seed, training={"epochs": 2, "batch_size": 8})
    result = specc.compile(text, target=target)
    program = tmp_path / f"model_{target}.py"
    program.write_text(result.files[program.name])
    monkeypatch.setattr(sys, "argv", ["model", "--data", str(data)])
    first, second = (figures(program, capsys, data) for _ in range(2))
    assert len(first) == 1
    assert (first == second) == (seed is not None)
