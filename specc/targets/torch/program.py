"""A whole PyTorch program: what its template places."""

from __future__ import annotations

import re
from typing import Any

from specc.diagnostics import Diagnostic
from specc.program import Program
from specc.spec.word import Word
from specc.targets.data import data_context
from specc.targets.torch.definitions import before_model, before_optimizer, imports
from specc.targets.torch.layout import outside
from specc.targets.torch.model import Model, for_each, lower_model
from specc.targets.torch.training import training_context
from specc.targets.view import (
    Constants,
    View,
    batch_shape,
    custom_classes,
    description_line,
    docstring,
    given,
    training_constants,
)


def lower(program: Program) -> View:
    """Return what the template of PyTorch programs places."""
    constants = Constants()
    training_constants(program, constants)
    lines, custom = custom_classes(program, "torch")
    model = lower_model(program, custom, constants)
    context: dict[str, Any] = {
        **data_context(program, constants),
        "metrics": [],
        "partial": _PARTIAL,
    }
    if program.fit is not None:
        context |= training_context(program, program.fit, model, constants)
    else:
        _note_penalties(program, model)
    context |= _class(program, model)
    context["constants"] = constants.lines()
    context["custom_imports"] = lines
    context["helpers"] = before_model(model.helpers)
    context["optimizer_helpers"] = before_optimizer(model.helpers)
    context |= _imports(program, context, imports(model.helpers))
    return View(
        "torch/program.py.jinja",
        context,
        tuple(model.notes),
        tuple(model.weights),
        tuple(model.outputs),
        model.noted,
        given(program) if program.logits(program.graph.output) is None else "logits",
    )


def _class(program: Program, model: Model) -> dict[str, Any]:
    inside = batch_shape(outside(program, program.input.shape).shape(program.input.shape))
    output = batch_shape(model.layout.shape(program.graph.output.shape))
    ending = "" if program.logits(program.graph.output) is None else ", logits"
    lines = docstring(program, inside, output + ending)
    return {
        "name": program.name,
        "class_name": program.class_name,
        "docstring_first": lines[0],
        "docstring_rest": lines[1:],
        "description": description_line(program),
        "output": output,
        "modules": [*model.modules, *for_each(model.frozen, "requires_grad_(False)")],
        "draws": model.draws,
        "inferring": for_each(model.inferring, "eval()"),
        "no_grad": model.no_grad,
        "forward": model.forward,
        "convolves": model.convolves and outside(program, program.input.shape).first,
        "seeds": program.seed is not None,
        "seeds_all": program.seed is not None and any(w.word == "custom" for w in program.words()),
    }


def _note_penalties(program: Program, model: Model) -> None:
    for node in program.graph.nodes:
        found: list[Word] = [v.regularizer for v in node.variables if v.regularizer is not None]
        found += [node.activity] if node.activity is not None else []
        found += [v.constraint for v in node.variables if v.constraint is not None]
        if found:
            words = ", ".join(word.word for word in found)
            message = f"{node.name}: {words} acts in training; the PyTorch module does not hold it"
            model.note(Diagnostic("N208", message, node.span, None, "note"), [node.name])


def _imports(program: Program, context: dict[str, Any], helpers: set[str]) -> dict[str, bool]:
    """Return which modules a program uses: its helpers', and those found in its ready lines."""
    lines = "\n".join(_lines(context)).split("\n")
    text = "\n".join(_STRING.sub("", line).partition("#")[0] for line in lines)
    used = {match[1] for match in _GLOBAL.finditer(text)} | helpers
    uses_math = "math" in used
    return {
        "uses_math": uses_math,
        "uses_standard": program.fit is not None
        or uses_math
        or "Callable" in used
        or "Any" in used
        or context["seeds_all"],
        "uses_f": "F" in used,
        "uses_copy": "copy" in used,
        "uses_callable": "Callable" in used,
        "uses_any": program.fit is not None or "Any" in used,
        "seeded_normal": "truncated_normal_" in used and "generator=" in text,
        "uses_numpy": program.fit is not None or context["seeds_all"],
        "has_custom": bool(context["custom_imports"]),
    }


_PARTIAL = 'Path(f"{path}.partial")'  # where a file is written before it gets its name

# A string's content is no code, and behind a point stands an attribute, as a layer's name.
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_GLOBAL = re.compile(r"(?<![\w.])(\w+)(?=[.(])")


def _lines(context: dict[str, Any]) -> list[str]:
    """Return all lines of a context that Python has made."""
    found: list[str] = []
    for name, value in context.items():
        if isinstance(value, str) and not name.startswith(("docstring", "description")):
            found.append(value)
        elif isinstance(value, list) and not name.startswith("docstring"):
            for item in value:
                found += _lines(item) if isinstance(item, dict) else [str(item)]
    return found
