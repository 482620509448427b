"""What becomes of a state_dict when a spec changes: it names its tensors by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from specc.diagnostics import listed
from specc.targets.carried import Carried, Loading


def loads(carried: Carried) -> Loading:
    """Return whether a state from before loads, and what to rename in it."""
    old, new = ({w.parameter: w for w in held} for held in carried.maps)
    sources = _sources(carried)
    right = [p for p, source in sources.items() if source == p and _is_same(old[p], new[p])]
    if len(right) == len(new) == len(old):
        return Loading(True, "a state_dict from before loads as it is")
    parts = ["a state_dict from before does not load as it is"]
    renamed = [f"{source} as {p}" for p, source in sources.items() if source not in (p, None)]
    turned = [
        p
        for p, source in sources.items()
        if source is not None and not _is_same(old[source], new[p])
    ]
    wrong = [p for p in new if p in old and sources[p] != p and _fit_alike(old[p], new[p])]
    parts += [f"rename {listed(renamed)}"] if renamed else []
    parts += [f"{listed(turned)} held the entries in another order"] if turned else []
    parts += [f"{listed(wrong)} would fit, but means something else now"] if wrong else []
    return Loading(False, "; ".join(parts))


def _sources(carried: Carried) -> dict[str, str | None]:
    """Return for each parameter the one before that belongs into it, None where none does."""
    before, after = carried.maps
    parts: dict[str, list[Any]] = {}
    for weight in before:
        parts.setdefault(weight.variable.path, []).append(weight)
    came = carried.weights
    return {w.parameter: _source(w, parts.get(came.get(w.variable.path, ""), [])) for w in after}


def _source(weight: Any, parts: Sequence[Any]) -> str | None:
    alike = [p for p in parts if (p.path, p.row) == (weight.path, weight.row)]
    found = alike or [p for p in parts if (p.frozen, p.row) == (weight.frozen, weight.row)]
    return str(found[0].parameter) if found else None


def _is_same(old: Any, new: Any) -> bool:
    return _fit_alike(old, new) and bool(old.transform == new.transform)


def _fit_alike(old: Any, new: Any) -> bool:
    return bool(old.variable.shape == new.variable.shape and old.row == new.row)
