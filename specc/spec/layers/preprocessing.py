"""Layers that prepare inputs: numbers to other numbers, categories to vectors."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator

from specc.shapes import UNKNOWN, Shape, ShapeError, UnknownSizeError, feature_axes, text
from specc.spec.editor import INTEGER, NULL, NUMBER, Json, list_of, takes
from specc.spec.limits import FINITE, Limits, numbers_below, of_type
from specc.spec.types import Axes, NonNegativeInt, PositiveInt, expected
from specc.spec.word import Layer

_ADAPTED = "Keras learns {} from data by adapt(), which a spec cannot call"
_SPARSE = "PyTorch's layers take dense tensors"


def _numbers(value: Any) -> object:
    numbers = value if isinstance(value, tuple) else (value,)
    if not numbers or not all(type(n) in (int, float) for n in numbers):
        raise expected("a number or a list of numbers")
    return tuple(map(float, value)) if isinstance(value, tuple) else float(value)


def _sizes(value: Any) -> Shape:
    """Return the sizes of nested tuples of numbers; those of a number are none."""
    if type(value) in (int, float):
        return ()
    inner = {_sizes(v) for v in value} if isinstance(value, tuple) and value else set()
    if len(inner) != 1:
        raise expected("a number, or lists of numbers of one length")
    return (len(value), *inner.pop())


def _floats(value: Any) -> object:
    return tuple(map(_floats, value)) if isinstance(value, tuple) else float(value)


def _nested(value: object) -> object:
    if value is not None:
        _sizes(value)
    return None if value is None else _floats(value)


def _boundaries(value: object) -> object:
    if value is None:
        return None
    if not isinstance(value, tuple) or not all(type(n) in (int, float) for n in value):
        raise expected("a list of numbers")
    if list(value) != sorted(value):
        raise expected("numbers in rising order")
    return tuple(map(float, value))


def _vocabulary(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, str):
        raise expected("a list of integers (a spec reads no vocabulary from a file)")
    if not isinstance(value, tuple) or not value or not all(type(n) is int for n in value):
        raise expected("a list of integers")
    return value


# A schema that holds itself: what it calls `numbers` becomes a definition of the whole.
_NUMBERS: Json = {"$ref": "#/definitions/numbers"}
_NESTED: Json = {**_NUMBERS, "definitions": {"numbers": {"anyOf": [NUMBER, list_of(_NUMBERS, 1)]}}}
Numbers = Annotated[
    float | tuple[float, ...], BeforeValidator(_numbers), takes(NUMBER, list_of(NUMBER, 1))
]
Nested = Annotated[Any, BeforeValidator(_nested), takes(NULL, _NESTED)]
Boundaries = Annotated[
    tuple[float, ...] | None, BeforeValidator(_boundaries), takes(NULL, list_of(NUMBER))
]
Vocabulary = Annotated[
    tuple[int, ...] | None, BeforeValidator(_vocabulary), takes(NULL, list_of(INTEGER, 1))
]


class Rescaling(
    Layer,
    word="rescaling",
    takes_integers=True,
    passes_mask=True,
    pointwise=True,
    layout_agnostic=True,
):
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


class Normalization(
    Layer, word="normalization", takes_integers=True, passes_mask=True, defines_class=True
):
    """`(x - mean) / sqrt(variance)`, or with `invert` the way back: `x * sqrt(variance) + mean`.

    Input and output: any shape. `mean` and `variance` hold a number, or one for each place along
    the axes of `axis`. A deviation below 1e-7 counts as 1e-7.
    """

    axis: Axes | None = -1
    mean: Nested = None
    variance: Nested = None
    invert: bool = False

    def varies(self) -> bool:
        """Tell whether entries have numbers of their own."""
        return isinstance(self.mean, tuple)

    def axes(self, shape: Shape) -> tuple[int, ...]:
        """Return the axes along which numbers differ, in order, counted with the batch as 0."""
        return () if self.axis is None else feature_axes(self.axis, len(shape))

    def infer(self, shape: Shape) -> Shape:
        missing = [field for field in ("mean", "variance") if getattr(self, field) is None]
        if missing:
            message = f"normalization needs {' and '.join(missing)} in a spec"
            hint = "compute them over the training data, or use batch_normalization"
            message += f"; without them {_ADAPTED.format('them')}"
            raise ShapeError(message, None, hint)
        kept = tuple(shape[axis - 1] for axis in self.axes(shape))
        if UNKNOWN in kept:
            raise UnknownSizeError("Keras has a number for each place along the axes of axis")
        sizes = _sizes(self.mean)
        if sizes != _sizes(self.variance):
            message = f"expected as many numbers as in mean, {text(sizes)}"
            raise ShapeError(f"{message}, found {text(_sizes(self.variance))}", "variance")
        last = kept[len(kept) - len(sizes) :]
        if len(sizes) > len(kept) or any(n not in (1, d) for n, d in zip(sizes, last, strict=True)):
            axes = "the axes of axis" if kept else "no axis"
            message = f"expected numbers along {axes}, {text(kept)}, or one number"
            raise ShapeError(f"{message}, found {text(sizes)}", "mean")
        if _lowest(self.variance) < 0:
            raise ShapeError("expected variances of at least 0", "variance")
        return shape


def _lowest(value: Any) -> float:
    return min(map(_lowest, value)) if isinstance(value, tuple) else float(value)


def _hot(word: str, mode: str, shape: Shape, depth: int) -> Shape:
    """Return the shape of categories of shape `shape` as vectors of `depth` entries.

    `multi_hot` and `count` merge the entries of a list. Of more axes Keras merges axis 1, and
    states that it merged the last one, so that no layer can follow.
    """
    if mode == "one_hot":
        if shape[-1:] == (UNKNOWN,):
            raise UnknownSizeError("Keras takes a last axis of one entry away")
        return (*(shape[:-1] if shape[-1:] == (1,) else shape), depth)
    if len(shape) != 1:
        message = f"{word} in the mode {mode} expects one list of categories, found {text(shape)}"
        hint = "put a flatten before it" if shape else "put a reshape: [1] before it"
        raise ShapeError(message, "output_mode", hint)
    return (depth,)


class CategoryEncoding(Layer, word="category_encoding", takes_integers=True, cuts_gradient=True):
    """A vector for the integers from 0 to `num_tokens - 1`.

    `one_hot` has one for each entry, `[..., num_tokens]`, in place of a last axis of one entry.
    `multi_hot` and `count` have one for all entries of `[length]`: which there are, or how many.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | {"sparse": _SPARSE}

    num_tokens: PositiveInt | None = None
    output_mode: Literal["one_hot", "multi_hot", "count"] = "multi_hot"

    def infer(self, shape: Shape) -> Shape:
        if self.num_tokens is None:
            raise ShapeError("category_encoding needs num_tokens, the number of categories")
        return _hot(self.word, self.output_mode, shape, self.num_tokens)

    def limits(self) -> Limits:
        assert self.num_tokens is not None
        return numbers_below(self.num_tokens)


