"""A target is a folder and a line in the table: one that lists the layers, added to a copy of specc
as a developer would add it, and nothing else touched."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from specc.diagnostics import Source
from specc.pipeline import compile_source
from specc.spec.catalogue import CATALOGUE
from specc.targets import TARGETS

ROOT = Path(__file__).parents[2]

PROGRAM = '''\
"""An outline: the name and the output of each layer."""

from specc.expressions import literal
from specc.program import Program
from specc.targets.view import Section, View, batch_shape, docstring, open_shape


class Layers(Section):
    """The table of layers."""

    template = "outline/layers.py.jinja"
    layers: tuple[str, ...]


def lower(program: Program) -> View:
    """Return an outline."""
    shapes = {str(node.name): open_shape(node.output_shape) for node in program.graph.nodes}
    lines = docstring(program, batch_shape(program.input.shape), "none")
    layers = tuple(f"{literal(name)}: {literal(shape)}," for name, shape in shapes.items())
    return View(lines, imports=(), custom=(), constants=(), sections=(Layers(layers),))
'''
TEMPLATE = """\
LAYERS = {
{% for line in layers %}
    {{ line }}
{% endfor %}
}
"""
LIMITS = '''\
"""What an outline cannot do."""

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Program
from specc.unsure import where_sure
from specc.validate import Places


def refuse(program: Program, places: Places) -> Iterator[Diagnostic]:
    """Yield an error for each layer without a name of its own."""
    for node in program.graph.known():
        with where_sure:
            if node.layer.name is None:
                message = f"an outline expects a name for {node.layer.word}"
                yield Diagnostic("E401", message, places.of(node.layer), "give it a name")
'''
LINE = '    "outline": Target("Outline", "specc.targets.outline", "_outline.py"),\n'
LIMITED = LINE.replace('.py"', '.py", parts=("limits",)')
OPEN = "TARGETS = {\n"

SPEC = """\
name: net
input: [4, 2]
layers:
  - lstm: {units: 3, name: memory}
  - dense: {units: 2, activation: softmax, name: output}
optimizer: adam
loss: categorical_crossentropy
"""


@dataclass
class Copy:
    """A copy of specc with one target more, and a folder to call it in."""

    root: Path
    here: Path

    def specc(self, *words: str, expected: int = 0) -> str:
        """Call the command line and return what it prints."""
        known = {"PYTHONPATH": str(self.root), "PYTHONSAFEPATH": "1", "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "specc", *words],
            cwd=self.here,
            env={**os.environ, **known},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == expected, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def limit(self) -> None:
        """Give the target limits."""
        table = self.root / "specc" / "targets" / "__init__.py"
        table.write_text(table.read_text("utf-8").replace(LINE, LIMITED), "utf-8")
        (table.parent / "outline" / "limits.py").write_text(LIMITS, "utf-8")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of specc with the target."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("specc", "templates", "specs"):
        shutil.copytree(ROOT / folder, root / folder)
    table = root / "specc" / "targets" / "__init__.py"
    text = table.read_text("utf-8")
    assert text.count(OPEN) == 1
    table.write_text(text.replace(OPEN, OPEN + LINE), "utf-8")
    for path, content in {
        "specc/targets/outline/__init__.py": '"""Outlines of models."""\n',
        "specc/targets/outline/program.py": PROGRAM,
        "templates/outline/layers.py.jinja": TEMPLATE,
    }.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(content, "utf-8")
    return root


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Iterator[Copy]:
    """Return the copy, and a folder with a spec."""
    (tmp_path / "net.yaml").write_text(SPEC, "utf-8")
    table = whole / "specc" / "targets" / "__init__.py"
    text = table.read_text("utf-8")
    yield Copy(whole, tmp_path)
    table.write_text(text, "utf-8")


def test_all_targets_are_built(copy: Copy) -> None:
    files = [f"net_{target}.py" for target in ("outline", "torch", "keras")]
    told = copy.specc("build", "net.yaml", "--target", "all")
    assert [line for line in told.splitlines() if line.startswith("wrote")] == [
        f"wrote {file}" for file in files
    ]
    assert copy.specc("build", "net.yaml") == "".join(f"unchanged {file}\n" for file in files)
    assert "3 programs of 1 spec: all fresh" in copy.specc("build", "net.yaml", "--check")
    found: dict[str, object] = {}
    exec((copy.here / "net_outline.py").read_text("utf-8"), found)
    assert found["LAYERS"] == {"memory": (3,), "output": (2,)}
    # The others are what they are without it.
    for name, text in compile_source(Source("net.yaml", SPEC)).files.items():
        assert (copy.here / name).read_text("utf-8") == text
    edited = copy.here / "net_outline.py"
    edited.write_text(edited.read_text("utf-8") + "x = 1\n", "utf-8")
    assert "net_outline.py" in copy.specc("build", "net.yaml", expected=1)
    assert "unchanged net_keras.py" in copy.specc("build", "net.yaml", "--target", "keras")


def test_every_verb_knows_it(copy: Copy) -> None:
    only = copy.specc("build", "net.yaml", "--target", "outline", "-o", "-")
    assert '"""The model net.\n' in only
    assert "LAYERS = {" in only
    assert "1 spec:" in copy.specc("check", "net.yaml")
    assert "memory" in copy.specc("show", "net.yaml")
    assert json.loads(copy.specc("show", "net.yaml", "--format", "json"))["name"] == "net"
    assert "in Outline\n  " in copy.specc("explain", "dense")
    assert "outline" in copy.specc("completion", "bash")
    after = SPEC.replace("units: 3", "units: 5").replace("name: net", "name: other")
    (copy.here / "new.yaml").write_text(after, "utf-8")
    told = copy.specc("diff", "net.yaml", "new.yaml", "--code")
    assert "other_keras.py, other_outline.py and other_torch.py" in told
    assert "Outline program" in told
    assert '+    "memory": (5,),' in told
    assert "Outline program" in copy.specc(
        "diff", "net.yaml", "new.yaml", "--code", "--format", "markdown"
    )


