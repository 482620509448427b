"""The training loop of a PyTorch program: loss, penalties, update, callbacks."""

from __future__ import annotations

from typing import Any

from specc.diagnostics import Diagnostic, Span
from specc.expressions import Code, call, literal, quoted, statement
from specc.program import Fit, Node, Program, final_activation
from specc.spec.callbacks import ModelCheckpoint
from specc.spec.layers.core import Embedding
from specc.spec.optimizers import SGD
from specc.spec.word import Metric, Schedule
from specc.targets.torch.callbacks import callback_lines, torch_path
from specc.targets.torch.constraints import constraint_lines
from specc.targets.torch.ends import Ends, model_end
from specc.targets.torch.layout import KERAS, outside, permutation
from specc.targets.torch.losses import loss_body, metric_body
from specc.targets.torch.model import Model
from specc.targets.torch.optimizers import clip_lines, decay_lines, update
from specc.targets.torch.penalties import Penalty, weight_penalties
from specc.targets.torch.schedules import Scheduler, scheduler
from specc.targets.torch.update import Update
from specc.targets.view import Constants, target_sizes

_MOST_LISTED = 1000  # classes whose weights a program names one by one
_EPOCH = 12  # the margin of an epoch in main
_COMMENT = 78  # what fits behind the margin of a parameter group


def training_context(
    program: Program, fit: Fit, model: Model, constants: Constants
) -> dict[str, Any]:
    """Return what the template places of training; adds constants, helpers and notes."""
    ends = model_end(program, model.layout)
    penalties = weight_penalties(model.weights, constants)
    schedule = _schedule(fit, constants)
    weights, name = model.weights, str(program.name)
    found = update(fit.optimizer, program.exact, constants, schedule, weights, name)
    decayed = [p for p in penalties if p.what == "L2" and found.l2_as_decay]
    trained = [p for p in penalties if p not in decayed]
    model.helpers.update(found.helpers)
    if ends.masked:
        model.helpers.add("masked_mean")
    if any(p.what == "ORTHOGONAL" for p in penalties):
        model.helpers.add("mean_cosine")
    _add_notes(program, fit, model, found)
    constrained, limits = constraint_lines(model.weights, constants)
    model.helpers.update(limits)
    class_weight = fit.training.class_weight
    if class_weight is not None:
        _add_class_weight(fit, class_weight, constants)
    return {
        **_data(program),
        **_optimizer(found, decayed, bool(model.frozen)),
        **_loss(fit, ends, trained, decayed, model),
        **_loop(fit, found, model, constants),
        **_scheduler(schedule),
        "constrain": constrained,
        **callback_lines(fit.watches, constants, schedule is not None),
        **_figures(fit, ends, decayed),
        **_accumulators(program, fit, ends),
        "validates": bool(fit.training.validation_split),
        "shuffles": fit.training.shuffle,
    }


def _add_class_weight(fit: Fit, weights: dict[int, float], constants: Constants) -> None:
    classes = fit.head.classes or max(2, fit.head.target_shapes[0][-1])
    if classes > _MOST_LISTED:
        known = {label: float(weight) for label, weight in weights.items() if label < classes}
        labels, values = literal(list(known)), literal(list(known.values()))
        places = f"0, torch.tensor({labels}), torch.tensor({values})"
        scatter = f".scatter({places})" if known else ""
        constants.add("CLASS_WEIGHT", Code(f"torch.ones({classes}){scatter}"))
        return
    table = [float(weights.get(label, 1.0)) for label in range(classes)]
    constants.add("CLASS_WEIGHT", Code(str(call("torch.tensor", literal(table)))))


def _add_notes(program: Program, fit: Fit, model: Model, found: Update) -> None:
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


