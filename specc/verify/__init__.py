"""What runs the programs of a spec: the proof that they are one model, and weights carried over.

Frameworks are imported by `verify` and `convert`, or with the modules that they use. Building does
neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from specc.verify.frameworks import VerifyError, import_frameworks, missing_frameworks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from specc.pipeline import Compilation
    from specc.verify.report import Report

__all__ = ["VerifyError", "convert", "missing_frameworks", "verify"]


def verify(
    compilation: Compilation,
    exact: Compilation,
    data: str | None = None,
    seed: int = 0,
    steps: int = 20,
    follow: Callable[[Report], None] | None = None,
) -> Report:
    """Build, run and compare both programs of a spec.

    Arguments:
        compilation: The spec, compiled for all targets without errors.
        exact: The same with `fidelity: exact`, where differences that a note tells of are gone.
        data: A file of the spec's data to take samples from; random ones without it.
        seed: What weights and random samples are drawn from.
        steps: Length of the training run.
        follow: What is called with the report as it stands, before the first check and after each.

    Errors:
        VerifyError: nothing can be compared, as the data or a custom layer cannot be read.
    """
    import_frameworks()
    from specc.verify.checks import prove

    return prove(compilation, exact, data, seed, steps, follow)


def convert(compilation: Compilation, source: Path, target: Path) -> int:
    """Write the weights of one file as another, and return how many numbers they are.

    Arguments:
        compilation: The spec, compiled for all targets without errors.
        source: A file of either program; its ending tells which.
        target: What to write, likewise. It is there as a whole or not at all.

    Errors:
        VerifyError: a file cannot be read or written, or holds other weights than the spec's.
    """
    import_frameworks(reference=False)
    from specc.verify.conversion import convert_file

    return convert_file(compilation, source, target)
