"""Keras' regularizers in PyTorch: L2 as weight decay where that is the same update, else terms.

Keras' L2 is `l2 * sum(w * w)`, its gradient `2 * l2 * w`: the weight decay is `2 * l2`, on that
weight alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from specc.expressions import Code
from specc.program import Node
from specc.spec.paths import Path, written_at
from specc.spec.regularizers import L1, L1L2, L2, OrthogonalRegularizer
from specc.spec.word import Regularizer
from specc.targets.torch.weights import Weight
from specc.targets.view import Constants


@dataclass(frozen=True, slots=True)
class Penalty:
    """One term of the loss.

    Attributes:
        what: `L1`, `L2` or `ORTHOGONAL`.
        where: The layer, with the weight's name unless that is its kernel.
        value: The factor.
        constant: The factor's name in the program.
        tensor: The expression of what is penalised.
        parameter: The name of the weight in the model's state, where it is one.
    """

    what: str
    where: str
    value: float
    constant: Code
    tensor: Code
    parameter: str = ""

    @property
    def name(self) -> str:
        """What the constant is called where the name is free."""
        return f"{self.where}_{self.what}".upper()

    def term(self) -> Code:
        """Return the expression of the penalty."""
        if self.what == "L2":
            return Code(f"{self.constant} * {self.tensor}.square().sum()")
        if self.what == "L1":
            return Code(f"{self.constant} * {self.tensor}.abs().sum()")
        return Code(f"{self.constant} * mean_cosine({self.tensor})")


def weight_penalties(weights: list[Weight], constants: Constants) -> list[Penalty]:
    """Return the penalties on weights; Keras has none on those that are not trained."""
    found = []
    # One factor of the spec is one constant, on however many weights of PyTorch it is.
    known: dict[tuple[Path | None, str], Code] = {}
    for weight in weights:
        regularizer = weight.variable.regularizer
        if regularizer is None or weight.frozen or not weight.variable.trainable:
            continue
        main = weight.variable.stem in ("kernel", "embeddings")
        where = weight.layer if main else f"{weight.layer}_{weight.variable.stem}"
        tensor = str(weight.tensor)
        if isinstance(regularizer, OrthogonalRegularizer):
            turned = weight.variable.name in ("kernel", "recurrent_kernel")
            tensor += ".T" if (regularizer.mode == "rows") == turned else ""
        for penalty in _penalties(regularizer, where, Code(tensor)):
            key = written_at(regularizer), penalty.name
            known[key] = known.get(key) or constants.add(penalty.name, penalty.value)
            found.append(replace(penalty, constant=known[key], parameter=weight.parameter))
    return found


def output_penalties(node: Node, constants: Constants, tensor: Code) -> list[Penalty]:
    """Return the penalties on a layer's output, which Keras divides by the batch's size."""
    regularizer = node.activity
    if regularizer is None:
        return []
    if isinstance(regularizer, OrthogonalRegularizer) and regularizer.mode == "columns":
        tensor = Code(f"{tensor}.T")
    of_layer = "activity_regularizer" in type(node.work.layer).model_fields
    where = f"{node.name}_activity" if of_layer else node.name
    found = _penalties(regularizer, where, tensor)
    return [replace(p, constant=constants.add(p.name, p.value)) for p in found]


def penalises_output(node: Node) -> bool:
    """Tell whether training adds a penalty on a layer's output to the loss."""
    return node.activity is not None and any(value for _, value in factors(node.activity))


def factors(regularizer: Regularizer) -> list[tuple[str, float]]:
    """Return the terms of a regularizer: what each penalises and its factor."""
    if isinstance(regularizer, OrthogonalRegularizer):
        return [("ORTHOGONAL", regularizer.factor)]
    l1 = regularizer.l1 if isinstance(regularizer, (L1, L1L2)) else 0.0
    l2 = regularizer.l2 if isinstance(regularizer, (L2, L1L2)) else 0.0
    return [(what, value) for what, value in (("L1", l1), ("L2", l2)) if value]


def _penalties(regularizer: Regularizer, where: str, tensor: Code) -> list[Penalty]:
    found = (Penalty(what, where, value, Code(""), tensor) for what, value in factors(regularizer))
    return [penalty for penalty in found if penalty.value]
