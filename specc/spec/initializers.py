"""Keras' initializers (https://keras.io/api/layers/initializers).

`seed` makes one weight's draw repeatable by itself; the numbers differ between frameworks.
"""

import math
from typing import ClassVar, Literal

from specc.shapes import Shape
from specc.spec.types import Integers, PositiveFloat
from specc.spec.word import Initializer


class Zeros(Initializer, word="zeros"):
    """All 0."""


class Ones(Initializer, word="ones"):
    """All 1."""


class Constant(Initializer, word="constant"):
    """All `value`."""

    value: float = 0.0


class RandomNormal(Initializer, word="random_normal"):
    """Normal, not truncated."""

    mean: float = 0.0
    stddev: float = 0.05
    seed: int | None = None


class RandomUniform(Initializer, word="random_uniform"):
    """Uniform between `minval` and `maxval`."""

    minval: float = -0.05
    maxval: float = 0.05
    seed: int | None = None


class TruncatedNormal(Initializer, word="truncated_normal"):
    """Normal, cut at two standard deviations; `stddev` is the deviation before the cut."""

    mean: float = 0.0
    stddev: float = 0.05
    seed: int | None = None


class Orthogonal(Initializer, word="orthogonal", minimum_rank=2):
    """A random orthogonal matrix times `gain`."""

    gain: float = 1.0
    seed: int | None = None


class Identity(Initializer, word="identity", minimum_rank=2, maximum_rank=2):
    """The identity matrix times `gain`."""

    gain: float = 1.0


Mode = Literal["fan_in", "fan_out", "fan_avg"]
Distribution = Literal["truncated_normal", "untruncated_normal", "uniform"]


class Scaled(Initializer):
    """An initializer whose variance is `scale / fan`: the base of the Glorot, He and LeCun ones.

    Attributes:
        scaling: `(scale, mode, distribution)` of Keras' VarianceScaling.
    """

    scaling: ClassVar[tuple[float, Mode, Distribution]]
    seed: int | None = None
    input_axes: Integers | None = None
    output_axes: Integers | None = None

    def spread(self) -> tuple[float, Mode, Distribution]:
        """Return scale, mode and distribution of this initializer."""
        return self.scaling

    def fans(self, shape: Shape) -> tuple[int, int]:
        """Return the numbers of inputs and outputs of a weight of `shape`."""
        return _fans(shape, self.input_axes, self.output_axes)


def _fans(shape: Shape, inputs: Integers | None, outputs: Integers | None) -> tuple[int, int]:
    # keras.initializers.compute_fans: the last two axes of a kernel are its channels.
    if inputs is not None and outputs is not None:
        return math.prod(shape[a] for a in inputs), math.prod(shape[a] for a in outputs)
    if len(shape) == 1:
        return shape[0], shape[0]
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


class GlorotUniform(Scaled, word="glorot_uniform"):
    """Uniform within `sqrt(6 / (fan_in + fan_out))` (Glorot and Bengio, 2010)."""

    scaling: ClassVar[tuple[float, Mode, Distribution]] = (1.0, "fan_avg", "uniform")


class GlorotNormal(Scaled, word="glorot_normal"):
    """Truncated normal of variance `2 / (fan_in + fan_out)` (Glorot and Bengio, 2010)."""

    scaling: ClassVar[tuple[float, Mode, Distribution]] = (1.0, "fan_avg", "truncated_normal")


class HeUniform(Scaled, word="he_uniform"):
    """Uniform within `sqrt(6 / fan_in)` (He et al., 2015)."""

    scaling: ClassVar[tuple[float, Mode, Distribution]] = (2.0, "fan_in", "uniform")


class HeNormal(Scaled, word="he_normal"):
    """Truncated normal of variance `2 / fan_in` (He et al., 2015)."""

    scaling: ClassVar[tuple[float, Mode, Distribution]] = (2.0, "fan_in", "truncated_normal")


class LecunUniform(Scaled, word="lecun_uniform"):
    """Uniform within `sqrt(3 / fan_in)` (LeCun et al., 1998)."""

    scaling: ClassVar[tuple[float, Mode, Distribution]] = (1.0, "fan_in", "uniform")


class LecunNormal(Scaled, word="lecun_normal"):
    """Truncated normal of variance `1 / fan_in` (LeCun et al., 1998)."""

    scaling: ClassVar[tuple[float, Mode, Distribution]] = (1.0, "fan_in", "truncated_normal")


class VarianceScaling(Initializer, word="variance_scaling"):
    """Variance `scale / fan`, the fan and the distribution of choice."""

    scale: PositiveFloat = 1.0
    mode: Mode = "fan_in"
    distribution: Literal["truncated_normal", "untruncated_normal", "uniform", "normal"] = (
        "truncated_normal"
    )
    seed: int | None = None
    input_axes: Integers | None = None
    output_axes: Integers | None = None

    def spread(self) -> tuple[float, Mode, Distribution]:
        """Return scale, mode and distribution; Keras' "normal" is the truncated one."""
        distribution = self.distribution if self.distribution != "normal" else "truncated_normal"
        return self.scale, self.mode, distribution

    def fans(self, shape: Shape) -> tuple[int, int]:
        """Return the numbers of inputs and outputs of a weight of `shape`."""
        return _fans(shape, self.input_axes, self.output_axes)
