"""How a model ends, and the values of losses and metrics before they are reduced."""

from __future__ import annotations

from dataclasses import dataclass

from specc.expressions import Code, Expression, call, literal
from specc.program import Program
from specc.spec.activations import Softmax
from specc.targets.torch.layout import Layout

EPSILON = "1e-7"


@dataclass(frozen=True, slots=True)
class Ends:
    """The model's end.

    Attributes:
        dim: PyTorch's dimension of the last Keras axis, the classes'.
        rank: Axes of the output without the batch.
        logits: Whether the model gives logits.
        softmax: Whether they are those of a softmax, not of a sigmoid.
        softmax_dim: PyTorch's dimension along which that softmax works, mostly `dim`.
        layout: How PyTorch holds the output.
        masked: Whether a mask tells which values count.
    """

    dim: int
    rank: int
    logits: bool
    softmax: bool
    softmax_dim: int
    layout: Layout
    masked: bool

    @property
    def outputs(self) -> str:
        """What the program calls the model's output."""
        return "logits" if self.logits else "outputs"

    def dims(self, axes: int | tuple[int, ...]) -> tuple[int, ...]:
        """Return PyTorch's dimensions of Keras' axes, the batch being 0."""
        axes = axes if isinstance(axes, tuple) else (axes,)
        places = (a + self.rank + 1 if a < 0 else a for a in axes)
        return tuple(sorted(a and self.layout.dim(a, self.rank) for a in places))

    @property
    def arguments(self) -> str:
        """The arguments of a loss or metric in the training loop."""
        return f"{self.outputs}, targets" + (", mask" if self.masked else "")

    def signature(self, name: str) -> list[str]:
        """Return the lines that open the function of a loss or metric."""
        names = [self.outputs, "targets", *(["mask"] if self.masked else [])]
        parameters = ", ".join(f"{name}: torch.Tensor" for name in names)
        line = f"def {name}({parameters}) -> torch.Tensor:"
        if len(line) <= 88:
            return [line]
        return [f"def {name}(", f"    {parameters}", ") -> torch.Tensor:"]

    def probabilities(self, logits: str = "logits") -> str:
        """Return the expression of what Keras' model gives.

        Args:
            logits: What holds the logits, where the model gives those.
        """
        if not self.logits:
            return "outputs"
        along = f"F.softmax({logits}, dim={self.softmax_dim})"
        return along if self.softmax else f"torch.sigmoid({logits})"


def model_end(program: Program, layout: Layout) -> Ends:
    """Return how a model ends whose output has the layout `layout`."""
    rank = len(program.graph.output.shape)
    logits, last = program.logits(program.graph.output), layout.dim(-1, rank)
    softmax = isinstance(logits, Softmax)
    along = layout.dim(logits.axis, rank) if isinstance(logits, Softmax) else last
    return Ends(last, rank, logits is not None, softmax, along, layout, program.graph.output.masked)


@dataclass(frozen=True, slots=True)
class Values:
    """What a loss or metric has before its reduction.

    Attributes:
        each: The values. A call is that of a PyTorch function that takes `reduction`.
        before: Statements before it.
        by_sample: Whether there is one value for each sample and place, not one for each entry.
        counts: Which of the values count, the others being 0; None for all.
        alone: Whether there is one value for the whole batch.
    """

    each: Expression
    before: tuple[str, ...] = ()
    by_sample: bool = False
    counts: str | None = None
    alone: bool = False

    def mean(self, dim: int) -> Expression:
        """Return the mean over the values that count."""
        if self.alone:
            return self.each
        if self.counts is not None:
            return Code(f"{self.total(dim)} / ({self.counts}).sum().clamp(min=1)")
        return Code(f"{self.each}.mean()") if isinstance(self.each, Code) else self.each

    def samples(self, dim: int) -> Code:
        """Return one value for each sample and place, as Keras has them before the reduction."""
        each = self._reduced("none")
        return Code(str(each) if self.by_sample else f"{each}.mean(dim={dim})")

    def total(self, dim: int) -> Code:
        """Return the sum over samples and places."""
        if self.alone:
            return Code(str(self.each))
        if self.by_sample and not isinstance(self.each, Code):
            return Code(str(self._reduced("sum")))
        return Code(f"{self.samples(dim)}.sum()")

    def _reduced(self, reduction: str) -> Expression:
        each = self.each
        if isinstance(each, Code):
            return each
        return call(each.function, *each.args, **dict(each.kwargs), reduction=literal(reduction))
