"""Features of training: each adds something, each place has something, and none is in the way."""

from __future__ import annotations

import pytest
from test_cases import SPECS

from specc.diagnostics import Source
from specc.pipeline import front
from specc.targets.torch import training
from specc.targets.torch.program import lower
from specc.targets.torch.training.feature import Feature, Training, together

ALONE = ("batches", "losses", "backward", "guard")


@pytest.fixture(scope="module")
def added() -> dict[str, list[Feature]]:
    """Return what each feature adds to the programs of all cases."""
    found: dict[str, list[Feature]] = {feature.__name__: [] for feature in training.FEATURES}
    known: list[Training] = []
    with pytest.MonkeyPatch.context() as patch:
        loop = training.loop
        patch.setattr(training, "loop", lambda at, places: (known.append(at), loop(at, places))[1])
        for path in SPECS.values():
            program, _ = front(Source("spec.yaml", path.read_text(encoding="utf-8")))
            lower(program)
    for at in known:
        for feature in training.FEATURES:
            found[feature.__name__].append(feature(at))
    return found


def places(feature: Feature) -> set[str]:
    """Return the places at which a feature adds something."""
    return {place for place in Feature._fields if getattr(feature, place)}


def test_each_feature_adds_something(added: dict[str, list[Feature]]) -> None:
    assert [name for name, found in added.items() if not any(map(places, found))] == []


def test_each_place_is_used(added: dict[str, list[Feature]]) -> None:
    used = {place for found in added.values() for feature in found for place in places(feature)}
    assert used == set(Feature._fields)


def test_nothing_is_added_by_none() -> None:
    assert together([Feature()]) == together([]) == Feature()


def test_lines_stand_in_the_order_of_features() -> None:
    found = together([Feature(setup=("a", "b"), finish=("x",)), Feature(), Feature(setup=("c",))])
    assert found == Feature(setup=("a", "b", "c"), finish=("x",))


@pytest.mark.parametrize("place", ALONE)
def test_one_feature_alone_replaces_lines(place: str) -> None:
    one = Feature(**{place: ("a",)})
    assert together([one, Feature()]) == one
    with pytest.raises(ValueError, match=f"one feature with {place}"):
        together([one, one])
