"""Whether programs are as a build would write them, told by their headers alone.

`unchanged` answers for the command line before anything else is imported: a build that changes
nothing costs little more than starting Python. Whatever it does not understand, it leaves to the
command in full.
"""

from __future__ import annotations

import os
import sys
from stat import S_ISREG

from specc.header import file_name, read_header, spec_digest
from specc.targets import TARGETS

CONFIGURATION = "pyproject.toml"
_MOST_BYTES = 16 * 1024 * 1024
_MOST_NAME = 200


def program_file(name: str, target: str) -> str:
    """Return the name of the file of a program."""
    return name + TARGETS[target].ending


def written_name(data: bytes) -> str | None:
    """Return the name that a spec most likely has, without reading it as YAML, or None.

    A wrong guess does no harm: no program of another name has the digest of this spec.
    """
    start = 0 if data.startswith((b"name:", b"\xef\xbb\xbfname:")) else data.find(b"\nname:")
    if start < 0:
        return None
    line = data[start:].lstrip(b"\xef\xbb\xbf\n").split(b"\n", 1)[0]
    name = line[len(b"name:") :].split(b" #", 1)[0].strip().strip(b"\"'")
    text = name.decode("ascii", "replace")
    return text if text.isascii() and text.isidentifier() and len(text) <= _MOST_NAME else None


def is_fresh(path: str, digest: str) -> bool:
    """Tell whether a file is a program of the spec with this digest, and as it was made."""
    try:
        if os.path.islink(path):
            return False
        with open(path, "rb") as file:
            found = read_header(file.read())
    except OSError:
        return False
    return found is not None and found.spec == digest and not found.edited


def fresh_files(
    data: bytes, file: str, folders: dict[str, str], changes: tuple[str, ...] = ()
) -> list[str] | None:
    """Return the programs of a spec, or None unless all of them are fresh.

    Arguments:
        data: The spec as it was read.
        file: The name of its file, as `file_name` gives it.
        folders: For each target the folder of its program.
        changes: What was set on the command line.
    """
    name = written_name(data)
    if name is None:
        return None
    paths = []
    for target, folder in folders.items():
        path = os.path.join(folder, program_file(name, target))
        if not is_fresh(path, spec_digest(data, file, target, changes)):
            return None
        paths.append(path)
    return paths


def unchanged(words: list[str]) -> bool:
    """Carry out `specc build SPEC...` where nothing is to be done; False leaves it to the rest."""
    options = _options(words)
    if options is None:
        return False
    specs, folders = options
    paths: list[str] = []
    for spec in specs:
        data = _read(spec)
        found = None if data is None else fresh_files(data, file_name(spec), folders)
        if found is None or not all(path.isascii() and path.isprintable() for path in found):
            return False
        paths += found
    if len({path.lower() for path in paths}) < len(paths):
        return False
    for path in paths:
        sys.stdout.write(f"unchanged {path}\n")
    return True


def _options(words: list[str]) -> tuple[list[str], dict[str, str]] | None:
    """Return specs and folders of a plain call of build, or None for any other."""
    if words[:1] != ["build"]:
        return None
    target, folder, specs = "all", None, []
    rest = iter(words[1:])
    for word in rest:
        if word == "--target":
            target = next(rest, "")
        elif word in ("-o", "--output"):
            folder = next(rest, "-")
        elif word.startswith("-"):
            return None
        else:
            specs.append(word)
    targets = tuple(TARGETS) if target == "all" else (target,)
    configured = folder is None and is_configured()
    if not specs or folder == "-" or configured or not set(targets) <= set(TARGETS):
        return None
    return specs, dict.fromkeys(targets, "" if folder in (None, ".") else folder)


def is_configured() -> bool:
    """Tell whether a configuration, here or above, may have a say."""
    folder = os.getcwd()
    while True:
        try:
            with open(os.path.join(folder, CONFIGURATION), "rb") as file:
                data = file.read()
                if b"tool.specc" in data or (b"[tool]" in data and b"specc" in data):
                    return True
        except OSError:
            pass
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above


def _read(path: str) -> bytes | None:
    try:
        found = os.stat(path)
        if not S_ISREG(found.st_mode) or found.st_size > _MOST_BYTES:
            return None
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError):
        return None
