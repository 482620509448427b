"""Jinja as the templates need it.

A wheel has the templates compiled to Python, as to compile them takes a fifth of a small build. In
a checkout Jinja reads their files. Nothing else of specc is imported here, as `hatch_build.py`
compiles them where specc's own dependencies are not installed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import (
    BaseLoader,
    Environment,
    FileSystemLoader,
    ModuleLoader,
    StrictUndefined,
    Template,
)

# The files of a checkout, and what `hatch_build.py` makes of them for a wheel.
TEMPLATES = Path(__file__).parents[1] / "templates"
_COMPILED = Path(__file__).parent / "templates"


def environment(loader: BaseLoader) -> Environment:
    """Return Jinja as the templates need it: names alone, of which none is Jinja's own.

    A block on a line of its own leaves no line behind.
    """
    found = Environment(
        loader=loader,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        undefined=StrictUndefined,
    )
    found.globals = {}
    found.tests = {}
    found.filters = {"indent": found.filters["indent"]}
    return found


def template(name: str) -> Template:
    """Return the template of a name below `templates/`."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    is_wheel = _COMPILED.is_dir()
    return environment(ModuleLoader(_COMPILED) if is_wheel else FileSystemLoader(TEMPLATES))
