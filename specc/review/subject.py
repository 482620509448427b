"""What a finding looks at, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from specc.diagnostics import Span
from specc.program import Fit, Node, Program
from specc.resolve import activation_of
from specc.spec.document import Spec
from specc.spec.word import Activation, Word
from specc.validate import Places

DROPOUTS = frozenset(
    (
        *("dropout", "alpha_dropout", "gaussian_dropout"),
        *("spatial_dropout1d", "spatial_dropout2d", "spatial_dropout3d"),
    )
)
NORMALIZATIONS = frozenset(
    ("batch_normalization", "layer_normalization", "group_normalization", "rms_normalization")
)
CONVOLUTIONS = frozenset(("conv1d", "conv2d", "conv3d"))
FUNCTIONS = frozenset(("activation", "relu", "leaky_relu", "elu", "softmax", "prelu"))


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
        return self.program.nodes

    @property
    def fit(self) -> Fit | None:
        """How the model is trained, or None."""
        return self.program.fit

    @cached_property
    def last(self) -> Node:
        """The layer that computes the output."""
        return self.nodes[-1].work

    @cached_property
    def end(self) -> str:
        """The word of the activation at the end; `linear` where there is none."""
        return applied(self.last)

    @property
    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Each layer with the one behind it."""
        return pairwise(self.nodes)

    def hidden(self) -> Iterator[tuple[Node, str]]:
        """Yield each dense layer or convolution before the last one with weights.

        With it comes the word of its activation, which may be a layer behind it.
        """
        maps = [n for n, node in enumerate(self.nodes) if is_map(node)]
        for n in maps[:-1]:
            yield self.nodes[n], self.activation_behind(n)

    def activation_behind(self, place: int) -> str:
        """Return the word of what is applied to a layer's output, by itself or right behind it."""
        own = applied(self.nodes[place])
        following = self.nodes[place + 1 :]
        passed = NORMALIZATIONS | DROPOUTS
        after = next((node for node in following if node.layer.word not in passed), None)
        if own == "linear" and after is not None and after.layer.word in FUNCTIONS:
            return applied(after)
        return own

    def has(self, words: frozenset[str]) -> bool:
        """Tell whether one of the layers has one of these words."""
        return any(node.layer.word in words for node in self.nodes)

    def place(self, word: Word, field: str | None = None) -> Span:
        """Return where a word or one of its fields is written."""
        return self.places.of(word, field)


Look = Callable[[Subject], Iterator[Found]]


def applied(node: Node) -> str:
    """Return the word of the activation that a layer applies last, `linear` for none."""
    if node.layer.word == "prelu":
        return "prelu"
    activation: Activation | None = activation_of(node.layer)
    return "linear" if activation is None else activation.word


def is_map(node: Node) -> bool:
    """Tell whether a layer is linear in its input but for its activation, and has a kernel."""
    return node.layer.word == "dense" or node.layer.word in CONVOLUTIONS


def is_written(word: Word, field: str) -> bool:
    """Tell whether a spec sets a field itself."""
    return field in word.model_fields_set
