"""Keras' callbacks as lines of the training loop."""

from __future__ import annotations

from collections import Counter
from typing import Any

from specc.expressions import literal
from specc.program import Watch
from specc.spec.callbacks import EarlyStopping, ModelCheckpoint
from specc.targets.view import Constants


def callback_lines(
    watches: tuple[Watch, ...], constants: Constants, scheduled: bool
) -> dict[str, Any]:
    """Return the lines before the loop, at the end of each epoch, and after the loop.

    Early stopping leaves the loop, so the checkpoints of the epoch come before it.

    Arguments:
        scheduled: Whether there is a scheduler, whose state a checkpoint holds.
    """
    before: list[str] = []
    during: list[str] = []
    after: list[str] = []
    ordered = sorted(watches, key=lambda w: isinstance(w.callback, EarlyStopping))
    several = sum(isinstance(w.callback, EarlyStopping) for w in watches) > 1
    seen: Counter[str] = Counter()
    for watch in ordered:
        word = watch.callback.word
        seen[word] += 1
        number = "" if seen[word] == 1 else f"_{seen[word]}"
        if isinstance(watch.callback, EarlyStopping):
            start, end = _early_stopping(watch, watch.callback, number, constants, several)
            before += start
            after += _restore(watch.callback, number)
            during += end
        elif isinstance(watch.callback, ModelCheckpoint):
            start, end = _model_checkpoint(watch, watch.callback, number, constants, scheduled)
            before += start
            during += end
    if several:
        before.append("stop = False")
        during += ["if stop:", "    break"]
    return {"before_loop": before, "after_epoch": during, "after_loop": after}


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
    watch: Watch, callback: ModelCheckpoint, n: str, constants: Constants, scheduled: bool
) -> tuple[list[str], list[str]]:
    """Return the lines before and in the loop: `keras.callbacks.ModelCheckpoint`."""
    path = str(constants.add("CHECKPOINT", torch_path(callback)))
    if "{" in callback.filepath or "}" in callback.filepath:
        path += ".format(epoch=epoch + 1, **figures)"
    state = "model.state_dict()"
    lines = [f"path = Path({path})", "path.parent.mkdir(parents=True, exist_ok=True)"]
    if not callback.save_weights_only:
        parts = '"model": model.state_dict(), "optimizer": optimizer.state_dict()'
        if scheduled:
            lines += [
                f"state = {{{parts}}}",
                'state |= {"scheduler": scheduler.state_dict(), "epoch": epoch + 1}',
            ]
        else:
            lines.append(f'state = {{{parts}, "epoch": epoch + 1}}')
        state = "state"
    lines.append(f"torch.save({state}, path)")
    if callback.verbose:
        lines.append('print(f"Epoch {epoch + 1}: saved {path}")')
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
