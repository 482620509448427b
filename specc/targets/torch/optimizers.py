"""Keras' optimizers in PyTorch (semantics.md, section 8).

Where Keras' update is not that of torch.optim, `fidelity: exact` has a short hook or class, and
`idiomatic` the nearest arguments and a note.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from specc.expressions import LINE_LENGTH, Call, Code, Expression, call, literal
from specc.program import AnyOptimizer
from specc.spec.optimizers import SGD, Adadelta, Adagrad, Adam, Adamax, Lion, Nadam, RMSprop
from specc.targets.torch.lowered import Note
from specc.targets.torch.weights import Weight
from specc.targets.view import Constants


@dataclass(frozen=True, slots=True)
class Update:
    """How a program updates weights.

    Attributes:
        name: What the docstring calls the optimizer.
        value: The optimizer; its first argument stands for the parameters.
        l2_as_decay: Whether L2 is the same update as a parameter group's weight decay: not where
            gradients are clipped, nor where a decoupled decay moves the weights before it.
        base_decay: Weight decay of every parameter within the optimizer, as an expression.
        decay: The decoupled decay that must be done by hand before each step, or None.
        helpers: Helper functions or classes that it needs.
        hook: The name of a function to run before each step, or None.
        note: Where it differs from Keras, or None.
        comment: Why its arguments are what they are, where no note says it.
    """

    name: str
    value: Call
    l2_as_decay: bool
    base_decay: Code | None = None
    decay: Code | None = None
    helpers: tuple[str, ...] = ()
    hook: str | None = None
    note: Note | None = None
    comment: str | None = None


PARAMETERS = Code("parameters")


def update(optimizer: AnyOptimizer, exact: bool, constants: Constants) -> Update:
    """Return how PyTorch does the update of a Keras optimizer."""
    given = optimizer.model_fields_set
    rate = (
        constants.add("LEARNING_RATE", optimizer.learning_rate)
        if "learning_rate" in given
        else None
    )
    return _UPDATES[_rule(optimizer)](optimizer, exact, rate, constants)


def _rule(optimizer: AnyOptimizer) -> type[AnyOptimizer]:
    return next(rule for rule in _UPDATES if isinstance(optimizer, rule))


def _decay(optimizer: AnyOptimizer, constants: Constants) -> Code | None:
    if not optimizer.weight_decay:
        return None
    return constants.add("WEIGHT_DECAY", optimizer.weight_decay)


def _sgd(optimizer: SGD, exact: bool, rate: Code | None, constants: Constants) -> Update:
    """torch.optim.SGD. Without momentum its weight decay is Keras' decoupled one."""
    decay = _decay(optimizer, constants)
    momentum = optimizer.momentum
    value = call(
        "torch.optim.SGD",
        PARAMETERS,
        lr=rate or literal(optimizer.learning_rate),
        momentum=literal(momentum) if momentum else None,
        weight_decay=decay if decay and not momentum else None,
        nesterov=literal(True) if optimizer.nesterov and momentum else None,
        fused=literal(True),
    )
    return Update(
        name="SGD",
        value=value,
        l2_as_decay=not optimizer.clips() and not (decay and momentum),
        base_decay=None if momentum else decay,
        decay=decay if momentum else None,
    )


def _adam(optimizer: Adam, exact: bool, rate: Code | None, constants: Constants) -> Update:
    """torch.optim.Adam, or AdamW where Keras decays, which it always does decoupled.

    Keras adds epsilon to the root of the uncorrected second moment, PyTorch to the corrected one;
    the hook divides epsilon by the correction before each step.
    """
    decay = _decay(optimizer, constants)
    betas = (optimizer.beta_1, optimizer.beta_2)
    default_rate = optimizer.learning_rate == 0.001
    value = call(
        "torch.optim.AdamW" if decay else "torch.optim.Adam",
        PARAMETERS,
        lr=rate or (None if default_rate else literal(optimizer.learning_rate)),
        betas=None if betas == (0.9, 0.999) else literal(betas),
        eps=None if optimizer.epsilon == 1e-8 else literal(optimizer.epsilon),
        weight_decay=decay,
        amsgrad=literal(True) if optimizer.amsgrad else None,
        fused=literal(True),
    )
    message = "PyTorch adds epsilon after the bias correction of the second moment, Keras before it"
    comment = message.removesuffix(" it") + "."
    note = Note("N201", f"{message}; fidelity: exact does as Keras", comment)
    same = exact or not optimizer.epsilon
    return Update(
        name="AdamW" if decay else "Adam",
        value=value,
        l2_as_decay=not optimizer.clips() and not decay,
        helpers=("scale_epsilon",) if exact and optimizer.epsilon else (),
        hook="scale_epsilon" if exact and optimizer.epsilon else None,
        note=None if same else note,
    )


