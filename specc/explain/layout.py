"""How explanations are laid out, and the small specs that they compile."""

from __future__ import annotations

import json
from functools import cache
from textwrap import wrap

from specc.diagnostics import Source
from specc.pipeline import Compilation, compile_source

WIDTH = 100


def source(text: str) -> Source:
    """Return the text of a small spec as a source."""
    return Source("example.yaml", text + "\n")


def compiled(spec: dict[str, object]) -> Compilation:
    """Return what a small spec gives."""
    return compiled_text(json.dumps(spec))


@cache
def compiled_text(text: str) -> Compilation:
    """Return what the text of a small spec gives."""
    return compile_source(source(text))


def indented(text: str) -> str:
    """Return a text, each of its lines two columns further in."""
    return "\n".join(f"  {line}" if line else "" for line in text.split("\n"))


def wrapped(text: str) -> str:
    """Return a text in lines that are not too long, two columns further in."""
    return "\n".join(wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    "))


def in_yaml(value: object, nested: bool = True) -> str:
    """Return a value in one line of YAML; a mapping that is not nested without its braces."""
    if isinstance(value, dict):
        items = ", ".join(f"{key}: {in_yaml(inner)}" for key, inner in value.items())
        return f"{{{items}}}" if nested else items
    if isinstance(value, list):
        return f"[{', '.join(map(in_yaml, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        plain = value.replace("_", "").replace(".", "").isalnum()
        return value if plain else json.dumps(value)
    return repr(value)
