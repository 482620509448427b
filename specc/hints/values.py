"""What a wrong value most likely meant: `yes`, `None`, `1/255`, `1_000`, `(3, 3)`, `20`."""

from __future__ import annotations

import re
from typing import Any

from specc.diagnostics import did_you_mean
from specc.hints.names import meant_value
from specc.hints.writing import inline
from specc.source import Scalar, Sequence, Tree, plain
from specc.spec.document import Input
from specc.spec.word import Layer, Word

_TRUE, _FALSE = ("yes", "on", "y", "t", "true", "enabled"), ("no", "off", "n", "f", "false")
_NOTHING = ("none", "null", "nil", "undefined")
_PLAIN = r"(?:[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|[-+]?\.\d+(?:[eE][-+]?\d+)?)"
_QUOTIENT = re.compile(rf"({_PLAIN})\s*/\s*({_PLAIN})")
_POWER = re.compile(r"(\d{1,3})\s*(?:\*\*|\^)\s*([-+]?\d{1,2})")
_TUPLE = re.compile(r"\(?\s*\d+(\s*[,x]\s*\d+)+\s*,?\s*\)?")
_SHARES = ("rate", "dropout", "split", "threshold", "recall", "precision", "specificity", "noise")
BRACKETS = "write a list in brackets, as [3, 3]"
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
_UNITS = {"k": 1_000, "m": 1_000_000, "%": 0.01}
_PADDING = "write padding: same, or padding: valid behind a zero_padding layer"


def value_meant(cls: type[Word], name: str, error: Any, tree: Tree) -> str | None:
    """Return the hint about a value that a field does not take, or None.

    Arguments:
        error: What pydantic says of it.
    """
    field = cls.model_fields[name]
    if not isinstance(tree, Scalar):
        return _list_meant(cls, name, tree)
    value, kind = tree.value, error["type"]
    optional = not field.is_required()
    if value is None:
        return "leave it out for its default" if optional else None
    if isinstance(value, str) and value.lower() in _NOTHING:
        if name == "shape" or error["loc"][1:]:
            return "write null"
        nullable = optional and field.default is None
        default = "leave it out for its default" if optional else None
        return "write null, or leave it out" if nullable else default
    if cls is Input and name == "shape" and type(value) is int:
        return f"write [{value}]"
    if kind == "literal_error":
        return _choice(name, error, value)
    if kind == "bool_type":
        return _truth(value)
    if kind.startswith("less_than"):
        return _share(name, error, value)
    if kind == "int_type" and isinstance(value, float) and value.is_integer():
        return f"write {int(value)}"
    if kind == "string_type":
        return f"put it into quotes: '{value}'" if isinstance(value, (int, float)) else None
    return number_meant(value)


def number_meant(value: object) -> str | None:
    """Return the hint where a text is a number that is written as elsewhere, or None."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    text = value.strip()
    if re.fullmatch(_PLAIN, text):
        return "remove the quotes"
    if THOUSANDS.fullmatch(text):
        return f"write {text.replace(',', '')}"
    if text.startswith("(") and not text.endswith(")"):
        return BRACKETS
    if _TUPLE.fullmatch(text):
        return f"write [{', '.join(re.findall(r'[0-9]+', text))}]"
    number = _computed(text)
    if number is not None:
        return f"write {number!r}, as a spec computes nothing"
    return _without_marks(text)


def _computed(text: str) -> float | None:
    match = _QUOTIENT.fullmatch(text)
    if match:
        above, below = float(match[1]), float(match[2])
        return above / below if below else None
    match = _POWER.fullmatch(text)
    if match:
        return float(match[1]) ** int(match[2]) if int(match[1]) else None
    return None


def _without_marks(text: str) -> str | None:
    bare = re.sub(r"(?<=\d)[_,' ](?=\d{3})", "", text)
    scale = _UNITS.get(bare[-1:].lower())
    if scale is not None and re.fullmatch(_PLAIN, bare[:-1].strip()):
        return f"write {_short(float(bare[:-1]) * scale)}"
    bare = bare.removesuffix("f").removesuffix("_")
    return f"write {bare}" if bare != text and re.fullmatch(_PLAIN, bare) else None


def _short(number: float) -> str:
    number = float(f"{number:.12g}")
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _truth(value: object) -> str | None:
    text = str(value).lower()
    if text in (*_TRUE, "1", "1.0"):
        return "write true"
    return "write false" if text in (*_FALSE, "0", "0.0") else None


def _share(name: str, error: Any, value: Any) -> str | None:
    """Return the hint where a share is written in percent."""
    limit = next(iter(error.get("ctx", {}).values()), None)
    percent = type(value) in (int, float) and limit == 1 and 5 <= value <= 100
    share = any(part in name for part in _SHARES)
    return f"write {_short(value / 100)} for {value} %" if percent and share else None


def _choice(name: str, error: Any, value: Any) -> str | None:
    expected = error["ctx"]["expected"].replace(" or ", ", ")
    choices = [part.strip("' ") for part in expected.split(",")]
    if name == "padding" and type(value) is int:
        return _PADDING
    if not isinstance(value, str):
        return None
    bare = value.rpartition(".")[2]
    found = bare if bare in choices else meant_value(bare, choices)
    if found:
        return f"write {found!r}"
    holding = [choice for choice in choices if len(value) > 3 and value.lower() in choice]
    hint = f"did you mean {holding[0]!r}?" if len(holding) == 1 else None
    return did_you_mean(value, choices) or hint


def _list_meant(cls: type[Word], name: str, tree: Tree) -> str | None:
    """Return the hint about a list or mapping that a field does not take, or None."""
    if cls is Input and name == "shape" and isinstance(tree, Sequence):
        return batch_axis_meant(plain(tree))
    if name == "padding" and isinstance(tree, Sequence) and _slides(cls):
        return _PADDING
    return None


def _slides(cls: type[Word]) -> bool:
    whole = ("convolution", "transposed_convolution", "convolutional_lstm")
    return issubclass(cls, Layer) and cls.kind in whole


def batch_axis_meant(sizes: tuple[object, ...]) -> str | None:
    """Return the hint where the sizes of a shape have one for the batch in front, or None."""
    rest = sizes[1:]
    if rest and sizes[0] in (-1, "None", "none", "batch", "batch_size", "N", "B", "?"):
        return f"leave out the batch axis: write {inline(rest)}"
    if any(size in (-1, "None", "none", "?") for size in sizes):
        whole = [None if size in (-1, "None", "none", "?") else size for size in sizes]
        return f"write {inline(whole)}, where null is a size that is open"
    return None
