"""The names that programs have for themselves, over all targets."""

from __future__ import annotations

from specc.names import Reserved, names
from specc.targets import having

# What programs of all targets define or import at their top level: constants, and how they read
# their arrays.
SHARED = names(
    """ALPHA BASELINE BOUNDARIES CHECKPOINT CLIPNORM CLIPVALUE Callable DATA DELIMITER EPOCHS
    EXPECTED FIGURES ORTHOGONAL PATIENCE POWER Path RANGES SEED SHAPES TARGETS VALUES argparse
    check_path csv describe find_row fits main np outside pd read_arrays save sys"""
)


def reserved() -> Reserved:
    """Return the names that a target's programs need for themselves."""
    top, layers = SHARED, dict[str, str]()
    for _, of_target in having("names"):
        top |= of_target.TOP
        layers |= of_target.LAYERS
    return Reserved(top, layers)
