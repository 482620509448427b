"""Reports as data, for JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from specc.changes.comparison import Comparison, Layer
from specc.changes.reading import Report
from specc.changes.training import Setting
from specc.changes.weights import Weight
from specc.costs import Cost, cost
from specc.diagnostics import Diagnostic
from specc.program import Node
from specc.shapes import UNKNOWN, Shape


def to_json(reports: Sequence[Report]) -> str:
    """Return the reports as JSON; a size that a spec leaves open, or an unknown figure, is null."""
    found = {"meaningful": any(r.meaningful for r in reports), "specs": list(map(_report, reports))}
    return json.dumps(found, indent=2)


def _report(found: Report) -> dict[str, object]:
    comparison = found.comparison
    details = {} if comparison is None else _comparison(comparison)
    return {
        "spec": found.name,
        "status": found.status,
        "summary": list(found.summary),
        **details,
        "errors": list(map(_diagnostic, found.errors)),
        "code": {target: "\n".join(lines) for target, lines in found.code.items()},
    }


def _comparison(comparison: Comparison) -> dict[str, object]:
    return {
        "layers": list(map(_layer, comparison.changed)),
        "weights": {
            fate: sum(w.size for w in comparison.weights if w.fate == fate)
            for fate in ("kept", "anew", "gone")
        },
        "files": [asdict(file) for file in comparison.files],
        "cost": {"before": _cost(comparison.costs[0]), "after": _cost(comparison.costs[1])},
        "interface": list(map(_setting, comparison.interface)),
        "training": list(map(_setting, comparison.training)),
        "notes": {
            "appeared": list(map(_diagnostic, comparison.appeared)),
            "vanished": list(map(_diagnostic, comparison.vanished)),
        },
    }


def _cost(found: Cost) -> dict[str, int | None]:
    return asdict(found)


def _setting(setting: Setting) -> dict[str, object]:
    return asdict(setting)


def _layer(layer: Layer) -> dict[str, object]:
    return {
        "kind": layer.kind,
        "moved": layer.pair.moved,
        "effect": layer.effect.name.lower(),
        "inputs_changed": layer.behind,
        "before": _node(layer.pair.old),
        "after": _node(layer.pair.new),
        "arguments": [
            {"name": a.name, "before": a.before, "after": a.after, "effect": a.effect.name.lower()}
            for a in layer.arguments
        ],
        "weights": list(map(_weight, layer.weights)),
    }


def _node(node: Node | None) -> dict[str, object] | None:
    if node is None:
        return None
    return {
        "name": str(node.name),
        "word": node.layer.word,
        "input_shape": _shape(node.input_shape),
        "output_shape": _shape(node.output_shape),
        **_cost(cost(node)),
    }


def _weight(weight: Weight) -> dict[str, object]:
    before, after = weight.before, weight.after
    return {
        "name": weight.name,
        "fate": weight.fate,
        "reason": weight.reason,
        "parameters": weight.size,
        "before": None if before is None else {"path": before.path, "shape": _shape(before.shape)},
        "after": None if after is None else {"path": after.path, "shape": _shape(after.shape)},
    }


def _shape(shape: Shape) -> list[int | None]:
    return [None if size is UNKNOWN else size for size in shape]


def _diagnostic(found: Diagnostic) -> dict[str, object]:
    return {
        "code": found.code,
        "message": found.message,
        "hint": found.hint,
        "line": found.span.line,
        "column": found.span.column,
    }
