"""Checkpoints: Keras' ModelCheckpoint as lines of the training loop."""

from __future__ import annotations

from specc.expressions import Code, literal
from specc.program import Watch
from specc.spec.callbacks import ModelCheckpoint
from specc.targets.checkpoints import formatted, makes_folders, path_check
from specc.targets.torch.training.feature import Feature, Training, indented, together


def checkpoints(at: Training) -> Feature:
    """Save the model, or its weights, after epochs."""
    saving = [w for w in at.fit.watches if isinstance(w.callback, ModelCheckpoint)]
    return together(_checkpoint(at, watch, place) for place, watch in enumerate(saving, 1))


def torch_path(checkpoint: ModelCheckpoint) -> str:
    """Return the path of a checkpoint with PyTorch's ending."""
    for ending in (".weights.h5", ".keras", ".h5"):
        if checkpoint.filepath.endswith(ending):
            return checkpoint.filepath.removesuffix(ending) + ".pt"
    return checkpoint.filepath


def _checkpoint(at: Training, watch: Watch, place: int) -> Feature:
    """Return what one of them adds: `keras.callbacks.ModelCheckpoint`."""
    callback = watch.callback
    assert isinstance(callback, ModelCheckpoint)
    constant = at.constants.add("CHECKPOINT", torch_path(callback))
    lines = _saving(callback, constant, at.schedule is not None)
    checks = tuple(path_check(torch_path(callback), constant))
    if not callback.save_best_only:
        return Feature(path_checks=checks, after_epoch=lines)
    sign, best = ">" if watch.rising else "<", f"best_saved{'' if place == 1 else f'_{place}'}"
    threshold = callback.initial_value_threshold
    first = f"{best} is None or " if threshold is None else ""
    return Feature(
        path_checks=checks,
        before_loop=(f"{best} = {literal(threshold)}",),
        after_epoch=(
            f"value = figures[{literal(callback.monitor)}]",
            f"if {first}value {sign} {best}:",
            *indented([f"{best} = value", *lines]),
        ),
    )


def _saving(callback: ModelCheckpoint, constant: Code, scheduled: bool) -> tuple[str, ...]:
    path = formatted(callback.filepath, constant, "figures")
    lines = [] if path == constant else [f"path = {path}"]
    path = constant if path == constant else Code("path")
    if makes_folders(callback.filepath):
        lines.append("Path(path).parent.mkdir(parents=True, exist_ok=True)")
    state = "model.state_dict()"
    if not callback.save_weights_only:
        lines += ["state = {", *indented(_state(scheduled)), "}"]
        state = "state"
    lines.append(f"save({state}, {path})")
    if callback.verbose:
        lines.append(f'print(f"Epoch {{epoch + 1}}: saved {{{path}}}")')
    return tuple(lines)


def _state(scheduled: bool) -> list[str]:
    """Return what a checkpoint holds beside the model, to train on from it."""
    parts = {"model": "model.state_dict()", "optimizer": "optimizer.state_dict()"}
    if scheduled:
        parts["scheduler"] = "scheduler.state_dict()"
    parts["epoch"] = "epoch + 1"
    return [f'"{name}": {value},' for name, value in parts.items()]
