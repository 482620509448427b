"""Compares committed texts with what they should be; `SPECC_UPDATE=1` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path


def held(path: Path, expected: str, between: tuple[str, str] | None = None) -> None:
    """Assert that a file has a text, or write it where the environment asks for it.

    Arguments:
        between: What stands before and behind the text in the file; the whole file without it.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    before, after = "", ""
    if between:
        before, rest = text.split(between[0], 1)
        before, after = before + between[0], between[1] + rest.split(between[1], 1)[1]
    if os.environ.get("SPECC_UPDATE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(before + expected + after, encoding="utf-8")
    else:
        assert text == before + expected + after
