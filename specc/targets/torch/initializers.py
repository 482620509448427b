"""Keras' initial distributions with torch.nn.init.

PyTorch's own defaults are not Keras', and its `kaiming_normal_` and `xavier_normal_` are not
truncated (docs/semantics.md, section 6).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from specc.expressions import Call, Code, Expression, call, literal
from specc.spec import initializers as words
from specc.spec.variables import Variable
from specc.spec.word import Initializer
from specc.targets.torch.weights import Weight


@dataclass(frozen=True, slots=True)
class Draw:
    """How a weight is drawn, whichever module holds it.

    Attributes:
        value: The call, without its first argument, the weight.
        comment: What Keras calls it, where the call does not say.
        helpers: Helper functions that it needs.
        then: A method of the drawn weight that is called next.
        access: The expression of the weight after the module's, as `.weight`.
    """

    value: Call
    comment: str | None = None
    helpers: tuple[str, ...] = ()
    then: Call | None = None
    access: str = ""

    @property
    def no_grad(self) -> bool:
        """Whether it must run without gradients; the functions of nn.init turn them off."""
        return self.then is not None

    def of(self, module: Code) -> Call:
        """Return the call that draws the weight of a module."""
        drawn = replace(self.value, args=(Code(f"{module}{self.access}"), *self.value.args))
        return (
            drawn
            if self.then is None
            else replace(self.then, function=f"{drawn}.{self.then.function}")
        )


def draws_of(weight: Weight, access: str) -> tuple[Draw, ...]:
    """Return how to draw a weight: nothing where its module does so by itself.

    Args:
        access: The expression of the weight after the module's, as `.weight`.
    """
    variable = weight.variable
    if weight.frozen:
        return (Draw(call("nn.init.zeros_"), access=access),)
    if variable.initializer.word == weight.default:
        return ()
    if variable.ones is None:
        return (replace(_draw(variable), access=access),)
    start, end = variable.ones
    # Of the four gates that of forgetting is the second one.
    forget = f"{access}.chunk(4)[1]"
    ones = Draw(call("nn.init.ones_"), "unit_forget_bias", access=forget)
    if not isinstance(variable.initializer, (words.Scaled, words.VarianceScaling)):
        return replace(_draw(variable), access=access), ones
    # Keras draws the entries before and after the ones apart, each by its own number.
    before = replace(variable, shape=(start,))
    after = replace(variable, shape=(variable.shape[0] - end,))
    return (
        replace(_draw(before), access=f"{access}[:{start}]"),
        ones,
        replace(_draw(after), access=f"{access}[{end}:]"),
    )


def _draw(variable: Variable) -> Draw:
    initializer = variable.initializer
    if isinstance(initializer, (words.Scaled, words.VarianceScaling)):
        return _scaled(initializer, variable)
    return _DRAWS[type(initializer)](initializer)


def _seeded(initializer: Initializer) -> Expression | None:
    seed: int | None = getattr(initializer, "seed", None)
    return None if seed is None else Code(f"torch.Generator().manual_seed({literal(seed)})")


def _normal(i: words.RandomNormal) -> Draw:
    mean = literal(i.mean) if i.mean else None
    return Draw(call("nn.init.normal_", mean=mean, std=literal(i.stddev), generator=_seeded(i)))


def _uniform(i: words.RandomUniform) -> Draw:
    bounds = literal(i.minval), literal(i.maxval)
    return Draw(call("nn.init.uniform_", *bounds, generator=_seeded(i)))


def _truncated(i: words.TruncatedNormal) -> Draw:
    if i.stddev == 0:
        return Draw(call("nn.init.constant_", literal(i.mean)))
    return Draw(
        call(
            "nn.init.trunc_normal_",
            mean=literal(i.mean) if i.mean else None,
            std=literal(i.stddev),
            a=literal(i.mean - 2 * i.stddev),
            b=literal(i.mean + 2 * i.stddev),
            generator=_seeded(i),
        )
    )


def _orthogonal(i: words.Orthogonal) -> Draw:
    gain = None if i.gain == 1 else literal(i.gain)
    return Draw(call("nn.init.orthogonal_", gain=gain, generator=_seeded(i)))


def _identity(i: words.Identity) -> Draw:
    then = None if i.gain == 1 else call("mul_", literal(i.gain))
    return Draw(call("nn.init.eye_"), then=then)


_DRAWS: dict[type[Initializer], Callable[..., Draw]] = {
    words.Zeros: lambda i: Draw(call("nn.init.zeros_")),
    words.Ones: lambda i: Draw(call("nn.init.ones_")),
    words.Constant: lambda i: Draw(call("nn.init.constant_", literal(i.value))),
    words.RandomNormal: _normal,
    words.RandomUniform: _uniform,
    words.TruncatedNormal: _truncated,
    words.Orthogonal: _orthogonal,
    words.Identity: _identity,
}

_NAMED = {
    words.GlorotUniform: ("nn.init.xavier_uniform_", None),
    words.HeUniform: ("nn.init.kaiming_uniform_", "relu"),
    words.LecunUniform: ("nn.init.kaiming_uniform_", "linear"),
}


def _scaled(initializer: words.Scaled | words.VarianceScaling, variable: Variable) -> Draw:
    named = _NAMED.get(type(initializer))  # type: ignore[arg-type]
    # torch.nn.init counts the fans of kernels as Keras does, but not those of other weights.
    kernel = variable.stem in ("kernel", "recurrent", "pointwise")
    if named and kernel and initializer.input_axes is None:
        nonlinearity = None if named[1] is None else literal(named[1])
        seeded = _seeded(initializer)
        return Draw(call(named[0], nonlinearity=nonlinearity, generator=seeded))
    scale, mode, distribution = initializer.spread()
    fan_in, fan_out = initializer.fans(variable.shape)
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": fan_in + fan_out}[mode]
    if mode == "fan_avg":
        scale, fan = scale * 2, max(fan, 2)
    fan, seeded = max(fan, 1), _seeded(initializer)
    if distribution == "uniform":
        bound = f"math.sqrt({_number(3 * scale)} / {fan})"
        value = call("nn.init.uniform_", Code("-" + bound), Code(bound), generator=seeded)
        return Draw(value, initializer.word)
    std = Code(f"math.sqrt({_number(scale)} / {fan})")
    if distribution == "untruncated_normal":
        value = call("nn.init.normal_", std=std, generator=seeded)
        return Draw(value, initializer.word)
    value = call("truncated_normal_", std=std, generator=seeded)
    helpers = ("truncated_normal", *(() if seeded is None else ("truncated_normal_seeded",)))
    return Draw(value, initializer.word, helpers)


def _number(value: float) -> Code:
    return literal(int(value) if value == int(value) else value)
