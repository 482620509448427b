"""The names that programs have for themselves, over all targets."""

from __future__ import annotations

from specc.names import Reserved
from specc.targets import having

# What programs of all targets define or import at their top level: constants, and how they read
# their arrays.
SHARED = frozenset(
    """ALPHA BASELINE BOUNDARIES CHECKPOINT CLIPNORM CLIPVALUE Callable DATA DELIMITER EPOCHS
    EXPECTED FIGURES ORTHOGONAL PATIENCE POWER Path RANGES SEED SHAPES TARGETS VALUES argparse
    check_path csv describe find_row fits main np outside pd read_arrays save sys""".split()
)


def reserved() -> Reserved:
    """Return the names that a target's programs need for themselves."""
    top, layers = SHARED, dict[str, str]()
    for _, names in having("names"):
        top |= names.TOP
        layers |= names.LAYERS
    return Reserved(top, layers)
