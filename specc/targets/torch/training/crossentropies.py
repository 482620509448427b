"""Keras' crossentropies in PyTorch (docs/semantics.md, section 9).

On TensorFlow Keras computes one from logits where the model ends in a softmax or sigmoid, whatever
`from_logits` says. Of the focal ones the binary one alone does so, and for its crossentropy alone.
"""

from __future__ import annotations

from specc.expressions import Code, call, literal
from specc.spec.losses import BinaryFocalCrossentropy, CategoricalFocalCrossentropy
from specc.spec.word import Loss, Metric
from specc.targets.torch.ends import EPSILON, Ends, Values


def crossentropy(loss: Loss | Metric, ends: Ends) -> Values:
    """Return the crossentropy of outputs and targets."""
    if isinstance(loss, BinaryFocalCrossentropy):
        return _binary_focal(loss, ends)
    if isinstance(loss, CategoricalFocalCrossentropy):
        return _categorical_focal(loss, ends)
    if loss.word == "binary_crossentropy":
        return _binary(loss, ends)
    return _of_classes(loss, ends)


def _takes_logits(loss: Loss | Metric, ends: Ends) -> bool:
    return ends.logits or bool(getattr(loss, "from_logits", False))


def _of_classes(loss: Loss | Metric, ends: Ends) -> Values:
    sparse = loss.word.startswith("sparse")
    outputs = _classes_second(Code(ends.outputs), ends)
    targets = Code("targets") if sparse else _classes_second(Code("targets"), ends)
    ignored: int | None = getattr(loss, "ignore_class", None)
    smoothing: float = getattr(loss, "label_smoothing", 0.0)
    if not _takes_logits(loss, ends):
        if not sparse:
            return _categorical_on_probabilities(ends, smoothing)
        outputs = Code(f"{outputs}.clamp({EPSILON}, 1 - {EPSILON}).log()")
    value = call(
        "F.cross_entropy",
        outputs,
        targets,
        ignore_index=None if ignored is None else literal(ignored),
        label_smoothing=literal(smoothing) if smoothing else None,
    )
    if ignored is None:
        return Values(value, by_sample=True)
    found = Values(value, by_sample=True, counts=f"targets != {literal(ignored)}")
    # What is ignored is 0. A loss is divided by the number of the others, a metric by that of all.
    return found if isinstance(loss, Loss) else Values(found.samples(ends.dim), by_sample=True)


def _classes_second(value: Code, ends: Ends) -> Code:
    # F.cross_entropy wants the classes directly after the batch.
    return value if ends.dim == 1 else Code(f"{value}.movedim({ends.dim}, 1)")


def _binary(loss: Loss | Metric, ends: Ends) -> Values:
    before = _smooth(getattr(loss, "label_smoothing", 0.0), "2")
    outputs, targets = Code(ends.outputs), Code("targets")
    if _takes_logits(loss, ends):
        value = call("F.binary_cross_entropy_with_logits", outputs, targets)
    else:
        clamped = Code(f"outputs.clamp({EPSILON}, 1 - {EPSILON})")
        value = call("F.binary_cross_entropy", clamped, targets)
    return Values(value, before)


def _smooth(smoothing: float, classes: str) -> tuple[str, ...]:
    if not smoothing:
        return ()
    value = literal(smoothing)
    return (f"targets = targets * (1 - {value}) + {value} / {classes}",)


def _categorical_on_probabilities(ends: Ends, smoothing: float) -> Values:
    dim = ends.dim
    before = (
        *_smooth(smoothing, f"targets.size({dim})"),
        f"outputs = outputs / outputs.sum(dim={dim}, keepdim=True)",
        f"outputs = outputs.clamp({EPSILON}, 1 - {EPSILON})",
    )
    return Values(Code(f"-(targets * outputs.log()).sum(dim={dim})"), before, True)


def _binary_focal(loss: BinaryFocalCrossentropy, ends: Ends) -> Values:
    """The formula on probabilities, its crossentropy from logits where Keras has them."""
    before = _smooth(loss.label_smoothing, "2")
    none = literal("none")
    if _takes_logits(loss, ends):
        logits = Code(ends.outputs)
        inner = call("F.binary_cross_entropy_with_logits", logits, Code("targets"), reduction=none)
        value = ends.probabilities() if ends.logits else f"torch.sigmoid({logits})"
        before += (f"crossentropy = {inner}", f"outputs = {value}")
    else:
        clamped = Code(f"outputs.clamp({EPSILON}, 1 - {EPSILON})")
        inner = call("F.binary_cross_entropy", clamped, Code("targets"), reduction=none)
        before += (f"crossentropy = {inner}",)
    before += ("wrong = targets * (1 - outputs) + (1 - targets) * outputs",)
    value = f"{_power('wrong', loss.gamma)} * crossentropy"
    if loss.apply_class_balancing:
        alpha = literal(loss.alpha)
        before += (f"balance = targets * {alpha} + (1 - targets) * (1 - {alpha})",)
        value = f"balance * {value}"
    return Values(Code(f"({value})"), before)


def _power(base: str, exponent: float) -> str:
    sign = "**" if base.isidentifier() else " ** "  # as black has it
    return f"{base}{sign}{literal(int(exponent) if exponent.is_integer() else exponent)}"


def _categorical_focal(loss: CategoricalFocalCrossentropy, ends: Ends) -> Values:
    """The formula on clipped probabilities, which Keras takes after a softmax, too."""
    dim = ends.dim
    scaled = f"outputs / outputs.sum(dim={dim}, keepdim=True)"
    before = (
        *_smooth(loss.label_smoothing, f"targets.size({dim})"),
        f"outputs = {f'F.softmax(outputs, dim={dim})' if loss.from_logits else scaled}",
        f"outputs = outputs.clamp({EPSILON}, 1 - {EPSILON})",
        f"focus = {literal(loss.alpha)} * {_power('(1 - outputs)', loss.gamma)}",
    )
    return Values(Code(f"-(focus * targets * outputs.log()).sum(dim={dim})"), before, True)
