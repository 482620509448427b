"""What is written is what Jinja makes of the templates, and black would change nothing: for every
case, for every word of the language in both fidelities, and for random models.

The form of cases is looked at in tests/test_cases.py, of random models in test_random_models.py.
"""

from __future__ import annotations

import gc
import json
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
from specc.render import free_names, parse, render, templates_folder
from specc.spec.catalogue import CATALOGUE
from specc.targets import TARGETS, lower
from specc.targets.view import Import, Section, Text

WORDS = [(family, word) for family, words in CATALOGUE.items() for word in words]


JINJA = Environment(
    loader=FileSystemLoader(templates_folder()),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
    autoescape=False,
)


def by_jinja(value: Any) -> Any:
    """Return what Jinja makes of a section, and of sections within one; a missing name fails."""
    if isinstance(value, (Section, Text)):
        values = {name: by_jinja(getattr(value, name)) for name in value.names}
        return JINJA.get_template(value.template).render(values).removesuffix("\n")
    return tuple(map(by_jinja, value)) if type(value) is tuple else value


def check_against_jinja(text: str) -> None:
    """Check that the sections of both programs of a spec are what Jinja makes of templates."""
    program, _ = front(Source("spec.yaml", text))
    for name in TARGETS:
        for section in lower(program, name).sections:
            found = render(section.template, section).removesuffix("\n")
            assert found == by_jinja(section)


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
    "items": [{"name": "x", "flag": True}, {"name": 1, "flag": False}],
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
        "{% if not off %}a{% else %}b{% endif %}\n",
        "{% if not on %}a{% else %}b{% endif %} c\n",
        "a\n    {% if on %}\n    b\n    {% endif %}\nc\n",
        "a {% if on %}b{% endif %}\nc\n",
        "{% if on %}{% if off %}a{% else %}b{% endif %}{% endif %}\nc",
        "{% for line in lines %}\n  {{ line }}\n{% endfor %}\n",
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


@pytest.mark.parametrize(
    "text",
    [
        "{{ missing }}",
        "{{ item.missing }}",
        "{{ missing.name }}",
        "{% if missing %}{% endif %}",
        "{% for a in missing %}{% endfor %}",
        "{% if item.missing %}{% endif %}",
    ],
)
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


# What a program imports

PROGRAM = """
import os

LIMIT = math.pi


def area(radius: float, copy: np.ndarray) -> torch.Tensor:
    \"\"\"Not csv.\"\"\"
    random = radius  # not sys
    return random * copy.sum() + [F for F in radius][0] + LIMIT + len(area("re"))


class Model(nn.Module):
    path: Path = os.getcwd()
    sys.argv

    def forward(self):
        global pd
        return lambda x: json.dumps(x) + pd + Model.path
"""


def test_free_names() -> None:
    expected = {"math", "np", "torch", "nn", "Path", "sys", "json", "pd"}
    others = {"os", "csv", "copy", "random", "area", "F", "x", "self", "Model"}
    assert free_names(PROGRAM, expected | others) == expected


@pytest.mark.parametrize(
    ("statement", "used", "expected"),
    [
        (Import("math"), {"math"}, "import math"),
        (Import("math"), {"maths"}, None),
        (Import("numpy", alias="np"), {"np"}, "import numpy as np"),
        (Import("numpy", alias="np"), {"numpy"}, None),
        (Import("a.b", ("C", "D", "E")), {"E", "C", "a"}, "from a.b import C, E"),
        (Import("a.b", ("C",)), {"a"}, None),
    ],
)
def test_imports_of_what_is_used(statement: Import, used: set[str], expected: str | None) -> None:
    assert statement.line(used) == expected