def _rmsprop(optimizer: RMSprop, exact: bool, rate: Code | None, constants: Constants) -> Update:
    """torch.optim.RMSprop, or in exact programs a class that adds epsilon under the root.

    The root of epsilon is nearer to Keras than epsilon itself where gradients are small.
    """
    epsilon = literal(optimizer.epsilon)
    learning_rate = rate or literal(optimizer.learning_rate)
    common: dict[str, Expression | None] = {
        "momentum": literal(optimizer.momentum) if optimizer.momentum else None,
    }
    centered = literal(True) if optimizer.centered else None
    decay = _decay(optimizer, constants)
    if exact and optimizer.epsilon:
        rho = literal(optimizer.rho)
        value = call("KerasRMSprop", PARAMETERS, lr=learning_rate, rho=rho, eps=epsilon, **common)
    else:
        alpha = None if optimizer.rho == 0.99 else literal(optimizer.rho)
        eps = Code(f"math.sqrt({epsilon})") if optimizer.epsilon else literal(0.0)
        value = call(
            "torch.optim.RMSprop",
            PARAMETERS,
            lr=learning_rate,
            alpha=alpha,
            eps=eps,
            centered=centered,
            **common,
        )
    message = (
        "Keras takes the root of the mean square plus epsilon, PyTorch adds epsilon to the root"
    )
    comment = "Keras adds epsilon under the root of the mean square, PyTorch to the root."
    note = Note("N202", f"{message}; fidelity: exact does as Keras", comment)
    return Update(
        name="RMSprop",
        value=value,
        l2_as_decay=not optimizer.clips() and not decay,
        decay=decay,
        helpers=("keras_rmsprop",) if exact and optimizer.epsilon else (),
        note=None if exact or not optimizer.epsilon else note,
    )


def _adagrad(optimizer: Adagrad, exact: bool, rate: Code | None, constants: Constants) -> Update:
    """torch.optim.Adagrad; epsilon under Keras' root is an accumulator that starts higher."""
    decay, start = _decay(optimizer, constants), literal(optimizer.initial_accumulator_value)
    value = call(
        "torch.optim.Adagrad",
        PARAMETERS,
        lr=rate or literal(optimizer.learning_rate),
        initial_accumulator_value=Code(f"{start} + {literal(optimizer.epsilon)}"),
        eps=literal(0.0),
    )
    comment = "Keras has epsilon under the root: it is part of the accumulator."
    same = not optimizer.clips() and not decay
    return Update("Adagrad", value, same, decay=decay, comment=comment)


def _adadelta(optimizer: Adadelta, exact: bool, rate: Code | None, constants: Constants) -> Update:
    """torch.optim.Adadelta, whose defaults are others."""
    decay = _decay(optimizer, constants)
    value = call(
        "torch.optim.Adadelta",
        PARAMETERS,
        lr=rate or literal(optimizer.learning_rate),
        rho=None if optimizer.rho == 0.9 else literal(optimizer.rho),
        eps=literal(optimizer.epsilon),
    )
    return Update("Adadelta", value, not optimizer.clips() and not decay, decay=decay)


def _adamax(optimizer: Adamax, exact: bool, rate: Code | None, constants: Constants) -> Update:
    """torch.optim.Adamax, or in exact programs a class that adds epsilon to the maximum."""
    decay = _decay(optimizer, constants)
    by_class = exact and bool(optimizer.epsilon)
    betas = (optimizer.beta_1, optimizer.beta_2)
    value = call(
        "KerasAdamax" if by_class else "torch.optim.Adamax",
        PARAMETERS,
        lr=rate or literal(optimizer.learning_rate),
        betas=literal(betas) if by_class or betas != (0.9, 0.999) else None,
        eps=literal(optimizer.epsilon),
    )
    message = "PyTorch adds epsilon to each gradient before the maximum, Keras to the maximum"
    note = Note("N209", f"{message}; fidelity: exact does as Keras", f"{message}.")
    return Update(
        name="Adamax",
        value=value,
        l2_as_decay=not optimizer.clips() and not decay,
        decay=decay,
        helpers=("keras_adamax",) if by_class else (),
        note=None if exact or not optimizer.epsilon else note,
    )


