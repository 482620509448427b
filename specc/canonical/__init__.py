"""A spec's text in one form: the same data and comments, in the layout that `specs/` has.

read ─> arrange ─> write, and check that what specc loads is the same
"""

from __future__ import annotations

from specc.diagnostics import Source, SpeccError
from specc.foreign import refuse_foreign
from specc.source import Mapping, Scalar, Sequence, Tree, load


class ChangedError(Exception):
    """Raised where the new text would say something else: a fault of specc."""


def canonical(source: Source) -> str:
    """Return a spec's text in the canonical form. It may have mistakes as long as it is YAML.

    Errors:
        SpeccError: it is no YAML that specc loads, or a file of another tool.
        ChangedError: the form would change what specc loads, or lose a comment.
    """
    from specc.canonical.order import arrange
    from specc.canonical.printer import write
    from specc.canonical.reading import comments, read

    tree = load(source)
    refuse_foreign(source, tree)
    expected = data_of(tree), sorted(comments(source))
    # An alias may come before its anchor where keys are sorted; then they stay as written.
    for sort in (True, False):
        root = read(source)
        arrange(root, sort)
        text = write(root)
        written = Source(source.name, text)
        try:
            if (data_of(load(written)), sorted(comments(written))) == expected:
                return text
        except SpeccError:
            continue
    raise ChangedError(
        f"expected a form that says the same as {source.name}, found one that does not"
    )


def data_of(tree: Tree) -> object:
    """Return a tree's data with types, which can be compared; keys in any order."""
    if isinstance(tree, Scalar):
        # nan is not equal to itself, and 1 is equal to true.
        return type(tree.value).__name__, repr(tree.value)
    if isinstance(tree, Sequence):
        return "list", tuple(data_of(item) for item in tree.items)
    assert isinstance(tree, Mapping)
    return "mapping", frozenset((data_of(key), data_of(value)) for key, value in tree.entries)
