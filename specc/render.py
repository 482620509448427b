"""Views to text, by Jinja templates, and text to black's form."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from specc.expressions import LINE_LENGTH


def templates_folder() -> Path:
    """Return where the templates lie: in the package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


@cache
def environment() -> Environment:
    """Return the environment of all templates, which knows no filters to decide with."""
    return Environment(
        loader=FileSystemLoader(templates_folder()),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=_Nothing,
        autoescape=False,
        optimized=False,
    )


class _Nothing(StrictUndefined):
    """A flag that a view leaves out is off; placing one as text is an error."""

    def __bool__(self) -> bool:  # type: ignore[override]
        return False

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return iter(())


def render(template: str, context: dict[str, Any]) -> str:
    """Return a template's text."""
    return environment().get_template(template).render(context)


def format_code(text: str) -> str:
    """Return Python text in black's form.

    Statements are laid out as black would (`specc.expressions.statement`) and templates are
    written in its form, so only a line that is too long needs black itself, whose import alone
    costs a third of a build. Tests hold this over every case and over random specs.

    Errors:
        black.InvalidInput: the text is no Python, which is a fault of specc.
    """
    if all(len(line) <= LINE_LENGTH for line in text.split("\n")):
        return text
    import black

    with _collector_off():
        return black.format_str(text, mode=black.Mode())


@contextmanager
def _collector_off() -> Iterator[None]:
    # The garbage collector takes half of black's time on long programs and finds nothing.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
