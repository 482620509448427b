"""Writes and shortens specs for tests, and looks at the names of programs.

JSON is YAML, so a spec is a dump of Python data.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock


def spec(shape: list[int], layers: list[Any], **more: Any) -> str:
    """Return the text of a spec: trained by SGD on the mean squared error unless `more` says else.

    A value of None leaves a key out.
    """
    document: dict[str, Any] = {
        "name": "model",
        "input": {"shape": shape},
        "layers": layers,
        "optimizer": {"sgd": {"learning_rate": 0.05}},
        "loss": "mean_squared_error",
        "training": {},
        **more,
    }
    return json.dumps({k: v for k, v in document.items() if v is not None}, indent=1) + "\n"


# Specs of a size that tests cannot afford: a smaller input. Their widths are a 16th.
SMALLER_INPUTS = {
    "alexnet": "[67, 67, 3]",
    "vgg16": "[32, 32, 3]",
    "time_series_convnet": "[33, 9]",
    "text_bilstm": "[12]",
}


def affordable(name: str, text: str) -> str:
    """Return a spec's text, smaller where a test could not afford to run its programs."""
    if name not in SMALLER_INPUTS:
        return text
    text = re.sub(r"shape: \[[^]]*\]", f"shape: {SMALLER_INPUTS[name]}", text, count=1)
    widths = r"(?<=filters: |..units: )(\d+)"
    return re.sub(widths, lambda match: str(max(6, int(match[1]) // 16)), text)


@contextmanager
def unformatted() -> Iterator[None]:
    """Leave long lines of programs as they are, where only what programs compute is looked at.

    black takes as long as a whole comparison of small models, and changes nothing that they
    compute, which tests/equal/test_random_models.py holds.
    """
    with mock.patch("black.format_str", lambda text, *, mode: text):
        yield


def unused_imports(program: str) -> set[str]:
    """Return the names that a program imports and does not use."""
    tree = ast.parse(program)
    return _imported(tree) - {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}


def undefined_names(program: str) -> set[str]:
    """Return the names that a program uses and nowhere defines."""
    tree = ast.parse(program)
    defined = _imported(tree) | set(dir(builtins)) | {"__name__"}
    used = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            defined.add(node.name)
        elif isinstance(node, ast.arg):
            defined.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            defined.add(node.name)
        elif isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else defined).add(node.id)
    return used - defined


def _imported(tree: ast.AST) -> set[str]:
    return {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
