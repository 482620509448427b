"""What the lowering of one layer gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from specc.expressions import Code, Expression
from specc.targets.torch.layout import Layout
from specc.targets.torch.weights import Weight


@dataclass(frozen=True, slots=True)
class At:
    """Where a layer stands.

    Attributes:
        x: What `forward` calls what the layer takes.
        y: What it calls what the layer gives. A layer of several steps assigns each to it.
        layout: How PyTorch holds what the layer takes.
        gives: How it is to hold what the layer gives.
        exact: Whether the spec asks for `fidelity: exact`.
        custom: The names of custom classes, by import path.
        mask: What `forward` calls the mask that comes with `x`, None where none comes.
        made_mask: What it calls the mask that this layer makes, None where nothing uses one.
        narrow: Whether integers come in a type that PyTorch cannot index with.
        behind_weights: Whether weights that train stand before it.
    """

    x: Code
    y: Code
    layout: Layout
    gives: Layout
    exact: bool
    custom: Mapping[str, Code] = field(default_factory=dict)
    mask: Code | None = None
    made_mask: Code | None = None
    behind_weights: bool = False
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that `__init__` sets."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Step:
    """A statement of `forward`: an assignment of `value` to `target`, which may be a tuple.

    Attributes:
        target: None for what the layer gives.
        adds: Whether it adds the value to the target.
    """

    value: Expression
    comment: str | None = None
    target: Code | None = None
    adds: bool = False


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
        steps: Values, each assigned in turn to what the layer gives, or whole statements.
        modules: Attributes that `__init__` sets.
        after: Further statements of `__init__`.
        weights: Its part of the map of weights.
        helpers: Names of templates with functions or classes that it needs.
        notes: Where it differs from Keras.
        comment: What its first step does that is not word for word.
        infers: Whether it works as in inference even in training.
        mask: The mask that it makes, an expression of what it takes; it is computed before the
            steps, which may use it.
    """

    steps: tuple[Expression | Step, ...]
    modules: tuple[Attribute, ...] = ()
    after: tuple[str, ...] = ()
    weights: tuple[Weight, ...] = ()
    helpers: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    comment: str | None = None
    infers: bool = False
    mask: Code | None = None
