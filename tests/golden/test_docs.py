"""The README and the pages of docs/ say what specc does: commands, blocks, links, the site."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from updating import held

import specc
from specc.cli import VERBS, main, parser
from specc.diagnostics import Source
from specc.pipeline import compile_source
from specc.spec.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
GENERATED = ("words", "codes")
PAGES = {path.relative_to(DOCS).as_posix(): path for path in sorted(DOCS.rglob("*.md"))}
BY_HAND = {page: path for page, path in PAGES.items() if page.split("/")[0] not in GENERATED}
TOP = {
    name: ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
}
TEXTS = {name: path.read_text(encoding="utf-8") for name, path in {**BY_HAND, **TOP}.items()}


def fences(text: str) -> Iterator[tuple[str, str]]:
    """Yield the language and the code of each fenced block."""
    for indent, language, code in re.findall(r"^( *)```(\w*)\n(.*?)^ *```$", text, re.M | re.S):
        yield language, "\n".join(line.removeprefix(indent) for line in code.split("\n"))


def blocks(text: str, marker: str) -> list[str]:
    """Return the code of each fenced block that follows `<!-- marker -->`."""
    return re.findall(rf"<!-- {re.escape(marker)} -->\n```\w*\n(.*?)```", text, re.DOTALL)


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^( *)```.*?^ *```$", "", text, flags=re.M | re.S)


# README


def test_the_readme_is_short() -> None:
    lines = README.splitlines()
    assert len(lines) <= 220
    commands = {
        command.strip() for marker in ("first", "test") for command in blocks(README, marker)
    }
    assert [line for line in lines if len(line) > 112 and line not in commands] == []


def test_the_spec_is_the_one_in_the_repository() -> None:
    (shown,) = blocks(README, "specs/digits_mlp.yaml")
    assert shown == (ROOT / "specs" / "digits_mlp.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("target", "number"), [("keras", 1), ("torch", 2)])
def test_excerpts_are_real(target: str, number: int) -> None:
    name = f"digits_mlp_{target}.py"
    program = specc.compile(ROOT / "specs" / "digits_mlp.yaml").files[name]
    excerpts = blocks(README, name)
    assert len(excerpts) == number
    for excerpt in excerpts:
        assert excerpt in program


def test_every_verb_is_in_the_table() -> None:
    """`SPECC_UPDATE=1` writes the table anew."""
    rows = ["| command | purpose |", "|---|---|"]
    rows += [f"| `specc {verb}` | {purpose} |" for verb, purpose in VERBS.items()]
    held(
        ROOT / "README.md", "\n".join(rows), between=("<!-- verbs -->\n", "\n<!-- end of verbs -->")
    )


def test_each_command_is_one_line() -> None:
    for marker in ("first", "test"):
        (command,) = blocks(README, marker)
        assert command.count("\n") == 1


@pytest.mark.parametrize(("command", "status"), [("echo yes", 0), ("false; echo no", 1)])
def test_ci_runs_the_command_of_the_readme(tmp_path: Path, command: str, status: int) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    readme = README.replace("".join(blocks(README, "test")), command + "\n")
    (tmp_path / "README.md").write_text(readme, encoding="utf-8")
    done = subprocess.run(
        [tmp_path / ".ci" / "run"], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.returncode == status
    assert done.stdout == ("yes\n" if status == 0 else "")


def test_ci_tells_that_the_command_is_missing(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "README.md").write_text("# specc\n", encoding="utf-8")
    done = subprocess.run([tmp_path / ".ci" / "run"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no block" in done.stderr


# Blocks of pages


def test_shown_outputs_are_real(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (table,) = blocks(TEXTS["commands.md"], "tests/show/digits_cnn.txt")
    assert table == (ROOT / "tests" / "show" / "digits_cnn.txt").read_text(encoding="utf-8")
    (spec,) = blocks(TEXTS["guide.md"], "digits.yaml")
    example = (ROOT / "specs" / "digits_mlp.yaml").read_text(encoding="utf-8")
    assert spec == example.replace("digits_mlp", "digits").replace("specs/data", "data")
    (told,) = blocks(TEXTS["guide.md"], "mistake")
    (tmp_path / "digits.yaml").write_text(spec.replace("units: 128", "unit: 128"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["check", "digits.yaml"]) == 1
    assert told in capsys.readouterr().err


def test_the_python_example_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = blocks(TEXTS["commands.md"], "python")
    monkeypatch.chdir(ROOT)
    exec(compile(example, "commands.md", "exec"), {})
    assert "class DigitsMlp(nn.Module):" in capsys.readouterr().out


@pytest.mark.parametrize("page", TEXTS)
def test_python_blocks_compile(page: str) -> None:
    for language, code in fences(TEXTS[page]):
        if language == "python":
            compile(code, page, "exec")


SPEC: dict[str, Any] = {
    "name": "net",
    "input": [64],
    "layers": [{"dense": {"units": 10, "activation": "softmax"}}],
    "optimizer": "sgd",
    "loss": "sparse_categorical_crossentropy",
    "training": {},
}


@pytest.mark.parametrize("page", TEXTS)
def test_yaml_blocks_build(page: str) -> None:
    """A block is YAML; one with keys of a spec, or with layers, is part of a spec that builds."""
    for language, code in fences(TEXTS[page]):
        if language == "yaml":
            given = yaml.safe_load(code)
            if isinstance(given, list) and set(given[0]) <= set(CATALOGUE["layer"]):
                given = {"layers": [*given, *SPEC["layers"]]}
            if isinstance(given, dict) and set(given) <= {*SPEC, "data", "metrics", *DOCUMENT}:
                spec = yaml.safe_dump({**SPEC, **given}, sort_keys=False)
                done = compile_source(Source(page, spec))
                assert [d for d in done.diagnostics if d.severity == "error"] == []


DOCUMENT = ("description", "seed", "fidelity")


@pytest.mark.parametrize("page", TEXTS)
def test_toml_and_json_blocks_parse(page: str) -> None:
    for language, code in fences(TEXTS[page]):
        if language == "toml":
            tomllib.loads(code)
        elif language == "json":
            yaml.safe_load(code)


def calls(text: str) -> Iterator[list[str]]:
    """Yield the words of each call of specc in the shell blocks of a page."""
    for language, code in fences(text):
        if language == "sh":
            for command in re.split(r"\n|&&", code):
                words = shlex.split(command, comments=True)
                if words and words[0].rpartition("/")[2] == "specc":
                    yield words[1 : words.index(">") if ">" in words else None]


@pytest.mark.parametrize("page", TEXTS)
def test_commands_are_right(page: str) -> None:
    for words in calls(TEXTS[page]):
        parser(words[0]).parse_args(words)  # leaves the program where it is wrong


@pytest.mark.parametrize("page", TEXTS)
def test_commands_in_prose_exist(page: str) -> None:
    for verb, rest in re.findall(r"`specc ([a-z]+)([^`]*)`", prose(TEXTS[page])):
        assert verb in VERBS, verb
        assert set(re.findall(r"--[\w-]+", rest)) <= options(verb).keys(), rest


def options(verb: str) -> dict[str, argparse.Action]:
    """Return the options of a verb by each of their names."""
    (verbs,) = (a for a in parser(verb)._actions if isinstance(a, argparse._SubParsersAction))
    actions = verbs.choices[verb]._actions
    return {name: action for action in actions for name in action.option_strings}


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_is_explained(verb: str) -> None:
    pages = [
        text
        for page, text in TEXTS.items()
        if re.search(rf"^#+ (specc )?{verb}$", text, re.M | re.I)
    ]
    assert pages, verb
    for action in options(verb).values():
        names = action.option_strings
        assert "--help" in names or any(
            re.search(rf"{n}\b", t) for n in names for t in pages
        ), names


# Links


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page; hosts and the site have to make the same of a heading."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", prose(path.read_text(encoding="utf-8")), re.MULTILINE):
        words = re.sub(r"[^\w\s-]", "", heading).strip().lower()
        anchor = words.replace(" ", "-")
        assert anchor == re.sub(r"[-\s]+", "-", words), f"{path.name}: {heading}"
        found.add(anchor)
    return found


def links(text: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the anchor of each link of a page to a page."""
    plain = re.sub(r"`[^`]*`", "", prose(text))
    for link in re.findall(r"\]\(([^)\s]+)\)", plain):
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            yield path, anchor


