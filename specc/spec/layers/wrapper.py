"""Layers that hold another layer."""

from typing import ClassVar, Protocol

from specc.shapes import UNKNOWN, Shape, ShapeError, UnknownSizeError, text
from specc.spec.initializers import TruncatedNormal
from specc.spec.types import PositiveInt
from specc.spec.variables import Variable
from specc.spec.word import Layer, Nested


class Holding(Protocol):
    """A layer that holds another."""

    word: ClassVar[str]

    @property
    def trainable(self) -> bool:
        """Whether its weights are trained."""

    @property
    def layer(self) -> Layer:
        """The other."""


def check_within(layer: Holding) -> None:
    """Check what Keras' wrappers drop in silence.

    Arguments:
        layer: The wrapper.

    Errors:
        ShapeError: an argument would have no effect.
    """
    if not layer.trainable:
        message = f"trainable: false changes nothing in Keras' {layer.word}"
        raise ShapeError(message, "trainable", f"put it into the arguments of {layer.layer.word}")
    if getattr(layer.layer, "mask_zero", False):
        message = f"mask_zero is not translated within {layer.word}"
        raise ShapeError(message, "layer")


def _is_open(layer: Layer) -> bool:
    """Tell whether a layer treats all steps alike wherever they stand, whatever their number."""
    axis = getattr(getattr(layer, "activation", None), "axis", -1)
    alike = layer.elementwise or layer.kind in ("dense", "embedding")
    return alike and layer.pointwise and axis == -1 and not getattr(layer, "noise_shape", None)


class TimeDistributed(
    Layer,
    word="time_distributed",
    applies=True,
    each_step=True,
    takes_integers=True,
    passes_mask=True,
    drops_activity=True,
):
    """Another layer, applied to each step by itself.

    Input: `[steps, ...]`, the rest being what the layer takes. Output: `[steps, ...]`, the rest
    being what it gives. Keras calls the layer once for each step: batch_normalization has the
    statistics of each step, and moves its averages as often. An activity_regularizer does not act.
    """

    layer: Layer

    def nested(self, shape: Shape) -> tuple[Nested, ...]:
        if len(shape) < 2:
            message = f"time_distributed expects an input [steps, ...], found {text(shape)}"
            raise ShapeError(message, None, "put a reshape or repeat_vector before it")
        check_within(self)
        if isinstance(self.layer, SpectralNormalization):
            message = (
                "in time_distributed, Keras' spectral_normalization divides the kernel once for "
                "each step of a sample, which is not translated"
            )
            raise ShapeError(message, "layer")
        if self.layer.kind == "convolutional_lstm":
            message = f"{self.layer.word} is not translated within time_distributed"
            raise ShapeError(message, "layer", "put a reshape before it")
        if getattr(self.layer, "stateful", False):
            message = f"{self.layer.word} within time_distributed would carry its state from step"
            raise ShapeError(f"{message} to step, which specc does not translate", "layer")
        if shape[0] is UNKNOWN and not _is_open(self.layer):
            raise UnknownSizeError(f"{self.layer.word} takes steps as samples, and back")
        return (Nested(self.layer, shape[1:]),)

    def check_mask(self, shape: Shape) -> None:
        if self.layer.uses_mask():
            message = f"a mask on {self.layer.word} within time_distributed is not translated"
            raise ShapeError(message, "layer")

    def infer(self, shape: Shape) -> Shape:
        return (shape[0], *self.layer.output(shape[1:]))


_WITH_KERNEL = (
    *("dense", "einsum_dense", "embedding"),
    *("convolution", "depthwise_convolution", "transposed_convolution"),
)


def _has_kernel(layer: Layer) -> bool:
    """Tell whether Keras finds a kernel or embeddings in a layer."""
    return layer.kind in _WITH_KERNEL


class SpectralNormalization(Layer, word="spectral_normalization", applies=True):
    """Another layer, whose kernel each training step first divides by its largest singular value.

    Input and output: those of the layer, which is a dense, an embedding or a convolution. The
    value comes from `power_iterations` steps on from where the training step before left off.
    """

    layer: Layer
    power_iterations: PositiveInt = 1

    def nested(self, shape: Shape) -> tuple[Nested, ...]:
        check_within(self)
        if not _has_kernel(self.layer):
            word = self.layer.word
            message = f"spectral_normalization expects a layer with one kernel, found {word}"
            raise ShapeError(message, "layer")
        return (Nested(self.layer, shape),)

    def infer(self, shape: Shape) -> Shape:
        return self.layer.output(shape)

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        found = self.layer.variables(shape)
        (kernel,) = (v for v in found if v.name in ("kernel", "embeddings"))
        size, drawn = (1, kernel.shape[-1]), TruncatedNormal(stddev=0.02)
        return (Variable("vector_u", size, drawn, trainable=False),)

    def uses_mask(self) -> bool:
        return self.layer.uses_mask()

    def gives_mask(self, masked: bool) -> bool:
        return self.layer.gives_mask(masked)
