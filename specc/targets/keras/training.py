"""Training of a Keras program: `compile` and `fit`."""

from __future__ import annotations

from specc.expressions import Code, Expression, call, literal, quoted, statement
from specc.program import Figure, Fit, Program
from specc.spec.layers.core import Embedding
from specc.spec.metrics import Accuracy
from specc.spec.optimizers import SGD
from specc.spec.word import Loss, Schedule, Word
from specc.targets.keras.callbacks import callback_context
from specc.targets.view import Constants, add_numbers, numbers


def dense_gradients(program: Program) -> bool:
    """Tell whether an exact program must have Keras add up an embedding's gradients."""
    fit = program.fit
    if fit is None or not program.exact:
        return False
    plain = isinstance(fit.optimizer, SGD) and not fit.optimizer.clips()
    return not plain and any(isinstance(n.layer, Embedding) for n in program.graph.walk())


def training_context(fit: Fit, constants: Constants) -> dict[str, object]:
    """Return what the template places of training; adds constants."""
    optimizer = _optimizer(fit, constants)
    callbacks = callback_context(fit.watches, constants)
    training = fit.training
    if training.class_weight is not None:
        constants.add("CLASS_WEIGHT", dict(sorted(training.class_weight.items())))
    metrics = [_metric(f) for f in fit.figures]
    compiled = call(
        "model.compile",
        optimizer=optimizer,
        loss=_loss(fit.head.loss),
        metrics=_list(metrics),
    )
    return {
        "compile": statement("", compiled, 4),
        "builds_optimizer": fit.optimizer.word == "schedule_free_adamw",
        "validates": bool(training.validation_split),
        "shuffles": training.shuffle,
        "weighted": training.class_weight is not None,
        "figures": literal(_figures(fit)),
        **callbacks,
    }


def _figures(fit: Fit) -> tuple[str, ...]:
    """Return the names of an epoch's figures in the order of the spec."""
    names = ("loss", *(figure.name for figure in fit.figures))
    validated = tuple(f"val_{name}" for name in names) if fit.training.validation_split else ()
    return names + validated


def _list(values: list[Expression]) -> Expression | None:
    return Code("[" + ", ".join(map(str, values)) + "]") if values else None


def _optimizer(fit: Fit, constants: Constants) -> Expression:
    """Return the optimizer, its main numbers as constants under the names that PyTorch's has."""
    optimizer = fit.optimizer
    given: dict[str, Expression] = {
        name: literal(list(value) if isinstance(value, tuple) else value)
        for name, value in optimizer.given().items()
        if not isinstance(value, Schedule)
    }
    if optimizer.name is not None:
        given["name"] = literal(optimizer.name)
    if "learning_rate" in optimizer.model_fields_set:
        rate = _rate(optimizer.learning_rate, constants)
        given = {"learning_rate": rate, **{k: v for k, v in given.items() if k != "learning_rate"}}
    for name, constant in _CONSTANTS.items():
        if name in given:
            given[name] = constants.add(constant, getattr(optimizer, name))
    if not given and optimizer.is_string:
        return Code(quoted(optimizer.word))
    return call(f"keras.optimizers.{type(optimizer).__name__}", **given)


def _rate(rate: float | Schedule, constants: Constants) -> Expression:
    if not isinstance(rate, Schedule):
        return constants.add("LEARNING_RATE", rate)
    given = {name: numbers(rate)[name] for name in rate.given()}
    add_numbers(rate, " ".join(given.values()), constants)
    name = None if rate.name is None else literal(rate.name)
    return call(f"keras.optimizers.schedules.{type(rate).__name__}", **given, name=name)


_CONSTANTS = {
    "weight_decay": "WEIGHT_DECAY",
    "clipnorm": "CLIPNORM",
    "global_clipnorm": "GLOBAL_CLIPNORM",
    "clipvalue": "CLIPVALUE",
    "gradient_accumulation_steps": "ACCUMULATION_STEPS",
    "ema_momentum": "EMA_MOMENTUM",
    "ema_overwrite_frequency": "EMA_OVERWRITE_FREQUENCY",
}


def _loss(loss: Loss) -> Expression:
    named = getattr(loss, "name", None) is not None
    if loss.is_string and not named and not loss.given():
        return Code(quoted(loss.word))
    return _object(loss, "keras.losses", getattr(loss, "name", None))


def _metric(figure: Figure) -> Expression:
    written = figure.written
    if not written.given():
        plain = written.name is None or written.name in (written.word, *_ALIASES)
        if plain:
            return Code(quoted(written.name or written.word))
    metric = figure.metric if isinstance(written, Accuracy) else written
    if metric.is_mean:
        return _object(metric, "keras.metrics", metric.name)
    # Without a name Keras would number most by how many there were before in the process.
    name = written.name or written.word
    return _object(metric, "keras.metrics", None if name == metric.keras_name else name)


_ALIASES = ("acc", "mse", "mae", "mape", "msle", "bce")


def _object(value: Word, module: str, name: str | None) -> Expression:
    arguments = {field: literal(v) for field, v in value.given().items()}
    if name is not None:
        arguments["name"] = literal(name)
    return call(f"{module}.{type(value).__name__}", **arguments)
