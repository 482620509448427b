"""Writes specs for tests. JSON is YAML, so a spec is a dump of Python data."""

from __future__ import annotations

import json
from typing import Any


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
