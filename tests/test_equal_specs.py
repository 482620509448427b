"""The specs that people start from: equal in outputs, loss, gradients, one step and size."""

from __future__ import annotations

from pathlib import Path

import pytest
from equality import Pair

pytestmark = pytest.mark.frameworks

ROOT = Path(__file__).parents[1]
SPECS = sorted(path.stem for path in (ROOT / "specs").glob("*.yaml"))


def text(name: str, fidelity: str) -> str:
    """Return a spec's text with a fidelity, which none of them sets itself."""
    written = (ROOT / "specs" / f"{name}.yaml").read_text()
    assert "fidelity" not in written
    return f"{written}\nfidelity: {fidelity}\n"


@pytest.fixture(autouse=True)
def _root(monkeypatch: pytest.MonkeyPatch) -> None:
    # The programs of custom layers run from the root of the repository.
    monkeypatch.syspath_prepend(str(ROOT))


@pytest.mark.parametrize("fidelity", ["idiomatic", "exact"])
@pytest.mark.parametrize("name", SPECS)
def test_outputs_loss_and_gradients(name: str, fidelity: str, tmp_path: Path) -> None:
    pair = Pair(text(name, fidelity), tmp_path)
    for samples in (1, 6):
        assert pair.output_difference(samples) <= 1e-5
    assert pair.output_difference(training=True) <= 1e-5
    if pair.program.fit is not None:
        for form in range(len(pair.program.fit.target_shapes)):
            for what, measured in pair.loss_differences(form=form).items():
                assert measured <= 1e-5, what
    held = sum(t.numel() for _, _, t, weight in pair.mapped() if not (weight and weight.frozen))
    assert pair.keras.count_params() == held


@pytest.mark.parametrize("name", SPECS)
def test_one_step(name: str, tmp_path: Path) -> None:
    """In double precision: Adam's first step is a gradient over its own magnitude, so that where it
    is as small as epsilon (1e-7) the rounding of float32 (1e-9 there) moves the weight by 1e-5."""
    pair = Pair(text(name, "exact"), tmp_path, double=True)
    if pair.program.fit is None:
        pytest.skip("it builds a model alone")
    for what, measured in pair.train(1).items():
        assert measured <= 1e-6, what
