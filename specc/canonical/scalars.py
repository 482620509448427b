"""How a key or value without parts is written: plain where that reads the same, else quoted."""

from __future__ import annotations

import re

from specc.canonical.document import Node
from specc.source import is_text

# What needs no quotes, whoever reads it.
_HARMLESS = re.compile(r"[^\W\d][\w./+-]*(?:[ :](?=[^\s:])[\w./+-]+)*")
# What a reader of YAML 1.1 takes for something else than a string.
_RESERVED = re.compile(r"y|n|yes|no|on|off|true|false|null|nan|inf", re.IGNORECASE)
_INDICATORS = "-?:,[]{}#&*!|>'\"%@`"
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_WIDTH = 100


def write_scalar(node: Node, flow: bool) -> str:
    """Return a scalar in one line.

    Arguments:
        flow: Whether it stands in brackets.
    """
    text = node.text
    if not node.style:
        if text in ("", "~") or (text.lower() == "null" and not is_text(text)):
            return "null"
        if not is_text(text):
            return text.lower() if text.lower() in ("true", "false") else text
        return text if _can_be_plain(text, flow) else _quoted(text)
    harmless = _HARMLESS.fullmatch(text) and not _RESERVED.fullmatch(text) and is_text(text)
    return text if harmless and _can_be_plain(text, flow) else _quoted(text)


def write_block(node: Node) -> list[str] | None:
    """Return the lines of a block scalar, the first being its indicator; None for another one.

    Blank lines at its end would depend on what follows: such a text is quoted.
    """
    text = node.text
    lines = text.removesuffix("\n").split("\n")
    if node.style not in ("|", ">") or not lines[-1].strip() or not all(map(_is_shown, lines)):
        return None
    chomping = "" if text.endswith("\n") else "-"
    indentation = "2" if next(line for line in lines if line)[0] in " \t" else ""
    if node.style == ">" and all(line == line.strip() for line in lines):
        return [f">{chomping}", *_folded(lines)]
    return [f"|{indentation}{chomping}", *lines]


def _is_shown(line: str) -> bool:
    return all(c.isprintable() or c == "\t" for c in line) and "\ufeff" not in line


def _folded(lines: list[str]) -> list[str]:
    """Return lines as a folded text has them: a break within a paragraph is a space."""
    folded: list[str] = []
    for line in lines:
        if line and any(folded):
            folded.append("")
        folded += _filled(line)
    return folded


def _filled(line: str) -> list[str]:
    filled: list[str] = [""]
    for word in re.split(r"(?<!\s) (?!\s)", line):
        if filled[-1] and len(filled[-1]) + 1 + len(word) > _WIDTH:
            filled.append(word)
        else:
            filled[-1] = f"{filled[-1]} {word}" if filled[-1] else word
    return filled


def _can_be_plain(text: str, flow: bool) -> bool:
    if not text.isprintable() or text != text.strip() or "\ufeff" in text:
        return False
    if text[0] in _INDICATORS and not re.match(r"-[\w./]", text):
        return False
    if text.startswith(("---", "...")) or text.endswith(":"):
        return False
    return not flow or not re.search(r"[,\[\]{}]", text)


def _quoted(text: str) -> str:
    if "'" not in text and text.isprintable() and ("\\" in text or '"' in text):
        return f"'{text}'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable() and character != "\ufeff":
        return character
    code = ord(character)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )
