"""Keras' activation functions in PyTorch.

Equal in value and gradient, kinks included (docs/semantics.md, section 5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from specc.expressions import Code, Expression, call, literal
from specc.spec.word import Activation
from specc.targets.torch.layout import Layout
from specc.targets.torch.lowered import Note

if TYPE_CHECKING:
    from specc.spec.activations import Gelu, Relu
    from specc.spec.rare_activations import Threshold

AT_ZERO = Note("N210", "where its input is exactly 0, PyTorch has another gradient than Keras")

MODULES = {
    "F.relu": "nn.ReLU",
    "F.relu6": "nn.ReLU6",
    "F.leaky_relu": "nn.LeakyReLU",
    "F.elu": "nn.ELU",
    "F.celu": "nn.CELU",
    "F.selu": "nn.SELU",
    "F.gelu": "nn.GELU",
    "torch.sigmoid": "nn.Sigmoid",
    "F.hardsigmoid": "nn.Hardsigmoid",
    "F.logsigmoid": "nn.LogSigmoid",
    "F.silu": "nn.SiLU",
    "F.hardswish": "nn.Hardswish",
    "F.mish": "nn.Mish",
    "torch.tanh": "nn.Tanh",
    "F.tanhshrink": "nn.Tanhshrink",
    "F.hardshrink": "nn.Hardshrink",
    "F.softshrink": "nn.Softshrink",
    "F.threshold": "nn.Threshold",
    "F.softplus": "nn.Softplus",
    "F.softsign": "nn.Softsign",
    "F.softmax": "nn.Softmax",
    "F.log_softmax": "nn.LogSoftmax",
    "F.glu": "nn.GLU",
}

# By the words of the spec: functions of one argument whose defaults are Keras'.
_PLAIN = {
    "relu6": "F.relu6",
    "selu": "F.selu",
    "sigmoid": "torch.sigmoid",
    "hard_sigmoid": "F.hardsigmoid",
    "log_sigmoid": "F.logsigmoid",
    "silu": "F.silu",
    "hard_silu": "F.hardswish",
    "mish": "F.mish",
    "tanh": "torch.tanh",
    "tanh_shrink": "F.tanhshrink",
    "softplus": "F.softplus",
    "softsign": "F.softsign",
    "exponential": "torch.exp",
}

_ALONG = {
    "softmax": "F.softmax",
    "log_softmax": "F.log_softmax",
    "glu": "F.glu",
}


def activate(
    activation: Activation, x: Code, layout: Layout, rank: int
) -> tuple[Expression | None, tuple[str, ...]]:
    """Return what applies an activation, None for the identity, and the helpers that it needs.

    Args:
        x: What it is applied to.
        layout: How PyTorch holds that.
        rank: Number of its axes without the batch.
    """
    kind = activation.word
    if kind == "linear":
        return None, ()
    if kind in _PLAIN:
        return call(_PLAIN[kind], x), ()
    axis: int | None = getattr(activation, "axis", None)
    if axis is not None:
        dim = literal(layout.dim(axis, rank))
        if kind == "sparsemax":
            return call("sparsemax", x, dim=dim), ("sparsemax",)
        return call(_ALONG[kind], x, dim=dim), ()
    return _FORMULAS[kind](activation, x), ()


def _given(value: float, default: float) -> tuple[Code, ...]:
    return () if value == default else (literal(value),)


def _relu(a: Relu, x: Code) -> Expression:
    if not a.negative_slope and not a.threshold:
        if a.max_value is None:
            return call("F.relu", x)
        if a.max_value == 6:
            return call("F.relu6", x)
        return Code(f"F.relu({x}).clamp(max={literal(a.max_value)})")
    if not a.threshold and a.max_value is None:
        return call("F.leaky_relu", x, *_given(a.negative_slope, 0.01))
    value = (
        f"torch.where({x} > {literal(a.threshold)}, {x}, 0.0)" if a.threshold else f"F.relu({x})"
    )
    if a.max_value is not None:
        value = f"{value}.clamp(max={literal(a.max_value)})"
    if a.negative_slope:
        below = f"{literal(a.threshold)} - {x}" if a.threshold else f"-{x}"
        value = f"{value} - {literal(a.negative_slope)} * F.relu({below})"
    return Code(value)


def _sparse_plus(a: Activation, x: Code) -> Expression:
    return Code(f"torch.where({x} < 1, ({x}.clamp(min=-1) + 1).square() / 4, {x})")


def _gelu(a: Gelu, x: Code) -> Expression:
    return call("F.gelu", x, approximate=literal("tanh") if a.approximate else None)


def _threshold(a: Threshold, x: Code) -> Expression:
    return call("F.threshold", x, literal(a.threshold), literal(a.default_value))


def _hard_tanh(a: Activation, x: Code) -> Expression:
    return Code(f"torch.clamp({x}, -1.0, 1.0)")  # F.hardtanh has no gradient at 1


_FORMULAS: dict[str, Callable[..., Expression]] = {
    "relu": _relu,
    "leaky_relu": lambda a, x: call("F.leaky_relu", x, *_given(a.negative_slope, 0.01)),
    "elu": lambda a, x: call("F.elu", x, *_given(a.alpha, 1.0)),
    "celu": lambda a, x: call("F.celu", x, *_given(a.alpha, 1.0)),
    "gelu": _gelu,
    "hard_shrink": lambda a, x: call("F.hardshrink", x, *_given(a.threshold, 0.5)),
    "soft_shrink": lambda a, x: call("F.softshrink", x, *_given(a.threshold, 0.5)),
    "threshold": _threshold,
    "hard_tanh": _hard_tanh,
    "sparse_sigmoid": lambda a, x: Code(f"F.hardtanh(({x} + 1) / 2, 0.0, 1.0)"),
    "sparse_plus": _sparse_plus,
    "squareplus": lambda a, x: Code(f"({x} + torch.sqrt({x}.square() + {literal(a.b)})) / 2"),
}
