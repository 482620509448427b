"""Layers that bring images to another size or range, in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.shapes import Shape
from specc.spec.layers.image import AutoContrast, CenterCrop, Resizing, cropped
from specc.targets.torch.lowered import At, Lowered, Step, X

_MODES = {"nearest": "nearest-exact"}  # PyTorch's `nearest` rounds other places


def resizing(node: Node, at: At) -> Lowered:
    """torch.nn.functional.interpolate of the image, cropped or padded to the ratio before."""
    layer = cast(Resizing, node.layer)
    spatial, _ = layer.split(node.input_shape)
    to = (layer.height, layer.width)
    steps: list[Expression | Step] = []
    if layer.crop_to_aspect_ratio:
        inner = cropped(spatial, to)
        steps += _crop(spatial, inner)
        spatial = inner
    elif layer.pad_to_aspect_ratio:
        (top, bottom), (left, right) = layer.pads(spatial)
        if top or left:
            value = literal(layer.fill_value) if layer.fill_value else None
            steps.append(call("F.pad", X, literal((left, right, top, bottom)), value=value))
        spatial = (top + spatial[0] + bottom, left + spatial[1] + right)
    antialias = layer.antialias and layer.interpolation in ("bilinear", "bicubic")
    if spatial != to:
        steps.append(_interpolate(to, layer.interpolation, antialias))
    return Lowered(tuple(steps))


def _crop(spatial: Shape, inner: Shape) -> list[Step]:
    """Return the step to the middle of an image, none where that is the whole."""
    if inner == spatial:
        return []
    cuts = []
    for size, kept in zip(spatial, inner, strict=True):
        start = (size - kept) // 2
        cuts.append(":" if size == kept else f"{start or ''}:{start + kept}")
    return [Step(Code(f"x[..., {', '.join(cuts).removeprefix(':, ')}]"), "the middle")]


def _interpolate(to: Shape, interpolation: str, antialias: bool = False) -> Expression:
    mode = literal(_MODES.get(interpolation, interpolation))
    more = literal(True) if antialias else None
    return call("F.interpolate", X, size=literal(to), mode=mode, antialias=more)


def center_crop(node: Node, at: At) -> Lowered:
    """The middle of the axes; what is smaller is cropped to the ratio and enlarged, as in Keras."""
    layer = cast(CenterCrop, node.layer)
    spatial, _ = layer.split(node.input_shape)
    to = (layer.height, layer.width)
    steps: list[Expression | Step] = [Code("x.float()")] if node.input.integers else []
    if spatial[0] >= to[0] and spatial[1] >= to[1]:
        return Lowered((*steps, *_crop(spatial, to)))
    inner = cropped(spatial, to)
    return Lowered((*steps, *_crop(spatial, inner), _interpolate(to, "bilinear")))


def auto_contrast(node: Node, at: At) -> Lowered:
    """A short function."""
    low, high = cast(AutoContrast, node.layer).value_range
    x = Code("x.float()") if node.input.integers else X
    step = call("auto_contrast", x, literal(low), literal(high))
    return Lowered((step,), helpers=("auto_contrast",))


LAYERS = {Resizing: resizing, CenterCrop: center_crop, AutoContrast: auto_contrast}
