"""Arrays as tensors, and the test after training."""

from __future__ import annotations

from specc.expressions import Code
from specc.program import Program
from specc.targets.data import has_test, is_csv
from specc.targets.torch.layout import KERAS, outside, permutation
from specc.targets.torch.training.feature import Feature, Training
from specc.targets.view import Part, Section, Text, target_sizes


class ToDataset(Section):
    """The function that makes tensors of arrays."""

    template = "torch/training/to_dataset.py.jinja"
    inputs: str
    targets: str


class LoadCsv(Section):
    """Reads the tables."""

    template = "torch/training/load_csv.py.jinja"
    has_test: bool


def samples(at: Training) -> Feature:
    """Read the arrays and hold them as the model and the loss take them."""
    load: Part = Text("torch/training/load_npz.py.jinja")
    if is_csv(at.fit):
        load = LoadCsv(has_test(at.fit))
    return Feature(sections=(_to_dataset(at.program),), data=(load,))


def _to_dataset(program: Program) -> ToDataset:
    fit = program.fit
    assert fit is not None
    shape, output = program.input.shape, program.graph.output.shape
    types = "".join(f".astype(np.{dtype})" for dtype in _types(program))
    inputs = permutation(
        Code(f"torch.from_numpy(x{types})"), KERAS, outside(program, shape), len(shape)
    )
    dtype, sizes = "int64" if fit.head.integers else "float32", target_sizes(fit, "y")
    reshaped = "" if sizes is None else f".reshape({sizes})"
    targets = f"torch.from_numpy(y.astype(np.{dtype})){reshaped}"
    turned = None
    if not fit.head.integers:
        turned = permutation(Code(targets), KERAS, outside(program, output), len(output))
    return ToDataset(inputs or f"torch.from_numpy(x{types})", turned or targets)


def _types(program: Program) -> list[str]:
    """Return the types through which inputs go; Keras computes in float32 whatever it reads."""
    dtype = program.input.dtype
    return {"float16": ["float16", "float32"], "float64": ["float32"]}.get(dtype, [dtype])


def test(at: Training) -> Feature:
    """Evaluate the trained model on the test data."""
    if not has_test(at.fit):
        return Feature()
    return Feature(
        finish=(
            "test_loader = DataLoader(test_set, batch_size=BATCH_SIZE)",
            'print(f"Test - {describe(evaluate(model, test_loader, device))}")',
        )
    )
