"""Views to text, by Jinja's templates, and text to black's form."""

from __future__ import annotations

from collections.abc import Set
from symtable import Symbol, symtable
from typing import Any

from specc.expressions import LINE_LENGTH
from specc.targets.view import Section, Text, View
from specc.templating import template


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
        _Program(
            header=header,
            docstring_first=view.docstring[0],
            docstring_rest=view.docstring[1:],
            imports=tuple(group for group in (*imports, view.custom) if group),
            constants=view.constants,
            sections=sections,
        )
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


def render(view: Section | Text) -> str:
    """Return the text of a view's template with its fields.

    Raises:
        jinja2.UndefinedError: it places a name that the view lacks.
    """
    values = {name: _placed(getattr(view, name)) for name in view.names}
    return template(view.template).render(values)


def _placed(value: Any) -> Any:
    """Return what a template places: the text of sections, anything else as it is."""
    if isinstance(value, (Section, Text)):
        return render(value).removesuffix("\n")
    return tuple(map(_placed, value)) if type(value) is tuple else value


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
