"""A program imports what it uses and nothing else, whatever its strings and layers are called."""

from __future__ import annotations

import pytest
from writing import spec, undefined_names, unused_imports

import specc

NAMES = ["math", "copy", "F", "Path", "np", "random", "truncated_normal_"]


@pytest.mark.parametrize("name", NAMES)
def test_strings_and_layers_import_nothing(name: str) -> None:
    layers = [{"dense": {"units": 3, "name": name if name.isidentifier() else "a"}}]
    metric = {"mean_squared_error": {"name": f"{name}.x"}}
    stop = {"early_stopping": {"monitor": f"{name}.x", "mode": "min"}}
    path = {"npz": f"'{name}.x' \" {name}.x( {name}(x"}
    text = spec([3], layers, metrics=[metric], training={"callbacks": [stop]}, data=path)
    result = specc.compile(text)
    assert result.ok, result.diagnostics
    for program in result.files.values():
        assert unused_imports(program) | undefined_names(program) == set()


def test_what_is_unused_is_seen() -> None:
    program = "import math\nimport os\nos.getcwd(path)\n"
    assert unused_imports(program) == {"math"}
    assert undefined_names(program) == {"path"}


def test_comments_hide_no_use() -> None:
    """An apostrophe of a comment opens no string."""
    dense = {"dense": {"units": 3, "kernel_initializer": "he_normal"}}
    layers = [dense, "batch_normalization", {"dropout": 0.5}, dense, "batch_normalization"]
    optimizer = {"rmsprop": {"weight_decay": 0.1}}
    result = specc.compile(spec([3], layers, optimizer=optimizer))
    program = result.files["model_torch.py"]
    assert "Keras'" in program
    assert "import math\n" in program
    assert unused_imports(program) | undefined_names(program) == set()
