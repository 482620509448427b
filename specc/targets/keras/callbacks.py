"""Callbacks of a Keras program: Keras' own early stopping, and checkpoints of the program's own.

Keras' ModelCheckpoint writes over the file that it replaces, which a full disk or a killed process
leaves in half. So a program has a short class with its decisions, which saves whole files.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from specc.expressions import LINE_LENGTH, Code, Expression, call, literal, statement
from specc.program import Watch
from specc.spec.callbacks import EarlyStopping, ModelCheckpoint
from specc.targets.checkpoints import formatted, makes_folders, path_check
from specc.targets.view import Constants, Section

_ARGUMENT = 12  # where the arguments of fit stand


class Checkpoint(Section):
    """The class of a checkpoint.

    Attributes:
        best: The line that declares the best figure, or None where each epoch is saved.
    """

    template = "keras/training/checkpoint.py.jinja"
    name: str
    title: str
    best: str | None
    lines: tuple[str, ...]


@dataclass
class Callbacks:
    """What callbacks add to a program.

    Attributes:
        listed: What `fit` is given.
        stops: Lines that name some of them.
        checkpoints: Their classes.
        checks: Lines that look at paths.
        restoring: The names of those that hold the best weights.
    """

    listed: list[Expression] = field(default_factory=lambda: [call("EpochLine")])
    stops: list[str] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    restoring: list[str] = field(default_factory=list)

    def argument(self) -> list[str]:
        """Return the lines of the argument `callbacks`: one where that is short enough."""
        line = f"callbacks=[{', '.join(map(str, self.listed))}],"
        if _ARGUMENT + len(line) <= LINE_LENGTH:
            return [line]
        each = (statement("", callback, _ARGUMENT + 4, ",") for callback in self.listed)
        return ["callbacks=[", *(f"    {text}" for text in each), "],"]


def callbacks(watches: tuple[Watch, ...], constants: Constants) -> Callbacks:
    """Return what callbacks add; adds constants."""
    found = Callbacks()
    for watch in watches:
        callback = watch.callback
        if isinstance(callback, ModelCheckpoint):
            path = constants.add("CHECKPOINT", callback.filepath)
            place = len(found.checkpoints) + 1
            name = "WholeCheckpoint" if place == 1 else f"WholeCheckpoint{place}"
            found.checkpoints.append(_checkpoint(name, watch, callback, path))
            found.listed.append(call(name))
            found.checks += path_check(callback.filepath, path)
        else:
            assert isinstance(callback, EarlyStopping)
            _add_early_stopping(found, callback, constants)
    return found


def _add_early_stopping(found: Callbacks, callback: EarlyStopping, constants: Constants) -> None:
    """Add Keras' callback, under a name where its weights are those to keep."""
    value = _early_stopping(callback, constants)
    if not callback.restore_best_weights:
        found.listed.append(value)
        return
    number = len(found.restoring) + 1
    name = "early_stopping" if number == 1 else f"early_stopping_{number}"
    found.restoring.append(name)
    found.stops.append(statement(f"{name} = ", value, 4))
    found.listed.append(Code(name))


def _early_stopping(callback: EarlyStopping, constants: Constants) -> Expression:
    given: dict[str, Expression] = {k: literal(v) for k, v in callback.given().items()}
    given["patience"] = constants.add("PATIENCE", callback.patience)
    for name in ("min_delta", "baseline", "start_from_epoch"):
        if name in given:
            given[name] = constants.add(name.upper(), getattr(callback, name))
    order = [name for name in callback.parameters() if name in given]
    return call("keras.callbacks.EarlyStopping", **{name: given[name] for name in order})


def _checkpoint(name: str, watch: Watch, callback: ModelCheckpoint, constant: Code) -> Checkpoint:
    """Return the class of a checkpoint: `keras.callbacks.ModelCheckpoint`."""
    what = "weights" if callback.save_weights_only else "model"
    path = formatted(callback.filepath, constant, "logs")
    lines = [] if path == constant else [f"path = {path}"]
    path = constant if path == constant else Code("path")
    if makes_folders(callback.filepath):
        lines.append("Path(path).parent.mkdir(parents=True, exist_ok=True)")
    method = "save_weights" if callback.save_weights_only else "save"
    lines.append(f"save(self.model.{method}, {path})")
    if callback.verbose:
        lines.append(f'print(f"Epoch {{epoch + 1}}: saved {{{path}}}")')
    if not callback.save_best_only:
        return Checkpoint(name, f"Saves the {what} after each epoch.", None, tuple(lines))
    sign, threshold = ">" if watch.rising else "<", callback.initial_value_threshold
    first = "self.best is None or " if threshold is None else ""
    kind = "float | None" if threshold is None else "float"
    return Checkpoint(
        name,
        title=f"Saves the {what} after each epoch that is the best one so far.",
        best=f"best: {kind} = {literal(threshold)}",
        lines=(
            f"value = logs[{literal(callback.monitor)}]",
            f"if {first}value {sign} self.best:",
            "    self.best = value",
            *(f"    {line}" for line in lines),
        ),
    )
