"""What a proof found: one row for each check, as a table and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
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
        notes: The codes of the notes that tell of the difference.
        share: How far the trained weights are apart then, as a share of how far training moved
            them, or None. What is measured is less where the check takes a part of it away.
    """

    name: str
    measured: float | None
    allowed: float | None
    verdict: Verdict
    detail: str | None = None
    parts: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    share: float | None = None

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

    @property
    def noted(self) -> Check | None:
        """The check of the training that is furthest apart by what notes tell, or None."""
        noted = [check for check in self.checks if check.verdict == "noted"]
        return max(noted, key=lambda check: check.share or 0.0, default=None)

    def verdict(self) -> str:
        """Return what the checks come to, in one sentence."""
        failed, noted = sum(not check.ok for check in self.checks), self.noted
        if failed:
            return f"{failed} of {len(self.checks)} checks failed"
        same = "the programs are the same model"
        if noted is None or noted.share is None:
            return same
        share = f"{percent(noted.share)} of its movement after {noted.name}"
        return f"{same}; their training differs by {share}, {see(noted.notes)}"

    def to_json(self) -> str:
        """Return the report as a JSON object."""
        document: dict[str, Any] = {
            "name": self.name,
            "equal": self.ok,
            "verdict": self.verdict(),
            "training_differs": self._difference(),
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
                    "notes": list(check.notes),
                    "share": _finite(check.share),
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

    def _difference(self) -> dict[str, Any] | None:
        """Return how far the training is apart by what notes tell, None where it is not."""
        noted = self.noted
        if noted is None:
            return None
        return {"check": noted.name, "share": _finite(noted.share), "notes": list(noted.notes)}

    def to_table(self) -> str:
        """Return the report for people."""
        rows = [_TITLES, *map(_cells, self.checks)]
        widths = tuple(max(len(row[column]) for row in rows) for column in range(3))
        lines = self.lines(widths)
        return "\n".join([*self.opening(widths), *lines, *self.closing()])

    def opening(self, widths: tuple[int, ...]) -> list[str]:
        """Return the lines before the checks.

        Arguments:
            widths: Those of the columns.
        """
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        head = f"{self.name}: {versions}; {self.samples}, seed {self.seed}"
        return [head, "", _line(_TITLES, widths)]

    def lines(self, widths: tuple[int, ...], start: int = 0) -> list[str]:
        """Return a line for each check from `start` on."""
        return [_line(_cells(check), widths) for check in self.checks[start:]]

    def closing(self) -> list[str]:
        """Return the lines behind the checks: what else there is to know, and the verdict."""
        lines = [""]
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
        if not self.ok and self.hints:
            lines.append(f"notes of the build that may explain it: {', '.join(self.hints)}")
        return [*lines, self.verdict()]


def fixed_widths(steps: int) -> tuple[int, ...]:
    """Return widths of columns for a table whose rows are not yet known.

    Arguments:
        steps: Length of the training run.
    """
    names = ("outputs in inference mode", "gradients of 999 weights", exactly(f"{steps} steps"))
    return max(map(len, names)), len("measured"), len("1.0e-05")


def exactly(name: str) -> str:
    """Return what a check is called where it is made once more with `fidelity: exact`."""
    return f"{name}, fidelity: exact"


def see(notes: Sequence[str]) -> str:
    """Return where to read on: `see N201`, `see N201 and N203`."""
    *others, last = notes
    return f"see {', '.join(others)} and {last}" if others else f"see {last}"


def percent(share: float) -> str:
    """Return a share for people: `42%`, `0.3%`."""
    if not math.isfinite(share):
        return "more than all"
    if share >= _SMALL:
        return f"{share:.0%}"
    return f"{100 * share:.1g}%" if share >= _TINY else f"less than {_TINY:.2%}"


_TITLES = ("check", "measured", "allowed", "verdict")
_SMALL, _TINY = 0.1, 1e-4


def _cells(check: Check) -> tuple[str, str, str, str]:
    return check.name, _number(check.measured), _number(check.allowed), _verdict(check)


def _line(cells: tuple[str, str, str, str], widths: tuple[int, ...]) -> str:
    name, measured, allowed, verdict = cells
    return f"{name:<{widths[0]}}  {measured:>{widths[1]}}  {allowed:>{widths[2]}}  {verdict}"


def _finite(value: float | None) -> float | None:
    # JSON has no other numbers.
    return value if value is None or math.isfinite(value) else None


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.1e}" if value else "0"


def _verdict(check: Check) -> str:
    return f"{check.verdict}: {check.detail}" if check.detail else check.verdict
