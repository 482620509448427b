"""A module that is imported when something of it is used.

Pydantic asks importlib.metadata for the function that finds plugins. That module imports those of
mail, sockets and archives, a tenth of a small build, and plugins are off.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_NAME = "importlib.metadata"


class _Late(ModuleType):
    """Stands for importlib.metadata until an attribute is asked for."""

    def entry_points(self, **parameters: Any) -> Any:
        return _real().entry_points(**parameters)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(), name)


def put_off_metadata() -> None:
    """Have importlib.metadata imported when something of it is used, if it is not there yet."""
    if _NAME not in sys.modules:
        sys.modules[_NAME] = _Late(_NAME)


def _real() -> Any:
    if isinstance(sys.modules.get(_NAME), _Late):
        del sys.modules[_NAME]
    return import_module(_NAME)