def test_a_repository_can_have_it_alone(copy: Copy) -> None:
    told = copy.specc("init", "--repository", "--target", "outline", "--output-folder", "out")
    assert "wrote [tool.specc] into pyproject.toml" in told
    assert 'targets = ["outline"]' in (copy.here / "pyproject.toml").read_text("utf-8")
    assert "/out/*_outline.py" in (copy.here / ".gitattributes").read_text("utf-8")
    copy.specc("build")
    assert [path.name for path in (copy.here / "out").iterdir()] == ["my_model_outline.py"]
    assert "all fresh" in copy.specc("build", "--check")


def test_its_limits_are_those_of_all(copy: Copy) -> None:
    """What a spec means is the same whatever is built of it, so all can build it or none."""
    copy.limit()
    copy.specc("build", "net.yaml")
    text = SPEC.replace(", name: memory", "").replace("units: 2", "units: [2]")
    (copy.here / "net.yaml").write_text(text, "utf-8")
    message = "net.yaml:4:5: error E401: an outline expects a name for lstm; give it a name"
    for words in (["build", "--target", "keras"], ["check"], ["show"]):
        told = copy.specc(words[0], "net.yaml", *words[1:], expected=1)
        assert message in told
        assert "net.yaml:5:20: error" in told  # also what is wrong before it
    assert [path.name for path in copy.here.glob("*_keras.py")] == ["net_keras.py"]


def test_a_line_of_the_table_names_what_is_there() -> None:
    for name, target in TARGETS.items():
        folder = ROOT / target.folder.replace(".", "/")
        assert name == folder.name
        assert target.ending.endswith(".py")
        assert {path.stem for path in folder.iterdir()} >= {"program", *target.parts}
        for part in ("names", "limits", "files"):
            known = any(path.stem == part for path in folder.iterdir())
            assert known == (part in target.parts)
    assert len({target.ending for target in TARGETS.values()}) == len(TARGETS)


OUTSIDE = [
    path.relative_to(ROOT / "specc").as_posix()
    for path in sorted((ROOT / "specc").rglob("*.py"))
    if path.relative_to(ROOT / "specc").parts[0] not in ("targets", "verify")
]
# A custom layer has an import path for each of them.
SPELLED = {"examples.py": {"keras", "torch"}}
FRONT = [
    *("validate", "resolve", "fit", "layer_notes", "masks", "weight_checks"),
    *("names", "program", "pipeline"),
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_targets_are_spelled_in_the_table_alone(name: str) -> None:
    words = {*TARGETS, *(t.title for t in TARGETS.values()), *(t.ending for t in TARGETS.values())}
    tree = ast.parse((ROOT / "specc" / name).read_text("utf-8"))
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert texts & words == SPELLED.get(name, set())


@pytest.mark.parametrize("name", FRONT)
def test_the_front_end_names_no_target_but_keras_words(name: str) -> None:
    """Keras' words are the language; what PyTorch cannot do is for its own target to say."""
    assert "torch" not in (ROOT / "specc" / f"{name}.py").read_text("utf-8").lower()


@pytest.mark.parametrize("family", sorted(CATALOGUE))
def test_an_outline_is_of_every_word(family: str) -> None:
    """Nothing that a target has to know of a word is spelled outside of its folder."""
    from specc.examples import example
    from specc.pipeline import front

    found: dict[str, object] = {}
    exec(PROGRAM, found)
    lower = found["lower"]
    assert callable(lower)
    for word in CATALOGUE[family]:
        program, _ = front(Source("spec.yaml", json.dumps(example(family, word))))
        (section,) = lower(program).sections
        assert len(section.layers) == len(program.graph.nodes)
