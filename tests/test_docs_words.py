"""The pages of words and codes are those of the catalogue; `SPECC_UPDATE=1` writes them anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pages import pages
from updating import held

from specc.codes import CODES
from specc.spec.catalogue import CATALOGUE

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


def test_pages_are_those_of_the_catalogue(made: dict[str, str]) -> None:
    found = {
        p.relative_to(DOCS).as_posix() for f in ("words", "codes") for p in (DOCS / f).rglob("*")
    }
    for gone in found - set(made):
        if os.environ.get("SPECC_UPDATE"):
            (DOCS / gone).unlink()
        else:
            pytest.fail(f"{gone} is not made from the catalogue")
    for page, text in made.items():
        held(DOCS / page, text)


def test_every_code_has_its_section_and_no_other(made: dict[str, str]) -> None:
    tables = ("codes.py", "mistakes.py")
    files = [path for path in (ROOT / "specc").rglob("*.py") if path.name not in tables]
    texts = (path.read_text(encoding="utf-8") for path in files)
    emitted = {code for text in texts for code in re.findall(r'"([ENW]\d{3})"', text)}
    assert len(emitted) > 40
    assert list(CODES) == sorted(emitted)
    assert re.findall(r"^\| \[(\w\d+)\]", made["codes/index.md"], re.M) == list(CODES)
    sections = [
        code
        for page in ("errors", "notes", "warnings")
        for code in re.findall(r"^## (\w\d+)$", made[f"codes/{page}.md"], re.M)
    ]
    assert sections == list(CODES)


def test_every_word_is_listed_and_has_a_section(made: dict[str, str]) -> None:
    index = made["words/index.md"]
    listed = [
        word
        for part in re.findall(r"^[^|\n].*$", index, re.M)
        for word in re.findall(r"`(\w+)`", part)
    ]
    assert sorted(listed) == sorted(word for words in CATALOGUE.values() for word in words)
    for page, word in re.findall(r"\]\((\S+?)#(\w+)\)", index):
        assert f"\n## {word}\n" in made[f"words/{page}"]
