"""What is written is what Jinja makes of the templates, and black would change nothing: for every
case, for every word of the language in both fidelities, and for random models.

The form of cases is looked at in tests/golden/test_cases.py, of random models in
tests/equal/test_random_models.py.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import black
import pytest
from drawing import documents
from hypothesis import assume, given, settings
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from test_cases import SPECS

from specc.diagnostics import Source, SpeccError
from specc.examples import example
from specc.pipeline import compile_source, front
from specc.render import parse, render, templates_folder
from specc.spec.catalogue import CATALOGUE
from specc.targets import TARGETS, lower

WORDS = [(family, word) for family, words in CATALOGUE.items() for word in words]
HEADER = {"header": "# Made by specc"}


class Nothing(StrictUndefined):
    """A flag that a view leaves out is off; placing one as text is an error."""

    def __bool__(self) -> bool:
        return False

    def __iter__(self) -> Iterator[Any]:
        return iter(())


JINJA = Environment(
    loader=FileSystemLoader(templates_folder()),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=Nothing,
    autoescape=False,
)


def check_against_jinja(text: str) -> None:
    """Check that both programs of a spec are what Jinja makes of their templates."""
    program, _ = front(Source("spec.yaml", text))
    for name in TARGETS:
        view = lower(program, name)
        context = view.context | HEADER
        assert render(view.template, context) == JINJA.get_template(view.template).render(context)


def formatted(text: str) -> str:
    """Return a program as black writes it, quickly: the garbage collector takes half the time."""
    gc.disable()
    try:
        return black.format_str(text, mode=black.Mode())
    finally:
        gc.enable()


@pytest.mark.parametrize(("family", "word"), WORDS)
def test_every_word(family: str, word: str) -> None:
    text = json.dumps(example(family, word))
    check_against_jinja(text)
    results = [compile_source(Source("spec.yaml", text), exact=exact) for exact in (False, True)]
    programs = {program for result in results for program in result.files.values()}
    assert len(programs) >= 2
    assert [program for program in programs if formatted(program) != program] == []


@pytest.mark.parametrize("name", SPECS)
def test_every_case(name: str) -> None:
    check_against_jinja(SPECS[name].read_text(encoding="utf-8"))


@settings(max_examples=40, deadline=None, database=None, derandomize=True)
@given(documents())
def test_random_models(text: str) -> None:
    try:
        check_against_jinja(text)
    except SpeccError:
        assume(False)


# The part of Jinja that templates use

LINES = {
    "on": 1,
    "off": 0,
    "lines": ["a", "b"],
    "items": [{"name": "x", "flag": True}, {"name": 1}],
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n",
        "{{ on }}",
        "a {{ on }} b {{ off }}\n",
        "{% if on %}\na\n{% endif %}\nb\n",
        "{% if off %}\na\n{% endif %}\nb\n",
        "{% if missing %}\na\n{% else %}\nb\n{% endif %}\n",
        "{% if not off %}a{% else %}b{% endif %}\n",
        "{% if not on %}a{% else %}b{% endif %} c\n",
        "a\n    {% if on %}\n    b\n    {% endif %}\nc\n",
        "a {% if on %}b{% endif %}\nc\n",
        "{% if on %}{% if off %}a{% else %}b{% endif %}{% endif %}\nc",
        "{% for line in lines %}\n  {{ line }}\n{% endfor %}\n",
        "{% for line in missing %}\n{{ line }}\n{% endfor %}\nb\n",
        "{% for line in lines %}{{ line }}, {% endfor %}\n",
        "{% for a in lines %}{% for b in lines %}{{ a }}{{ b }} {% endfor %}{% endfor %}",
        "{% for item in items %}{{ item.name }}{% if item.flag %}!{% endif %}{% endfor %}",
        "{% if on %}\n\n{% endif %}\n\na\n",
    ],
)
def test_as_jinja(text: str) -> None:
    texts: list[str] = []
    for part in parse(text):
        part(LINES, texts)
    assert "".join(texts) == JINJA.from_string(text).render(LINES)


@pytest.mark.parametrize("text", ["{{ missing }}", "{{ item.missing }}", "{{ missing.name }}"])
def test_a_name_that_is_missing_is_a_fault(text: str) -> None:
    (part,) = (part for part in parse(text))
    with pytest.raises((KeyError, AttributeError)):
        part({"item": {}}, [])


@pytest.mark.parametrize(
    "text",
    [
        "{% if a == 1 %}{% endif %}",
        "{% if a %}",
        "{% if a %}{% endfor %}",
        "{% for a in b %}{% endif %}",
        "{% for a, b in c %}{% endfor %}",
        "{% else %}",
        "{% endif %}",
        "{% set a = 1 %}",
    ],
)
def test_what_is_no_such_template_is_a_fault(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse(text)
