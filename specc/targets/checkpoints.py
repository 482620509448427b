"""Paths of checkpoints, which programs of all targets write."""

from __future__ import annotations

from pathlib import PurePosixPath
from string import Formatter

from specc.expressions import Code, call, is_identifier


def has_braces(path: str) -> bool:
    """Tell whether a path names the epoch or figures, or has doubled braces."""
    return "{" in path or "}" in path


def formatted(path: str, constant: Code, figures: str) -> Code:
    """Return the expression of a checkpoint's path at the end of an epoch.

    Arguments:
        path: What the constant holds.
        constant: The constant's name.
        figures: The name of the epoch's figures.
    """
    if not has_braces(path):
        return constant
    return Code(f"{constant}.format(epoch=epoch + 1, **{figures})")


def makes_folders(path: str) -> bool:
    """Tell whether the folder itself names the epoch or figures."""
    return has_braces(str(PurePosixPath(path).parent))


def path_check(path: str, constant: Code) -> list[str]:
    """Return the line that looks at a checkpoint's path before training.

    There is none for a folder that is another one after each epoch.
    """
    if not has_braces(path):
        return [f"check_path({constant})"]
    fields = [(name, form) for _, name, form, _ in Formatter().parse(path) if name is not None]
    plain = all(is_identifier(name) and not has_braces(form or "") for name, form in fields)
    if makes_folders(path) or not plain:
        return []
    values = {name: Code("1" if name == "epoch" else "0.0") for name, _ in fields}
    return [f"check_path({call(f'{constant}.format', **values)})"]
