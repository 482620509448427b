"""Layers that act in training alone, in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, call, literal
from specc.program import Node
from specc.shapes import UNKNOWN
from specc.spec.layers.regularization import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from specc.targets.torch.lowered import At, Attribute, Lowered, Note


def _notes(seed: int | None) -> tuple[Note, ...]:
    return () if seed is None else (SEED,)


def dropout(node: Node, at: At) -> Lowered:
    """torch.nn.Dropout; a noise shape multiplies by a mask that is broadcast."""
    layer = cast(Dropout, node.layer)
    notes = _notes(layer.seed)
    if layer.noise_shape is None:
        module = Attribute(node.name, call("nn.Dropout", literal(layer.rate)))
        return Lowered((call(f"self.{node.name}", at.x),), (module,), notes=notes)
    rank = len(node.input_shape)
    sizes = [
        Code(
            f"{at.x}.shape[{at.layout.dim(axis, rank)}]"
            if n is None and d is UNKNOWN
            else str(n or d)
        )
        for axis, (n, d) in enumerate(zip(layer.noise_shape[1:], node.input_shape, strict=True), 1)
    ]
    features = (sizes[-1], *sizes[:-1]) if at.layout.first else sizes
    batch = "1" if layer.noise_shape[0] == 1 else f"len({at.x})"
    mask = f"{at.x}.new_ones({', '.join([batch, *features])})"
    step = Code(f"{at.x} * F.dropout({mask}, {literal(layer.rate)}, self.training)")
    return Lowered((step,), notes=notes)


SEED = Note(
    "N204",
    "the seed has no counterpart in PyTorch, whose layers all draw from one stream",
)


def gaussian_noise(node: Node, at: At) -> Lowered:
    """A short class; torch.nn has none."""
    layer = cast(GaussianNoise, node.layer)
    module = Attribute(node.name, call("GaussianNoise", literal(layer.stddev)))
    return _applied(at, module, layer.seed, "gaussian_noise")


def gaussian_dropout(node: Node, at: At) -> Lowered:
    """A short class; torch.nn has none."""
    layer = cast(GaussianDropout, node.layer)
    module = Attribute(node.name, call("GaussianDropout", literal(layer.rate)))
    return _applied(at, module, layer.seed, "gaussian_dropout")


def alpha_dropout(node: Node, at: At) -> Lowered:
    """torch.nn.AlphaDropout."""
    layer = cast(AlphaDropout, node.layer)
    return _applied(
        at, Attribute(node.name, call("nn.AlphaDropout", literal(layer.rate))), layer.seed
    )


def spatial_dropout(node: Node, at: At) -> Lowered:
    """torch.nn.Dropout1d, 2d or 3d, which drop whole channels and want them first."""
    layer = cast(SpatialDropout1D | SpatialDropout2D | SpatialDropout3D, node.layer)
    rank = len(node.input_shape) - 1
    return _applied(
        at, Attribute(node.name, call(f"nn.Dropout{rank}d", literal(layer.rate))), layer.seed
    )


def _applied(at: At, module: Attribute, seed: int | None, *helpers: str) -> Lowered:
    step = call(f"self.{module.name}", at.x)
    return Lowered((step,), (module,), helpers=helpers, notes=_notes(seed))


def activity_regularization(node: Node, at: At) -> Lowered:
    """Nothing by itself: the penalty is that of any layer's output."""
    return Lowered(())


LAYERS = {
    Dropout: dropout,
    GaussianNoise: gaussian_noise,
    GaussianDropout: gaussian_dropout,
    AlphaDropout: alpha_dropout,
    SpatialDropout1D: spatial_dropout,
    SpatialDropout2D: spatial_dropout,
    SpatialDropout3D: spatial_dropout,
    ActivityRegularization: activity_regularization,
}
