"""What the layers of sequences, images and volumes share: where the channels are."""

from typing import ClassVar, Literal

from specc.shapes import Shape, ShapeError, text
from specc.spec.word import Layer

DataFormat = Literal["channels_last", "channels_first"]
Padding = Literal["valid", "same"]

_INPUTS = {
    1: ("a sequence", ("steps",)),
    2: ("an image", ("height", "width")),
    3: ("a volume", ("depth", "height", "width")),
}


class Spatial(Layer):
    """The base of the layers that treat channels and the other axes differently.

    Attributes:
        rank: How many axes there are beside the channels: 1, 2 or 3.
    """

    rank: ClassVar[int]

    def is_first(self) -> bool:
        """Tell whether the spec's own axes have the channels first."""
        return getattr(self, "data_format", None) == "channels_first"

    def mixes_images(self) -> bool:
        """Tell whether this is a convolution of images."""
        return self.rank == 2 and self.convolves

    def split(self, shape: Shape) -> tuple[Shape, int]:
        """Return the spatial sizes and the channels of an input.

        Errors:
            ShapeError: the input has another number of axes.
        """
        if len(shape) != self.rank + 1:
            what, names = _INPUTS[self.rank]
            axes = ("channels", *names) if self.is_first() else (*names, "channels")
            message = f"{self.word} expects {what} [{', '.join(axes)}], found {text(shape)}"
            hint = "put a reshape before it" if len(shape) <= self.rank else None
            raise ShapeError(message, None, hint)
        return (shape[1:], shape[0]) if self.is_first() else (shape[:-1], shape[-1])

    def join(self, spatial: Shape, channels: int) -> Shape:
        """Return the shape of spatial sizes and channels."""
        return (channels, *spatial) if self.is_first() else (*spatial, channels)
