"""A `Program` as a spec that leaves nothing out: every name and every default is written.

It is itself a spec, in the form of `specc fmt`, and compiles to the same programs.
"""

from __future__ import annotations

import math
from typing import Any

from specc.canonical.document import Comment, Entry, Node
from specc.canonical.order import arrange
from specc.canonical.printer import write
from specc.program import Figure, Program
from specc.program import Node as Placed
from specc.shapes import UNKNOWN, text
from specc.spec.word import Word


def written_out(program: Program) -> str:
    """Return the spec of a program with all arguments, defaults included, as YAML.

    Comments tell what the language has no words for: the shapes of each layer, and the metric
    that `accuracy` is here.
    """
    root = _node(_document(program))
    root.header = [_comment(f"# {program.file}, defaults included", own=True)]
    told = {
        "layers": [f"{text(n.input_shape)} -> {text(n.output_shape)}" for n in program.graph.nodes],
        "metrics": [_told_metric(f) for f in program.fit.figures] if program.fit else [],
    }
    for entry in root.entries:
        comments = told.get(entry.key.text if entry.key else "", [])
        for item, comment in zip(entry.value.entries, comments, strict=bool(comments)):
            item.head = _comment(f"# {comment}") if comment else None
    arrange(root, sort=True)
    return write(root)


def _told_metric(figure: Figure) -> str:
    return "" if type(figure.metric) is type(figure.written) else figure.metric.word


def _document(program: Program) -> dict[str, Any]:
    fit = program.fit
    document = {
        "name": str(program.name),
        "description": program.description,
        "seed": program.seed,
        "fidelity": "exact" if program.exact else "idiomatic",
        "input": arguments(program.input),
        "layers": [_layer(node) for node in program.graph.nodes],
    }
    if fit is not None:
        document |= {
            "optimizer": spelled(fit.optimizer),
            "loss": spelled(fit.head.loss),
            "metrics": [spelled(figure.written) for figure in fit.figures],
            "training": arguments(fit.training),
        }
        document |= {} if fit.data is None else {"data": spelled(fit.data)}
    return document


def _layer(node: Placed) -> dict[str, object]:
    return {node.layer.word: arguments(node.layer) | {"name": str(node.name)}}


def spelled(value: object) -> Any:
    """Return a value of the language as the plain data that a spec has for it.

    A word is a mapping of its name to all its arguments, or its name where it takes none. Sizes
    that are open are None.
    """
    if isinstance(value, Word):
        return {value.word: arguments(value)} if arguments(value) else value.word
    if isinstance(value, dict):
        return {key: spelled(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [spelled(inner) for inner in value]
    return None if value is UNKNOWN else value


def arguments(word: Word) -> dict[str, object]:
    """Return all arguments of a word as plain data; its name only where it has one of its own."""
    names = [*word.parameters(), *(name for name in word.common if name in type(word).model_fields)]
    found = {name: spelled(_of_one_axis(getattr(word, name))) for name in names}
    if found.get("name", "") is None:
        del found["name"]
    return found


def _of_one_axis(value: Any) -> object:
    # The pads before and after the only axis of a sequence are not in a list of axes.
    one = isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], tuple)
    return value[0] if one else value


# Data to what the printer of the canonical form takes


def _node(value: object) -> Node:
    if isinstance(value, dict):
        entries = [Entry(0, 0, 0, _node(key), _node(inner)) for key, inner in value.items()]
        return Node("mapping", 0, 0, 0, 0, 0, entries=entries)
    if isinstance(value, list):
        entries = [Entry(0, 0, 0, None, _node(inner)) for inner in value]
        return Node("sequence", 0, 0, 0, 0, 0, entries=entries)
    # What is quoted here has its quotes where it needs them.
    style = '"' if isinstance(value, str) else ""
    return Node("scalar", 0, 0, 0, 0, 0, text=_scalar(value), style=style)


def _scalar(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else f"{'-' if value < 0 else ''}.inf"
    return str(value)


def _comment(content: str, own: bool = False) -> Comment:
    return Comment(content, 0, 0, 0, own)
