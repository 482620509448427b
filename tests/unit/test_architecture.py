"""The rules of the code that no other test would notice: who imports whom, templates without
logic, every word lowered by every target, docstrings, sizes, names."""

from __future__ import annotations

import ast
import builtins
import inspect
import json
import pkgutil
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, meta, nodes

import specc
import specc.targets
from specc.diagnostics import Source
from specc.examples import example
from specc.pipeline import front
from specc.render import free_names, program_text
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.word import Word
from specc.targets import TARGETS, lower
from specc.targets.torch.definitions import HELPERS
from specc.targets.torch.training.constraints import NORMS
from specc.targets.view import Section

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "specc").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.jinja"))

# A module imports only from its own line and from those above it.
ORDER = [
    "specc.unsure",  # what a mistake hides
    "specc.shapes",
    "specc.targets",  # the table, not what is in the folder
    "specc.header",
    "specc.fresh",  # what a build that changes nothing needs
    "specc.layout",  # what formatters change
    "specc.merges",  # what git leaves of conflicts
    "specc.output",
    "specc.watch",
    "specc.diagnostics",
    "specc.grouping",  # tells notes of many specs once
    "specc.settings",
    "specc.spec",
    "specc.yaml_mistakes",
    "specc.source",  # load
    "specc.spec_files",  # tells which files are specs
    "specc.remainder",
    "specc.foreign",  # recognises files of other tools
    "specc.hints",  # what a mistake most likely meant
    "specc.validate",  # validate
    "specc.overrides",
    "specc.canonical",  # puts a spec's text into one form
    "specc.expressions",
    "specc.names",
    "specc.program",
    "specc.limits",  # which numbers its arrays hold
    "specc.fit",
    "specc.layer_notes",
    "specc.masks",
    "specc.weight_checks",
    "specc.resolve",  # resolve
    "specc.costs",
    "specc.written_out",  # a program as a spec in full
    "specc.review",  # finds what a reviewer would
    "specc.silences",  # by comments
    "specc.targets.*",  # lower
    "specc.show",  # what a model is made of, as data
    "specc.tables",  # and for people
    "specc.templating",
    "specc.render",  # render and format
    "specc.pipeline",  # chains them
    "specc.codes",
    "specc.check",
    "specc.revisions",  # reads versions of specs
    "specc.history",
    "specc.owners",  # whose program it is
    "specc.standing",  # what is in its place
    "specc.building",
    "specc.changes",  # tells what became of them
    "specc.formats",  # tells diagnostics to machines
    "specc.examples",
    "specc.mistakes",
    "specc.explain",  # tells of words
    "specc.schema",  # tells editors of them
    "specc.start",  # makes first specs
    "specc.repository",  # and repositories of them
    "specc.completion",  # tells shells of the command line
    "specc.verify",  # runs what was built
    "specc.sampling",  # draws data for it
    "specc",
    "specc.cli",
    "specc.__main__",
]


# Imports


