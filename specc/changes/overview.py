"""One line about all specs that differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from specc.changes.reading import Report
from specc.changes.wording import count
from specc.diagnostics import listed

_STATUS = {
    "wrong": "with mistakes",
    "changed": "changed",
    "added": "added",
    "removed": "removed",
    "same": "without a change of the model",
}


def overview(reports: Sequence[Report]) -> str:
    """Return how many specs there are of each kind, as "2 specs: 1 changed, 1 added"."""
    if not reports:
        return "No spec differs."
    counts = Counter(found.status for found in reports)
    parts = [f"{counts[status]} {text}" for status, text in _STATUS.items() if counts[status]]
    return f"{count(len(reports), 'spec')}: {listed(parts)}."
