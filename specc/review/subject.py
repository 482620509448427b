"""What a finding looks at, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from specc.diagnostics import Span
from specc.program import Fit, Node, Program, activation_of
from specc.spec.document import Spec
from specc.spec.layers.core import Dense
from specc.spec.word import Activation, Layer, Word
from specc.validate import Places

if TYPE_CHECKING:
    from specc.spec.layers.convolution import Convolution


class Found(NamedTuple):
    """One finding: where, what in one sentence, and the likely fix."""

    span: Span
    message: str
    hint: str | None = None


@dataclass(frozen=True)
class Subject:
    """A spec without errors.

    Attributes:
        program: What it describes.
        spec: The spec itself.
        places: Where its words stand.
    """

    program: Program
    spec: Spec
    places: Places

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The layers in order."""
        return self.program.graph.nodes

    @property
    def fit(self) -> Fit | None:
        """How the model is trained, or None."""
        return self.program.fit

    @cached_property
    def last(self) -> Node:
        """The layer that computes the output."""
        return self.program.last.work

    @cached_property
    def end(self) -> str:
        """The word of the activation at the end; `linear` where there is none."""
        return applied(self.last)

    @property
    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Each layer with each that takes what it gives."""
        for node in self.nodes:
            for following in self.program.graph.users(node.output):
                yield node, following

    def hidden(self) -> Iterator[tuple[Node, str]]:
        """Yield each dense layer or convolution before the last one with weights.

        With it comes the word of its activation, which may be a layer behind it.
        """
        maps = filter(is_map, self.nodes)
        for node in filter(is_map, self.program.graph.before(*maps)):
            yield node, self.activation_behind(node)

    def first_behind(self, node: Node, *passed: str) -> Node | None:
        """Return the first layer behind one in a chain whose kind is none of `passed`, or None."""
        chain = self.program.graph.chain(node)
        return next((later for later in chain if later.layer.kind not in passed), None)

    def activation_behind(self, node: Node) -> str:
        """Return the word of what is applied to a layer's output, by itself or right behind it."""
        own = applied(node)
        after = self.first_behind(node, "normalization", "dropout")
        if own == "linear" and after is not None and after.layer.kind == "activation":
            return applied(after)
        return own

    def normalizes(self) -> bool:
        """Tell whether one of the layers is a normalization."""
        return any(node.layer.kind == "normalization" for node in self.nodes)

    def place(self, word: Word, field: str | None = None) -> Span:
        """Return where a word or one of its fields is written."""
        return self.places.of(word, field)


Look = Callable[[Subject], Iterator[Found]]


def applied(node: Node) -> str:
    """Return the word of the activation that a layer applies last, `linear` for none."""
    if node.layer.kind == "activation" and not node.layer.is_function:
        return node.layer.word  # its slope is trained, so that no activation says it
    activation: Activation | None = activation_of(node.layer)
    return "linear" if activation is None else activation.word


def is_map(node: Node) -> bool:
    """Tell whether a layer is linear in its input but for its activation, and has a kernel."""
    return isinstance(node.layer, Dense) or is_convolution(node.layer)


def is_convolution(layer: Layer) -> TypeGuard[Convolution]:
    """Tell whether a layer is a plain convolution."""
    return layer.kind == "convolution"


def is_written(word: Word, field: str) -> bool:
    """Tell whether a spec sets a field itself."""
    return field in word.model_fields_set
