"""Layers that draw in training have the same distribution in both programs.

Mean, deviation, the values that a dropout can give, and along which axes entries share their fate.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from equality import Noisy
from writing import spec

from specc.targets.torch.layout import KERAS, outside

pytestmark = pytest.mark.frameworks

CASES: dict[str, tuple[list[int], Any]] = {
    "dropout": ([6], {"dropout": 0.3}),
    "dropout-shape": ([4, 6], {"dropout": {"rate": 0.3, "noise_shape": [None, 1, 6]}}),
    "gaussian-noise": ([6], {"gaussian_noise": 0.4}),
    "gaussian-noise-image": ([3, 4, 2], {"gaussian_noise": 0.4}),
    "gaussian-dropout": ([6], {"gaussian_dropout": 0.3}),
    "alpha-dropout": ([6], {"alpha_dropout": 0.3}),
    "spatial-1d": ([5, 6], {"spatial_dropout1d": 0.3}),
    "spatial-2d": ([3, 4, 6], {"spatial_dropout2d": 0.3}),
    "spatial-2d-first": (
        [6, 3, 4],
        {"spatial_dropout2d": {"rate": 0.3, "data_format": "channels_first"}},
    ),
    "spatial-3d": ([2, 3, 4, 6], {"spatial_dropout3d": 0.3}),
    "spatial-3d-first": (
        [6, 2, 3, 4],
        {"spatial_dropout3d": {"rate": 0.3, "data_format": "channels_first"}},
    ),
}
SAMPLES, INPUT = 4000, 1.5


def shared_axes(values: np.ndarray) -> list[int]:
    """Return the axes along which all entries are the same."""
    return [axis for axis in range(values.ndim) if np.ptp(values, axis=axis).max() < 1e-6]


@pytest.mark.parametrize("name", CASES)
def test_distribution(name: str, tmp_path: Path) -> None:
    shape, layer = CASES[name]
    pair = Noisy(spec(shape, [layer], optimizer=None), tmp_path)
    x = np.full((SAMPLES, *shape), INPUT, np.float32)
    theirs = np.asarray(pair.keras(x, training=True))
    pair.torch.train()
    ours = pair.torch(pair.to_torch(x))
    if outside(pair.program, pair.program.graph.output.shape) != KERAS:
        ours = ours.movedim(1, -1)
    found = ours.numpy()
    assert found.shape == theirs.shape
    assert np.std(theirs) > 0.1
    assert shared_axes(found) == shared_axes(theirs)
    # 24,000 draws at least, whose mean has a deviation of 1 / 150 of theirs.
    assert abs(found.mean() - theirs.mean()) < 0.05 * theirs.std()
    assert abs(found.std() - theirs.std()) < 0.05 * theirs.std()
    if "gaussian" not in name:
        assert np.allclose(np.unique(found.round(4)), np.unique(theirs.round(4)), atol=2e-4)
    pair.torch.eval()
    assert torch.equal(pair.torch(pair.to_torch(x)), pair.to_torch(x))


@pytest.mark.parametrize("word", ["gaussian_noise", "alpha_dropout", "gaussian_dropout"])
def test_a_seed_is_noted(word: str, tmp_path: Path) -> None:
    arguments = {"stddev" if word == "gaussian_noise" else "rate": 0.3, "seed": 3}
    pair = Noisy(spec([6], [{word: arguments}], optimizer=None), tmp_path)
    assert "N204" in [note.code for note in pair.notes]
