"""Random data of the shapes that a spec asks for."""

from __future__ import annotations

from pathlib import Path

from specc.output import write_files
from specc.program import Program
from specc.sampling import draw, files
from specc.spec.data import Csv

TRAIN, TEST = 12, 8


def write_data(program: Program, folder: Path) -> Path:
    """Write the data of a program as npz or csv into a folder and return what `--data` takes."""
    assert program.fit is not None
    ending = "csv" if isinstance(program.fit.data, Csv) else "npz"
    path = Path(f"fake.{ending}")
    found = files(program, draw(program, TRAIN, test_rows=TEST), path)
    write_files({folder / place: content for place, content in found.items()})
    return folder / path
