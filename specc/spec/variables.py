"""The weights that a layer holds, as Keras names, shapes and orders them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from specc.shapes import Shape

if TYPE_CHECKING:
    from specc.spec.word import Constraint, Initializer, Regularizer


@dataclass(frozen=True, slots=True)
class Variable:
    """One weight.

    Attributes:
        name: Keras' name of it, as `kernel`.
        shape: Its shape in Keras.
        initializer: Where its first value comes from.
        regularizer: Its penalty, or None.
        trainable: Whether training changes it by gradients.
        argument: What the layer's arguments for it begin with, where that is not its name.
        owner: Where Keras has the layer that holds it: the name of a layer of the model and, for
            a layer within it, the attributes that lead there, as `("rnn", "cell")`.
        ones: Start and end of the entries that begin at 1, whatever the initializer, or None.
        constraint: What it must fulfil after each batch, or None.
    """

    name: str
    shape: Shape
    initializer: Initializer
    regularizer: Regularizer | None = None
    trainable: bool = True
    argument: str | None = None
    constraint: Constraint | None = None
    owner: tuple[str, ...] = ()
    ones: tuple[int, int] | None = None

    @property
    def path(self) -> str:
        """Where Keras has it, as `dense_1.kernel` or `rnn.cell.kernel`; no other weight is there.

        Keras' own `path` names layers within layers by numbers that differ from run to run.
        """
        return ".".join((*self.owner, self.name))

    @property
    def stem(self) -> str:
        """What the layer's arguments for it begin with, as `kernel_initializer` with `kernel`."""
        return self.argument or self.name
