"""Other notations for a word with its arguments, and how this language writes the same.

`{type: adam, lr: 0.001}`, `{class_name: Dense, config: {...}}`, `Dense(32)`, `dense: [32, relu]`,
`dropout:0.2`, `{units=32}`.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from typing import Any

from specc.hints.names import known_field, known_word, meant_field
from specc.hints.values import THOUSANDS
from specc.hints.writing import ELSE, use
from specc.source import Mapping, Scalar, Sequence, Tree, plain
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.word import Word

# Keys whose value is the word, and keys whose value holds its arguments.
_NAMING = (
    *("type", "class_name", "class", "_target_", "class_path", "kind", "op", "layer_type"),
    *("layer", "module", "identifier", "func", "function", "algorithm", "optimizer", "name"),
)
_HOLDING = frozenset(
    (
        *("config", "args", "params", "kwargs", "arguments", "options", "parameters"),
        *("init_args", "hyperparameters", "settings", "attributes"),
    )
)
_JOINED = re.compile(r"\s*([A-Za-z]\w*)\s*([:=]|\s)\s*(\S.*)")
_CALL = re.compile(r"\s*[A-Za-z][\w.]*\s*\(.*\)\s*", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def named_by_a_key(family: str, tree: Mapping) -> str | None:
    """Return how to write a word that a key such as `type` names, or None."""
    keys = {key.value: value for key, value in tree.entries if isinstance(key.value, str)}
    words = CATALOGUE[family]
    for naming in _NAMING:
        value = keys.get(naming)
        word = known_word(family, value.value) if isinstance(value, Scalar) else None
        others = (key for key in keys if key != naming)
        if word is None or (naming in ("name", "layer") and any(map(words.get, others))):
            continue
        rest = [(key, inner) for key, inner in keys.items() if key != naming]
        return f"write {_use(family, word, _merged(rest))}"
    return None


def _merged(entries: list[tuple[str, Tree]]) -> dict[str, object]:
    merged: dict[str, object] = {}
    for key, value in entries:
        if key in _HOLDING and isinstance(value, Mapping):
            merged |= plain(value)
        elif key not in ("registered_name", "build_config", "module", *_NAMING[:5]):
            merged[key] = plain(value)
    return merged


def _use(family: str, word: str, arguments: dict[str, object]) -> str:
    cls = load(family, word)
    assert cls is not None
    given = _renamed(cls, arguments)
    if given.get("name") == word:  # as get_config() gives it
        del given["name"]
    return use(word, given, next(iter(cls.parameters()), None))


def _renamed(cls: type[Word], arguments: dict[str, object]) -> dict[str, object]:
    """Return arguments by this language's names, without those that it leaves out."""
    found: dict[str, object] = {}
    for key, value in arguments.items():
        field = known_field(cls, key)
        if field is not None or (
            key not in cls.refused and not meant_field(key, cls.model_fields)[1]
        ):
            found[field or key] = value
    return found


def without_its_name(family: str, tree: Mapping) -> str | None:
    """Return how to write arguments that stand without the name of their word, or None."""
    given = {key.value: value for key, value in tree.entries}
    keys = list(given)
    classes = {load(family, word): word for word in reversed(CATALOGUE[family])}
    shared = ("name", "trainable", "dtype")
    own = [key for key in keys if key not in shared]
    fitting = [cls for cls in classes if cls and own and set(keys) <= set(cls.model_fields)]
    words = [cls.word for cls in fitting][::-1]
    if len(words) == 1:
        return f"write {use(words[0], {key: plain(value) for key, value in given.items()})}"
    if not words:
        return None
    example = use(words[0], {key: plain(value) for key, value in given.items()})
    return f"write the name of the {family} before them, as in {example}"


