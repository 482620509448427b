"""Masks in `forward`: variables of the shape of their tensor without the last of Keras' axes.

The batch is included. A mask is True where an entry counts.
"""

from __future__ import annotations


def widened(mask: str, dim: int, rank: int) -> str:
    """Return the mask with an axis of length 1 in place of the features'.

    Args:
        dim: PyTorch's dimension of the features.
        rank: The axes of the tensor without the batch.
    """
    return f"{mask}.unsqueeze({-1 if dim == rank else dim})"
