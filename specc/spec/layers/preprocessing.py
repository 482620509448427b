"""Layers that prepare inputs."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from specc.shapes import Shape, ShapeError, text
from specc.spec.word import Layer, expected


def _numbers(value: Any) -> Any:
    numbers = value if isinstance(value, tuple) else (value,)
    if not numbers or not all(type(n) in (int, float) for n in numbers):
        raise expected("a number or a list of numbers")
    return tuple(map(float, value)) if isinstance(value, tuple) else float(value)


Numbers = Annotated[float | tuple[float, ...], BeforeValidator(_numbers)]


class Rescaling(Layer, word="rescaling", takes_integers=True, passes_mask=True):
    """`x * scale + offset`.

    Input and output: any shape. A list holds one number for each entry of the last axis.
    """

    scale: Numbers
    offset: Numbers = 0.0

    def varies(self) -> bool:
        """Tell whether entries of the last axis have numbers of their own."""
        return isinstance(self.scale, tuple) or isinstance(self.offset, tuple)

    def infer(self, shape: Shape) -> Shape:
        for field in ("scale", "offset"):
            value = getattr(self, field)
            if isinstance(value, tuple) and shape[-1:] != (len(value),):
                message = f"expected a number for each entry of the last axis of {text(shape)}"
                raise ShapeError(f"{message}, found {len(value)}", field)
        return shape
