"""What experts find when they review a spec that has no errors: the warnings of `specc check`.

A finding is a small function from a `Subject` to places and messages. Each module holds those of
one kind, by their codes. Why each is a finding, the fix and the source are in
`specc.review.advice`, which is imported when somebody asks.
"""

from __future__ import annotations

from specc.diagnostics import Diagnostic
from specc.program import Program
from specc.review import inputs, layers, outputs, training, weights
from specc.review.subject import Subject
from specc.spec.document import Spec
from specc.validate import Places

FINDINGS = (
    outputs.FINDINGS | layers.FINDINGS | weights.FINDINGS | training.FINDINGS | inputs.FINDINGS
)


def review(program: Program, spec: Spec, places: Places) -> list[Diagnostic]:
    """Return the warnings about a program, in the order of their codes.

    Arguments:
        spec: What it was made from.
        places: Where the words of the spec stand.
    """
    subject = Subject(program, spec, places)
    return [
        Diagnostic(code, found.message, found.span, found.hint, "warning")
        for code, look in FINDINGS.items()
        for found in look(subject)
    ]
