"""What a proof found: one row for each check, as a table and as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["equal", "noted", "differs", "fails"]


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison.

    Attributes:
        name: What was compared.
        measured: The largest difference.
        allowed: How large it may be.
        verdict: "equal"; "noted", a difference within what a note of the build tells of; "differs";
            "fails", a program that cannot do it.
        detail: What else is to know, or None.
        parts: The difference of each part, as of each weight.
    """

    name: str
    measured: float | None
    allowed: float | None
    verdict: Verdict
    detail: str | None = None
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the programs are as much the same model as the build says."""
        return self.verdict in ("equal", "noted")


@dataclass(frozen=True, slots=True)
class Place:
    """The first layer whose output differs.

    Attributes:
        layer: Its name in both programs.
        measured: How far its output is apart: infinitely where the shapes differ, nan where Keras'
            is not finite.
        training: Whether in training mode, else in inference mode.
    """

    layer: str
    measured: float
    training: bool

    def sentence(self) -> str:
        """Return it for people."""
        mode = "training" if self.training else "inference"
        if math.isnan(self.measured):
            return f"the first layer whose output is not finite in Keras is {self.layer}"
        by = f"by {_number(self.measured)} in {mode} mode"
        return f"the first layer whose output differs is {self.layer}: {by}"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a proof found.

    Attributes:
        name: The model's.
        versions: Those of the frameworks.
        samples: Where inputs and targets come from.
        seed: What weights and random samples are drawn from.
        checks: One for each comparison.
        first: Where outputs begin to differ; None where they do not, or where nothing tells.
        still: The random layers that were switched off.
        held: The weights that training held, as only rounding moves them.
        hints: Codes of notes of the build that may be why checks fail.
    """

    name: str
    versions: dict[str, str]
    samples: str
    seed: int
    checks: tuple[Check, ...]
    first: Place | None = None
    still: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(check.ok for check in self.checks)

    def to_json(self) -> str:
        """Return the report as a JSON object."""
        document: dict[str, Any] = {
            "name": self.name,
            "equal": self.ok,
            "versions": self.versions,
            "samples": self.samples,
            "seed": self.seed,
            "switched_off": list(self.still),
            "held": list(self.held),
            "hints": [] if self.ok else list(self.hints),
            "checks": [
                {
                    "name": check.name,
                    "measured": _finite(check.measured),
                    "allowed": check.allowed,
                    "verdict": check.verdict,
                    "detail": check.detail,
                    "parts": {name: _finite(value) for name, value in check.parts.items()},
                }
                for check in self.checks
            ],
            "first_layer": None,
        }
        if self.first is not None:
            mode = "training" if self.first.training else "inference"
            document["first_layer"] = {
                "layer": self.first.layer,
                "measured": _finite(self.first.measured),
                "mode": mode,
            }
        return json.dumps(document, indent=2)

    def to_table(self) -> str:
        """Return the report for people."""
        rows = [("check", "measured", "allowed", "verdict")]
        rows += [
            (c.name, _number(c.measured), _number(c.allowed), _verdict(c)) for c in self.checks
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = [
            f"{name:<{widths[0]}}  {measured:>{widths[1]}}  {allowed:>{widths[2]}}  {verdict}"
            for name, measured, allowed, verdict in rows
        ]
        return "\n".join([self._head(), "", *lines, "", *self._tail()])

    def _head(self) -> str:
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return f"{self.name}: {versions}; {self.samples}, seed {self.seed}"

    def _tail(self) -> list[str]:
        lines = []
        if self.still:
            lines.append(f"switched off, as their draws can never agree: {', '.join(self.still)}")
        if self.held:
            lines.append(f"held, as rounding alone moves them: {', '.join(self.held)}")
        for check in self.checks:
            if not check.ok and check.parts and check.allowed is not None:
                wrong = {n: v for n, v in check.parts.items() if not v <= check.allowed}
                worst = sorted(wrong, key=wrong.__getitem__, reverse=True)
                shown = ", ".join(f"{n} {_number(wrong[n])}" for n in worst[:5])
                more = f" and {len(worst) - 5} more" if len(worst) > 5 else ""
                lines.append(f"{check.name} differs in {shown}{more}")
        if self.first is not None:
            lines.append(self.first.sentence())
        failed = sum(not check.ok for check in self.checks)
        if failed and self.hints:
            lines.append(f"notes of the build that may tell why: {', '.join(self.hints)}")
        ending = "the programs are the same model"
        lines.append(f"{failed} of {len(self.checks)} checks failed" if failed else ending)
        return lines


def _finite(value: float | None) -> float | None:
    # JSON has no other numbers.
    return value if value is None or math.isfinite(value) else None


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.1e}" if value else "0"


def _verdict(check: Check) -> str:
    return f"{check.verdict}: {check.detail}" if check.detail else check.verdict
