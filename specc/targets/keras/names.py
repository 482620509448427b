"""The names that Keras programs have for themselves."""

from __future__ import annotations

from specc.names import names

TOP = names(
    """EpochLine WholeCheckpoint WholeCheckpoint2 WholeCheckpoint3 build_model compile_model keras
    layers"""
)

# A layer's name is a string in Keras.
LAYERS: dict[str, str] = {}
