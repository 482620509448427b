"""Layers that change images at random, in PyTorch: short classes, each in a template of its name.

The draws are Keras': which numbers, and that each image has its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from specc.expressions import Call, Code, Expression, call, literal
from specc.program import Node
from specc.spec.layers.augmentation import (
    RandomBrightness,
    RandomColorDegeneration,
    RandomContrast,
    RandomFlip,
    RandomGrayscale,
    RandomInvert,
    RandomPosterization,
    RandomRotation,
    RandomSharpness,
    RandomShear,
    RandomTranslation,
    RandomZoom,
    Solarization,
    bounds,
)
from specc.targets.torch.layers.regularization import SEED
from specc.targets.torch.lowered import At, Attribute, Lowered, Note

_FILLS = {"reflect": "reflection", "nearest": "border", "constant": "zeros", "wrap": "wrap"}
_GRADIENT = Note(
    "N211",
    "TensorFlow takes the gradient of a sampled image by sampling back, PyTorch takes the true "
    "one; the gradients of the weights before it differ, measured up to a tenth",
)


def _applied(
    node: Node, at: At, module: Call, *helpers: str, notes: tuple[Note, ...] = ()
) -> Lowered:
    x = Code(f"{at.x}.float()") if node.input.integers else at.x
    seed = () if getattr(node.layer, "seed", None) is None else (SEED,)
    step = call(f"self.{node.name}", x)
    return Lowered((step,), (Attribute(node.name, module),), helpers=helpers, notes=(*seed, *notes))


def _pair(value: Any) -> Code:
    return literal(tuple(value))


def random_flip(node: Node, at: At) -> Lowered:
    """torch.Tensor.flip of every other image."""
    mode = cast(RandomFlip, node.layer).mode
    dims = {"vertical": (2,), "horizontal": (3,)}.get(mode, (2, 3))
    return _applied(node, at, call("RandomFlip", *map(literal, dims)), "random_flip")


def _sampled(node: Node, at: At, *factors: Expression) -> Lowered:
    """Return a layer that samples with `affine_grid` and `grid_sample`, as Keras does.

    The fill modes are PyTorch's by other names, but for `wrap` and a value other than 0.
    """
    layer: Any = node.layer
    constant = layer.fill_mode == "constant" and layer.fill_value != 0
    module = call(
        type(layer).__name__,
        *factors,
        mode=None if layer.interpolation == "bilinear" else literal(layer.interpolation),
        padding_mode=None if layer.fill_mode == "reflect" else literal(_FILLS[layer.fill_mode]),
        fill=literal(layer.fill_value) if constant else None,
    )
    helpers = ["random_affine", layer.word]
    helpers += ["affine_fills"] if constant else []
    helpers += ["affine_wraps", "wrapped"] if layer.fill_mode == "wrap" else []
    return _applied(node, at, module, *helpers, notes=(_GRADIENT,) if at.behind_weights else ())


def random_rotation(node: Node, at: At) -> Lowered:
    """A rotation in coordinates from -1 to 1, which are not square."""
    return _sampled(node, at, _pair(bounds(cast(RandomRotation, node.layer).factor)))


def random_translation(node: Node, at: At) -> Lowered:
    """A translation; one of a whole image is one of 2 in coordinates from -1 to 1."""
    layer = cast(RandomTranslation, node.layer)
    factors = (_pair(bounds(factor)) for factor in (layer.height_factor, layer.width_factor))
    return _sampled(node, at, *factors)


def random_zoom(node: Node, at: At) -> Lowered:
    """A zoom around the centre."""
    layer = cast(RandomZoom, node.layer)
    factors = [_pair(bounds(layer.height_factor))]
    if layer.width_factor is not None:
        factors.append(_pair(bounds(layer.width_factor)))
    lowered = _sampled(node, at, *factors)
    both = ("zoom_both",) if layer.width_factor is not None else ()
    return replace(lowered, helpers=(*lowered.helpers, *both))


def random_shear(node: Node, at: At) -> Lowered:
    """A shear that keeps the first pixel where it is, as Keras' does."""
    layer = cast(RandomShear, node.layer)
    return _sampled(node, at, _pair(bounds(layer.x_factor)), _pair(bounds(layer.y_factor)))


