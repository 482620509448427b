"""Why each warning is one, how to mend it, who says so, and what it looks like.

`specc explain` and the formats for machines import this; a check that prints text does not.
"""

from __future__ import annotations

from specc.review.advice import inputs, layers, outputs, training, weights
from specc.review.advice.entry import Advice

_SILENCES = {
    "W300": Advice(
        reason=(
            "A comment that silences nothing is left from a finding that is gone, or has a slip; "
            "if the finding came back, nobody would see it. Errors and notes cannot be silenced."
        ),
        fix="Take the comment out, or write `# specc: ignore CODE` where the finding is.",
        source="ESLint, --report-unused-disable-directives, and ruff, RUF100, do the same",
        url="https://docs.astral.sh/ruff/rules/unused-noqa/",
        shows="""
layers:
  - dense: {units: 64, activation: relu} # specc: ignore W320
  - dense: {units: 10, activation: softmax}
""",
        instead="""
layers:
  - dense: 64 # specc: ignore W320: a factor of the next kernel
  - dense: {units: 10, activation: softmax}
""",
    ),
}

ADVICE: dict[str, Advice] = (
    _SILENCES | outputs.ADVICE | layers.ADVICE | weights.ADVICE | training.ADVICE | inputs.ADVICE
)
