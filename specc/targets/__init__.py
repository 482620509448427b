"""The targets: one table, which all the rest of specc asks.

A target is a folder with a line in the table. Its module `program` has `lower(program) -> View`,
its templates lie in `templates/<target>/`. `Target.parts` names the modules that it has besides:

- `names`: `TOP`, what its programs define or import, and `LAYERS`, which names no layer can have
  and why;
- `limits`: `refuse(program, places)` yields errors about what it cannot do, and notes on where its
  programs stand apart;
- `files`: `loads(change)` tells what becomes of its files of weights when a spec changes.

An unchanged build imports the table, so that it imports nothing itself.
"""

from __future__ import annotations

TYPE_CHECKING = False  # that of typing, whose import costs time
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from specc.diagnostics import Diagnostic
    from specc.program import Program
    from specc.targets.view import View
    from specc.validate import Places


class Target:
    """What there is to know of a target before its modules are imported.

    Attributes:
        title: What prose calls it.
        folder: The package that holds its modules.
        ending: What follows the name of a model in the name of its program's file.
        parts: Which of the modules `names`, `limits` and `files` its folder has.
        runs_on: The module that must be installed to run its programs.
        checkpoints: How its programs end the paths of checkpoints, where that is not Keras' way.
    """

    __slots__ = ("checkpoints", "ending", "folder", "parts", "runs_on", "title")

    def __init__(
        self,
        title: str,
        folder: str,
        ending: str,
        parts: tuple[str, ...] = (),
        runs_on: str = "",
        checkpoints: str = "",
    ) -> None:
        self.title, self.folder, self.ending = title, folder, ending
        self.parts, self.runs_on, self.checkpoints = parts, runs_on, checkpoints

    def part(self, name: str) -> ModuleType:
        """Return a module of its folder."""
        from importlib import import_module

        return import_module(f"{self.folder}.{name}")


TARGETS = {
    "torch": Target(
        title="PyTorch",
        folder="specc.targets.torch",
        ending="_torch.py",
        parts=("names", "limits", "files"),
        runs_on="torch",
        checkpoints=".pt",
    ),
    "keras": Target(
        title="Keras",
        folder="specc.targets.keras",
        ending="_keras.py",
        parts=("names", "limits", "files"),
        runs_on="tensorflow",
    ),
}


def having(part: str) -> Iterator[tuple[str, ModuleType]]:
    """Yield the targets that have a module of that name, each with it."""
    for name, target in TARGETS.items():
        if part in target.parts:
            yield name, target.part(part)


def lower(program: Program, target: str) -> View:
    """Return what a target's template places."""
    view: View = TARGETS[target].part("program").lower(program)
    return view


def refuse(program: Program, places: Places) -> list[Diagnostic]:
    """Return what targets cannot do of a program, whose parts may be unsure, and notes on it.

    A spec is refused if one of them cannot, whichever of them is asked for: what a spec means does
    not depend on where it runs.
    """
    return [found for _, limits in having("limits") for found in limits.refuse(program, places)]
