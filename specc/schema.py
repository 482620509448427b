"""The language as a JSON Schema, by which an editor completes, explains and checks a spec.

All of it is read off the catalogue, so that it cannot drift from what specc takes. It is written in
draft 7, which the YAML language server and VS Code know best.
"""

from __future__ import annotations

import inspect
import json
import types
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from keyword import kwlist, softkwlist
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import WithJsonSchema

from specc.explain import accepted, written_default
from specc.spec.catalogue import CATALOGUE, FAMILIES, load
from specc.spec.document import Input, Spec, Training
from specc.spec.editor import NULL, Json, list_of, matching
from specc.spec.word import Layer, Word

_SIMPLE: dict[Any, str] = {
    int: "integer",
    float: "number",
    bool: "boolean",
    str: "string",
    dict: "object",
    type(None): "null",
}
_LIMITS = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
    "min_length": "minItems",
}
_CHECKS = ("BeforeValidator", "PlainValidator", "WrapValidator")
_KEYWORDS = "|".join(sorted({*kwlist, *softkwlist}))
_IDENTIFIER = matching(
    rf"^(?!(?:{_KEYWORDS})$)[A-Za-z][A-Za-z0-9_]*$",
    "a name of ASCII letters, digits and underscores that starts with a letter",
)
_NAMED = (Spec, Input, Layer)  # whose names become names in programs


def schema() -> Json:
    """Return the JSON Schema of a spec."""
    definitions: Json = {}
    for family in CATALOGUE:
        definitions[family] = _family(family)
        if _alone(family):
            definitions[f"{family}.name"] = _names(family)
        for word, cls in _classes(family):
            if word == cls.word:
                definitions[f"{family}.{word}"] = _word(family, cls)
    definitions["input"] = _input()
    definitions["training"] = _arguments("", Training)
    _hoist(definitions, definitions)
    _share(definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A model spec of specc",
        **_arguments("", Spec),
        "definitions": dict(sorted(definitions.items())),
    }


def text() -> str:
    """Return the JSON Schema of a spec as text: a definition a line, so that changes show."""
    whole = schema()
    definitions = whole.pop("definitions")
    lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in definitions.items()]
    head = json.dumps(whole, indent=2).removesuffix("\n}")
    return head + ',\n  "definitions": {\n    ' + ",\n    ".join(lines) + "\n  }\n}\n"


def _reference(name: str) -> Json:
    return {"$ref": f"#/definitions/{name}"}


def _hoist(part: object, definitions: Json) -> None:
    """Move the definitions that a type brings along to those of the whole."""
    if isinstance(part, dict):
        if part is not definitions:
            definitions |= part.pop("definitions", {})
        part = list(part.values())
    for inner in part if isinstance(part, list) else ():
        _hoist(inner, definitions)


def _share(definitions: Json) -> None:
    """Make a definition of each argument that several words have alike."""
    mappings = [
        mapping["properties"]
        for name, word in definitions.items()
        for mapping in (word, *word.get("anyOf", ()))
        if "." in name and "properties" in mapping
    ]
    written = [(name, json.dumps(a)) for mapping in mappings for name, a in mapping.items()]
    common: dict[str, str] = {}
    for (name, argument), times in Counter(written).most_common():
        if times > 1:
            common.setdefault(name, argument)
    for mapping in mappings:
        for name, argument in mapping.items():
            if json.dumps(argument) == common.get(name):
                definitions[f"argument.{name}"] = argument
                mapping[name] = _reference(f"argument.{name}")


# Words


@cache
def _classes(family: str) -> tuple[tuple[str, type[Word]], ...]:
    found = ((word, load(family, word)) for word in CATALOGUE[family])
    return tuple((word, cls) for word, cls in found if cls is not None)


def _required(cls: type[Word]) -> list[str]:
    return [name for name, field in cls.model_fields.items() if field.is_required()]


def _alone(family: str) -> list[tuple[str, type[Word]]]:
    """Return the words of a family that can do without arguments."""
    return [(word, cls) for word, cls in _classes(family) if not _required(cls)]


def _names(family: str) -> Json:
    """Return the schema of a word in the form `name`."""
    words = _alone(family)
    return {
        "type": "string",
        "enum": [word for word, _ in words],
        "enumDescriptions": [_docstring(cls).partition("\n")[0] for _, cls in words],
    }


def _docstring(cls: type[Word]) -> str:
    return inspect.getdoc(cls) or ""


