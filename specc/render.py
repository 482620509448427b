"""Views to text, by Jinja's templates, and text to black's form.

A wheel has the templates compiled to Python, as to compile them takes a sixth of a small build. In
a checkout Jinja reads their files.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, ModuleLoader, Undefined

from specc.expressions import LINE_LENGTH

# The files of a checkout, and what `hatch_build.py` makes of them for a wheel.
TEMPLATES = Path(__file__).parents[1] / "templates"
_COMPILED = Path(__file__).parent / "templates"


class Missing(Undefined):
    """A name that a view lacks: off as a flag, empty as a list, and a fault where it is placed."""

    def __str__(self) -> str:
        self._fail_with_undefined_error()


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
        undefined=Missing,
    )
    found.globals = {}
    found.tests = {}
    found.filters = {"indent": found.filters["indent"]}
    return found


def render(template: str, values: Mapping[str, Any]) -> str:
    """Return the text of the template of that name.

    Raises:
        jinja2.UndefinedError: it places a name that `values` lack.
    """
    return _environment().get_template(template).render(values)


def format_code(text: str) -> str:
    """Return Python text in black's form.

    Statements are laid out as black would (`specc.expressions.statement`) and templates are
    written in its form, so only a line that is too long needs black itself, whose import alone
    costs a third of a build. Tests hold this over every case and over random specs.

    Raises:
        black.InvalidInput: the text is no Python, which is a fault of specc.
    """
    if all(len(line) <= LINE_LENGTH for line in text.split("\n")):
        return text
    import black

    return black.format_str(text, mode=black.Mode())


@cache
def _environment() -> Environment:
    is_wheel = _COMPILED.is_dir()
    return environment(ModuleLoader(_COMPILED) if is_wheel else FileSystemLoader(TEMPLATES))