def _data(program: Program) -> dict[str, Any]:
    fit = program.fit
    assert fit is not None
    output, sizes = program.graph.output.shape, target_sizes(fit, "y")
    turn_x = permutation(
        Code(""), KERAS, outside(program, program.input.shape), len(program.input.shape)
    )
    turn_y = None
    if not fit.head.integers:
        turn_y = permutation(Code(""), KERAS, outside(program, output), len(output))
    return {
        "x_types": [f"np.{dtype}" for dtype in _types(program)],
        "turn_x": turn_x or "",
        "y_dtype": "np.int64" if fit.head.integers else "np.float32",
        "shape_y": "" if sizes is None else f".reshape({sizes})",
        "turn_y": turn_y or "",
    }


def _types(program: Program) -> list[str]:
    """Return the types through which inputs go; Keras computes in float32 whatever it reads."""
    dtype = program.input.dtype
    return {"float16": ["float16", "float32"], "float64": ["float32"]}.get(dtype, [dtype])


def _why(penalty: Penalty) -> list[str]:
    """Return the comment that says why a weight decay is twice the factor of L2."""
    value = literal(penalty.value)
    head = f"{penalty.what} {value} on {penalty.where}:"
    tail = f"d/dW of {value} * sum(W * W) is {literal(2 * penalty.value)} * W"
    line = f"{head} {tail}"
    return [line] if len(line) <= _COMMENT else [head, tail]


def _optimizer(found: Update, decayed: list[Penalty], freezes: bool) -> dict[str, Any]:
    base = f"{found.base_decay} + " if found.base_decay else ""
    tensors: dict[Code, list[str]] = {}
    for penalty in decayed:
        tensors.setdefault(penalty.constant, []).append(penalty.tensor)
    groups = [
        {
            "comments": _why(next(p for p in decayed if p.constant == name)),
            "line": f'{{"params": [{", ".join(held)}], "weight_decay": {base}2 * {name}}},',
        }
        for name, held in tensors.items()
    ]
    names = [p.parameter for p in decayed]
    named = decayed or freezes or found.before
    value = found.value if named else _replace_parameters(found)
    prefix = "optimizer = " if found.hook else "return "
    return {
        "optimizer_name": found.name,
        "groups": groups,
        "decayed_names": literal(names[0]) if len(names) == 1 else "decayed",
        "decayed_list": statement(
            "decayed = ", Code("{" + ", ".join(map(literal, names)) + "}"), 4
        ),
        "one_decayed": len(names) == 1,
        **_trained(bool(decayed), freezes),
        "optimizer": statement(prefix, value, 4),
        "hook": found.hook,
        "optimizer_before": list(found.before),
        "optimizer_comments": [n.comment for n in found.notes if n.comment]
        + ([found.comment] if found.comment else []),
        **found.flags,
    }


def _trained(named: bool, freezes: bool) -> dict[str, str]:
    """Return the line that leaves out frozen weights, and where names of weights come from."""
    if not freezes:
        return {"trained": "", "named": "model.named_parameters()"}
    if named:
        pairs = "[(name, p) for name, p in model.named_parameters() if p.requires_grad]"
        return {"trained": f"trained = {pairs}", "named": "trained"}
    return {"trained": "parameters = [p for p in model.parameters() if p.requires_grad]"}


def _replace_parameters(found: Update) -> Any:
    value = found.value
    return call(value.function, Code("model.parameters()"), *value.args[1:], **dict(value.kwargs))


def _loss(
    fit: Fit, ends: Ends, trained: list[Penalty], decayed: list[Penalty], model: Model
) -> dict[str, Any]:
    weighted = fit.training.class_weight is not None
    before, value = loss_body(fit, ends, False)
    negated = "negated " if fit.head.loss.word == "cosine_similarity" else ""
    context: dict[str, Any] = {
        "outputs": ends.outputs,
        "loss_signature": ends.signature("loss_fn"),
        "weighted_signature": ends.signature("weighted_loss_fn"),
        "loss_name": negated + _title(fit.head.loss.word),
        "loss_before": before,
        "loss_return": statement("return ", value, 4),
        "weighted": weighted,
        "penalty": _sum(trained),
        "l2_penalty": _sum(decayed),
        "called": ", ".join([ends.outputs, *model.beside]),
    }
    if weighted:
        before, value = loss_body(fit, ends, True)
        context["weighted_before"], context["weighted_return"] = before, statement(
            "return ", value, 4
        )
    terms = ["penalty(model)"] if trained else []
    terms += ["activity_penalty"] if model.activity else []
    function = "weighted_loss_fn" if weighted else "loss_fn"
    arguments = f"({ends.arguments})"
    context["train_loss"] = " + ".join([function + arguments, *terms])
    context["eval_loss"] = " + ".join(
        ["loss_fn" + arguments, *terms, *(["l2_penalty(model)"] if decayed else [])]
    )
    return context


