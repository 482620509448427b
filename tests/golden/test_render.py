"""The templates place names and nothing else, and black would change nothing of what they give: for
every word of the language in both fidelities.

The form of cases is looked at in tests/golden/test_cases.py, of random models in
tests/equal/test_random_models.py.
"""

from __future__ import annotations

import gc
import json

import black
import pytest
from jinja2 import DictLoader, TemplateError, UndefinedError

from specc.diagnostics import Source
from specc.examples import example
from specc.pipeline import compile_source
from specc.render import free_names
from specc.spec.catalogue import CATALOGUE
from specc.targets.view import Import
from specc.templating import environment

WORDS = [(family, word) for family, words in CATALOGUE.items() for word in words]


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
    results = [compile_source(Source("spec.yaml", text), exact=exact) for exact in (False, True)]
    programs = {program for result in results for program in result.files.values()}
    assert len(programs) >= 2
    assert [program for program in programs if formatted(program) != program] == []


# What Jinja makes of a template, and what is none

VALUES = {
    "on": 1,
    "off": 0,
    "code": "<a & b>",
    "lines": ["a", "b"],
    "items": [{"name": "x", "flag": True}, {"name": 1, "flag": False}],
}


def rendered(text: str) -> str:
    """Return what a template gives, which is included once, as most are."""
    templates = {"outer.jinja": '{% include "inner.jinja" %}', "inner.jinja": text}
    return environment(DictLoader(templates)).get_template("outer.jinja").render(VALUES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("a\n", "a\n"),
        ("a {{ on }} b {{ off }}\n", "a 1 b 0\n"),
        ("{{ code }}", "<a & b>"),
        ("{% if on %}\na\n{% endif %}\nb\n", "a\nb\n"),
        ("a\n    {% if on %}\n    b\n    {% endif %}\nc\n", "a\n    b\nc\n"),
        ("{% if not off %}a{% else %}b{% endif %} c\n", "a c\n"),
        ("{% for line in lines %}\n  {{ line }}\n{% endfor %}\n", "  a\n  b\n"),
        ("{% for i in items %}{{ i.name }}{% if i.flag %}!{% endif %}{% endfor %}", "x!1"),
        ("  {{ code | indent(4) }}", "  <a & b>"),
    ],
)
def test_a_template_places_names(text: str, expected: str) -> None:
    assert rendered(text) == expected


# A name of Jinja's own is none: a flag that is misspelt as one would be on.
@pytest.mark.parametrize("name", ["missing", "items.missing", "missing.name", "range", "dict"])
def test_a_name_that_is_missing_is_a_fault(name: str) -> None:
    with pytest.raises(UndefinedError):
        rendered(f"{{{{ {name} }}}}")


@pytest.mark.parametrize("name", ["missing", "items.missing", "range", "dict", "namespace"])
@pytest.mark.parametrize(
    "use",
    ["{% if NAME %}on{% else %}off{% endif %}", "{% for line in NAME %}{{ line }}{% endfor %}"],
)
def test_a_flag_or_list_that_is_missing_is_a_fault(name: str, use: str) -> None:
    with pytest.raises(UndefinedError):
        rendered(use.replace("NAME", name))


@pytest.mark.parametrize(
    "text",
    [
        "{% if a %}",
        "{% if a %}{% endfor %}",
        "{% else %}",
        "{% set %}",
        "{{ on | upper }}",
        "{{ on | tojson }}",
        "{% if on is defined %}{% endif %}",
    ],
)
def test_what_is_no_such_template_is_a_fault(text: str) -> None:
    with pytest.raises(TemplateError):
        rendered(text)


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
