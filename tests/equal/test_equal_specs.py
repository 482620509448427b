"""`specc verify` on the specs that people start from."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest
from writing import SMALLER_INPUTS, affordable

import specc
from specc.pipeline import compile_bytes
from specc.verify import verify

ROOT = Path(__file__).parents[2]
SPECS = sorted(path.stem for path in (ROOT / "specs").glob("*.yaml"))
# What the papers, or the models that go by these names in torchvision and Keras, have.
PARAMETERS = {"lenet5": 61_706, "alexnet": 61_100_840, "vgg16": 138_357_544}


@pytest.mark.frameworks
@pytest.mark.parametrize("name", SPECS)
def test_verified(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # from where custom layers are imported
    text = affordable(name, (ROOT / "specs" / f"{name}.yaml").read_text()).encode()
    exact = compile_bytes(text, name, exact=True)
    report = verify(compile_bytes(text, name), exact, steps=5)
    assert report.ok, report.to_table()
    assert len(report.checks) >= (3 if exact.program and exact.program.fit is None else 8)


UNUSUAL = sorted((ROOT / "tests" / "verified").glob("*.yaml"))
ROWS = 61


@pytest.mark.frameworks
@pytest.mark.filterwarnings("ignore:.*does not support masking", "ignore:.*input with a mask")
@pytest.mark.parametrize("path", UNUSUAL, ids=lambda path: path.stem)
def test_unusual_specs_verified(path: Path, tmp_path: Path) -> None:
    """What seldom stands together: masks in wrappers, channels first, open sizes, a csv file."""
    text, data = path.read_bytes(), None
    if b"csv" in text:
        draw, data = random.Random(0), str(tmp_path / "rows.csv")
        rows = [[draw.gauss(1, 2) for _ in range(4)] + [draw.randrange(3)] for _ in range(ROWS)]
        lines = ["a,b,c,d,y", *(",".join(map(str, row)) for row in rows)]
        Path(data).write_text("\n".join(lines) + "\n")
    exact = compile_bytes(text, path.stem, exact=True)
    report = verify(compile_bytes(text, path.stem), exact, data=data, steps=5)
    assert report.ok, report.to_table()
    assert len(report.checks) >= 8


@pytest.mark.parametrize("name", PARAMETERS)
def test_sizes_of_classic_models(name: str) -> None:
    program = specc.compile(ROOT / "specs" / f"{name}.yaml").program
    assert program is not None
    sizes = [
        math.prod(variable.shape) for node in program.graph.walk() for variable in node.variables
    ]
    assert sum(sizes) == PARAMETERS[name]


def test_affordable_models_are_the_same_but_smaller() -> None:
    for name in SMALLER_INPUTS:
        text = (ROOT / "specs" / f"{name}.yaml").read_text()
        large, small = (specc.compile(t).program for t in (text, affordable(name, text)))
        assert large is not None
        assert small is not None
        assert [n.layer.word for n in large.graph.nodes] == [
            n.layer.word for n in small.graph.nodes
        ]
        assert max(small.input.shape) < max(large.input.shape)
