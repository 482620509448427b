"""Layers that bring images to another size or range, in PyTorch."""

from __future__ import annotations

from typing import cast

from specc.expressions import Code, Expression, call, literal
from specc.program import Node
from specc.shapes import Shape
from specc.spec.layers.image import AutoContrast, CenterCrop, Resizing, cropped
from specc.targets.torch.lowered import At, Lowered, Step

_MODES = {"nearest": "nearest-exact"}  # PyTorch's `nearest` rounds other places


def resizing(node: Node, at: At) -> Lowered:
    """torch.nn.functional.interpolate of the image, cropped or padded to the ratio before."""
    layer = cast(Resizing, node.layer)
    spatial, _ = layer.split(node.input_shape)
    to = (layer.height, layer.width)
    steps: list[Expression | Step] = []
    if layer.crop_to_aspect_ratio:
        inner = cropped(spatial, to)
        steps += _crop(at.x, spatial, inner)
        spatial = inner
    elif layer.pad_to_aspect_ratio:
        (top, bottom), (left, right) = layer.pads(spatial)
        if top or left:
            value = literal(layer.fill_value) if layer.fill_value else None
            steps.append(call("F.pad", at.x, literal((left, right, top, bottom)), value=value))
        spatial = (top + spatial[0] + bottom, left + spatial[1] + right)
    antialias = layer.antialias and layer.interpolation in ("bilinear", "bicubic")
    if spatial != to:
        steps.append(_interpolate(at.y if steps else at.x, to, layer.interpolation, antialias))
    return Lowered(tuple(steps))


def _crop(x: Code, spatial: Shape, inner: Shape) -> list[Step]:
    """Return the step to the middle of an image, none where that is the whole."""
    if inner == spatial:
        return []
    cuts = []
    for size, kept in zip(spatial, inner, strict=True):
        start = (size - kept) // 2
        cuts.append(":" if size == kept else f"{start or ''}:{start + kept}")
    return [Step(Code(f"{x}[..., {', '.join(cuts).removeprefix(':, ')}]"), "the middle")]


def _interpolate(x: Code, to: Shape, interpolation: str, antialias: bool = False) -> Expression:
    mode = literal(_MODES.get(interpolation, interpolation))
    more = literal(True) if antialias else None
    return call("F.interpolate", x, size=literal(to), mode=mode, antialias=more)


def center_crop(node: Node, at: At) -> Lowered:
    """The middle of the axes; what is smaller is cropped to the ratio and enlarged, as in Keras."""
    layer = cast(CenterCrop, node.layer)
    spatial, _ = layer.split(node.input_shape)
    to = (layer.height, layer.width)
    steps: list[Expression | Step] = [Code(f"{at.x}.float()")] if node.input.integers else []
    x = at.y if steps else at.x
    if spatial[0] >= to[0] and spatial[1] >= to[1]:
        return Lowered((*steps, *_crop(x, spatial, to)))
    steps += _crop(x, spatial, cropped(spatial, to))
    return Lowered((*steps, _interpolate(at.y if steps else at.x, to, "bilinear")))


def auto_contrast(node: Node, at: At) -> Lowered:
    """A short function."""
    low, high = cast(AutoContrast, node.layer).value_range
    x = Code(f"{at.x}.float()") if node.input.integers else at.x
    step = call("auto_contrast", x, literal(low), literal(high))
    return Lowered((step,), helpers=("auto_contrast",))


LAYERS = {Resizing: resizing, CenterCrop: center_crop, AutoContrast: auto_contrast}
