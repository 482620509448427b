"""Early stopping: Keras' callback as lines of the training loop."""

from __future__ import annotations

from specc.expressions import Code, literal
from specc.program import Watch
from specc.spec.callbacks import EarlyStopping
from specc.targets.torch.training.feature import Feature, Training, indented, together
from specc.targets.view import Constants


def early_stopping(at: Training) -> Feature:
    """Leave the loop where a figure no longer improves.

    Where several may do so, each sees the epoch before one leaves.
    """
    stopping = [w for w in at.fit.watches if isinstance(w.callback, EarlyStopping)]
    several = len(stopping) > 1
    found = [_one(at.constants, w, place, several) for place, w in enumerate(stopping, 1)]
    if several:
        found.append(Feature(before_loop=("stop = False",), after_epoch=("if stop:", "    break")))
    return together(found)


def _one(constants: Constants, watch: Watch, place: int, several: bool) -> Feature:
    """Return what one of them adds: `keras.callbacks.EarlyStopping.on_epoch_end`."""
    callback, n = watch.callback, "" if place == 1 else f"_{place}"
    assert isinstance(callback, EarlyStopping)
    best, waited, state = f"best{n}", f"waited{n}", Code(f"best_state{n}")
    lines = _lines(constants, watch, callback, (best, waited, state), several)
    start = f"{best}, {waited} = None, 0"
    if not callback.restore_best_weights:
        return Feature(before_loop=(start,), after_epoch=lines)
    return Feature(
        before_loop=(start, f"{state} = None"),
        after_epoch=lines,
        finish=(f"if {state} is not None:", f"    model.load_state_dict({state})"),
        best_states=(state,),
    )


def _lines(
    constants: Constants,
    watch: Watch,
    callback: EarlyStopping,
    names: tuple[str, str, str],
    several: bool,
) -> tuple[str, ...]:
    """Return the lines at the end of each epoch."""
    best, waited, state = names
    sign, margin = ">" if watch.rising else "<", ""
    patience = constants.add("PATIENCE", callback.patience)
    if callback.min_delta:
        delta = constants.add("MIN_DELTA", callback.min_delta)
        margin = f" {'-' if watch.rising else '+'} {delta}"
    keep = [f"{state} = copy.deepcopy(model.state_dict())"] * callback.restore_best_weights
    reset = [f"{waited} = 0"]
    if callback.baseline is not None:
        baseline = constants.add("BASELINE", callback.baseline)
        reset = [f"if value{margin} {sign} {baseline}:", f"    {waited} = 0"]
    tell = ['print(f"Epoch {epoch + 1}: early stopping")'] * bool(callback.verbose)
    lines = (
        f"value = figures[{literal(callback.monitor)}]",
        f"{waited} += 1",
        f"if {best} is None or value{margin} {sign} {best}:",
        *indented([f"{best} = value", *keep, *reset]),
        f"elif {waited} >= {patience} and epoch > 0:",
        *indented([*tell, "stop = True" if several else "break"]),
    )
    if not callback.start_from_epoch:
        return lines
    start = constants.add("START_FROM_EPOCH", callback.start_from_epoch)
    return (f"if epoch >= {start}:", *indented(lines))
