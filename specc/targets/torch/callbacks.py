"""Keras' callbacks as lines of the training loop."""

from __future__ import annotations

from collections import Counter
from typing import Any

from specc.expressions import Code, literal
from specc.program import Watch
from specc.spec.callbacks import EarlyStopping, ModelCheckpoint
from specc.targets.checkpoints import formatted, makes_folders, path_check
from specc.targets.view import Constants


def callback_lines(
    watches: tuple[Watch, ...], constants: Constants, scheduled: bool
) -> dict[str, Any]:
    """Return the lines before the loop, at the end of each epoch, after the loop, and others.

    Early stopping leaves the loop, so the checkpoints of the epoch come before it.

    Arguments:
        scheduled: Whether there is a scheduler, whose state a checkpoint holds.
    """
    before: list[str] = []
    during: list[str] = []
    after: list[str] = []
    checks: list[str] = []
    ordered = sorted(watches, key=lambda w: isinstance(w.callback, EarlyStopping))
    several = sum(isinstance(w.callback, EarlyStopping) for w in watches) > 1
    seen: Counter[str] = Counter()
    for watch in ordered:
        word = watch.callback.word
        seen[word] += 1
        number = _number(seen[word])
        if isinstance(watch.callback, EarlyStopping):
            start, end = _early_stopping(watch, watch.callback, number, constants, several)
            before += start
            after += _restore(watch.callback, number)
            during += end
        elif isinstance(watch.callback, ModelCheckpoint):
            name = constants.add("CHECKPOINT", torch_path(watch.callback))
            start, end = _model_checkpoint(watch, watch.callback, number, name, scheduled)
            before += start
            during += end
            checks += path_check(torch_path(watch.callback), name)
    if several:
        before.append("stop = False")
        during += ["if stop:", "    break"]
    states = _best_states(watches)
    return {
        "before_loop": before,
        "after_epoch": during,
        "after_loop": after,
        "restores": bool(states),
        "best_state": " or ".join(reversed(states)),
        "path_checks": checks,
    }


def _best_states(watches: tuple[Watch, ...]) -> list[str]:
    """Return what holds the best weights of each early stopping, None where it has none yet."""
    stops = [w.callback for w in watches if isinstance(w.callback, EarlyStopping)]
    return [
        f"best_state{_number(place)}"
        for place, stop in enumerate(stops, 1)
        if stop.restore_best_weights
    ]


def _number(place: int) -> str:
    return "" if place == 1 else f"_{place}"


def torch_path(checkpoint: ModelCheckpoint) -> str:
    """Return the path of a checkpoint with PyTorch's ending."""
    for ending in (".weights.h5", ".keras", ".h5"):
        if checkpoint.filepath.endswith(ending):
            return checkpoint.filepath.removesuffix(ending) + ".pt"
    return checkpoint.filepath


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _early_stopping(
    watch: Watch, callback: EarlyStopping, n: str, constants: Constants, several: bool
) -> tuple[list[str], list[str]]:
    """Return the lines before and in the loop: `keras.callbacks.EarlyStopping.on_epoch_end`."""
    sign = ">" if watch.rising else "<"
    margin = ""
    patience = constants.add("PATIENCE", callback.patience)
    if callback.min_delta:
        delta = constants.add("MIN_DELTA", callback.min_delta)
        margin = f" {'-' if watch.rising else '+'} {delta}"
    value, best, waited = "value", f"best{n}", f"waited{n}"
    state = [f"best_state{n} = copy.deepcopy(model.state_dict())"]
    reset = [f"{waited} = 0"]
    if callback.baseline is not None:
        baseline = constants.add("BASELINE", callback.baseline)
        reset = [f"if {value}{margin} {sign} {baseline}:", f"    {waited} = 0"]
    tell = ['print(f"Epoch {epoch + 1}: early stopping")'] if callback.verbose else []
    lines = [
        f"{value} = figures[{literal(callback.monitor)}]",
        f"{waited} += 1",
        f"if {best} is None or {value}{margin} {sign} {best}:",
        *_indented(
            [f"{best} = {value}", *(state if callback.restore_best_weights else []), *reset]
        ),
        f"elif {waited} >= {patience} and epoch > 0:",
        *_indented([*tell, "stop = True" if several else "break"]),
    ]
    if callback.start_from_epoch:
        start = constants.add("START_FROM_EPOCH", callback.start_from_epoch)
        lines = [f"if epoch >= {start}:", *_indented(lines)]
    before = [f"{best}, {waited} = None, 0"]
    if callback.restore_best_weights:
        before.append(f"best_state{n} = None")
    return before, lines


def _restore(callback: EarlyStopping, n: str) -> list[str]:
    if not callback.restore_best_weights:
        return []
    return [f"if best_state{n} is not None:", f"    model.load_state_dict(best_state{n})"]


def _model_checkpoint(
    watch: Watch, callback: ModelCheckpoint, n: str, name: Code, scheduled: bool
) -> tuple[list[str], list[str]]:
    """Return the lines before and in the loop: `keras.callbacks.ModelCheckpoint`."""
    path = formatted(callback.filepath, name, "figures")
    lines = [] if path == name else [f"path = {path}"]
    path = name if path == name else Code("path")
    if makes_folders(callback.filepath):
        lines.append("Path(path).parent.mkdir(parents=True, exist_ok=True)")
    state = "model.state_dict()"
    if not callback.save_weights_only:
        lines += ["state = {", *_indented(_state(scheduled)), "}"]
        state = "state"
    lines.append(f"save({state}, {path})")
    if callback.verbose:
        lines.append(f'print(f"Epoch {{epoch + 1}}: saved {{{path}}}")')
    if not callback.save_best_only:
        return [], lines
    sign, value, best = ">" if watch.rising else "<", "value", f"best_saved{n}"
    threshold = callback.initial_value_threshold
    first = f"{best} is None or " if threshold is None else ""
    return [f"{best} = {literal(threshold)}"], [
        f"{value} = figures[{literal(callback.monitor)}]",
        f"if {first}{value} {sign} {best}:",
        *_indented([f"{best} = {value}", *lines]),
    ]


def _state(scheduled: bool) -> list[str]:
    """Return what a checkpoint holds beside the model, to train on from it."""
    parts = {"model": "model.state_dict()", "optimizer": "optimizer.state_dict()"}
    if scheduled:
        parts["scheduler"] = "scheduler.state_dict()"
    parts["epoch"] = "epoch + 1"
    return [f'"{name}": {value},' for name, value in parts.items()]
