"""What `specc diff` tells of files of trained weights is what both frameworks do with them."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import torch
from equality import Pair
from hypothesis import HealthCheck, assume, given, settings
from test_diff_random import changes
from writing import spec

import specc
from specc.changes.comparison import Comparison, compare
from specc.changes.files import File
from specc.diagnostics import Source

pytestmark = pytest.mark.frameworks

CASES = sorted((Path(__file__).parents[1] / "diff").glob("*/old.yaml"))


class Change:
    """Both versions of a spec, each with weights of its own, and what is told of them."""

    def __init__(self, old: str, new: str, folder: Path) -> None:
        self.told: Comparison = compare(Source("old.yaml", old), Source("new.yaml", new))
        self.folder = folder
        for name in ("old", "new"):
            (folder / name).mkdir()
        self.old, self.new = Pair(old, folder / "old", 1), Pair(new, folder / "new", 2)

    @property
    def kept(self) -> dict[str, Any]:
        """Return the values that new weights ought to get, by their paths."""
        return {
            w.after.path: np.asarray(self.old.keras_variable(w.before))
            for w in self.told.weights
            if w.fate == "kept" and w.after is not None
        }

    def keras_loads(self) -> bool:
        """Load a file, and tell whether each weight got what it ought to, and none is left."""
        file = self.folder / "trained.weights.h5"
        self.old.keras.save_weights(file)
        variables = {w.variable.path: w.variable for w in self.new.weights}
        try:
            with warnings.catch_warnings():
                # The optimizer's state is not what is told of here.
                warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
                self.new.keras.load_weights(file)
        except ValueError:
            return False
        right = [
            np.array_equal(np.asarray(self.new.keras_variable(variables[path])), value)
            for path, value in self.kept.items()
        ]
        return all(right) and len(self.kept) == len(variables)

    def torch_expected(self) -> dict[str, torch.Tensor]:
        """Return the tensors that hold kept weights, with the values that they ought to get."""
        variables = {w.variable.path: w.variable for w in self.new.weights}
        kept = self.kept
        for path, value in kept.items():
            self.new.keras_variable(variables[path]).assign(value)
        self.new.carry()
        state = self.new.torch.state_dict()
        held = [w.parameter for w in self.new.weights if w.variable.path in kept]
        return {name: state[name].clone() for name in held}

    def torch_state(self, file: File) -> dict[str, torch.Tensor]:
        """Return a state from before as a user brings it over: renamed as is told."""
        state = self.old.torch.state_dict()
        renamed = dict(re.findall(r"([\w.]+) as ([\w.]+)", file.what))
        moved = {renamed.get(name, name): value.clone() for name, value in state.items()}
        kept = {name: value for name, value in state.items() if name not in renamed}
        moved |= {name: value for name, value in kept.items() if name not in renamed.values()}
        return moved


def check(change: Change) -> None:
    """Check that files load where that is told, and are right once changed as is told."""
    for file in change.told.files:
        if file.target == "keras":
            assert change.keras_loads() == file.loads
            continue
        expected, state = change.torch_expected(), change.torch_state(file)
        shapes = [
            {k: v.shape for k, v in s.items()} for s in (state, change.new.torch.state_dict())
        ]
        assert file.loads <= (shapes[0] == shapes[1])
        turned = re.findall(r"([\w.]+)(?:, | and |) ?(?=[^;]*held the entries)", file.what)
        for name, value in expected.items():
            assert torch.equal(state[name], value) != (name in turned), name


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_files_load_as_is_told(path: Path, tmp_path: Path) -> None:
    old, new = (
        path.with_name(name).read_text(encoding="utf-8") for name in ("old.yaml", "new.yaml")
    )
    check(Change(old, new, tmp_path))


IMAGE: list[Any] = [{"conv2d": {"filters": 3, "kernel_size": 1}}, "flatten"]
STACK: list[Any] = [{"dense": {"units": 2, "activation": "relu", "name": "a"}}, {"dense": 2}]
# Layers before and after, for inputs (2, 2, 2), and what the sentences on PyTorch's files say.
HARD: dict[str, tuple[list[Any], list[Any], str]] = {
    "turned": ([*IMAGE, {"dense": 2}], [*IMAGE, {"reshape": [12]}, {"dense": 2}], "another order"),
    "permuted": (
        ["flatten", {"dense": 3}],
        [{"permute": [2, 1, 3]}, "flatten", {"dense": 3}],
        "would fit",
    ),
    "doubled": ([*STACK], [STACK[0], STACK[1], STACK[1]], "does not load"),
    "swapped": (STACK, STACK[::-1], "rename dense_2.weight as dense_1.weight"),
    "wrapped": (
        ["flatten", {"reshape": [4, 2]}, {"gru": 3}],
        ["flatten", {"reshape": [4, 2]}, {"bidirectional": {"layer": {"gru": 3}}}],
        "rename gru.weight_ih_l0",
    ),
}


@pytest.mark.parametrize("name", HARD)
def test_hard_changes(name: str, tmp_path: Path) -> None:
    old, new, told = HARD[name]
    change = Change(spec([2, 2, 2], old), spec([2, 2, 2], new), tmp_path)
    (what,) = [file.what for file in change.told.files if file.target == "torch"]
    assert told in what
    check(change)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes())
def test_random_changes(both: tuple[str, str]) -> None:
    assume(all(specc.compile(f"{text}\n").ok for text in both))
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of layers that Keras or PyTorch advise against
        check(Change(f"{both[0]}\n", f"{both[1]}\n", Path(folder)))