def _title(word: str) -> str:
    """Return what prose calls a loss or metric."""
    title = word.replace("_", " ").replace("kl ", "Kullback-Leibler ")
    for name in ("poisson", "dice", "tversky"):
        title = title.replace(name, name.capitalize())
    title = title.replace("ctc", "CTC")
    ends = ("huber", "poisson", "hinge", "dice", "tversky", "circle", "ctc")
    return f"{title} loss" if word.endswith(ends) else title


def _sum(penalties: list[Penalty]) -> list[str]:
    """Return the lines of a sum of penalties, one term a line."""
    terms = [str(p.term()) for p in penalties]
    if len(terms) < 2:
        return [f"return {terms[0]}"] if terms else []
    line = "return " + " + ".join(terms)
    if len(line) + 4 <= 88:
        return [line]
    return ["return (", *(f"    {'+ ' if n else ''}{t}" for n, t in enumerate(terms)), ")"]


def _figures(fit: Fit, ends: Ends, decayed: list[Penalty]) -> dict[str, Any]:
    means = [f for f in fit.figures if f.metric.is_mean]
    words = [f.written.word for f in means]
    metrics = [
        _metric(word, words[:n].count(word), figure.metric, ends)
        for n, (word, figure) in enumerate(zip(words, means, strict=True))
    ]
    values = [f"{m['function']}({ends.arguments})" for m in metrics]
    reported = "loss" + (" + l2_penalty(model)" if decayed else "")
    return {
        "metrics": metrics,
        "masked_metrics": ends.masked and bool(metrics),
        "return_figures": _return(fit, ends.masked and bool(metrics)),
        "figures": literal(("loss", *(f.name for f in means))),
        "train_figures": ", ".join([reported, *values]),
        "eval_figures": ", ".join(["loss", *values]),
    }


def _return(fit: Fit, masked: bool) -> list[str]:
    """Return the lines that return an epoch's figures in the order of the spec."""
    count = "counts.clamp(min=1)" if masked else "samples"
    means = f"dict(zip(FIGURES, (totals / {count}).tolist(), strict=True))"
    kinds = [figure.metric.is_mean for figure in fit.figures]
    if all(kinds):
        return [f"return {means}"]
    others = "{name: metric.compute().item() for name, metric in metrics.items()}"
    lines = [f"means = {means}", f"others = {others}"]
    if kinds == sorted(kinds, reverse=True):
        return [*lines, "return means | others"]
    names = literal(("loss", *(figure.name for figure in fit.figures)))
    ordered = Code(f"{{name: both[name] for name in {names}}}")
    return [*lines, "both = means | others", statement("return ", ordered, 4)]


def _accumulators(program: Program, fit: Fit, ends: Ends) -> dict[str, Any]:
    """Return what the template places of metrics that are no means over samples."""
    figures = [f for f in fit.figures if not f.metric.is_mean]
    if not figures:
        return {"accumulates_figures": False}
    from specc.targets.torch import statistics

    batch = statistics.Batch(
        ends=ends,
        units=program.graph.output.shape[-1],
        bounded=final_activation(program.last) is not None,
        integers=fit.head.integers,
        hard="crossentropy" in fit.head.loss.word,
        ignored=getattr(fit.head.loss, "ignore_class", None),
    )
    found = [statistics.accumulator(figure.metric, batch) for figure in figures]
    lines = [
        statement("", call(f"metrics[{literal(f.name)}].update", *map(Code, a.inputs)), 4)
        for f, a in zip(figures, found, strict=True)
    ]
    if ends.logits and any("outputs" in line for line in lines):
        lines.insert(0, f"outputs = {ends.probabilities()}")
    return {
        "accumulates_figures": True,
        "metric_imports": statistics.imports(found),
        "metric_helpers": statistics.helpers(found),
        "metric_objects": [
            statement(f"{literal(f.name)}: ", Code(f"{a.value}.to(device)"), 8, ",")
            for f, a in zip(figures, found, strict=True)
        ],
        "metric_updates": lines,
    }


