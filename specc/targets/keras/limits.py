"""What Keras itself cannot do, though it has the words for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specc.diagnostics import Diagnostic
from specc.program import Fit, Node, Program, activation_of
from specc.source import shortened
from specc.spec.activations import Glu
from specc.spec.callbacks import ModelCheckpoint
from specc.targets import TARGETS
from specc.unsure import hidden, where_sure
from specc.validate import Places

_FORMAT = re.compile(r"0?\d{0,2}(\.\d{1,2})?[deEfFgG]?")


def refuse(program: Program, places: Places) -> Iterator[Diagnostic]:
    """Yield errors about what Keras cannot do of a program, whose parts may be unsure."""
    with where_sure:
        for node in program.graph.nodes:
            if not hidden(node) and node.output not in program.graph.outputs:
                with where_sure:
                    yield from _refuse_glu(node.work)
    with where_sure:
        if program.fit is not None:
            yield from _refuse_paths(program.fit, places)


def _refuse_glu(node: Node) -> Iterator[Diagnostic]:
    if isinstance(activation_of(node.layer), Glu):
        message = (
            "glu halves its axis, but Keras takes its output to be as wide as its input, so no "
            "layer can follow it"
        )
        yield Diagnostic("E405", message, node.span, "put a custom layer in its place")


def _refuse_paths(fit: Fit, places: Places) -> Iterator[Diagnostic]:
    for watch in fit.watches:
        if isinstance(watch.callback, ModelCheckpoint):
            with where_sure:
                yield from _refuse_path(watch.callback, fit, places)


def _refuse_path(checkpoint: ModelCheckpoint, fit: Fit, places: Places) -> Iterator[Diagnostic]:
    place = places.of(checkpoint, "filepath")
    ends = (".weights.h5",) if checkpoint.save_weights_only else (".keras", ".h5")
    if not checkpoint.filepath.endswith(ends):
        found = shortened(checkpoint.filepath)
        message = f"expected a filepath that ends in {' or '.join(ends)}, found {found}"
        yield Diagnostic("E506", message, place, _other_endings())
        return
    figures = fit.reported()
    if not _can_format(checkpoint.filepath, {"epoch": 1, **dict.fromkeys(figures, 0.5)}):
        names = ", ".join(("epoch", *figures))
        message = (
            f"expected in the braces of filepath one of {names}, with a format as in "
            f"{{epoch:02d}} and {{loss:.3f}}, found {shortened(checkpoint.filepath)}"
        )
        yield Diagnostic("E506", message, place, "write {{ and }} for braces in the name")


def _other_endings() -> str | None:
    """Return the hint that other targets need no ending of their own, or None."""
    others = [target for target in TARGETS.values() if target.checkpoints]
    hints = [f"the {t.title} program ends it in {t.checkpoints} by itself" for t in others]
    return "; ".join(hints) or None


def _can_format(path: str, figures: dict[str, float]) -> bool:
    from string import Formatter  # whose import costs time, and most specs have no checkpoint

    try:
        fields = [part for part in Formatter().parse(path) if part[1] is not None]
        plain = all(
            name in figures and not conversion and _FORMAT.fullmatch(form or "")
            for _, name, form, conversion in fields
        )
        return plain and bool(path.format(**figures))
    except ValueError:
        return False
