"""Where a spec writes its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specc.unsure import hidden

if TYPE_CHECKING:
    from specc.spec.word import Word

# The keys and positions that lead to it, as ("layers", 2, "units").
Path = tuple[str | int, ...]


def written_at(word: Word) -> Path | None:
    """Return where a spec writes a word; None of one that it does not write or a mistake hides."""
    return None if hidden(word) else getattr(word, "written_at", None)


def remember(word: Word, path: Path) -> None:
    """Have a word know where a spec writes it."""
    object.__setattr__(word, "written_at", path)
