"""The header of a generated file: what made it, and whether it is fresh and as it was made.

It holds two digests. That of the spec covers all that a program follows from: the spec's text and
file name, what was set on the command line, the target, and the compiler's version. That of the
text covers the rest of the file, and tells an edit by hand. Line ends do not count, as git may
change them.

A build that changes nothing imports little more than this module, so it imports nothing itself
that costs time.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b  # hashlib would import OpenSSL
except ImportError:
    from hashlib import blake2b

from specc import __version__

MADE_BY = b"# Made by specc "
_CHANGE = b"# Change the spec, not this file. Digests: spec "
_TEXT = b", text "
_FROM, _SET = " from ", ", set "
_LENGTH = 16
_BLANK = "0" * _LENGTH


class Header:
    """What a generated file says of itself.

    Attributes:
        made: Its first line without `MADE_BY`: the version, the spec's file, what was set.
        spec: The digest of what it was made from.
        text: The digest of its text as it was made.
        edited: Whether the file is not as it was made.
    """

    __slots__ = ("edited", "made", "spec", "text")

    def __init__(self, made: str, spec: str, text: str, edited: bool) -> None:
        self.made, self.spec, self.text, self.edited = made, spec, text, edited

    @property
    def version(self) -> str:
        """The version of specc that made it."""
        return self.made.partition(_FROM)[0]

    @property
    def file(self) -> str:
        """The name of the spec's file."""
        return self.made.partition(_FROM)[2].split(_SET)[0]

    @property
    def changes(self) -> tuple[str, ...]:
        """What was set on the command line."""
        return tuple(self.made.partition(_FROM)[2].split(_SET)[1:])

    def names(self, file: str) -> bool:
        """Tell whether it was made from a spec with this name of a file."""
        made_from = self.made.partition(_FROM)[2]
        return made_from == file or made_from.startswith(file + _SET)

    def is_of(self, data: bytes, target: str) -> bool:
        """Tell whether it was made from a text, whatever the name of its file is now."""
        return self.spec == spec_digest(data, self.file, target, self.changes, self.version)


def file_name(name: str) -> str:
    """Return the name of a spec's file as a header has it: no folder, nothing but plain text."""
    return _one_line(name.replace("\\", "/").rpartition("/")[2])


def spec_digest(
    data: bytes,
    file: str,
    target: str,
    changes: tuple[str, ...] = (),
    version: str | None = None,
) -> str:
    """Return the digest of what a program is made from.

    Arguments:
        data: The spec as it was read.
        file: The name of its file, as `file_name` gives it.
        target: What it is compiled for.
        changes: What was set on the command line, as `layers.output.units=20`.
        version: That of the compiler, by default this one's.
    """
    text = _plain(data.removeprefix(b"\xef\xbb\xbf"))
    # A text holds no null byte, so the parts cannot run into each other.
    names = "\0".join((version or __version__, target, file, *changes, ""))
    return _digest(names.encode("utf-8", "surrogatepass") + text)


def header(file: str, digest: str, changes: tuple[str, ...] = ()) -> str:
    """Return the two lines that a program begins with, still without the digest of its text.

    Arguments:
        file: The name of the spec's file, as `file_name` gives it.
        digest: That of the spec.
        changes: What was set on the command line.
    """
    made = f"{MADE_BY.decode()}{__version__}{_FROM}{file}"
    made += "".join(f"{_SET}{_one_line(change)}" for change in changes)
    return f"{made}\n{_CHANGE.decode()}{digest}{_TEXT.decode()}{_BLANK}"


def sealed(text: str) -> str:
    """Return a program's text with the digest of it in its header."""
    first, second, rest = text.split("\n", 2)
    digest = _digest(f"{first}\n{rest}".encode())
    return f"{first}\n{second.removesuffix(_BLANK)}{digest}\n{rest}"


def read_header(data: bytes) -> Header | None:
    """Return what a file says of itself, or None where specc did not make it."""
    if not data.startswith(MADE_BY):
        return None
    parts = _plain(data).split(b"\n", 2)
    made = parts[0][len(MADE_BY) :].decode("ascii", "replace")
    if len(parts) < 3 or not parts[1].startswith(_CHANGE):
        return Header(made, "", "", edited=True)
    spec, _, text = parts[1][len(_CHANGE) :].decode("ascii", "replace").partition(_TEXT.decode())
    return Header(made, spec, text, text != _digest(parts[0] + b"\n" + parts[2]))


def with_digests_of(text: str, other: str) -> str | None:
    """Return a program with the digests of another one in its header, or None where one has none.

    Where a merge was resolved by hand, a program may have those of one side.
    """
    lines = [each.split("\n", 2) for each in (text, other)]
    digests = [line[1][len(_CHANGE) :].split(_TEXT.decode()) for line in lines if len(line) == 3]
    if len(digests) < 2 or not all(len(d) == 2 and all(map(_is_digest, d)) for d in digests):
        return None
    return "\n".join((lines[0][0], lines[1][1], lines[0][2]))


def _is_digest(text: str) -> bool:
    return len(text) == _LENGTH and not set(text) - set("0123456789abcdef")


def _plain(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _digest(data: bytes) -> str:
    digest: str = blake2b(data, digest_size=_LENGTH // 2).hexdigest()
    return digest


def _one_line(text: str) -> str:
    # Nothing that could end the comment gets into a program.
    return "".join(c if c.isascii() and c.isprintable() else "_" for c in text)