@pytest.mark.parametrize("page", TOP)
def test_links_of_the_top_lead_somewhere(page: str) -> None:
    for path, anchor in links(TEXTS[page]):
        assert (ROOT / path).exists(), path
        assert not anchor or anchor in anchors(ROOT / (path or page)), anchor


def test_links_of_pages_lead_to_pages() -> None:
    known = {path: anchors(path) for path in PAGES.values()}
    for page in PAGES.values():
        for path, anchor in links(page.read_text(encoding="utf-8")):
            target = (page.parent / path).resolve() if path else page
            assert target in known, f"{page.name}: {path}"
            assert not anchor or anchor in known[target], f"{page.name}: {path}#{anchor}"


# The site


def test_the_site_is_built(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for page in PAGES:
        name = "404.html" if page == "404.md" else page.removesuffix(".md").removesuffix("index")
        html = (tmp_path / "site" / name / "index.html").read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe)[^>]*src=\"(https?:[^\"]*)", html)
        loaded += re.findall(r"<link[^>]*rel=\"stylesheet\"[^>]*href=\"(https?:[^\"]*)", html)
        assert loaded == []  # a reader's browser asks no other host


def test_every_page_is_in_the_navigation() -> None:
    def leaves(entries: Any) -> Iterator[str]:
        for entry in entries:
            for value in entry.values():
                yield from [value] if isinstance(value, str) else leaves(value)

    settings = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))
    listed = list(leaves(settings["project"]["nav"]))
    assert sorted(listed) == sorted(PAGES)