def _metric(word: str, before_it: int, metric: Metric, ends: Ends) -> dict[str, Any]:
    """Return a metric's function, named after the word: a name from a spec may be anything."""
    before, value = metric_body(metric, ends)
    function = f"{word}_{before_it + 1}" if before_it else word
    return {
        "function": function,
        "signature": ends.signature(function),
        "before": before,
        "value": statement("return ", value, 4),
        "title": _title(word),
    }


def _loop(fit: Fit, found: Update, model: Model, constants: Constants) -> dict[str, Any]:
    optimizer, scheduled = fit.optimizer, isinstance(fit.optimizer.learning_rate, Schedule)
    steps = optimizer.gradient_accumulation_steps
    frequency = optimizer.ema_overwrite_frequency
    interval = _interval(fit, constants)
    arguments = ["model", "train_loader", "optimizer", "device", *["scheduler"] * scheduled]
    arguments += ["epoch"] if steps or frequency else []
    arguments += ["average"] if optimizer.use_ema else []
    return {
        "clip": clip_lines(optimizer, constants, model.weights),
        "decay": decay_lines(found, bool(model.frozen), scheduled),
        "accumulates": steps is not None,
        "steps": interval,
        "ema": optimizer.use_ema,
        "ema_momentum": (
            constants.add("EMA_MOMENTUM", optimizer.ema_momentum) if optimizer.use_ema else None
        ),
        "average_lines": _average_lines(fit, interval, constants),
        "counts": steps is not None or frequency is not None,
        "train_epoch": statement(
            "figures = ", call("train_one_epoch", *map(Code, arguments)), _EPOCH
        ),
        "epsilon": literal(getattr(optimizer, "epsilon", 0.0)),
    }


def _interval(fit: Fit, constants: Constants) -> Code | None:
    """Return the number of batches for each update as a constant, or None for one."""
    steps = fit.optimizer.gradient_accumulation_steps
    name = "ACCUMULATION_STEPS"
    return (
        (Code(name) if name in constants.values else constants.add(name, steps)) if steps else None
    )


def _schedule(fit: Fit, constants: Constants) -> Scheduler | None:
    schedule = fit.optimizer.learning_rate
    if not isinstance(schedule, Schedule):
        return None
    return scheduler(schedule, _interval(fit, constants), constants)


def _scheduler(found: Scheduler | None) -> dict[str, Any]:
    """Return what the template places of a learning-rate schedule."""
    if found is None:
        return {}
    return {
        "scheduler": statement("return ", found.value, 4),
        "scheduler_comment": found.comment,
        "schedule_function": found.function,
        "schedule_base": found.base,
        "schedule_body": found.body,
    }


def _average_lines(fit: Fit, interval: Code | None, constants: Constants) -> list[str]:
    """Return the lines that update the moving average after each batch.

    Keras averages on every batch, also on those that only accumulate, from its first update on;
    `ema_overwrite_frequency` counts updates (keras.optimizers.Optimizer, measured).
    """
    optimizer = fit.optimizer
    if not optimizer.use_ema:
        return []
    lines = ["average.update_parameters(model)"]
    if interval:
        lines = [f"if number >= {interval}:", f"    {lines[0]}"]
    if optimizer.ema_overwrite_frequency:
        frequency = constants.add("EMA_OVERWRITE_FREQUENCY", optimizer.ema_overwrite_frequency)
        count = f"((number - 1) // {interval} + 1)" if interval else "number"
        lines += [f"if {count} % {frequency} == 0:", "    use_average(model, average)"]
    return lines
