"""What training does otherwise in PyTorch."""

from __future__ import annotations

from specc.diagnostics import Diagnostic, Span
from specc.expressions import quoted
from specc.program import Fit, Node, Program
from specc.spec.callbacks import ModelCheckpoint
from specc.spec.layers.core import Embedding
from specc.spec.optimizers import SGD
from specc.targets.torch.model import Model
from specc.targets.torch.training.checkpoints import torch_path
from specc.targets.torch.training.update import Update


def add_notes(program: Program, fit: Fit, model: Model, found: Update) -> None:
    """Add the notes of training to those of the model."""

    def note(code: str, message: str, span: Span = fit.span, layers: tuple[str, ...] = ()) -> None:
        model.note(Diagnostic(code, message, span, None, "note"), layers)

    for difference in found.notes:
        note(difference.code, difference.message, layers=difference.layers)
    if fit.optimizer.loss_scale_factor is not None:
        note(
            "N206",
            "loss_scale_factor changes nothing in float32; the PyTorch program leaves it out",
        )
    plain = isinstance(fit.optimizer, SGD) and not fit.optimizer.clips()
    tables = tuple(str(node.name) for node in program.graph.nodes if _looks_up(node))
    if tables and not plain and not program.exact:
        note(
            "N205",
            "Keras on TensorFlow does not add up an embedding's gradients of repeated tokens "
            "before the optimizer squares or clips them, PyTorch does; fidelity: exact has Keras "
            "add them up",
            layers=tables,
        )
    if fit.head.loss.word == "ctc":
        note(
            "N213",
            "where a sample has too few steps for its labels, ctc is infinite in PyTorch, about "
            "700 in Keras on TensorFlow",
        )
    for watch in fit.watches:
        checkpoint = watch.callback
        if isinstance(checkpoint, ModelCheckpoint):
            path = torch_path(checkpoint)
            note(
                "N207", f"the PyTorch program writes its checkpoints to {quoted(path)}", watch.span
            )


def _looks_up(node: Node) -> bool:
    """Tell whether the gradients of a layer, or of one within it, are those of single tokens."""
    layers = [found.layer for found in node.walk()]
    return any(isinstance(x, Embedding) and not x.embeddings_regularizer for x in layers)
