"""Puts off the import of modules that pydantic imports and a check or build does not use.

Together they are a twelfth of the time of a check. Nothing else changes: a module that is asked for
anything is imported then.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

# With the functions that are imported by their names. They are those of plugins, which specc has
# pydantic not look for.
UNUSED: dict[str, tuple[str, ...]] = {
    "secrets": (),
    "importlib.metadata": ("entry_points",),
}


class _Deferred(ModuleType):
    def __getattr__(self, name: str) -> object:
        return getattr(_imported(self), name)


def _imported(placeholder: ModuleType) -> ModuleType:
    """Return the module in whose place this one is; those who have it go on asking it."""
    name = placeholder.__name__
    if sys.modules.get(name) is placeholder:
        del sys.modules[name]
    return import_module(name)


def _later(placeholder: ModuleType, function: str) -> Callable[..., object]:
    """Return a function that imports the module when it is called."""
    return lambda *given, **named: getattr(_imported(placeholder), function)(*given, **named)


def defer() -> None:
    """Put off the import of what is unused, where it is not imported yet."""
    for name, functions in UNUSED.items():
        if name in sys.modules:
            continue
        placeholder = _Deferred(name)
        for function in functions:
            setattr(placeholder, function, _later(placeholder, function))
        sys.modules[name] = placeholder
        package, _, short = name.rpartition(".")
        if package:
            outer = import_module(package)
            # Python looks for modules within, before it looks for a function.
            placeholder.__path__ = [f"{folder}/{short}" for folder in outer.__path__]
            setattr(outer, short, placeholder)