# The measured semantics


def test_the_tests_that_hold_facts_exist() -> None:
    cited = set(re.findall(r"`(test_\w+\.py)::(test_\w+)`", TEXTS["semantics.md"]))
    assert len(cited) > 60
    defined: dict[str, set[str]] = {}
    for file, name in sorted(cited):
        if file not in defined:
            (path,) = (ROOT / "tests").rglob(file)
            tree = ast.parse(path.read_text(encoding="utf-8"))
            defined[file] = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
        assert name in defined[file], f"{file}::{name}"


def test_each_fact_names_a_test_or_says_that_none_holds_it() -> None:
    rows = [row for row in TEXTS["semantics.md"].split("\n") if row.startswith("| ")]
    facts = [row for row in rows if not row.endswith("| held by |")]
    assert len(facts) > 120
    for fact in facts:
        held_by = fact.removesuffix(" |").rpartition("| ")[2]
        assert held_by == "no test" or re.fullmatch(r"`[^`]+`(, `[^`]+`)*", held_by), fact


def test_docstrings_cite_sections_that_exist() -> None:
    text = TEXTS["semantics.md"]
    sections = set(re.findall(r"^## (\d+)\. ", text, re.M)) | set(
        re.findall(r"^\| (0\.\d+) ", text, re.M)
    )
    cited = []
    for file in (ROOT / "specc").rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        places = re.findall(r"docs/semantics\.md, (?:sections?|fact)\s([\d., ]*\d)", source)
        assert len(places) == source.count("semantics.md"), file
        cited += [number for place in places for number in place.split(", ")]
    assert len(cited) >= 13
    assert set(cited) <= sections


# English


ODD = ("is told", "are told", "told of", "that of now", "what is none", "which is none", "tells of")


@pytest.mark.parametrize("page", TEXTS)
def test_pages_use_the_words_of_the_field(page: str) -> None:
    assert [phrase for phrase in ODD if phrase in prose(TEXTS[page]).replace("\n", " ")] == []
