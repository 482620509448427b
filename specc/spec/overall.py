"""Keras' losses of a batch as a whole, and of sequences (https://keras.io/api/losses)."""

from typing import ClassVar

from specc.shapes import Shape, ShapeError, text
from specc.spec.limits import SHARES
from specc.spec.losses import KerasLoss
from specc.spec.types import Axes, NonNegativeFloat


class _Overlap(KerasLoss, takes_mask=False):
    """What is summed over samples and entries before it is compared."""

    def check(self, output: Shape) -> None:
        axis, rank = getattr(self, "axis", None), len(output)
        axes = () if axis is None else axis if isinstance(axis, tuple) else (axis,)
        places = {a + rank + 1 if a < 0 else a for a in axes}
        if len(places) < len(axes) or not places <= set(range(rank + 1)):
            what = f"axes of {text(output)}, each once and 0 being the batch"
            raise ShapeError(f"expected {what}, found {text(axes)}", "axis")


class Dice(_Overlap, word="dice", end="sigmoid", entries=SHARES):
    """1 less twice the overlap over the sum of both, each summed over all samples and entries.

    `axis`: Sums along these axes alone, 0 being the batch; the loss is then the mean over the rest.
    """

    order: ClassVar[tuple[str, ...]] = ("reduction", "axis")
    axis: Axes | None = None


class Tversky(_Overlap, word="tversky", end="sigmoid", entries=SHARES):
    """As `dice`, where misses count `alpha` times and false alarms `beta` times."""

    order: ClassVar[tuple[str, ...]] = ("alpha", "beta", "reduction", "axis")
    alpha: NonNegativeFloat = 0.5
    beta: NonNegativeFloat = 0.5
    axis: Axes | None = None


class Circle(KerasLoss, word="circle", kind="similarity", targets="labels"):
    """Pulls the outputs of one label together and pushes those of two apart.

    Outputs are vectors of length 1, as `unit_normalization` gives; targets are integers. A sample
    without another of its label in the batch does not count.
    """

    gamma: NonNegativeFloat = 80.0
    margin: float = 0.4
    remove_diagonal: bool = True

    def check(self, output: Shape) -> None:
        if len(output) != 1:
            raise ShapeError(f"circle expects a vector for each sample, found {text(output)}")


class CTC(KerasLoss, word="ctc", targets="sequences", takes_mask=False):
    """What aligns labels to the steps of a sequence, 0 being the class between two labels.

    Targets are integers `(N, labels)` from 1, with 0 behind the last one of a sample.
    """

    def check(self, output: Shape) -> None:
        if len(output) != 2:
            message = f"ctc expects logits for each step of a sequence, found {text(output)}"
            raise ShapeError(message)