def as_a_call(family: str, written: str) -> str | None:
    """Return how to write a word that a text has as a call in Python, or None."""
    if not _CALL.fullmatch(written):
        return None
    try:
        with warnings.catch_warnings():  # Python warns of `1x`, which is nothing to the user
            warnings.simplefilter("ignore")
            tree = ast.parse(written.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(tree, ast.Call):
        return None
    found = _called(family, tree)
    return f"write {found}" if found else None


def _called(family: str, call: ast.Call) -> str | None:
    path = ast.unparse(call.func)
    word = known_word(family, path)
    cls = load(family, word) if word else None
    if word is None or cls is None:
        return None
    # Another framework has another order of arguments.
    own = "nn." not in path and path.rpartition(".")[2].lower().replace("_", "") in (
        word.replace("_", ""),
        word,
    )
    given: dict[str, object] = {}
    if own:
        given = dict(zip(cls.parameters(), map(_value, call.args), strict=False))
    given |= _renamed(cls, {key.arg: _value(key.value) for key in call.keywords if key.arg})
    needed = [name for name, field in cls.model_fields.items() if field.is_required()]
    given |= {name: ELSE for name in needed if name not in given}
    return use(word, given, next(iter(cls.parameters()), None))


def _value(node: ast.expr) -> object:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
        name = ast.unparse(node.func).rpartition(".")[2]
        named = {key.arg: _value(key.value) for key in node.keywords if key.arg}
        return {name: _value(node.args[0])} if node.args else {name: named} if named else name
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return ELSE


def joined(written: str, is_known: Callable[[str], str | None]) -> tuple[str, str] | None:
    """Return the name and the value of a text such as `dropout:0.2`, `units=32`, `dense 32`.

    Arguments:
        is_known: Gives the word or field that a name means, or None.
    """
    match = _JOINED.fullmatch(written)
    name = is_known(match[1]) if match else None
    return (name, match[3]) if match and name else None


def in_order(cls: type[Word], word: str, value: Tree) -> str | None:
    """Return how to write arguments that stand in a list, or behind commas, without names."""
    items = _items(value)
    if len(items) < 2 or isinstance(plain(value), dict):
        return None
    names = iter(cls.parameters())
    given: dict[str, object] = {}
    for item in items:
        if isinstance(item, str) and item in CATALOGUE["activation"]:
            name: str | None = "activation" if "activation" in cls.model_fields else None
        else:
            name = next(names, None)
        if name is None or name in given:
            return None
        given[name] = item
    needed = [n for n, field in cls.model_fields.items() if field.is_required()]
    given |= {name: ELSE for name in needed if name not in given}
    return f"write {use(word, given)}"


def _items(value: Tree) -> list[object]:
    if isinstance(value, Sequence):
        return [plain(item) for item in value.items]
    text = value.value if isinstance(value, Scalar) else None
    if not isinstance(text, str) or "," not in text or THOUSANDS.fullmatch(text):
        return []
    items = [_read(part.strip()) for part in text.split(",")]
    return items if type(items[0]) in (int, float) else []


def _read(text: str) -> Any:
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if set(text) & set(".eE") else int(text)


def word_in_a_list(family: str, tree: Sequence) -> str | None:
    """Return how to write `[dense, 32]`, a list that begins with the word, or None."""
    first, rest = next(iter(tree.items), None), tree.items[1:]
    word = known_word(family, first.value) if isinstance(first, Scalar) else None
    cls = load(family, word) if word else None
    if word is None or cls is None:
        return None
    if len(rest) == 1 and isinstance(rest[0], Mapping):
        return f"write {_use(family, word, plain(rest[0]))}"
    if len(rest) < 2:
        first_name = next(iter(cls.parameters()), None)
        given = {first_name: plain(rest[0])} if rest and first_name else {}
        return f"write {use(word, given, first_name)}"
    return in_order(cls, word, Sequence(tree.span, rest))


# What a number most likely means where a word is expected.
_NUMBERS = {"regularizer": "l2", "initializer": "constant"}


def no_word(family: str, tree: Tree) -> str | None:
    """Return how to write what stands where a word is expected, and is none, or None."""
    if isinstance(tree, Scalar) and type(tree.value) in (int, float) and family in _NUMBERS:
        return f"write {_NUMBERS[family]}: {tree.value}"
    if isinstance(tree, Scalar) and isinstance(tree.value, bool) and family == "activation":
        return "write the name of a function, as relu"
    return word_in_a_list(family, tree) if isinstance(tree, Sequence) else None


def unmixed(family: str, tree: Mapping) -> str:
    """Return how to write a word whose name stands beside other keys."""
    found = named_by_a_key(family, tree)
    if found:
        return found
    keys = [key.value for key, _ in tree.entries]
    names = [key for key in keys if known_word(family, key)]
    for name in names:
        cls = load(family, known_word(family, name) or "")
        if cls and all(key == name or known_field(cls, key) for key in keys):
            return _indented(cls, name, tree)
    found = without_its_name(family, tree)
    cls = load(family, known_word(family, names[0]) or "") if len(names) == 1 else None
    if found is None and cls:
        return _indented(cls, names[0], tree)
    many = family in ("layer", "metric", "callback") and len(names) > 1
    general = "write one name, and its arguments further in: NAME: {...}"
    return found or (f"put {names[1]!r} into an item of its own" if many else general)


def _indented(cls: type[Word], name: str, tree: Mapping) -> str:
    values = {key.value: value for key, value in tree.entries}
    own = plain(values.pop(name))
    if own is None:
        return f"indent what belongs to {name!r} further than it"
    given = {known_field(cls, key) or key: plain(value) for key, value in values.items()}
    first = next(iter(cls.parameters()), None)
    if isinstance(own, dict):
        given = own | given
    elif first:
        given = {first: own} | given
    return f"write {use(known_word(cls.family, name) or name, given)}"


def completed(cls: type[Word], names: list[str], short: dict[str, Tree]) -> str:
    """Return how to write a word with the fields that it lacks.

    Arguments:
        short: The argument that it has, where its value stands alone.
    """
    for value in short.values():
        found = in_order(cls, cls.word, value)
        if found:
            return found
    given = {name: plain(value) for name, value in short.items()}
    return f"write {use(cls.word, given | dict.fromkeys(names, ELSE))}"


def as_a_list(family: str, name: str, tree: Tree) -> str:
    """Return how to write what stands where a list of words is expected."""
    if isinstance(tree, Mapping) and tree.entries:
        return "put '- ' before each of them"
    if isinstance(tree, Scalar) and isinstance(tree.value, str) and "," in tree.value:
        return f"write {name}: [{', '.join(part.strip() for part in tree.value.split(','))}]"
    word = known_word(family, tree.value) if isinstance(tree, Scalar) else None
    return f"write {name}: [{word or '...'}], even for one"


def as_a_mapping(name: str, tree: Tree) -> str:
    """Return how to write what stands where a mapping is expected."""
    if name != "input":
        return f"write {name}: {{epochs: ...}}"
    value = tree.value if isinstance(tree, Scalar) else None
    if type(value) is int:
        return f"write input: [{value}]"
    sizes = re.findall(r"\d+", value) if isinstance(value, str) else []
    return f"write input: [{', '.join(sizes)}]" if sizes else "write input: {shape: [...]}"
