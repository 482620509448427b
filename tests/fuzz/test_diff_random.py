"""`specc diff` of random models and what may be done to them: no fault, and what it says is so."""

from __future__ import annotations

import json
from typing import Any

from drawing import Draw, documents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specc.changes.comparison import Comparison
from specc.changes.data import to_json
from specc.changes.markdown import markdown
from specc.changes.reading import Report, report
from specc.changes.terminal import terminal
from specc.revisions import Versions
from specc.targets import lower

LAYERS: list[Any] = [
    "relu",
    "flatten",
    {"dropout": 0.3},
    "batch_normalization",
    {"dense": 3},
    {"dense": {"units": 3, "use_bias": False, "name": "named"}},
    {"permute": [2, 1]},
]


@st.composite
def changes(draw: Draw) -> tuple[str, str]:
    """Return the text of a spec, and of one with layers removed, added, moved or exchanged."""
    old = json.loads(draw(documents()))
    new = {**old, "layers": list(old["layers"])}
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(new["layers"]) - 1))
        what = draw(st.sampled_from(["remove", "add", "move", "exchange"]))
        layer = new["layers"].pop(place) if what != "add" else None
        if what == "move":
            new["layers"].insert(draw(st.integers(0, len(new["layers"]))), layer)
        elif what != "remove" or not new["layers"]:
            new["layers"].insert(place, draw(st.sampled_from(LAYERS)))
    return json.dumps(old), json.dumps(new)


def check_weights(found: Comparison) -> None:
    """Check that no weight is forgotten or twice there, and that those that are kept fit."""
    for weight in found.weights:
        if weight.fate == "kept":
            assert weight.before is not None
            assert weight.after is not None
            assert weight.before.shape == weight.after.shape
    for program, side in ((found.old, "before"), (found.new, "after")):
        told = [getattr(w, side).path for w in found.weights if getattr(w, side) is not None]
        assert sorted(told) == sorted(
            v.path for node in program.graph.nodes for v in node.variables
        )


def check_files(found: Comparison) -> None:
    """Check that a state of PyTorch is said to load where names and shapes are those of before."""
    state = [
        {w.parameter: (w.variable.shape, w.row) for w in lower(program, "torch").weights}
        for program in (found.old, found.new)
    ]
    for file in found.files:
        if file.target == "torch" and file.loads:
            assert state[0] == state[1]
        if file.loads:
            assert not [weight for weight in found.weights if weight.fate == "anew"]


def check_order(found: Comparison) -> None:
    """Check that the layers told are those of the new model in order, and all of the old one."""
    new = [layer.pair.new for layer in found.layers if layer.pair.new is not None]
    old = [layer.pair.old for layer in found.layers if layer.pair.old is not None]
    assert new == list(found.new.graph.nodes)
    assert sorted(node.name for node in old) == sorted(node.name for node in found.old.graph.nodes)


def reported(old: str, new: str) -> Report:
    """Return the report on two texts, once written in each form."""
    names = ("old.yaml", "new.yaml")
    found = report(Versions("model.yaml", old.encode(), new.encode(), *names))
    assert terminal([found], color=True)
    assert markdown([found])
    assert json.loads(to_json([found]))
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes())
def test_what_is_told_is_so(both: tuple[str, str]) -> None:
    for old, new in (both, both[::-1]):
        found = reported(old, new).comparison
        if found is not None:
            check_weights(found)
            check_files(found)
            check_order(found)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_a_model_does_not_differ_from_itself(text: str) -> None:
    found = reported(text, json.dumps(json.loads(text)))
    if found.comparison is not None:
        assert not found.meaningful
        assert (found.sections, found.costs) == ((), ())