def module_name(path: Path) -> str:
    """Return the name under which Python imports a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports, anywhere in it, but what only a type checker reads."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a name comes from"
            assert node.module is not None
            for alias in node.names:
                # `from specc.spec import metrics` imports a module, not a name of one.
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module
        waiting += ast.iter_child_nodes(node)


MODULES = {module_name(path): path for path in FILES}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
GRAPH = {
    name: {found for found in imports(tree) if found.partition(".")[0] == "specc"}
    for name, tree in TREES.items()
}
# The version is a constant, which everyone may know.
for _name in (
    "specc.building",
    "specc.cli",
    "specc.cli.init",
    "specc.formats",
    "specc.header",
    "specc.standing",
):
    GRAPH[_name].discard("specc")
CLI = {name for name in MODULES if name.startswith("specc.cli.")}


FRAMEWORKS = {"h5py", "keras", "numpy", "safetensors", "tensorflow", "torch"}
# What runs programs imports their frameworks, and is itself imported by those who ask for that.
RUNS_PROGRAMS = {
    f"specc.verify.{name}"
    for name in ("inputs", "pair", "programs", "trace", "checks", "conversion")
}
DRAWS_SAMPLES = "specc.sampling"  # with numpy alone


def place(name: str) -> int:
    """Return the line of ORDER on which a module stands."""
    alone = ("specc", "specc.targets")
    groups = [g for g in ORDER if name == g or (g not in alone and name.startswith(_within(g)))]
    assert groups, f"{name} has no place in the order of imports"
    return ORDER.index(max(groups, key=len))


def _within(group: str) -> str:
    """Return how the names of the modules within a package begin."""
    return group.removesuffix("*") if group.endswith(".*") else f"{group}."


def test_the_graph_holds_the_imports() -> None:
    assert "specc.validate" in GRAPH["specc.pipeline"]  # within a function
    assert "specc.spec.metrics" in GRAPH["specc.fit"]  # a module of a package
    assert "specc.targets.torch.layers" in GRAPH["specc.targets.torch.model"]
    assert place("specc.spec.layers.core") < place("specc.resolve") < place("specc.targets.view")


@pytest.mark.parametrize("name", GRAPH)
def test_imports_go_one_way(name: str) -> None:
    backwards = [found for found in GRAPH[name] if place(found) > place(name)]
    assert backwards == []


def test_no_imports_in_a_circle() -> None:
    assert len(list(TopologicalSorter(GRAPH).static_order())) >= len(FILES)


def test_only_what_runs_programs_imports_frameworks() -> None:
    importing = {
        name
        for name, tree in TREES.items()
        if {found.partition(".")[0] for found in imports(tree)} & FRAMEWORKS
    }
    assert importing
    assert {name for name in importing if not name.startswith("specc.verify.")} == {DRAWS_SAMPLES}
    users = {name for name in GRAPH if any(f.startswith("specc.verify") for f in GRAPH[name])}
    others = {name for name in users if not name.startswith("specc.verify")}
    assert others == {"specc.cli.verify", "specc.cli.convert", DRAWS_SAMPLES}
    assert {name for name in GRAPH if DRAWS_SAMPLES in GRAPH[name]} == {"specc.cli.sample"}


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_knows_no_other(target: str) -> None:
    others = [f"specc.targets.{other}" for other in TARGETS if other != target]
    here = [name for name in GRAPH if name.startswith(f"specc.targets.{target}")]
    assert f"specc.targets.{target}.program" in here
    for name in here:
        text = MODULES[name].read_text(encoding="utf-8")
        assert not [other for other in others if other in text], name


def test_shapes_know_nothing_of_specc() -> None:
    assert GRAPH["specc.shapes"] == {"specc.unsure"}
    assert GRAPH["specc.unsure"] == set()


def test_a_verb_is_a_module_of_its_own() -> None:
    from specc.cli import VERBS

    assert {f"specc.cli.{verb}" for verb in VERBS} == CLI - {
        "specc.cli.terminal",
        "specc.cli.chosen",
    }
    for verb in VERBS:
        functions = [
            n.name for n in TREES[f"specc.cli.{verb}"].body if isinstance(n, ast.FunctionDef)
        ]
        assert {"add", "run"} == {name for name in functions if not name.startswith("_")}


def test_a_template_stands_beside_its_target() -> None:
    assert {path.name for path in (ROOT / "templates").iterdir()} == {*TARGETS, "shared"}
    for target in TARGETS:
        for path in (ROOT / "templates" / target).rglob("*.jinja"):
            text = path.read_text(encoding="utf-8")
            assert not [other for other in TARGETS if other != target and f'"{other}/' in text]


# Templates


def logic(text: str) -> list[str]:
    """Return what a template decides for itself.

    That is everything but names, loops, flags, includes and the filter that indents.
    """
    found: list[str] = []

    def look(node: nodes.Node) -> None:
        checks = {nodes.If: _of_if, nodes.For: _of_for, nodes.Include: _of_include}
        if type(node) in checks:
            values, blocks = checks[type(node)](node)
        elif isinstance(node, (nodes.Template, nodes.Output)):
            values, blocks = [], list(node.iter_child_nodes())
        else:
            values, blocks = [node], []
        found.extend(repr(v) for v in values if not _is_name(v))
        for block in blocks:
            look(block)

    look(Environment().parse(text))
    return found


def _of_if(node: nodes.If) -> tuple[list[nodes.Node], list[nodes.Node]]:
    test = node.test.node if isinstance(node.test, nodes.Not) else node.test
    return [test, *node.elif_], [*node.body, *node.else_]


def _of_for(node: nodes.For) -> tuple[list[nodes.Node], list[nodes.Node]]:
    more = [node] if node.test or node.recursive or node.else_ else []
    return [node.target, node.iter, *more], node.body


def _of_include(node: nodes.Include) -> tuple[list[nodes.Node], list[nodes.Node]]:
    path = isinstance(node.template, nodes.Const) and isinstance(node.template.value, str)
    return [] if path else [node.template], []


def _is_name(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter) and node.name == "indent" and node.node:
        given = [*node.args, *(pair.value for pair in node.kwargs)]
        plain = all(isinstance(value, nodes.Const) for value in given)
        return plain and not (node.dyn_args or node.dyn_kwargs) and _is_name(node.node)
    attribute = isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name)
    return attribute or isinstance(node, (nodes.Name, nodes.TemplateData))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_logic(path: Path) -> None:
    assert logic(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "{{ a + b }}",
        "{{ a == b }}",
        "{{ a ~ b }}",
        "{{ f(a) }}",
        "{{ a.f() }}",
        "{{ a | upper }}",
        "{{ a | upper | indent(4) }}",
        "{{ a | indent(b) }}",
        "{{ a | indent(*b) }}",
        "{{ 'text' | indent }}",
        "{{ a[0] }}",
        "{{ a.b.c }}",
        "{{ 'text' }}",
        "{{ a if b else c }}",
        "{% if a == 1 %}{% endif %}",
        "{% if a is defined %}{% endif %}",
        "{% if a and b %}{% endif %}",
        "{% if a %}{% elif b %}{% endif %}",
        "{% if a %}{{ b * 2 }}{% endif %}",
        "{% for a in b if a %}{% endfor %}",
        "{% for a in f(b) %}{% endfor %}",
        "{% for a in b %}{{ a | e }}{% endfor %}",
        "{% for a in b %}{% else %}none{% endfor %}",
        "{% for a in b recursive %}{% endfor %}",
        "{% for a, b in c.items() %}{% endfor %}",
        "{% set a = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% filter upper %}{% endfilter %}",
        "{% include a + b %}",
        "{% include ['a', 'b'] %}",
    ],
)
def test_logic_is_found(text: str) -> None:
    assert logic(text)


@pytest.mark.parametrize("text", ["{{ a | indent(4) }}", "{{ a.b | indent(4, first=true) }}"])
def test_to_indent_is_no_logic(text: str) -> None:
    assert logic(text) == []


def views() -> dict[str, type[Section]]:
    """Return the class of what each template places."""
    for found in pkgutil.walk_packages(specc.targets.__path__, "specc.targets."):
        import_module(found.name)
    classes = Section.__subclasses__()
    assert all(not cls.__subclasses__() for cls in classes)
    by_template = {cls.template: cls for cls in classes}
    assert len(by_template) == len(classes), "two classes have one template"
    return by_template


VIEWS = views()
# The texts that are always the same are named where they stand.
NAMED = {
    node.value
    for tree in TREES.values()
    for node in ast.walk(tree)
    if isinstance(node, ast.Constant) and str(node.value).endswith(".jinja")
}


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates"))
)
def test_a_template_uses_the_fields_of_its_view(path: Path) -> None:
    """Each name is a field, and each field is used, so that none can be misspelt."""
    name = path.relative_to(ROOT / "templates").as_posix()
    text = path.read_text(encoding="utf-8")
    names = meta.find_undeclared_variables(Environment().parse(text))
    expected = set(VIEWS[name].names) if name in VIEWS else set()
    assert names == expected
    assert text.count("\n") <= 120


def test_each_template_is_placed() -> None:
    there = {path.relative_to(ROOT / "templates").as_posix() for path in TEMPLATES}
    assert set(VIEWS) <= there
    helpers = {f"torch/{name}.py.jinja" for name in HELPERS} | {
        f"torch/training/{name}.py.jinja" for name in NORMS
    }
    assert there - set(VIEWS) - helpers - NAMED == set()


# Every word, in every target

WORDS = [(family, word) for family, words in CATALOGUE.items() for word in words]


@pytest.mark.parametrize(("family", "word"), WORDS)
def test_every_target_lowers_every_word(family: str, word: str) -> None:
    program, _ = front(Source("spec.yaml", json.dumps(example(family, word))))
    for target in TARGETS:
        text = program_text(lower(program, target), "")
        names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        assert free_names(text, names) <= {*dir(builtins), "__name__"}  # all others are imported


# A target may have a function for each layer; these do.
LAYERED = ["torch", "keras"]


@pytest.mark.parametrize("target", LAYERED)
def test_tables_of_layers_are_those_of_the_language(target: str) -> None:
    for path in (ROOT / "specc" / "spec" / "layers").glob("[a-z]*.py"):
        words = {load("layer", word) for word in CATALOGUE["layer"]}
        expected = {cls for cls in words if cls and cls.__module__.endswith(f".{path.stem}")}
        table = import_module(f"specc.targets.{target}.layers.{path.stem}").LAYERS
        # A target may lower a cell by itself, or with the layer that holds it.
        assert set(table) - {load("cell", word) for word in CATALOGUE["cell"]} == expected


@pytest.mark.parametrize(("family", "word"), WORDS)
def test_the_catalogue_names_the_class_of_the_word(family: str, word: str) -> None:
    cls = load(family, word)
    assert cls is not None
    assert cls.family == family
    assert load(family, cls.word) is cls  # which an alias has too


def test_the_catalogue_names_every_class_that_is_a_word() -> None:
    named = {load(family, word) for family, word in WORDS}
    for name in MODULES:
        if name.startswith("specc.spec."):
            import_module(name)
    classes = [Word]
    for cls in classes:
        classes += cls.__subclasses__()
    mine = {cls for cls in classes if cls.__module__.startswith("specc.")}
    assert {cls for cls in mine if cls.family and vars(cls).get("word")} == named


# The form of the code


def public() -> Iterator[tuple[str, Any]]:
    """Yield each public class and function of specc, and each public method."""
    for found in pkgutil.walk_packages(specc.__path__, "specc."):
        if found.name == "specc.__main__" or found.name in RUNS_PROGRAMS:
            continue
        for name, value in vars(import_module(found.name)).items():
            mine = getattr(value, "__module__", None) == found.name
            if name.startswith("_") or not mine or not hasattr(value, "__qualname__"):
                continue
            yield f"{found.name}.{name}", value
            for method in vars(value) if inspect.isclass(value) else ():
                if not method.startswith("_") and inspect.isfunction(vars(value)[method]):
                    yield f"{found.name}.{name}.{method}", getattr(value, method)


def test_everything_public_has_a_docstring() -> None:
    everything = dict(public())
    assert len(everything) > 150
    # The docstring of a method may be that of the class it comes from.
    assert [name for name, value in everything.items() if not inspect.getdoc(value)] == []


@pytest.mark.parametrize("name", sorted(RUNS_PROGRAMS))
def test_what_runs_programs_has_docstrings(name: str) -> None:
    """As above, from the text: to import it would import the frameworks."""
    waiting: list[ast.AST] = list(TREES[name].body)
    for node in waiting:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name
            waiting += node.body if isinstance(node, ast.ClassDef) else []


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_modules_are_small_and_say_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 500
    assert ast.get_docstring(ast.parse(text))


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "util", "core", "common", "helpers", "misc", "base"}
    names = {str(path.relative_to(ROOT).with_suffix("")) for path in FILES}
    # Keras calls a family of layers core.
    families = {name for name in names if Path(name).parent.name == "layers"}
    assert [name for name in names - families if set(Path(name).parts) & drawers] == []
