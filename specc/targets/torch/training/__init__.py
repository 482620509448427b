"""Training of a PyTorch program: a list of features, each of which adds to the loop."""

from __future__ import annotations

from specc.expressions import literal
from specc.program import Fit, Program
from specc.spec.word import Schedule
from specc.targets.torch.ends import model_end
from specc.targets.torch.model import Model
from specc.targets.torch.penalties import weight_penalties
from specc.targets.torch.training.accumulation import accumulation, batch_numbers, interval
from specc.targets.torch.training.average import average
from specc.targets.torch.training.batch_functions import loss
from specc.targets.torch.training.batches import batches
from specc.targets.torch.training.checkpoints import checkpoints
from specc.targets.torch.training.class_weight import class_weight
from specc.targets.torch.training.clipping import clipping
from specc.targets.torch.training.constraints import constraint_lines, constraints, norms
from specc.targets.torch.training.decay import decay
from specc.targets.torch.training.device import device
from specc.targets.torch.training.early_stopping import early_stopping
from specc.targets.torch.training.feature import Training, together
from specc.targets.torch.training.loop import loop
from specc.targets.torch.training.metrics import masked_metrics, means, metrics
from specc.targets.torch.training.notes import add_notes
from specc.targets.torch.training.optimizer import optimizer, optimizer_class
from specc.targets.torch.training.optimizers import update
from specc.targets.torch.training.regularization import regularization
from specc.targets.torch.training.samples import samples, test
from specc.targets.torch.training.schedule import schedule
from specc.targets.torch.training.schedules import Scheduler, scheduler
from specc.targets.torch.training.seeds import seeds
from specc.targets.torch.training.stateful_metrics import stateful_metrics
from specc.targets.torch.training.validation import validation
from specc.targets.view import Constants, Part, WeightPenalty

# In the order in which their lines stand at each place. Early stopping leaves the loop, so the
# checkpoints of the epoch come before it.
FEATURES = (
    seeds,
    device,
    samples,
    validation,
    batches,
    loss,
    class_weight,
    regularization,
    metrics,
    stateful_metrics,
    optimizer_class,
    norms,
    optimizer,
    masked_metrics,
    accumulation,
    clipping,
    decay,
    schedule,
    batch_numbers,
    average,
    constraints,
    checkpoints,
    early_stopping,
    test,
)


def lower_training(
    program: Program, fit: Fit, model: Model, constants: Constants
) -> tuple[tuple[Part, ...], tuple[WeightPenalty, ...]]:
    """Return the sections of training, and how weights are penalised.

    It adds constants, and to the model helpers and notes.
    """
    at = _training(program, fit, model, constants)
    add_notes(program, fit, model, at.update)
    if at.ends.masked:
        model.helpers.add("masked_mean")
    if any(p.what == "ORTHOGONAL" for p in at.penalties):
        model.helpers.add("mean_cosine")
    sections = loop(at, together(feature(at) for feature in FEATURES))
    constants.add("FIGURES", literal(("loss", *(figure.name for figure in means(fit)))))
    terms = (WeightPenalty(p.what, False) for p in at.penalties)
    return sections, (*(WeightPenalty(p.what, True) for p in at.decayed), *terms)


def _training(program: Program, fit: Fit, model: Model, constants: Constants) -> Training:
    """Return what features know: how weights are penalised, updated and constrained."""
    penalties, rate = weight_penalties(model.weights, constants), _schedule(fit, constants)
    found = update(
        fit.optimizer,
        program.exact,
        constants,
        schedule=rate,
        weights=model.weights,
        model=str(program.name),
        has_l2=any(p.what == "L2" for p in penalties),
    )
    constrained, needed = constraint_lines(model.weights, constants)
    decayed = tuple(p for p in penalties if p.what == "L2" and found.l2_as_decay)
    return Training(
        program=program,
        fit=fit,
        model=model,
        constants=constants,
        ends=model_end(program, model.layout),
        penalties=tuple(p for p in penalties if p not in decayed),
        decayed=decayed,
        schedule=rate,
        update=found,
        constrained=constrained,
        norms=needed,
    )


def _schedule(fit: Fit, constants: Constants) -> Scheduler | None:
    rate = fit.optimizer.learning_rate
    if not isinstance(rate, Schedule):
        return None
    return scheduler(rate, interval(fit.optimizer, constants), constants)
