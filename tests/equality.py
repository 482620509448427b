"""Both programs of a spec's text, measured as `specc verify` does."""

from __future__ import annotations

from pathlib import Path

import torch
from run_programs import build_before_graphs
from writing import unformatted

import specc
from specc.verify.pair import Pair as Measured
from specc.verify.pair import difference
from specc.verify.programs import load_module

torch.set_num_threads(1)
build_before_graphs()

__all__ = ["Noisy", "Pair", "difference", "load_module"]


class Pair(Measured):
    """Both programs of a spec with the same weights."""

    def __init__(self, text: str, folder: Path, seed: int = 0, double: bool = False) -> None:
        with unformatted():
            result = specc.compile(text if "\n" in text else text + "\n")
        assert result.ok, "\n".join(d.render() for d in result.diagnostics)
        super().__init__(result, folder, seed, double)


class Noisy(Pair):
    """Both programs with their draws switched on."""

    def still(self) -> None:
        """Leave everything on."""
