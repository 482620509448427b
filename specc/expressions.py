"""The only way in which Python text is made.

Values pass through `literal`, names through `Identifier` and `ClassName`. `statement` lays a line
out as black would, so that formatting finds nothing to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from keyword import iskeyword, issoftkeyword

LINE_LENGTH = 88


class Code(str):
    """Python text that specc made itself; never text from a spec."""

    __slots__ = ()


class Identifier(Code):
    """A name that is safe in a program: ASCII, no keyword, no leading underscore.

    Errors:
        ValueError: the text is no such name.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Identifier:
        if not is_identifier(text):
            raise ValueError(f"{text!r} is not a safe name")
        return super().__new__(cls, text)


class ClassName(Identifier):
    """The CamelCase form of a name: `digits_mlp` gives `DigitsMlp`."""

    __slots__ = ()

    def __new__(cls, text: str) -> ClassName:
        name = "".join(part[:1].upper() + part[1:] for part in text.split("_"))
        return super().__new__(cls, name)  # type: ignore[return-value]


def is_identifier(text: str) -> bool:
    """Tell whether a text can be a name in both programs."""
    safe = text.isascii() and text.isidentifier() and not text.startswith("_")
    return safe and not iskeyword(text) and not issoftkeyword(text)


@dataclass(frozen=True, slots=True)
class Call:
    """A call: `function(*args, **kwargs)`."""

    function: str
    args: tuple[Expression, ...] = ()
    kwargs: tuple[tuple[str, Expression], ...] = ()

    def __str__(self) -> str:
        return f"{self.function}({', '.join(self.items())})"

    def items(self) -> list[str]:
        """Return the arguments as text, each on one line."""
        return [*map(str, self.args), *(f"{name}={value}" for name, value in self.kwargs)]


Expression = Code | Call


def call(function: str, /, *args: Expression, **kwargs: Expression | None) -> Call:
    """Return a call; arguments that are None are left out."""
    given = tuple((name, value) for name, value in kwargs.items() if value is not None)
    return Call(function, args, given)


def literal(value: object) -> Code:
    """Return the Python literal of a value that a spec may hold."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return Code(f'float("{value}")')
    if isinstance(value, str):
        return Code(quoted(value))
    if isinstance(value, tuple):
        inner = ", ".join(map(literal, value))
        return Code(f"({inner},)" if len(value) == 1 else f"({inner})")
    if isinstance(value, list):
        return Code("[" + ", ".join(map(literal, value)) + "]")
    if isinstance(value, dict):
        return Code("{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}")
    if value is None or isinstance(value, (bool, int, float)):
        return Code(repr(value))
    raise TypeError(f"no literal for {type(value).__name__}")


def quoted(text: str) -> str:
    """Return the literal of a string, in ASCII and in the quotes that black would choose."""
    single = ascii(text)
    if single.startswith('"'):
        return single
    return single if '"' in text else '"' + single[1:-1].replace("\\'", "'") + '"'


def statement(prefix: str, value: Expression, indent: int = 0, suffix: str = "") -> str:
    """Return `prefix`, an expression and `suffix`, laid out as black does.

    Arguments:
        prefix: Text before the expression, as `x = `.
        indent: Column of the statement; the first line is not indented.
        suffix: Text after it, as `,` or a comment.
    """
    line = f"{prefix}{value}{suffix}"
    if indent + len(line) <= LINE_LENGTH or isinstance(value, str) or not value.items():
        return line
    return _exploded(prefix, value, indent, suffix)


def _exploded(prefix: str, value: Call, indent: int, suffix: str) -> str:
    inner = indent + 4
    margin = " " * inner
    body = ", ".join(value.items())
    # black puts the items of a bare tuple, a call without a function, on lines of their own.
    if value.function and inner + len(body) <= LINE_LENGTH:
        lines = [margin + body]
    else:
        arguments = [("", a) for a in value.args] + [(f"{n}=", v) for n, v in value.kwargs]
        comma = "," if len(arguments) > 1 else ""
        lines = [margin + statement(p, v, inner, comma) for p, v in arguments]
    return "\n".join([f"{prefix}{value.function}(", *lines, " " * indent + ")" + suffix])
