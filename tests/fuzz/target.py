"""What holds for any bytes given to the compiler, and the bytes of all specs here to begin with."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from timing import at_most

from specc.pipeline import Compilation, compile_bytes
from specc.targets import TARGETS

ROOT = Path(__file__).parents[2]
SECONDS = 2.0

# What a program may import, besides the modules that its spec names for custom layers.
MODULES = frozenset(
    [
        "argparse",
        "collections",
        "copy",
        "csv",
        "keras",
        "math",
        "numpy",
        "pandas",
        "pathlib",
        "random",
        "sys",
        "torch",
        "typing",
        "torchmetrics",
        "tqdm",
    ]
)
# What would run text, or reach what a program has no business with.
FORBIDDEN = frozenset(
    ["eval", "exec", "compile", "__import__", "globals", "locals", "vars", "breakpoint", "input"]
)
_FILE = re.compile(rf"[A-Za-z_][A-Za-z0-9_]*_({'|'.join(TARGETS)})\.py")
_DUNDERS = frozenset(
    ["__init__", "__name__", "__call__", "__getitem__", "__len__", "__iter__", "__class__"]
)


def corpus() -> list[bytes]:
    """Return the specs that are in this repository, right ones and wrong ones."""
    folders = ("specs/*.yaml", "tests/cases/*/spec.yaml", "tests/errors/*/spec.yaml")
    return [path.read_bytes() for form in folders for path in sorted(ROOT.glob(form))]


def check_bytes(data: bytes, slowness: float = 1.0) -> Compilation:
    """Compile bytes in both fidelities, check what must hold, and return the plain compilation.

    Arguments:
        data: Any bytes.
        slowness: How much longer than `SECONDS` it may take, where something watches each line.
    """
    found = _check(data, False, slowness)
    if found.ok:
        _check(data, True, slowness)
    return found


def _check(data: bytes, exact: bool, slowness: float) -> Compilation:
    with at_most(SECONDS * slowness):
        found = compile_bytes(data, "spec.yaml", exact=exact)
    assert isinstance(found, Compilation)
    assert found.ok == bool(found.files) == (found.program is not None)
    check_diagnostics(found)
    for name, code in found.files.items():
        assert _FILE.fullmatch(name), name
        check_program(code, custom_modules(found))
    return found


def check_diagnostics(found: Compilation) -> None:
    """Check that each diagnostic points into its text and shows nothing that steers a terminal."""
    for diagnostic in found.diagnostics:
        span = diagnostic.span
        assert 1 <= span.line <= span.end_line
        assert 1 <= span.column <= len(span.source.line(span.line)) + 1
        text = diagnostic.render()
        assert diagnostic.message in text
        assert all(c == "\n" or c.isprintable() for c in text), ascii(text)
        assert text.count("\n") in (0, 2), ascii(text)


def check_program(code: str, modules: frozenset[str]) -> None:
    """Check that a program is Python which imports and calls only what programs do."""
    for node in ast.walk(ast.parse(code)):
        for module in _imported(node):
            assert module.partition(".")[0] in MODULES or module in modules, module
        if isinstance(node, ast.Name):
            assert node.id not in FORBIDDEN, node.id
        if isinstance(node, ast.Attribute) and node.attr.startswith("__"):
            assert node.attr in _DUNDERS, node.attr


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        yield node.module or ""


def custom_modules(found: Compilation) -> frozenset[str]:
    """Return the modules that a spec names for layers of its own."""
    waiting: list[Any] = [node.layer for node in found.program.graph.nodes] if found.program else []
    modules: set[str] = set()
    while waiting:
        layer = waiting.pop()
        paths = [getattr(layer, target, None) for target in TARGETS]
        modules |= {path.partition(":")[0] for path in paths if isinstance(path, str)}
        held = getattr(layer, "layer", None), getattr(layer, "backward_layer", None)
        cell = getattr(layer, "cell", None)
        for inner in (*held, *(cell if isinstance(cell, tuple) else (cell,))):
            waiting += [inner] if inner is not None else []
    return frozenset(modules)
