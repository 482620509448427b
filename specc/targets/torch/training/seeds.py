"""Seeds of random numbers."""

from __future__ import annotations

from specc.program import Program
from specc.targets.torch.training.feature import Feature, Training


def seeding(program: Program) -> tuple[str, ...]:
    """Return the lines that seed what draws random numbers; custom layers may use any source."""
    if program.seed is None:
        return ()
    others = ("random.seed(SEED)", "np.random.seed(SEED)")
    custom = any(word.word == "custom" for word in program.words())
    return (*(others if custom else ()), "torch.manual_seed(SEED)")


def seeds(at: Training) -> Feature:
    """Seed random numbers before anything is drawn."""
    return Feature(start=seeding(at.program))
