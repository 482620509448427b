"""Views to text, by templates, and text to black's form.

The templates are Jinja's, and Jinja gives the same text; tests compare the two over every case
and over random specs. To import Jinja and have it compile them costs a third of a small build, so
this module reads the part of Jinja that they use: names, loops, `if flag` and includes. A tag on a
line of its own leaves no line behind, and a name that is missing is a fault.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from symtable import Symbol, symtable
from typing import Any

from specc.expressions import LINE_LENGTH
from specc.targets.view import Section, Text, View

Values = Mapping[str, Any]
Part = Callable[[Values, list[str]], None]
Find = Callable[[Values], Any]

# A block takes the blanks before it and the line's end behind it along.
_TAG = re.compile(r"(?:^[ \t]*)?\{% (.+?) %\}\n?|\{\{ ([a-z_.]+) \}\}", re.MULTILINE)


def templates_folder() -> Path:
    """Return where the templates lie: in the package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


class _Program(Section):
    """A whole program."""

    template = "shared/program.py.jinja"
    header: str
    docstring_first: str
    docstring_rest: tuple[str, ...]
    imports: tuple[tuple[str, ...], ...]
    constants: tuple[str, ...]
    sections: tuple[str, ...]


def program_text(view: View, header: str) -> str:
    """Return the text of a lowered program, which imports what its sections use."""
    sections = tuple(_placed(section) for section in view.sections)
    known = {name for group in view.imports for found in group for name in found.gives}
    used = free_names("\n".join((*view.constants, *sections)), known)
    imports = [tuple(filter(None, (i.line(used) for i in group))) for group in view.imports]
    return render(
        _Program.template,
        _Program(
            header=header,
            docstring_first=view.docstring[0],
            docstring_rest=view.docstring[1:],
            imports=tuple(group for group in (*imports, view.custom) if group),
            constants=view.constants,
            sections=sections,
        ),
    )


def free_names(text: str, among: Set[str]) -> set[str]:
    """Return those of some names that a program uses and does not define."""
    whole = symtable(text, "<program>", "exec")
    used, tables = set[str](), [whole]
    for table in tables:
        tables += table.get_children()
        for name in among & table.get_identifiers():
            symbol = table.lookup(name)
            if symbol.is_referenced() and (symbol.is_global() or table is whole):
                used.add(name)
    return used - {name for name in among & whole.get_identifiers() if _binds(whole.lookup(name))}


def _binds(symbol: Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def render(template: str, view: Section | Text) -> str:
    """Return the text of the template of that name, with the fields of a view.

    Raises:
        KeyError, AttributeError: it places a name that the view lacks.
    """
    values = {name: _placed(getattr(view, name)) for name in view.names}
    texts: list[str] = []
    _run(_parts(template), values, texts)
    return "".join(texts)


def _placed(value: Any) -> Any:
    """Return what a template places: the text of sections, anything else as it is."""
    if isinstance(value, (Section, Text)):
        return render(value.template, value).removesuffix("\n")
    return tuple(map(_placed, value)) if type(value) is tuple else value


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


def parse(text: str) -> list[Part]:
    """Return what a template's text places, in order.

    Errors:
        ValueError: it holds more than names, loops, flags and includes.
    """
    parts, end = _body(_tokens(text))
    if end:
        raise ValueError(f"expected the end of the template, found {end}")
    return parts


@cache
def _parts(template: str) -> list[Part]:
    return parse((templates_folder() / template).read_text(encoding="utf-8"))


def _run(parts: list[Part], values: Values, texts: list[str]) -> None:
    for part in parts:
        part(values, texts)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the texts, the names and the blocks of a template with what they are."""
    pieces = _TAG.split(text)
    for before, block, name in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=False):
        yield "text", before
        yield ("block", block) if name is None else ("name", name)
    yield "text", pieces[-1]


def _body(tokens: Iterator[tuple[str, str]]) -> tuple[list[Part], str]:
    """Return the parts up to `else`, `endif` or `endfor`, and which of them it was."""
    parts: list[Part] = []
    for kind, token in tokens:
        if kind == "text":
            parts += [_text(token)] if token else []
        elif kind == "name":
            parts.append(_place(_finder(token)))
        elif token in ("else", "endif", "endfor"):
            return parts, token
        else:
            parts.append(_block(token.split(), tokens))
    return parts, ""


def _block(words: list[str], tokens: Iterator[tuple[str, str]]) -> Part:
    match words:
        case ["if", *no, flag] if no in ([], ["not"]):
            body, end = _body(tokens)
            other, end = _body(tokens) if end == "else" else ([], end)
            part = _choice(_finder(flag), *((other, body) if no else (body, other)))
        case ["for", name, "in", values]:
            body, end = _body(tokens)
            part = _loop(name, _finder(values), body)
        case ["include", name]:
            end = "endinclude"
            part = _include(_constant(name[1:-1]) if name[:1] == '"' else _finder(name))
        case _:
            raise ValueError(f"expected names, loops, flags or includes, found {words}")
    if end != f"end{words[0]}":
        raise ValueError(f"expected the end of {words}, found {end or 'none'}")
    return part


def _finder(path: str) -> Find:
    """Return what finds a value by `name` or `name.field`."""
    name, *fields = path.split(".")
    if fields:
        (field,) = fields
        return lambda values: _field(values[name], field)
    return lambda values: values[name]


def _field(value: Any, field: str) -> Any:
    return value[field] if isinstance(value, dict) else getattr(value, field)


def _constant(value: str) -> Find:
    return lambda values: value


def _text(text: str) -> Part:
    return lambda values, texts: texts.append(text)


def _place(find: Find) -> Part:
    return lambda values, texts: texts.append(str(find(values)))


def _choice(find: Find, body: list[Part], other: list[Part]) -> Part:
    return lambda values, texts: _run(body if find(values) else other, values, texts)


def _include(find: Find) -> Part:
    return lambda values, texts: _run(_parts(find(values)), values, texts)


def _loop(name: str, find: Find, body: list[Part]) -> Part:
    def part(values: Values, texts: list[str]) -> None:
        inner = dict(values)
        for value in find(values):
            inner[name] = value
            _run(body, inner, texts)

    return part
