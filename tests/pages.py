"""Makes the pages of docs/words and docs/codes from the catalogue.

`tests/test_docs_words.py` compares them with those that are committed. The same catalogue gives the
same text everywhere.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from specc.codes import CODES
from specc.diagnostics import Source
from specc.explain.layout import in_yaml
from specc.explain.reasons import REASONS
from specc.explain.words import (
    Status,
    accepted,
    becomes,
    excerpt,
    notes,
    statuses,
    written_default,
)
from specc.mistakes import MISTAKES
from specc.pipeline import compile_source
from specc.review.advice import ADVICE
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.refused import REFUSED
from specc.spec.word import Word
from specc.targets import TARGETS

# The pages of layers, each with the modules of specc.spec.layers that it shows.
LAYERS = {
    "core": ("Core layers", "core", "einsum"),
    "activation-layers": ("Activation layers", "activation"),
    "convolution": ("Convolution layers", "convolution"),
    "pooling": ("Pooling layers", "pooling"),
    "normalization": ("Normalization layers", "normalization"),
    "regularization": ("Regularization layers", "regularization"),
    "recurrent": ("Recurrent layers and cells", "recurrent", "conv_lstm"),
    "reshaping": ("Reshaping layers", "reshaping"),
    "preprocessing": ("Preprocessing layers", "preprocessing", "image"),
    "augmentation": ("Augmentation layers", "augmentation"),
    "wrappers": ("Wrapper layers", "wrapper"),
}
# The pages of the other families.
FAMILIES = {
    "activation": "activations",
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
    "optimizer": "optimizers",
    "schedule": "schedules",
    "loss": "losses",
    "metric": "metrics",
    "callback": "callbacks",
    "data": "data",
}
KINDS = {"E": "errors", "W": "warnings", "N": "notes"}
TITLES = {"layer": "Layers", "cell": "Cells"} | {f: p.capitalize() for f, p in FAMILIES.items()}
_LONGEST = 24  # lines of a program that a page shows for a word
_MADE = "<!-- made by tests/pages.py: SPECC_UPDATE=1 pytest tests/test_docs_words.py -->"


def pages() -> dict[str, str]:
    """Return the text of each generated page by its path below docs/."""
    made = {"words/index.md": _all_words(), "codes/index.md": _all_codes()}
    for page, (title, *_modules) in LAYERS.items():
        made[f"words/{page}.md"] = _words(title, [w for w in _canonical() if _page(*w) == page])
    for family, page in FAMILIES.items():
        words = [(f, word) for f, word in _canonical() if f == family]
        made[f"words/{page}.md"] = _words(page.capitalize(), words)
    for letter, page in KINDS.items():
        codes = [code for code in CODES if code.startswith(letter)]
        made[f"codes/{page}.md"] = _text(page.capitalize(), *map(_code, codes))
    return made


def _text(title: str, *parts: list[str]) -> str:
    lines = [_MADE, "", f"# {title}", ""]
    for part in parts:
        lines += [*part, ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _canonical() -> Iterator[tuple[str, str]]:
    """Yield each family and word that is no alias, in the catalogue's order."""
    for family, words in CATALOGUE.items():
        for word in words:
            if _class(family, word).word == word:
                yield family, word


def _class(family: str, word: str) -> type[Word]:
    cls = load(family, word)
    assert cls is not None
    return cls


def _page(family: str, word: str) -> str:
    """Return the page that a word is on."""
    if family in FAMILIES:
        return FAMILIES[family]
    module = _class(family, word).__module__.rpartition(".")[2]
    return next(page for page, (_, *modules) in LAYERS.items() if module in modules)


# Words


def _words(title: str, words: list[tuple[str, str]]) -> str:
    return _text(title, *(_word(family, word) for family, word in words))


def _word(family: str, word: str) -> list[str]:
    cls = _class(family, word)
    lines = [f"## {word}", ""]
    aliases = _aliases(family, cls)
    if aliases:
        lines += [f"Also {', '.join(f'`{alias}`' for alias in aliases)}.", ""]
    lines += [*_prose(cls), "", *_arguments(family, cls)]
    lines += _fenced("yaml", excerpt(family, word))
    for target in sorted(TARGETS):
        name = TARGETS[target].title
        code = _shortened(becomes(family, word, target), word)
        lines += [
            "",
            *([f"{name}:", "", *_fenced("python", code)] if code else [f"{name}: nothing."]),
        ]
    for code, message in notes(family, word).items():
        lines += ["", f"[{code}](../codes/notes.md#{code.lower()}): {message}."]
    return lines


