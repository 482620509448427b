"""The base of every word.

A word is a class: its fields are Keras' arguments in Keras' order, with Keras' defaults. Fields
whose type is a family (`Activation`, `Initializer`, ...) hold words themselves.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from specc.shapes import Shape, ShapeError
from specc.spec.limits import FINITE, LABELS, Limits, numbers_below
from specc.spec.types import expected
from specc.spec.variables import Variable
from specc.unsure import UNSURE, UnsureError


class Word(BaseModel):
    """A name with arguments. Two are equal where their arguments are, wherever a spec writes them.

    Attributes:
        word: How a spec calls it.
        order: Its first arguments, where fields of a base class are in the way of Keras' order.
        common: Arguments that come last, as every word of the family has them.
        refused: Arguments that Keras has and this version of specc refuses, with reasons.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        defer_build=True,
        allow_inf_nan=False,
        protected_namespaces=(),  # to compare each field's name with them is slow
    )

    family: ClassVar[str] = ""
    word: ClassVar[str] = ""
    order: ClassVar[tuple[str, ...]] = ()
    common: ClassVar[tuple[str, ...]] = ("name",)
    refused: ClassVar[dict[str, str]] = {}

    __slots__ = ("written_at",)

    def __init_subclass__(cls, **facts: object) -> None:
        """Take class attributes as keywords: `class Dense(Layer, word="dense")`.

        That costs nothing, where each annotated attribute has pydantic look at a type.
        """
        super().__init_subclass__()
        for name, value in facts.items():
            setattr(cls, name, value)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Return what a mistake hides; Python asks only for fields that are not there.

            A size or a word may be handed on. What may be None is compared with it by identity,
            which nothing notices, so that reading it is an error.
            """
            field = type(self).model_fields.get(name)
            if field is None:
                return super().__getattr__(name)
            kind = field.annotation
            if isinstance(kind, type) and issubclass(kind, (int, Word)):
                return UNSURE
            raise UnsureError

    @classmethod
    def parameters(cls) -> list[str]:
        """Return the names of the arguments, the first being what `name: value` sets.

        Those that are common to the family are not among them.
        """
        rest = (name for name in cls.model_fields if name not in (*cls.common, *cls.order))
        return [*cls.order, *rest]

    def given(self) -> dict[str, object]:
        """Return the arguments that differ from their defaults, in Keras' order."""
        fields = type(self).model_fields
        values = {name: getattr(self, name) for name in self.parameters()}
        return {
            name: value
            for name, value in values.items()
            if fields[name].is_required()
            or value != fields[name].get_default(call_default_factory=True)
        }


class Activation(Word):
    """An activation function: a field `activation`, or the layer of that name."""

    family: ClassVar[str] = "activation"

    def infer(self, shape: Shape) -> Shape:
        """Return the shape of the output for an input of `shape`, without the batch axis."""
        return shape


class Initializer(Word):
    """A distribution of initial weights."""

    family: ClassVar[str] = "initializer"
    minimum_rank: ClassVar[int] = 0
    maximum_rank: ClassVar[int] = 99


class Regularizer(Word):
    """A penalty on weights or outputs that training adds to the loss."""

    family: ClassVar[str] = "regularizer"


def later(*names: str) -> dict[str, str]:
    """Return the arguments `names` as refused until a later version."""
    return dict.fromkeys(names, "this version of specc does not translate it")


LORA = later("lora_rank", "lora_alpha", "quantization_config")


_HALF = "sums in half precision are rounded otherwise in each framework, by 1e-3 and more"
_NO_TYPES = {
    **dict.fromkeys(("float16", "mixed_float16", "bfloat16", "mixed_bfloat16"), _HALF),
    "float64": "both programs compute in one type, which is float32",
}


def _layer_type(value: object) -> object:
    if isinstance(value, str) and value in _NO_TYPES:
        raise expected(f"'float32' ({_NO_TYPES[value]})")
    return value


LayerType = Annotated[Literal["float32"], BeforeValidator(_layer_type)]


