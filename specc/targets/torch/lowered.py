"""What the lowering of one layer gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from specc.expressions import Code, Expression
from specc.targets.torch.layout import Layout
from specc.targets.torch.weights import Weight

X = Code("x")


@dataclass(frozen=True, slots=True)
class At:
    """Where a layer stands.

    Attributes:
        layout: How PyTorch holds the layer's input.
        keeps: For flatten: whether what follows can live with the order that this layout gives.
        exact: Whether the spec asks for `fidelity: exact`.
        custom: The names of custom classes, by import path.
        mask: What `forward` calls the mask that this layer makes, None where nothing uses one.
        narrow: Whether integers come in a type that PyTorch cannot index with.
        behind_weights: Whether weights that train stand before it.
    """

    layout: Layout
    keeps: bool
    exact: bool
    custom: Mapping[str, Code] = field(default_factory=dict)
    mask: Code | None = None
    behind_weights: bool = False
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class Module:
    """An attribute that `__init__` sets."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Step:
    """A statement of `forward`: an assignment of `value` to `target`, which may be a tuple."""

    value: Expression
    comment: str | None = None
    target: str = "x"


@dataclass(frozen=True, slots=True)
class Note:
    """Where PyTorch differs: a diagnostic, and a comment where the program shows it.

    Attributes:
        layers: The names of the layers that it is about, where it comes with an optimizer.
    """

    code: str
    message: str
    comment: str | None = None
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lowered:
    """One layer in PyTorch.

    Attributes:
        steps: Expressions of `x`, each assigned to `x` in turn, or whole statements.
        modules: Attributes that `__init__` sets.
        after: Further statements of `__init__`.
        weights: Its part of the map of weights.
        layout: How PyTorch holds its output; None for that of its input.
        helpers: Names of templates with functions or classes that it needs.
        notes: Where it differs from Keras.
        comment: What its first step does that is not word for word.
        infers: Whether it works as in inference even in training.
        mask: The mask that it makes, an expression of the `x` that it takes; it is computed before
            the steps, which may use it as `mask`.
    """

    steps: tuple[Expression | Step, ...]
    modules: tuple[Module, ...] = ()
    after: tuple[str, ...] = ()
    weights: tuple[Weight, ...] = ()
    layout: Layout | None = None
    helpers: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    comment: str | None = None
    infers: bool = False
    mask: Code | None = None
