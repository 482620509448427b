"""A whole PyTorch program: its sections and what they import."""

from __future__ import annotations

from specc.diagnostics import Diagnostic
from specc.program import Program
from specc.spec.word import Word
from specc.targets.data import reading
from specc.targets.torch.definitions import before_model
from specc.targets.torch.ends import model_end
from specc.targets.torch.layout import outside
from specc.targets.torch.model import Model, for_each, lower_model
from specc.targets.torch.training import lower_training
from specc.targets.torch.training.seeds import seeding
from specc.targets.view import (
    Constants,
    Import,
    Part,
    Section,
    View,
    WeightPenalty,
    batch_shape,
    custom_classes,
    description_line,
    docstring,
    given,
    training_constants,
)

# What programs may use from elsewhere.
IMPORTS = (
    (
        Import("argparse"),
        Import("copy"),
        Import("csv"),
        Import("math"),
        Import("random"),
        Import("sys"),
        Import("collections.abc", ("Callable",)),
        Import("pathlib", ("Path",)),
        Import("typing", ("Any",)),
    ),
    (
        Import("numpy", alias="np"),
        Import("pandas", alias="pd"),
        Import("torch"),
        Import("torch.nn.functional", alias="F"),
        Import("torch", ("nn",)),
        Import("torch.optim.swa_utils", ("AveragedModel", "get_ema_multi_avg_fn")),
        Import("torch.utils.data", ("DataLoader", "TensorDataset")),
        Import("torchmetrics", ("MeanSquaredError", "Metric", "SumMetric")),
        Import(
            "torchmetrics.classification",
            (
                "BinaryF1Score",
                "BinaryFBetaScore",
                "BinaryJaccardIndex",
                "BinaryPrecision",
                "BinaryRecall",
                "MulticlassJaccardIndex",
                "MultilabelF1Score",
                "MultilabelFBetaScore",
            ),
        ),
        Import("tqdm", ("tqdm",)),
    ),
)


class ModelClass(Section):
    """The class of the model.

    Attributes:
        description: Its docstring.
        modules: Lines of `__init__`.
        draws: Lines that draw the initial weights.
        no_grad: Whether they run without gradients.
        inferring: Lines that keep layers in inference.
        returned: The type of what `forward` returns.
        forward: Its lines.
        output: The shape of what the Keras model returns.
        probabilities: Lines that make that of logits; none where the model gives no logits.
    """

    template = "torch/model.py.jinja"
    class_name: str
    description: str
    modules: tuple[str, ...]
    draws: tuple[str, ...]
    no_grad: bool
    inferring: tuple[str, ...]
    returned: str
    forward: tuple[str, ...]
    output: str
    probabilities: tuple[str, ...]


class Show(Section):
    """What a program without training does: it shows the model."""

    template = "torch/show.py.jinja"
    class_name: str
    seeding: tuple[str, ...]


def lower(program: Program) -> View:
    """Return a PyTorch program."""
    constants = Constants()
    training_constants(program, constants)
    lines, custom = custom_classes(program, "torch")
    model = lower_model(program, custom, constants)
    readers = reading(program, constants)
    penalties: tuple[WeightPenalty, ...] = ()
    end: tuple[Part, ...] = (Show(program.class_name, seeding(program)),)
    if program.fit is not None:
        end, penalties = lower_training(program, program.fit, model, constants)
    else:
        _note_penalties(program, model)
    inside = batch_shape(outside(program, program.input.shape).shape(program.input.shape))
    output = batch_shape(model.layout.shape(program.graph.output.shape))
    ending = "" if program.logits(program.graph.output) is None else ", logits"
    return View(
        docstring=docstring(program, inside, output + ending),
        imports=IMPORTS,
        custom=lines,
        constants=constants.lines(),
        sections=(*before_model(model.helpers), _class(program, model, output), *readers, *end),
        notes=tuple(model.notes),
        weights=tuple(model.weights),
        outputs=tuple(model.outputs),
        noted=model.noted,
        penalties=penalties,
        gives=given(program) if program.logits(program.graph.output) is None else "logits",
    )


def _class(program: Program, model: Model, output: str) -> ModelClass:
    frozen = for_each(model.frozen, "requires_grad_(False)")
    return ModelClass(
        class_name=program.class_name,
        description=description_line(program),
        modules=(*model.modules, *frozen),
        draws=tuple(model.draws),
        no_grad=model.no_grad,
        inferring=tuple(for_each(model.inferring, "eval()")),
        returned=_returned(model),
        forward=tuple(model.forward),
        output=output,
        probabilities=_probabilities(program, model),
    )


def _returned(model: Model) -> str:
    """Return the type of what `forward` returns."""
    count = 1 + len(model.beside)
    return f"tuple[{', '.join(['torch.Tensor'] * count)}]" if count > 1 else "torch.Tensor"


def _probabilities(program: Program, model: Model) -> tuple[str, ...]:
    """Return the lines that make probabilities of logits; none where the model gives others."""
    end = model_end(program, model.layout)
    if not end.logits:
        return ()
    if not model.beside:
        return (f"return {end.probabilities('self(x)')}",)
    names = ", ".join(["logits", *["_"] * len(model.beside)])
    return (f"{names} = self(x)", f"return {end.probabilities()}")


def _note_penalties(program: Program, model: Model) -> None:
    for node in program.graph.nodes:
        found: list[Word] = [v.regularizer for v in node.variables if v.regularizer is not None]
        found += [node.activity] if node.activity is not None else []
        found += [v.constraint for v in node.variables if v.constraint is not None]
        if found:
            words = ", ".join(word.word for word in found)
            message = f"{node.name}: {words} acts in training; the PyTorch module does not hold it"
            model.note(Diagnostic("N208", message, node.span, None, "note"), [node.name])
