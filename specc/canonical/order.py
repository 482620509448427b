"""The order of keys: of the document as in docs/language.md, of arguments as in Keras.

What specc does not know comes last, as written: a spec with mistakes can be formatted, too.
"""

from __future__ import annotations

from collections.abc import Sequence

from specc.canonical.document import Entry, Node
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.document import Input, Training
from specc.spec.word import Word
from specc.validate import field_kind

# Keys of the document in groups, between which an empty line is.
GROUPS = (
    ("name", "description", "seed", "fidelity"),
    ("input", "layers"),
    ("optimizer", "loss", "metrics"),
    ("training",),
    ("data",),
)
_TOP = [key for group in GROUPS for key in group]
_TRAINING = ("epochs", "batch_size", "validation_split", "shuffle", "class_weight", "callbacks")
# How one reads these is from the top down: each of their words has a line.
_LISTS = ("layers", "callbacks")


def group(key: str) -> int:
    """Return the number of the group of a key of the document."""
    return next((n for n, keys in enumerate(GROUPS) if key in keys), len(GROUPS))


def arrange(root: Node, sort: bool) -> None:
    """Mark the lists that are never in one line, and sort all keys where `sort` is set."""
    arrangement = _Arrangement(sort)
    if root.kind == "mapping":
        root.stands = bool(root.entries)
        arrangement.document(root)


class _Arrangement:
    def __init__(self, sort: bool) -> None:
        self.sort = sort

    def document(self, root: Node) -> None:
        for entry in root.entries:
            key, value = _name(entry), entry.value
            if key == "layers":
                self._list("layer", value, key)
            elif key == "metrics":
                self._words("metric", value)
            elif key == "input":
                self._arguments(Input, value)
            elif key == "training":
                self._arguments(Training, value)
            elif key in ("optimizer", "loss", "data"):
                self._word(key, value)
        self._sort(root, _TOP)

    def _list(self, family: str, node: Node, key: str) -> None:
        node.stands = node.kind == "sequence" and bool(node.entries) and key in _LISTS
        self._words(family, node)

    def _words(self, family: str, node: Node) -> None:
        for entry in node.entries if node.kind == "sequence" else ():
            self._word(family, entry.value)

    def _word(self, family: str, node: Node) -> None:
        """Sort the arguments of a word, and of those within."""
        if node.kind != "mapping" or len(node.entries) != 1:
            return
        entry = node.entries[0]
        cls = load(family, _name(entry)) if family in CATALOGUE else None
        if cls is None:
            return
        if entry.value.kind == "mapping":
            self._arguments(cls, entry.value)
        elif cls.parameters():
            self._argument(cls, cls.parameters()[0], entry.value)

    def _arguments(self, cls: type[Word], node: Node) -> None:
        if node.kind != "mapping":
            return
        for entry in node.entries:
            if _name(entry) in cls.model_fields:
                self._argument(cls, _name(entry), entry.value)
        known = _TRAINING if cls is Training else [*cls.parameters(), *cls.common]
        self._sort(node, known)
        node.stands = any(entry.value.stands for entry in node.entries)

    def _argument(self, cls: type[Word], name: str, node: Node) -> None:
        kind, _, _ = field_kind(cls, name)
        if kind is None:
            return
        if node.kind == "sequence":
            self._list(kind.family, node, name)
        else:
            self._word(kind.family, node)

    def _sort(self, node: Node, known: Sequence[str]) -> None:
        if self.sort:
            places = {key: number for number, key in enumerate(known)}
            node.entries.sort(key=lambda entry: places.get(_name(entry), len(places)))


def _name(entry: Entry) -> str:
    return entry.key.text if entry.key and entry.key.kind == "scalar" else ""