def _family(family: str) -> Json:
    """Return the schema of a word of a family in any of the three forms."""
    one = {
        "type": "object",
        "properties": {word: _reference(f"{family}.{cls.word}") for word, cls in _classes(family)},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    alone = [_reference(f"{family}.name")] if _alone(family) else []
    return {"description": FAMILIES[family].capitalize(), "anyOf": [*alone, one]}


def _word(family: str, cls: type[Word]) -> Json:
    """Return the schema of what stands behind `name:`, the first argument or all of them."""
    arguments = _arguments(family, cls)
    first = next(iter(cls.parameters()), None)
    if first is None or not set(_required(cls)) <= {first}:
        return arguments
    described = arguments.pop("description")
    value = _without_mappings(_argument(cls, first))
    return {"description": described, "anyOf": [arguments, *value]}


def _without_mappings(argument: Json) -> Iterator[Json]:
    """Yield what an argument takes that is no mapping, as a mapping is always all arguments."""
    for option in _options(argument):
        family = str(option.get("$ref", "")).rpartition("/")[2]
        if family not in CATALOGUE:
            yield option
        elif _alone(family):
            yield _reference(f"{family}.name")


def _input() -> Json:
    arguments = _arguments("", Input)
    described = arguments.pop("description")
    return {"description": described, "anyOf": [arguments, _argument(Input, "shape")]}


def _arguments(family: str, cls: type[Word]) -> Json:
    """Return the schema of a word's arguments as a mapping; no family for a part of the spec."""
    common = [name for name in cls.common if name in cls.model_fields]
    names = [*cls.parameters(), *common] if family else list(cls.model_fields)
    required = _required(cls)
    return {
        "description": _docstring(cls),
        "type": "object",
        "properties": {name: _argument(cls, name) for name in names},
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


# Arguments


def _argument(cls: type[Word], name: str) -> Json:
    """Return the schema of an argument with its description and its default."""
    field = cls.model_fields[name]
    found = _type(field.annotation, field.metadata)
    if name == "name" and issubclass(cls, _NAMED):
        found |= {key: value for key, value in _IDENTIFIER.items() if key != "type"}
    described = field.description or found.get("description")
    found["description"] = described or accepted(cls, name)
    if not field.is_required():
        found["default"] = written_default(field)
    return found


def _type(annotation: Any, metadata: Any = ()) -> Json:
    """Return the schema of a type.

    Errors:
        TypeError: the type has a check of its own that tells editors nothing, or is unknown.
    """
    told = [fact.json_schema for fact in metadata if isinstance(fact, WithJsonSchema)]
    if told:
        return deepcopy(dict(told[-1] or {}))
    if hasattr(annotation, "__metadata__"):
        return _type(annotation.__origin__, (*annotation.__metadata__, *metadata))
    found = _bare(annotation, metadata)
    facts = [inner for fact in metadata for inner in (fact, *getattr(fact, "metadata", ()))]
    for fact in facts:
        limits = {keyword: getattr(fact, limit, None) for limit, keyword in _LIMITS.items()}
        found |= {keyword: limit for keyword, limit in limits.items() if limit is not None}
    return found


def _bare(annotation: Any, metadata: Any) -> Json:
    origin, options = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        # To Python, and so to specc, true is 1.
        return {"enum": [*options, *(bool(o) for o in options if o in (0, 1))]}
    if any(type(fact).__name__ in _CHECKS for fact in metadata):
        raise TypeError(f"a type with a check of its own needs `takes(...)`: {annotation}")
    if origin in (Union, types.UnionType):
        return _union([_type(option) for option in options])
    if origin is tuple:
        (item,) = {option for option in options if option is not ...}
        size = {} if ... in options else {"minItems": len(options), "maxItems": len(options)}
        found = _type(item)
        return list_of(found["allOf"][0] if "allOf" in found else found) | size
    if isinstance(annotation, type) and issubclass(annotation, Word):
        return {"allOf": [_reference(annotation.family or annotation.word)]}
    if (origin or annotation) in _SIMPLE:
        return {"type": _SIMPLE[origin or annotation]}
    raise TypeError(f"a type that no schema is known of: {annotation}")


def _options(found: Json) -> list[Json]:
    """Return the schemas of which a value must fulfil one."""
    options: list[Json] = found.get("anyOf") or found.get("allOf") or [found]
    return options


def _union(options: list[Json]) -> Json:
    """Return the schema of what one of several types takes."""
    flat = [inner for option in options for inner in _options(option)]
    others = [option for option in flat if option != NULL]
    if len(others) < len(flat) and len(others) == 1:
        (other,) = others
        if isinstance(other.get("type"), str):
            return {**other, "type": [other["type"], "null"]}
        if "enum" in other:
            return {"enum": [*other["enum"], None]}
    return {"anyOf": flat}