def random_contrast(node: Node, at: At) -> Lowered:
    """Arithmetic around the mean of each channel."""
    layer = cast(RandomContrast, node.layer)
    factor, values = _pair(bounds(layer.factor, 0.0)), _pair(layer.value_range)
    return _applied(node, at, call("RandomContrast", factor, values), "random_contrast")


def random_brightness(node: Node, at: At) -> Lowered:
    """An addition."""
    layer = cast(RandomBrightness, node.layer)
    factor, values = _pair(bounds(layer.factor)), _pair(layer.value_range)
    return _applied(node, at, call("RandomBrightness", factor, values), "random_brightness")


def random_grayscale(node: Node, at: At) -> Lowered:
    """A weighted sum of the channels, for some of the images."""
    factor = literal(cast(RandomGrayscale, node.layer).factor)
    return _applied(node, at, call("RandomGrayscale", factor), "grayscale", "random_grayscale")


def random_color_degeneration(node: Node, at: At) -> Lowered:
    """A mean of the image and its weighted sum of channels."""
    layer = cast(RandomColorDegeneration, node.layer)
    factor, values = _pair(bounds(layer.factor)), _pair(layer.value_range)
    module = call("RandomColorDegeneration", factor, values)
    return _applied(node, at, module, "grayscale", "random_color_degeneration")


def random_invert(node: Node, at: At) -> Lowered:
    """A subtraction from the highest value, for some of the images."""
    layer = cast(RandomInvert, node.layer)
    factor, highest = _pair(bounds(layer.factor, 0.0)), literal(layer.value_range[1])
    return _applied(node, at, call("RandomInvert", factor, highest), "random_invert")


def solarization(node: Node, at: At) -> Lowered:
    """Arithmetic in the range from 0 to 255, as in Keras; a factor's lower bound is not scaled."""
    layer = cast(Solarization, node.layer)
    given = (layer.addition_factor, layer.threshold_factor)
    factors = (f if isinstance(f, tuple) else (0.0, f) for f in given)
    draws = (_pair((min(f), max(f))) for f in factors)
    module = call("Solarization", *draws, _pair(layer.value_range))
    return _applied(node, at, module, "solarization")


def random_posterization(node: Node, at: At) -> Lowered:
    """Numbers rounded down to multiples of a power of 2."""
    layer = cast(RandomPosterization, node.layer)
    given = layer.factor if isinstance(layer.factor, tuple) else (1, layer.factor)
    lower, upper = min(given), max(given)
    most = max(lower, upper - 1)  # the upper bound is not drawn, unless it is the lower one too
    module = call("RandomPosterization", _pair((lower, most)), _pair(layer.value_range))
    return _applied(node, at, module, "random_posterization")


def random_sharpness(node: Node, at: At) -> Lowered:
    """A convolution of each channel with a fixed kernel."""
    layer = cast(RandomSharpness, node.layer)
    factor, values = _pair(bounds(layer.factor, 0.0)), _pair(layer.value_range)
    return _applied(node, at, call("RandomSharpness", factor, values), "random_sharpness")


LAYERS = {
    RandomFlip: random_flip,
    RandomRotation: random_rotation,
    RandomTranslation: random_translation,
    RandomZoom: random_zoom,
    RandomShear: random_shear,
    RandomContrast: random_contrast,
    RandomBrightness: random_brightness,
    RandomGrayscale: random_grayscale,
    RandomColorDegeneration: random_color_degeneration,
    RandomInvert: random_invert,
    Solarization: solarization,
    RandomPosterization: random_posterization,
    RandomSharpness: random_sharpness,
}
