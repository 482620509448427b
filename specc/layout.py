"""Whether two texts of Python differ in their layout alone, as after a formatter."""

from __future__ import annotations

import ast
import io
import tokenize
from inspect import cleandoc

from specc.header import read_header

# Black takes seconds for programs that are longer, so what was laid out anew there is an edit.
_MOST_CHARACTERS = 200_000
_LAYOUT = {tokenize.ENCODING, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def same_but_layout(one: str, other: str) -> bool:
    """Tell whether two programs have equal syntax trees and the same comments in the same places.

    The indentation of a docstring is layout. A comment that was added, changed, moved or removed
    is not.
    """
    try:
        return _tree(one) == _tree(other) and _comments(one) == _comments(other)
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return False  # at least one of them is no Python


def as_made(text: str) -> str | None:
    """Return a program as specc made it, or None where more than its layout may have changed.

    What a formatter with longer lines did, black undoes: where the digest of what it gives is that
    of the header, the text is the one that was made. Shorter lines it cannot always undo, as they
    end in commas that black keeps.
    """
    found = read_header(text.encode("utf-8", "surrogatepass"))
    if found is None or not found.edited:
        return None if found is None else text
    if len(text) > _MOST_CHARACTERS or not _is_python(text):
        return None
    import black

    for keeps_commas in (False, True):
        try:
            made = black.format_str(text, mode=black.Mode(magic_trailing_comma=keeps_commas))
        except (ValueError, RecursionError):  # black.InvalidInput is a ValueError
            return None
        again = read_header(made.encode("utf-8", "surrogatepass"))
        if again is not None and not again.edited:
            return made
    return None


def _is_python(text: str) -> bool:
    """Tell whether Python reads a text; where it is nested too deep, black may crash."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _tree(text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                value = first.value.value
                first.value.value = cleandoc(value).strip() if isinstance(value, str) else value
    return ast.dump(tree)


def _comments(text: str) -> list[tuple[int, str]]:
    """Return each comment with the number of words before it.

    Brackets and commas do not count, as a formatter adds and removes them, and strings in a row
    count once, as it may join them.
    """
    found, words, last = [], 0, -1
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            found.append((words, token.string.rstrip()))
        elif token.type not in _LAYOUT and token.string not in ("(", ")", ","):
            words += not (last == token.type == tokenize.STRING)
            last = token.type
    return found
