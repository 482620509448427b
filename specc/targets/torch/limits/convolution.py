"""Limits of convolutions."""

from __future__ import annotations

from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Node
from specc.spec.spatial import Spatial
from specc.targets.torch.limits.biases import long_axis, note_bias
from specc.validate import Places


def refuse(node: Node, places: Places) -> Iterator[Diagnostic]:
    """Yield a note where Keras adds the bias along another axis than that of the channels."""
    found = long_axis(node)
    if found is not None and isinstance(node.layer, Spatial) and node.layer.is_first():
        _, _, length = found
        yield from note_bias(node, 0, length, "use channels_last, or use_bias: false")
