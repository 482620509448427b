"""Proof that both programs of a spec are the same model; what the tests measure by too.

Frameworks are imported by `verify` alone, or with the modules that measure. Building does neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from specc.verify.frameworks import VerifyError, import_frameworks, missing_frameworks

if TYPE_CHECKING:
    from specc.pipeline import Compilation
    from specc.verify.report import Report

__all__ = ["VerifyError", "missing_frameworks", "verify"]


def verify(
    compilation: Compilation,
    exact: Compilation,
    data: str | None = None,
    seed: int = 0,
    steps: int = 20,
) -> Report:
    """Build, run and compare both programs of a spec.

    Arguments:
        compilation: The spec, compiled for all targets without errors.
        exact: The same with `fidelity: exact`, where differences that a note tells of are gone.
        data: A file of the spec's data to take samples from; random ones without it.
        seed: What weights and random samples are drawn from.
        steps: Length of the training run.

    Errors:
        VerifyError: nothing can be compared, as the data or a custom layer cannot be read.
    """
    import_frameworks()
    from specc.verify.checks import prove

    return prove(compilation, exact, data, seed, steps)