def _nadam(optimizer: Nadam, exact: bool, rate: Code | None, constants: Constants) -> Update:
    """torch.optim.NAdam; Keras' momentum decays by 0.96 for each step, PyTorch's by far less."""
    decay = _decay(optimizer, constants)
    betas = (optimizer.beta_1, optimizer.beta_2)
    value = call(
        "torch.optim.NAdam",
        PARAMETERS,
        lr=rate or literal(optimizer.learning_rate),
        betas=None if betas == (0.9, 0.999) else literal(betas),
        eps=literal(optimizer.epsilon),
        weight_decay=decay,
        momentum_decay=literal(1.0),
        decoupled_weight_decay=literal(True) if decay else None,
    )
    return Update("NAdam", value, not optimizer.clips() and not decay)


def _lion(optimizer: Lion, exact: bool, rate: Code | None, constants: Constants) -> Update:
    """A class: torch.optim has no Lion."""
    decay = _decay(optimizer, constants)
    value = call(
        "LionOptimizer",
        PARAMETERS,
        lr=rate or literal(optimizer.learning_rate),
        betas=literal((optimizer.beta_1, optimizer.beta_2)),
    )
    same = not optimizer.clips() and not decay
    return Update("Lion", value, same, decay=decay, helpers=("lion",))


_UPDATES: dict[type[AnyOptimizer], Callable[..., Update]] = {
    SGD: _sgd,
    Adam: _adam,
    RMSprop: _rmsprop,
    Adagrad: _adagrad,
    Adadelta: _adadelta,
    Adamax: _adamax,
    Nadam: _nadam,
    Lion: _lion,
}


def clip_lines(
    optimizer: AnyOptimizer, constants: Constants, weights: Sequence[Weight]
) -> list[str]:
    """Return the lines that clip gradients as Keras does: `clipnorm` each weight by itself."""
    if optimizer.clipnorm is not None:
        bound = constants.add("CLIPNORM", optimizer.clipnorm)
        rows = [w for w in weights if w.row is not None]
        if rows:
            return _clip_rows(rows, bound)
        return [
            "for parameter in model.parameters():  # each by itself, as in Keras",
            f"    nn.utils.clip_grad_norm_(parameter, {bound})",
        ]
    if optimizer.global_clipnorm is not None:
        bound = constants.add("GLOBAL_CLIPNORM", optimizer.global_clipnorm)
        return [f"nn.utils.clip_grad_norm_(model.parameters(), {bound})"]
    if optimizer.clipvalue is not None:
        bound = constants.add("CLIPVALUE", optimizer.clipvalue)
        return [f"nn.utils.clip_grad_value_(model.parameters(), {bound})"]
    return []


def _clip_rows(rows: Sequence[Weight], bound: Code) -> list[str]:
    """Return the lines where Keras holds several of PyTorch's weights as one."""
    groups: dict[int, list[str]] = {}
    for weight in rows:
        groups.setdefault(id(weight.variable), []).append(f"model.{weight.layer}{weight.access}")
    pairs = [f"({', '.join(group)})" for group in groups.values()]
    line = f"biases = [{', '.join(pairs)}]"
    short = len(line) <= LINE_LENGTH - 12
    return [
        "# each by itself, as in Keras, which holds the two biases of a GRU as one",
        *([line] if short else ["biases = [", *(f"    {pair}," for pair in pairs), "]"]),
        "paired = {id(bias) for pair in biases for bias in pair}",
        "others = (p for p in model.parameters() if id(p) not in paired)",
        "for parameter in [*others, *biases]:",
        f"    nn.utils.clip_grad_norm_(parameter, {bound})",
    ]


def decay_lines(found: Update, freezes: bool) -> list[str]:
    """Return the lines of the decoupled decay that Keras does before the update.

    Arguments:
        freezes: Whether some weights are not trained.
    """
    if found.decay is None:
        return []
    rate = dict(found.value.kwargs)["lr"]
    decayed = f"parameter.mul_(1 - {rate} * {found.decay})"
    inner = ["if parameter.requires_grad:", f"    {decayed}"] if freezes else [decayed]
    return [
        "with torch.no_grad():  # decoupled weight decay, of biases too, as in Keras",
        "    for parameter in model.parameters():",
        *(f"        {line}" for line in inner),
    ]