class Discretization(
    Layer, word="discretization", takes_integers=True, cuts_gradient=True, defines_class=True
):
    """The number of the bin, counted from 0, in which each number lies; a boundary is its bin's.

    Input: any shape. `output_mode: int` gives integers of that shape, `one_hot` vectors as
    `category_encoding` does; `multi_hot` and `count` merge the first axis.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | {
        "num_bins": f"without bin_boundaries {_ADAPTED.format('them')}",
        "epsilon": "it is the precision of adapt(), which a spec cannot call",
        "sparse": _SPARSE,
    }

    bin_boundaries: Boundaries = None
    output_mode: Literal["int", "one_hot", "multi_hot", "count"] = "int"

    def limits(self) -> Limits:
        return FINITE

    def bins(self) -> int:
        """Return how many bins there are."""
        return len(self.bin_boundaries or ()) + 1

    def returns_integers(self, integers: bool) -> bool:
        """Tell whether the output holds integers: the numbers of bins do."""
        return self.output_mode == "int"

    def infer(self, shape: Shape) -> Shape:
        if self.bin_boundaries is None:
            message = "discretization needs bin_boundaries in a spec; without them "
            message += _ADAPTED.format("them")
            raise ShapeError(message, None, "write bin_boundaries: [...], in rising order")
        if self.output_mode == "int":
            return shape
        if self.output_mode == "one_hot":
            return _hot(self.word, self.output_mode, shape, self.bins())
        if not shape:
            return _hot(self.word, self.output_mode, shape, self.bins())
        return (*shape[1:], self.bins())


class IntegerLookup(
    Layer, word="integer_lookup", takes_integers=True, cuts_gradient=True, defines_class=True
):
    """The place of each integer in a vocabulary, after those of the mask and of the unknown.

    Input: any shape. `output_mode: int` gives integers of that shape, the others vectors as
    `category_encoding` does. With `invert`, the integer at each place.
    """

    refused: ClassVar[dict[str, str]] = Layer.refused | {
        "idf_weights": "they are for the mode tf_idf, which specc does not translate",
        "sparse": _SPARSE,
        "salt": "it is for hashing by farmhash, which PyTorch does not have",
    }

    max_tokens: PositiveInt | None = None
    num_oov_indices: NonNegativeInt = 1
    mask_token: int | None = None
    oov_token: int | None = -1
    vocabulary: Vocabulary = None
    vocabulary_dtype: Literal["int64"] = "int64"
    invert: bool = False
    output_mode: Literal["int", "one_hot", "multi_hot", "count", "tf_idf"] = "int"
    pad_to_max_tokens: bool = False
    oov_method: Literal["floormod", "farmhash"] = "floormod"

    def returns_integers(self, integers: bool) -> bool:
        """Tell whether the output holds integers: places and the vocabulary do."""
        return self.output_mode == "int"

    def limits(self) -> Limits:
        if self.invert or self.num_oov_indices:
            return of_type("int64")
        mask = () if self.mask_token is None else (self.mask_token,)
        known = sorted({*self.tokens(), *mask})
        gaps = known[-1] - known[0] >= len(known)
        return Limits(known[0], known[-1], whole=True, members=tuple(known) if gaps else None)

    def start(self) -> int:
        """Return the place of the first integer of the vocabulary."""
        return self.unknown() + self.num_oov_indices

    def unknown(self) -> int:
        """Return the first place of what the vocabulary lacks: behind that of the mask."""
        return 1 if self.mask_token is not None and self.output_mode == "int" else 0

    def tokens(self) -> tuple[int, ...]:
        """Return the vocabulary without the mask and the unknown, which it may begin with."""
        vocabulary = self.vocabulary or ()
        if self.start() > len(vocabulary):
            return vocabulary  # before a tuple is made as long as the spec says
        special = (self.mask_token,) * self.unknown() + (self.oov_token,) * self.num_oov_indices
        begins = vocabulary[: len(special)] == special
        return vocabulary[len(special) :] if begins else vocabulary

    def depth(self) -> int:
        """Return how many places there are."""
        padded = self.max_tokens if self.pad_to_max_tokens else None
        return padded or self.start() + len(self.tokens())

    def infer(self, shape: Shape) -> Shape:
        self._check_arguments()
        self._check_vocabulary()
        if self.output_mode == "int":
            return shape
        return _hot(self.word, self.output_mode, shape, self.depth())

    def _check_arguments(self) -> None:
        if self.vocabulary is None:
            message = "integer_lookup needs a vocabulary in a spec; without it "
            message += _ADAPTED.format("it")
            raise ShapeError(message, None, "write vocabulary: [...], a list of integers")
        if self.output_mode == "tf_idf":
            message = "the mode tf_idf needs idf_weights, which adapt() learns from data"
            raise ShapeError(message, "output_mode", "use count, and a rescaling after it")
        if self.invert and self.output_mode != "int":
            raise ShapeError("expected output_mode: int with invert", "output_mode")
        if self.invert and self.oov_token is None:
            raise ShapeError("expected an oov_token with invert", "oov_token")
        if self.pad_to_max_tokens and self.max_tokens is None:
            raise ShapeError("expected max_tokens with pad_to_max_tokens", "pad_to_max_tokens")

    def _check_vocabulary(self) -> None:
        tokens = self.tokens()
        if len(set(tokens)) < len(tokens):
            raise ShapeError("expected each integer of the vocabulary once", "vocabulary")
        reserved = [("mask_token", self.mask_token)]
        reserved += [("oov_token", self.oov_token)] if self.invert else []
        for field, token in reserved:
            if token is not None and token in tokens:
                message = f"expected a vocabulary without the {field}, found {token}"
                raise ShapeError(message, "vocabulary", f"leave {token} out of it")
        places = self.start() + len(tokens)
        if self.max_tokens is not None and places > self.max_tokens:
            message = f"expected at most {self.max_tokens} places, found {places}"
            raise ShapeError(f"{message}, that of the unknown included", "max_tokens")