class Facts:
    """The facts of layers; annotated, pydantic would look at each again for every layer."""

    kind = ""
    convolves = False
    elementwise = False
    pointwise = False
    orderless = False
    layout_agnostic = False
    training_only = False
    batch_statistics = False
    only_resizes = False
    each_step = False
    takes_integers = False
    gives_integers = False
    passes_mask = False
    divides_by_mask = False
    applies = False
    cuts_gradient = False
    defines_class = False
    activates = True
    is_function = False
    drops_activity = False
    keeps_bias = False


class Layer(Word, Facts):
    """A layer of a model: takes one tensor, gives one.

    What is true of a class whatever its arguments are is a fact of it, set by a keyword as in
    `class Dropout(Layer, word="dropout", kind="dropout", elementwise=True)`. Who treats several
    layers alike asks for facts, as it costs time to import the classes of all layers.

    Attributes:
        kind: What it computes, where others do likewise: `activation`, `cell`, `convolution`,
            `convolutional_lstm`, `custom`, `dense`, `depthwise_convolution`, `dropout`,
            `einsum_dense`, `embedding`, `normalization` by means or mean squares with trained
            scales, `permutation`, `pooling` of windows, `recurrent`, `reshape` of entries that
            stay in order, `separable_convolution`, `transposed_convolution`; else empty.
        convolves: Whether it moves kernels over its input, be it a convolution of any kind or a
            recurrence of some.
        elementwise: Whether it treats each entry by itself; an activation with an axis does not.
        pointwise: Whether it treats each vector along the last axis alike, wherever it stands,
            where neither an axis nor a noise_shape says otherwise.
        orderless: Whether it does the same to a vector in another order, with its weights in that
            order.
        layout_agnostic: Whether any order of the axes serves it, as it treats each entry by itself
            or names the axes along which it works.
        training_only: Whether it acts in training alone.
        batch_statistics: Whether training normalizes by statistics of a batch, of which it keeps
            moving averages for inference.
        only_resizes: Whether changing sizes is all that it does, so that it gives its input where
            that has the shape of its output.
        each_step: Whether it calls what it holds once for each step of its input.
        takes_integers: Whether it can work on integers.
        gives_integers: Whether it then gives integers.
        passes_mask: Whether a mask that comes with its input goes on with its output, as where
            Keras' class says `supports_masking`; else the mask ends here.
        divides_by_mask: Whether it divides by how much of a sample a mask leaves, which may be 0.
        applies: Whether it applies the one layer that it holds as it is, and so has that layer's
            activation and penalties.
        cuts_gradient: Whether what stands before it cannot be trained through it.
        defines_class: Whether a program may define a class for it, of Keras' name.
        activates: Whether its field `activation`, where it has one, is applied to its output.
        is_function: Whether it does nothing but apply an activation function.
        drops_activity: Whether the penalty on the output of the layer that it holds does not act.
        keeps_bias: Whether a bias before it goes on as one, which batch statistics take off.
    """

    family: ClassVar[str] = "layer"
    common: ClassVar[tuple[str, ...]] = ("name", "trainable", "dtype")

    name: str | None = Field(None, description="Its name in both programs.")
    trainable: bool = Field(True, description="Whether its weights are trained.")
    dtype: LayerType = Field("float32", description="The type in which it computes.")

    def infer(self, shape: Shape) -> Shape:
        """Return the shape of the output for an input of `shape`, without the batch axis.

        Errors:
            ShapeError: the layer cannot take such an input.
        """
        return shape

    def output(self, shape: Shape) -> Shape:
        """Return the shape of the output as `infer` does, the layer's own activation included."""
        activation: Activation | None = getattr(self, "activation", None)
        inferred = self.infer(shape)
        return activation.infer(inferred) if activation and self.activates else inferred

    def variables(self, shape: Shape) -> tuple[Variable, ...]:
        """Return the layer's own weights for an input of `shape`, in Keras' order.

        Those of the layers that it holds are theirs.
        """
        return ()

    def is_identity(self, shape: Shape) -> bool:
        """Tell whether it is sure to give an input of `shape` as it is, in training as well."""
        return self.only_resizes and self.infer(shape) == shape

    def function(self) -> "Activation | None":
        """Return the function that a layer which is one applies, or None where no word says it."""
        return None

    def returns_integers(self, integers: bool) -> bool:
        """Tell whether the output holds integers where the input does, or does not."""
        return integers and self.gives_integers

    def limits(self) -> Limits | None:
        """Return which integers it takes where it is one that looks them up, else None."""
        return None

    def held(self, shape: Shape) -> tuple[Variable, ...]:
        """Return the weights with their constraints; with `trainable: false` none is trained."""
        found = tuple(map(self._constrained, self.variables(shape)))
        return found if self.trainable else tuple(replace(v, trainable=False) for v in found)

    def _constrained(self, variable: Variable) -> Variable:
        constraint: Constraint | None = getattr(self, f"{variable.stem}_constraint", None)
        return variable if constraint is None else replace(variable, constraint=constraint)

    def uses_mask(self) -> bool:
        """Tell whether a mask that comes with its input changes what it computes."""
        return False

    def gives_mask(self, masked: bool) -> bool:
        """Tell whether a mask comes with its output.

        A mask tells which entries of all axes but the last count. A layer that says True for
        `masked=False` makes one of its own.

        Arguments:
            masked: Whether a mask comes with its input.
        """
        return masked and self.passes_mask

    def check_mask(self, shape: Shape) -> None:
        """Check that it can take a mask with an input of `shape`.

        Errors:
            ShapeError: it cannot.
        """

    def nested(self, shape: Shape) -> tuple["Nested", ...]:
        """Return the layers that this one holds, for an input of `shape`.

        They are checked before `infer` is asked.

        Errors:
            ShapeError: the layer cannot take such an input.
        """
        return ()


