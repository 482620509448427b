"""Training of a Keras program: `compile` and `fit`."""

from __future__ import annotations

from specc.expressions import Code, Expression, call, literal, quoted, statement
from specc.program import Figure, Fit, Program
from specc.spec.layers.core import Embedding
from specc.spec.metrics import Accuracy
from specc.spec.optimizers import SGD
from specc.spec.word import Loss, Schedule, Word
from specc.targets.data import CheckPath, Options, has_test, is_csv, options
from specc.targets.keras.callbacks import callbacks
from specc.targets.view import Constants, Numbers, Part, Section, Text, target_sizes


def dense_gradients(program: Program) -> bool:
    """Tell whether an exact program must have Keras add up an embedding's gradients."""
    fit = program.fit
    if fit is None or not program.exact:
        return False
    plain = isinstance(fit.optimizer, SGD) and not fit.optimizer.clips()
    return not plain and any(isinstance(n.layer, Embedding) for n in program.graph.walk())


class CompileModel(Section):
    """The function that compiles the model."""

    template = "keras/training/compile.py.jinja"
    compile: str
    builds_optimizer: bool


class Save(Section):
    """The function that writes a file."""

    template = "keras/training/save.py.jinja"
    partial: str


class LoadNpz(Section):
    """Reads the arrays; `turned` has the lines that bring targets into their one shape."""

    template = "keras/training/load_npz.py.jinja"
    dtype: Code
    turned: tuple[str, ...]


class LoadCsv(Section):
    """Reads the tables."""

    template = "keras/training/load_csv.py.jinja"
    has_test: bool
    turned: tuple[str, ...]


class Main(Section):
    """The function that runs it all.

    Attributes:
        before_fit: Lines before training.
        arguments: Lines of further arguments of `fit`.
        restoring: The names of callbacks that hold the best weights.
    """

    template = "keras/training/main.py.jinja"
    options: Options
    seeds: bool
    data: tuple[Part, ...]
    before_fit: tuple[str, ...]
    arguments: tuple[str, ...]
    has_test: bool
    restoring: tuple[str, ...]


# Where a file is written before it gets its name; Keras asks for the name's ending.
_PARTIAL = 'Path(path).with_name(f"partial-{Path(path).name}")'


def lower_training(
    program: Program, fit: Fit, readers: tuple[Part, ...], constants: Constants
) -> tuple[Part, ...]:
    """Return the sections of training; adds constants.

    Args:
        readers: The functions that read arrays.
    """
    compiled = _compile(fit, constants)
    found = callbacks(fit.watches, constants)
    if fit.training.class_weight is not None:
        constants.add("CLASS_WEIGHT", dict(sorted(fit.training.class_weight.items())))
    constants.add("FIGURES", literal(_figures(fit)))
    return (
        compiled,
        *readers,
        Text("keras/training/describe.py.jinja"),
        Text("keras/training/epoch_line.py.jinja"),
        CheckPath(_PARTIAL),
        Save(_PARTIAL),
        *found.checkpoints,
        Main(
            options=options(program, "trained model (.keras)", tuple(found.checks), ".keras"),
            seeds=program.seed is not None,
            data=_data(program, fit),
            before_fit=tuple(found.stops),
            arguments=(*found.argument(), *_arguments(fit)),
            has_test=has_test(fit),
            restoring=tuple(found.restoring),
        ),
        Text("shared/start.py.jinja"),
    )


def _compile(fit: Fit, constants: Constants) -> CompileModel:
    optimizer = _optimizer(fit, constants)
    value = call(
        "model.compile",
        optimizer=optimizer,
        loss=_loss(fit.head.loss),
        metrics=_list([_metric(figure) for figure in fit.figures]),
    )
    return CompileModel(statement("", value, 4), fit.optimizer.word == "schedule_free_adamw")


def _data(program: Program, fit: Fit) -> tuple[Part, ...]:
    """Return what reads the data, and looks whether some of them can validate."""
    turned = tuple(_turned(fit))
    load: Part = LoadNpz(literal(program.input.dtype), turned)
    if is_csv(fit):
        load = LoadCsv(has_test(fit), turned)
    if not fit.training.validation_split:
        return (load,)
    return load, Text("keras/training/validation.py.jinja")


def _turned(fit: Fit) -> list[str]:
    """Return the lines that bring targets into the one shape that serves."""
    head = fit.head
    if head.loss.word == "categorical_generalized_cross_entropy":
        comment = "# Of targets (N, 1) Keras would compare each with every output."
    elif not head.integers and len(head.target_shapes) > 1 and not is_csv(fit):
        comment = "# Keras' metrics, unlike its losses, do not add a missing last axis."
    else:
        return []
    train, test = (_in_first_shape(fit, array) for array in ("y_train", "y_test"))
    if not is_csv(fit):
        return [comment, f"y_train, y_test = {train}, {test}"]
    return [comment, f"y_train = {train}", *([f"y_test = {test}"] if has_test(fit) else [])]


def _in_first_shape(fit: Fit, array: str) -> str:
    """Return targets in the first of their shapes."""
    sizes = target_sizes(fit, array)
    return array if sizes is None else f"{array}.reshape({sizes})"


def _arguments(fit: Fit) -> tuple[str, ...]:
    """Return the lines of the last arguments of `fit`."""
    training = fit.training
    chosen = {
        "validation_split=VALIDATION_SPLIT,": bool(training.validation_split),
        "shuffle=False,": not training.shuffle,
        "class_weight=CLASS_WEIGHT,": training.class_weight is not None,
    }
    return tuple(line for line, is_on in chosen.items() if is_on)


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
    numbers = Numbers(rate)
    given = {name: numbers[name] for name in rate.given()}
    numbers.add_to(constants)
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
