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
_LENGTH = 16
_BLANK = "0" * _LENGTH


class Header:
    """The digests of a generated file.

    Attributes:
        spec: The digest of what it was made from.
        edited: Whether the file is not as it was made.
    """

    __slots__ = ("edited", "spec")

    def __init__(self, spec: str, edited: bool) -> None:
        self.spec, self.edited = spec, edited


def file_name(name: str) -> str:
    """Return the name of a spec's file as a header has it: no folder, nothing but plain text."""
    return _one_line(name.replace("\\", "/").rpartition("/")[2])


def spec_digest(data: bytes, file: str, target: str, changes: tuple[str, ...] = ()) -> str:
    """Return the digest of what a program is made from.

    Arguments:
        data: The spec as it was read.
        file: The name of its file, as `file_name` gives it.
        target: What it is compiled for.
        changes: What was set on the command line, as `layers.output.units=20`.
    """
    text = _plain(data.removeprefix(b"\xef\xbb\xbf"))
    # A text holds no null byte, so the parts cannot run into each other.
    names = "\0".join((__version__, target, file, *changes, ""))
    return _digest(names.encode("utf-8", "surrogatepass") + text)


def header(file: str, digest: str, changes: tuple[str, ...] = ()) -> str:
    """Return the two lines that a program begins with, still without the digest of its text.

    Arguments:
        file: The name of the spec's file, as `file_name` gives it.
        digest: That of the spec.
        changes: What was set on the command line.
    """
    made = f"# Made by specc {__version__} from {file}"
    made += "".join(f", set {_one_line(change)}" for change in changes)
    return f"{made}\n{_CHANGE.decode()}{digest}{_TEXT.decode()}{_BLANK}"


def sealed(text: str) -> str:
    """Return a program's text with the digest of it in its header."""
    first, second, rest = text.split("\n", 2)
    digest = _digest(f"{first}\n{rest}".encode())
    return f"{first}\n{second.removesuffix(_BLANK)}{digest}\n{rest}"


def read_header(data: bytes) -> Header | None:
    """Return the digests of a file, or None where specc did not make it."""
    if not data.startswith(MADE_BY):
        return None
    parts = _plain(data).split(b"\n", 2)
    if len(parts) < 3 or not parts[1].startswith(_CHANGE):
        return Header("", edited=True)
    spec, _, text = parts[1][len(_CHANGE) :].partition(_TEXT)
    edited = text.decode("ascii", "replace") != _digest(parts[0] + b"\n" + parts[2])
    return Header(spec.decode("ascii", "replace"), edited)


def _plain(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _digest(data: bytes) -> str:
    digest: str = blake2b(data, digest_size=_LENGTH // 2).hexdigest()
    return digest


def _one_line(text: str) -> str:
    # Nothing that could end the comment gets into a program.
    return "".join(c if c.isascii() and c.isprintable() else "_" for c in text)