@dataclass(frozen=True, slots=True)
class Nested:
    """A layer within a layer.

    Attributes:
        layer: What the spec says of it.
        shape: Shape of what it takes, without the batch axis.
        owner: The attributes that lead to it from the layer that holds it, in Keras.
        label: What its name in the programs adds to the other's, where that holds several.
    """

    layer: Layer
    shape: Shape
    owner: tuple[str, ...] = ("layer",)
    label: str = ""


class Constraint(Word):
    """What a weight must fulfil after each batch."""

    family: ClassVar[str] = "constraint"

    def axes(self) -> tuple[int, ...]:
        """Return the axes of Keras' weight over which the norm is taken."""
        axis = getattr(self, "axis", ())
        return axis if isinstance(axis, tuple) else (axis,)


class Optimizer(Word):
    """A rule that updates weights.

    Attributes:
        is_string: Whether Keras knows it by its word, too.
        whole_steps: Whether it makes a step of full size for each weight whose gradient is not 0,
            be that rounding alone.
    """

    family: ClassVar[str] = "optimizer"
    is_string: ClassVar[bool] = True
    whole_steps: ClassVar[bool] = False


class Schedule(Word):
    """A learning rate for each batch."""

    family: ClassVar[str] = "schedule"

    name: str | None = Field(None, description="Its name in Keras.")

    def reaches_zero(self) -> bool:
        """Tell whether the rate becomes 0."""
        return False

    def peak(self) -> float:
        """Return the largest rate that it is told to reach."""
        raise NotImplementedError


_FLOAT32 = {"dtype": "both programs compute it in float32"}


