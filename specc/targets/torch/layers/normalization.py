"""Normalization layers in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.shapes import positive_axis
from specc.spec.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from specc.targets.torch.lowered import At, Attribute, Lowered, Note
from specc.targets.torch.weights import Transform, Weight, image_order

_ATTRIBUTES = {
    "gamma": ("weight", "ones"),
    "beta": ("bias", "zeros"),
    "scale": ("weight", "ones"),
    "moving_mean": ("running_mean", "zeros"),
    "moving_variance": ("running_var", "ones"),
}


def _weights(node: Node, at: At) -> tuple[Weight, ...]:
    flat = at.layout.flat
    order = Transform() if flat is None else image_order(flat)
    found = []
    for variable in node.variables:
        attribute, default = _ATTRIBUTES[variable.name]
        declared = not variable.name.startswith("moving_")
        found.append(Weight(node.name, variable, attribute, order, default, declared=declared))
    return tuple(found)


def _without(node: Node, center: bool, scale: bool) -> tuple[str, ...]:
    """Return the statements that take a bias or a scale away where PyTorch has only both."""
    missing = [name for name, has in (("weight", scale), ("bias", center)) if not has]
    return tuple(f'self.{node.name}.register_parameter("{name}", None)' for name in missing)


def batch_normalization(node: Node, at: At) -> Lowered:
    """torch.nn.BatchNorm1d, 2d or 3d; its momentum is what Keras' leaves over.

    Frozen, it always works as in inference: its statistics are those of any program. Else, with a
    mask, it is a class whose statistics leave out what does not count.
    """
    layer = cast(BatchNormalization, node.layer)
    exact = at.exact and layer.trainable
    rank = len(node.input_shape)
    if at.mask is not None and layer.uses_mask():
        return _masked_normalization(node, at, at.mask)
    axis = positive_axis(layer.axis, rank)
    features = node.input_shape[axis - 1]
    spatial = max(rank - 1, 1)
    module = f"BatchNorm{spatial}d"
    affine = layer.center or layer.scale
    value = call(
        module if exact else f"nn.{module}",
        literal(features),
        eps=None if layer.epsilon == 1e-5 else literal(layer.epsilon),
        momentum=_momentum(layer),
        affine=None if affine else literal(False),
    )
    step: Expression = call(f"self.{node.name}", at.x)
    if 1 < axis < rank:
        # The features are a middle axis, which PyTorch wants directly after the batch.
        step = Code(f"self.{node.name}({at.x}.transpose(1, {axis})).transpose(1, {axis})")
    return Lowered(
        steps=(step,),
        modules=(Attribute(node.name, value),),
        after=_without(node, layer.center, layer.scale) if affine else (),
        weights=_weights(node, at),
        helpers=(f"batch_norm{spatial}d",) if exact else (),
        notes=() if exact or not layer.trainable else (_running_variance(rank),),
        infers=not layer.trainable,
    )


def _momentum(layer: BatchNormalization) -> Expression | None:
    momentum = round(1 - layer.momentum, 12)
    return None if momentum == 0.1 else literal(momentum)


def _masked_normalization(node: Node, at: At, mask: Code) -> Lowered:
    layer = cast(BatchNormalization, node.layer)
    affine = layer.center or layer.scale
    value = call(
        "MaskedBatchNorm",
        literal(node.input_shape[-1]),
        eps=None if layer.epsilon == 1e-5 else literal(layer.epsilon),
        momentum=_momentum(layer),
        affine=None if affine else literal(False),
    )
    return Lowered(
        steps=(call(f"self.{node.name}", at.x, mask),),
        modules=(Attribute(node.name, value),),
        after=_without(node, layer.center, layer.scale) if affine else (),
        weights=_weights(node, at),
        helpers=("masked_batch_norm",),
    )


def _running_variance(rank: int) -> Note:
    message = (
        "PyTorch's running variance is the unbiased one, n / (n - 1) of Keras', so evaluation "
        "differs slightly"
    )
    if rank == 1:
        message += ", and PyTorch refuses to train on a batch of a single sample"
    return Note(
        "N203",
        message + "; fidelity: exact has Keras' own",
        "The running variance is the unbiased one, n / (n - 1) of Keras'.",
    )


def layer_normalization(node: Node, at: At) -> Lowered:
    """torch.nn.LayerNorm on the last axes; other axes are brought there and back."""
    layer = cast(LayerNormalization, node.layer)
    rank = len(node.input_shape)
    axes = layer.axes(rank)
    affine = layer.center or layer.scale
    shape = tuple(node.input_shape[a - 1] for a in axes)
    value = call(
        "nn.LayerNorm",
        literal(shape[0] if len(shape) == 1 else shape),
        eps=None if layer.epsilon == 1e-5 else literal(layer.epsilon),
        elementwise_affine=None if affine else literal(False),
        bias=literal(False) if layer.scale and not layer.center else None,
    )
    step: Expression = call(f"self.{node.name}", at.x)
    order = (*(a for a in range(rank + 1) if a not in axes), *axes)
    if order != tuple(range(rank + 1)):
        back = sorted(range(rank + 1), key=order.__getitem__)
        there = f"{at.x}.permute({', '.join(map(str, order))})"
        step = Code(f"self.{node.name}({there}).permute({', '.join(map(str, back))})")
    return Lowered(
        steps=(step,),
        modules=(Attribute(node.name, value),),
        after=_without(node, True, layer.scale) if affine else (),
        weights=_weights(node, at),
    )


def group_normalization(node: Node, at: At) -> Lowered:
    """torch.nn.GroupNorm, whose groups are of the axis after the batch.

    It has no gradient with a bias but no weight, so a missing weight is a buffer of ones. Where its
    input needs no gradient but lies in memory with channels last, as images of the data may, its
    backward kills the process (measured with PyTorch 2.13).
    """
    layer = cast(GroupNormalization, node.layer)
    rank = len(node.input_shape)
    axis = at.layout.dim(positive_axis(layer.axis, rank), rank)
    affine = layer.center or layer.scale
    value = call(
        "nn.GroupNorm",
        *map(literal, layer.sizes(node.input_shape)),
        eps=None if layer.epsilon == 1e-5 else literal(layer.epsilon),
        affine=None if affine else literal(False),
    )
    step: Expression = call(f"self.{node.name}", at.x)
    image = rank > 2 and not at.behind_weights
    if axis != 1:
        turned = f"{at.x}.transpose(1, {axis}){'.contiguous()' if image else ''}"
        step = Code(f"self.{node.name}({turned}).transpose(1, {axis})")
    elif image:
        step = Code(f"self.{node.name}({at.x}.contiguous())")
    after = _without(node, layer.center, True) if affine else ()
    if affine and not layer.scale:
        ones = f"torch.ones({layer.sizes(node.input_shape)[1]})"
        after = (
            f"del self.{node.name}.weight",
            f'self.{node.name}.register_buffer("weight", {ones}, persistent=False)',
        )
    return Lowered(
        steps=(step,),
        modules=(Attribute(node.name, value),),
        after=after,
        weights=_weights(node, at),
        comment="its backward fails on channels-last memory" if image else None,
    )


def rms_normalization(node: Node, at: At) -> Lowered:
    """torch.nn.RMSNorm, whose own epsilon is not Keras'."""
    layer = cast(RMSNormalization, node.layer)
    shape = tuple(node.input_shape[a - 1] for a in layer.axes(len(node.input_shape)))
    size = literal(shape[0] if len(shape) == 1 else shape)
    module = Attribute(node.name, call("nn.RMSNorm", size, eps=literal(layer.epsilon)))
    step = call(f"self.{node.name}", at.x)
    return Lowered((step,), (module,), weights=_weights(node, at))


def unit_normalization(node: Node, at: At) -> Lowered:
    """torch.nn.functional.normalize, which takes one axis; several are written out."""
    layer, rank = cast(UnitNormalization, node.layer), len(node.input_shape)
    dims = tuple(sorted(at.layout.dim(axis, rank) for axis in layer.axes(rank)))
    if len(dims) == 1:
        dim = None if dims == (1,) else literal(dims[0])
        return Lowered((call("F.normalize", at.x, dim=dim),))
    norm = f"torch.linalg.vector_norm({at.x}, dim={literal(dims)}, keepdim=True)"
    return Lowered((Code(f"{at.x} / {norm}.clamp(min=1e-12)"),))


LAYERS = {
    BatchNormalization: batch_normalization,
    LayerNormalization: layer_normalization,
    GroupNormalization: group_normalization,
    RMSNormalization: rms_normalization,
    UnitNormalization: unit_normalization,
}
