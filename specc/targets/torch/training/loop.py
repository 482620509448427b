"""The training loop: `train_one_epoch`, `evaluate` and `main`, of what the features add."""

from __future__ import annotations

from specc.expressions import Code, call, statement
from specc.targets.data import CheckPath, Options, options
from specc.targets.torch.training.feature import Argument, Feature, Training, indented
from specc.targets.torch.training.metrics import is_complete, result, totals
from specc.targets.view import Part, Section, Text

_EPOCH = 12  # the margin of an epoch in main
_PARTIAL = 'Path(f"{path}.partial")'  # where a file is written before it gets its name


class TrainOneEpoch(Section):
    """The function that trains on each batch once."""

    template = "torch/training/train_one_epoch.py.jinja"
    class_name: str
    arguments: tuple[Argument, ...]
    returns: str
    before_epoch: tuple[str, ...]
    batches: tuple[str, ...]
    called: str
    loss: str
    backward: tuple[str, ...]
    figures: str
    after_forward: tuple[str, ...]
    step: tuple[str, ...]
    after_step: tuple[str, ...]
    result: tuple[str, ...]


class Evaluate(Section):
    """The function that gives the figures of a model."""

    template = "torch/training/evaluate.py.jinja"
    class_name: str
    returns: str
    before_epoch: tuple[str, ...]
    called: str
    loss: str
    figures: str
    after_forward: tuple[str, ...]
    result: tuple[str, ...]


class Save(Section):
    """The function that writes a file."""

    template = "torch/training/save.py.jinja"
    partial: str


class Main(Section):
    """The function that runs it all."""

    template = "torch/training/main.py.jinja"
    options: Options
    start: tuple[str, ...]
    data: tuple[Part, ...]
    setup: tuple[str, ...]
    before_loop: tuple[str, ...]
    train_epoch: str
    after_training: tuple[str, ...]
    after_epoch: tuple[str, ...]
    finish: tuple[str, ...]
    best_state: str


def loop(at: Training, places: Feature) -> tuple[Part, ...]:
    """Return the sections of a program that trains, with what features add."""
    return (
        *places.sections,
        _train_one_epoch(at, places),
        _evaluate(at, places),
        *places.after_sections,
        Text("torch/training/describe.py.jinja"),
        CheckPath(_PARTIAL),
        Save(_PARTIAL),
        _main(at, places),
        Text("shared/start.py.jinja"),
    )


def _train_one_epoch(at: Training, places: Feature) -> TrainOneEpoch:
    reported = " + ".join(("loss", *places.evaluated_terms))
    plain = ("for inputs, targets in tqdm(loader, leave=False, disable=None):",)
    return TrainOneEpoch(
        class_name=at.program.class_name,
        arguments=places.arguments,
        returns=_returns(at),
        before_epoch=places.before_epoch,
        batches=places.batches or plain,
        called=_called(at),
        loss=_loss(at, (*places.losses, "loss_fn")[0], places.terms),
        backward=places.backward or ("optimizer.zero_grad()", "loss.backward()"),
        figures=", ".join((reported, *places.figures)),
        after_forward=(*totals(at, "torch.stack(figures).detach()"), *places.after_forward),
        step=_step(places),
        after_step=places.after_step,
        result=result(at),
    )


def _step(places: Feature) -> tuple[str, ...]:
    lines = (*places.before_step, "optimizer.step()", *places.with_step)
    return (*places.guard, *indented(lines)) if places.guard else lines


def _evaluate(at: Training, places: Feature) -> Evaluate:
    return Evaluate(
        class_name=at.program.class_name,
        returns=_returns(at),
        before_epoch=places.before_epoch,
        called=_called(at),
        loss=_loss(at, "loss_fn", (*places.terms, *places.evaluated_terms)),
        figures=", ".join(("loss", *places.figures)),
        after_forward=(*totals(at, "torch.stack(figures)"), *places.after_forward),
        result=result(at),
    )


def _loss(at: Training, function: str, terms: tuple[str, ...]) -> str:
    return " + ".join((f"{function}({at.ends.arguments})", *terms))


def _called(at: Training) -> str:
    """Return what a call of the model is assigned to."""
    return ", ".join([at.ends.outputs, *at.model.beside])


def _returns(at: Training) -> str:
    return "the means of the figures" if is_complete(at.fit) else "the figures"


def _main(at: Training, places: Feature) -> Main:
    names = ["model", "train_loader", "optimizer", "device", *(a.name for a in places.arguments)]
    return Main(
        options=options(at.program, "trained weights (.pt)", places.path_checks),
        start=places.start,
        data=places.data,
        setup=places.setup,
        before_loop=places.before_loop,
        train_epoch=statement("figures = ", call("train_one_epoch", *map(Code, names)), _EPOCH),
        after_training=places.after_training,
        after_epoch=places.after_epoch,
        finish=places.finish,
        best_state=" or ".join(reversed(places.best_states)),
    )