class Loss(Word):
    """A loss that training minimises.

    Attributes:
        targets: `values` where targets are shaped as the output, `classes` where they are integers
            in place of its last axis, `labels` where those are no places of that axis, `sequences`
            where there is any number of them.
        end: The activation at a model's end that gives what the loss takes, if it takes
            probabilities.
        is_string: Whether Keras knows it by its word, too.
        takes_mask: Whether it leaves out what the mask of the output does.
        entries: Which numbers targets of the output's shape may hold.
        kind: What it is for, where others are likewise: `regression` of numbers, `multiclass` for
            one class out of several, `multiclass_hinge`, `multilabel` for independent labels,
            `hinge` for signs, `counts`, `distribution`, `similarity` of directions; else empty.
        is_crossentropy: Whether it is a crossentropy, of classes or of independent probabilities.
        of_two: What to use for two classes and an output of one unit.
    """

    family: ClassVar[str] = "loss"
    kind: ClassVar[str] = ""
    refused: ClassVar[dict[str, str]] = _FLOAT32
    targets: ClassVar[str] = "values"
    end: ClassVar[str] = ""
    is_string: ClassVar[bool] = True
    takes_mask: ClassVar[bool] = True
    entries: ClassVar[Limits] = FINITE
    is_crossentropy: ClassVar[bool] = False
    of_two: ClassVar[str] = "binary_crossentropy"

    @property
    def of_classes(self) -> bool:
        """Whether each entry of the output's last axis is a class, of which one is right."""
        return self.kind in ("multiclass", "multiclass_hinge")

    def sees_logits(self) -> bool:
        """Tell whether Keras computes it from the input of the softmax or sigmoid at the end."""
        return self.is_crossentropy

    def limits(self, output: Shape) -> Limits:
        """Return which numbers targets may hold for an output of shape `output`."""
        if self.targets == "values":
            return in_rows(self.entries, output)
        if self.targets == "labels":
            return LABELS
        found = numbers_below(output[-1], getattr(self, "ignore_class", None))
        return replace(found, rule="ends") if self.targets == "sequences" else found

    def check(self, output: Shape) -> None:
        """Check that the loss can take an output of shape `output`, without the batch axis.

        Errors:
            ShapeError: it cannot.
        """
        check_last_axis(getattr(self, "axis", -1), output)


class Metric(Word):
    """A figure that training reports for each epoch.

    Attributes:
        direction: `up` where more is better, `down` where less is, empty where Keras cannot tell.
        kinds: The kinds of targets that it takes, named as those of losses.
        is_mean: Whether the figure of an epoch is the mean over its samples.
        keras_name: How Keras calls an object that is given no name; empty where it makes one up.
        entries: Which numbers targets may hold.
        kind: What it measures, where others do likewise: `accuracy` or `correlation`; else empty.
        of_classes: Whether it compares classes, of which one is right.
        is_crossentropy: Whether it is a crossentropy, of classes or of independent probabilities.
        instead: What to do where targets are of another kind, or empty.
    """

    family: ClassVar[str] = "metric"
    kind: ClassVar[str] = ""
    refused: ClassVar[dict[str, str]] = _FLOAT32
    direction: ClassVar[str] = "down"
    kinds: ClassVar[tuple[str, ...]] = ("values",)
    is_mean: ClassVar[bool] = True
    keras_name: ClassVar[str] = ""
    entries: ClassVar[Limits] = FINITE
    of_classes: ClassVar[bool] = False
    is_crossentropy: ClassVar[bool] = False
    instead: ClassVar[str] = ""

    name: str | None = Field(None, description="Under which name the programs report it.")

    def takes(self) -> tuple[str, ...]:
        """Return the kinds of targets that it takes, named as those of losses."""
        return self.kinds

    def limits(self, output: Shape) -> Limits:
        """Return which numbers targets may hold for an output of shape `output`."""
        return in_rows(self.entries, output)

    def check(self, output: Shape, targets: str) -> None:
        """Check that the metric can take an output of shape `output`, without the batch axis.

        Arguments:
            targets: The kind of targets.

        Errors:
            ShapeError: it cannot.
        """
        check_last_axis(getattr(self, "axis", -1), output)

    def slip(self, output: Shape) -> tuple[str, str] | None:
        """Return what makes the figure say nothing and the likely fix, or None."""
        return None

    def check_mask(self) -> None:
        """Check that the metric can be where a mask comes with the output.

        It weighs the values of a mean, as of Keras' `MeanMetricWrapper`. No other metric sees it.

        Errors:
            ShapeError: it cannot.
        """


def in_rows(limits: Limits, output: Shape) -> Limits:
    """Return limits without what rows must sum to, where a row is one number."""
    return replace(limits, rule="") if limits.rule == "sums" and output[-1] == 1 else limits


def check_last_axis(axis: object, output: Shape) -> None:
    """Check that `axis` is the last one of an output.

    Errors:
        ShapeError: it is another one.
    """
    if axis not in (-1, len(output)):
        raise ShapeError(f"expected the last axis of the output, found {axis}", "axis")


class Callback(Word):
    """Something that happens at the end of an epoch."""

    family: ClassVar[str] = "callback"


class DataSource(Word):
    """Where a program reads its arrays."""

    family: ClassVar[str] = "data"