def _shortened(code: str, word: str) -> str:
    lines = code.split("\n")
    if len(lines) <= _LONGEST:
        return code
    rest = f"# {len(lines) - _LONGEST} more lines: specc explain {word}"
    return "\n".join([*lines[:_LONGEST], rest])


def _prose(cls: type[Word]) -> list[str]:
    return (inspect.getdoc(cls) or "").split("\n")


def _aliases(family: str, cls: type[Word]) -> list[str]:
    return [word for word in CATALOGUE[family] if load(family, word) is cls and word != cls.word]


def _arguments(family: str, cls: type[Word]) -> list[str]:
    rows = []
    for name in cls.parameters():
        field = cls.model_fields[name]
        default = "required" if field.is_required() else f"`{in_yaml(written_default(field))}`"
        rows.append(f"| `{name}` | {default} | {_cell(accepted(cls, name))} |")
    lines = ["| argument | default | takes |", "|---|---|---|", *rows, ""] if rows else []
    reasons: dict[str, list[str]] = {}
    for name, reason in cls.refused.items():
        reasons.setdefault(reason, []).append(f"`{name}`")
    for reason, names in reasons.items():
        lines += [f"Refused: {', '.join(names)} ({reason}).", ""]
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _fenced(language: str, code: str) -> list[str]:
    return [f"```{language}", *code.rstrip("\n").split("\n"), "```"]


def _all_words() -> str:
    parts = [
        [
            "Each word is a class of Keras 3 in snake case, with Keras' arguments, order and "
            "defaults. Aliases are in",
            "parentheses. `specc explain WORD` prints what these pages show.",
        ]
    ]
    for family in CATALOGUE:
        pages: dict[str, list[str]] = {}
        for status in statuses(family):
            if status.kind != "refused":
                page = _page(family, status.word)
                pages.setdefault(page, []).append(_link(page, status))
        parts.append([f"## {TITLES[family]}"])
        for page, links in pages.items():
            title = f"[{LAYERS[page][0]}]({page}.md): " if family == "layer" else ""
            parts.append([title + ",\n".join(links)])
        parts += [_refused(family)] if family in REFUSED else []
    return _text("All words", *parts)


def _link(page: str, status: Status) -> str:
    link = f"[`{status.word}`]({page}.md#{status.word})"
    aliases = ", ".join(f"`{alias}`" for alias in status.aliases)
    return f"{link} ({aliases})" if aliases else link


def _refused(family: str) -> list[str]:
    """Return the table of the words of Keras that are refused, each reason once."""
    reasons: dict[str, list[str]] = {}
    for word, reason in REFUSED[family].items():
        reasons.setdefault(reason, []).append(f"`{word}`")
    rows = [f"| {', '.join(words)} | {_cell(reason)} |" for reason, words in reasons.items()]
    return ["| refused | because |", "|---|---|", *rows]


# Codes


def _all_codes() -> str:
    rows = [
        f"| [{code}]({KINDS[code[0]]}.md#{code.lower()}) | {_cell(meaning)} |"
        for code, meaning in CODES.items()
    ]
    return _text("All codes", ["| code | meaning |", "|---|---|", *rows])


def _code(code: str) -> list[str]:
    meaning = CODES[code]
    sentence = f"{meaning[0].upper()}{meaning[1:]}".removesuffix(", ...")
    lines = [f"## {code}", "", f"**{sentence}.**"]
    if code in ADVICE:
        advice = ADVICE[code]
        lines += ["", advice.reason, "", f"**Fix.** {advice.fix}"]
        lines += ["", "Found in:", "", *_fenced("yaml", advice.shows.strip("\n"))]
        lines += ["", "Not found in:", "", *_fenced("yaml", advice.instead.strip("\n"))]
        lines += ["", f"Source: [{advice.source}]({advice.url})."]
        return lines
    reason = REASONS[code]
    lines += ["", reason.why, "", f"**Fix.** {reason.fix}"]
    if code in MISTAKES:
        found = compile_source(Source("spec.yaml", MISTAKES[code] + "\n")).diagnostics
        one = next(d for d in found if d.code == code)
        message = f"{one.message}; {one.hint}" if one.hint else one.message
        at = f"spec.yaml:{one.span.line}:{one.span.column}: {one.severity} {code}: {message}"
        lines += ["", *_fenced("yaml", MISTAKES[code]), "", *_fenced("text", at)]
    else:
        lines += ["", "Found in:", "", *_fenced("text", reason.shows)]
    return lines
