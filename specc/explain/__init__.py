"""What the language says of a word, a key or a code: arguments, an example, what it becomes.

What is said of words is read off the catalogue and off programs that are built for the purpose.
"""

from __future__ import annotations

from textwrap import wrap

from specc.codes import CODES, FORMER
from specc.diagnostics import nearest
from specc.explain.codes import explain_code
from specc.explain.keys import KEYS, explain_key, summaries
from specc.explain.layout import WIDTH, wrapped
from specc.explain.words import (
    Status,
    accepted,
    refused,
    statuses,
    supported,
    written_default,
)
from specc.spec.catalogue import CATALOGUE
from specc.spec.refused import REFUSED

__all__ = [
    "KEYS",
    "Status",
    "accepted",
    "explain",
    "overview",
    "statuses",
    "unknown",
    "written_default",
]


def overview() -> str:
    """Return the keys of a spec, and all words by family, with what is noted or refused."""
    lines = ["keys:", *map(wrapped, summaries()), ""]
    for family in CATALOGUE:
        lines.append(f"{family}:")
        for status in statuses(family):
            aliases = f" ({', '.join(status.aliases)})" if status.aliases else ""
            told = f": {status.reason}" if status.reason else ""
            line = f"{status.word}{aliases} - {status.kind}{told}"
            lines += wrap(line, WIDTH, initial_indent="  ", subsequent_indent="      ")
        lines.append("")
    lines.append(
        "`specc explain WORD` tells more, `specc explain FAMILY WORD` where several have it; a key "
        "or a code is a WORD too."
    )
    return "\n".join(lines)


def explain(word: str, family: str | None = None) -> str | None:
    """Return what there is to know of a word, a key or a code, or None where nothing is known.

    Arguments:
        word: The word, an alias, a key as epochs, or a code as N205.
        family: Where to look; everywhere without it.
    """
    if word.upper() in CODES and family is None:
        return explain_code(word.upper())
    if word.upper() in FORMER and family is None:
        code = FORMER[word.upper()]
        return f"{word.upper()} was a note; {code} replaces it\n\n{explain_code(code)}"
    families = [family] if family else list(CATALOGUE)
    found = [] if family else explain_key(word)
    found += [supported(f, word) for f in families if word in CATALOGUE[f]]
    found += [refused(f, word) for f in families if word in REFUSED.get(f, {})]
    return "\n\n".join(found) if found else None


def unknown(word: str, family: str | None = None) -> str:
    """Return the message about a word of which nothing is known."""
    families = [family] if family else list(CATALOGUE)
    known = {w for f in families for w in (*CATALOGUE[f], *REFUSED.get(f, {}))}
    found = nearest(word, known if family else known | set(KEYS))
    hint = f"; did you mean {found!r}?" if found else ""
    of = f" of the family {family}" if family else ""
    return f"expected a word of the language{of}, found {word!r}{hint}"
