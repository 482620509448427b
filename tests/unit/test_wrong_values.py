"""Each loss, metric, layer and type of input against values of every wrong kind, and right ones.

Programs read them by the functions that they train with, run here without their frameworks. What
is right and wrong stands in this file, so that it is not specc's own opinion.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from writing import spec

import specc
from specc.examples import ARGUMENTS
from specc.spec.catalogue import CATALOGUE, load
from specc.targets import TARGETS

ROWS, UNITS = 5, 3
READERS = {"outside", "fits", "find_row", "read_arrays"}

# Values beside which nothing is wrong, and values of which each is. Lists are rows of three.
NEVER = [np.nan, np.inf, -np.inf, 1e39, -1e39]
ROW_SUMS = [[0, 0, 0], [1, 1, 0], [0.5, 0.6, 0], [-1, 1, 1], [255, 0, 0], [0.2, 0.2, 0.2]]
NUMBERS: dict[str, tuple[list[Any], list[Any]]] = {
    "finite": ([-2.5, 0, 3, 1e-30, -3.3e38], []),
    "at least 0": ([0, 2.5, 1e6], [-1, -1e-9]),
    "shares": ([0, 0.25, 1], [-0.1, 1.1, -1, 255]),
    "bits": ([0, 1], [0.5, -1, 2, 255, 0.999]),
    "signs": ([[1, -1, 1], [-1, -1, 1]], [0.5, 2, -2, 255, 0]),
    "zeros and ones": ([0, 1], [0.5, 2, -2, 255, -1]),
    "shares of rows": ([[0.2, 0.3, 0.5], [0, 1, 0]], ROW_SUMS),
    "one-hot": ([[0, 1, 0], [0, 0, 1]], [*ROW_SUMS, [0.2, 0.3, 0.5], [0, 2, -1]]),
    "classes": ([0, 1, 2, 2.0], [0.9, 1.8, 3, 255, -1]),
    "classes or 255": ([0, 2, 255], [0.9, 3, 254, -1]),
    "classes or -1": ([0, 2, -1], [0.9, 3, -2]),
    "labels": ([-7, 0, 123456], [0.5, 1e12]),
    "labels in order": ([[1, 2, 0], [0, 0, 0], [2, 0, 0]], [[0, 1, 0], [3, 1, 0], [1, 0, 1], 0.5]),
}
LOSSES: dict[str, tuple[str, ...]] = {
    "mean_squared_error": ("finite",),
    "mean_absolute_error": ("finite",),
    "huber": ("finite",),
    "log_cosh": ("finite",),
    "cosine_similarity": ("finite",),
    "mean_absolute_percentage_error": ("finite",),
    "mean_squared_logarithmic_error": ("at least 0",),
    "poisson": ("at least 0",),
    "binary_crossentropy": ("shares",),
    "binary_focal_crossentropy": ("shares",),
    "dice": ("shares",),
    "tversky": ("shares",),
    "categorical_crossentropy": ("shares of rows",),
    "categorical_focal_crossentropy": ("shares of rows",),
    "kl_divergence": ("shares of rows",),
    "categorical_hinge": ("one-hot",),
    "hinge": ("signs", "zeros and ones"),
    "squared_hinge": ("signs", "zeros and ones"),
    "sparse_categorical_crossentropy": ("classes",),
    "categorical_generalized_cross_entropy": ("classes",),
    "circle": ("labels",),
    "ctc": ("labels in order",),
}
_BITS = """binary_accuracy auc precision recall true_positives false_positives true_negatives
    false_negatives sensitivity_at_specificity specificity_at_sensitivity precision_at_recall
    recall_at_precision f1_score f_beta_score binary_io_u"""
_CLASSES = """sparse_categorical_accuracy sparse_top_k_categorical_accuracy
    sparse_categorical_crossentropy"""
METRICS: dict[str, str] = {
    **dict.fromkeys(_BITS.split(), "bits"),
    **dict.fromkeys(_CLASSES.split(), "classes"),
    "accuracy": "finite",  # of three units: the largest of each row
    "categorical_accuracy": "finite",
    "top_k_categorical_accuracy": "finite",
    "mean_squared_error": "finite",
    "mean_absolute_error": "finite",
    "mean_absolute_percentage_error": "finite",
    "root_mean_squared_error": "finite",
    "r2_score": "finite",
    "log_cosh_error": "finite",
    "cosine_similarity": "finite",
    "pearson_correlation": "finite",
    "concordance_correlation": "finite",
    "mean_squared_logarithmic_error": "at least 0",
    "poisson": "at least 0",
    "binary_crossentropy": "shares",
    "categorical_crossentropy": "shares of rows",
    "kl_divergence": "shares of rows",
    "categorical_hinge": "one-hot",
    "one_hot_io_u": "one-hot",
    "one_hot_mean_io_u": "one-hot",
    "hinge": "signs",
    "squared_hinge": "signs",
}
TYPES: dict[str, tuple[list[float], list[float]]] = {
    "float32": ([-2.5, 3.3e38], []),
    "float64": ([-2.5, 3.3e38], []),
    "float16": ([-2.5, 65504], [70000, -70000]),
    "int64": ([-(2.0**60), 2**53], [0.5, 1e19]),
    "int32": ([-(2**31), 2**31 - 1], [0.5, 2**31, -(2**31) - 1]),
    "int16": ([-(2**15), 2**15 - 1], [0.5, 2**15]),
    "int8": ([-128, 127], [0.5, 128, -129]),
    "uint8": ([0, 255], [0.003, 256, -1]),
    "bool": ([0, 1], [0.5, 2, -1]),
}
_LOOKUP = {"vocabulary": [4, 7, 90], "output_mode": "int"}
LAYERS: dict[str, tuple[Any, list[float], list[float]]] = {
    "embedding": ({"input_dim": 9, "output_dim": 2}, [0, 8], [9, -1, 0.5]),
    "reversible_embedding": ({"input_dim": 9, "output_dim": 2}, [0, 8], [9, -1, 0.5]),
    "category_encoding": ({"num_tokens": 9}, [0, 8], [9, -1, 0.5]),
    "integer_lookup": ({**_LOOKUP, "num_oov_indices": 0}, [4, 7, 90], [5, 89, 91, -1, 4.5]),
}


@dataclass(frozen=True)
class Case:
    """Values for one array of a spec.

    Attributes:
        text: The spec.
        kind: `x` or `y`.
        right: Values that it takes.
        wrong: Values that it does not.
    """

    text: str
    kind: str
    right: list[Any]
    wrong: list[Any]


def of_targets(kind: str, **more: Any) -> Case:
    """Return a case of the targets of a loss with metrics."""
    shape = [4, 2] if more["loss"] == "ctc" else [2]
    return Case(spec(shape, [{"dense": UNITS}], **more), "y", *NUMBERS[kind])


def cases() -> Iterator[tuple[str, Case]]:
    """Yield all cases with their names."""
    for word, kinds in LOSSES.items():
        for kind in kinds:
            yield f"loss {word} {kind}", of_targets(kind, loss=word)
    for word, kind in METRICS.items():
        loss = "sparse_categorical_crossentropy" if kind == "classes" else "mean_squared_error"
        use = {word: {**ARGUMENTS.get(word, {})}}
        use[word] |= {"num_classes": UNITS} if word.endswith("io_u") and use[word] else {}
        yield f"metric {word}", of_targets(kind, loss=loss, metrics=[use])
    for word in ("io_u", "mean_io_u"):
        use = {**ARGUMENTS[word], "num_classes": UNITS}
        of_classes = {word: {**use, "sparse_y_pred": False}}
        loss = "sparse_categorical_crossentropy"
        yield f"metric {word} of classes", of_targets("classes", loss=loss, metrics=[of_classes])
        yield f"metric {word} of values", of_targets("classes", loss="mse", metrics=[{word: use}])
    for ignored, kind in ((255, "classes or 255"), (-1, "classes or -1"), (1, "classes")):
        loss = {"sparse_categorical_crossentropy": {"ignore_class": ignored}}
        yield f"ignore_class {ignored}", of_targets(kind, loss=loss, metrics=["accuracy"])
    yield "both kinds of hinge", of_targets("bits", loss="hinge", metrics=["binary_accuracy"])
    yield "soft and hard", of_targets("one-hot", loss="categorical_crossentropy", metrics=["auc"])
    of_one = spec([2], [{"dense": 1}], loss="binary_crossentropy")
    yield "one unit", Case(of_one, "y", *NUMBERS["shares"])
    weighted = spec(
        [2], [{"dense": 1}], loss="binary_crossentropy", training={"class_weight": {1: 2.0}}
    )
    weighted = weighted.replace('"1": 2.0', "1: 2.0")  # JSON has no other keys than strings
    yield "class_weight of one unit", Case(weighted, "y", *NUMBERS["bits"])
    for dtype, values in TYPES.items():
        layers = ["flatten", {"rescaling": 0.1}, {"dense": UNITS}]
        text = spec([2], layers).replace('"shape": [', f'"dtype": "{dtype}", "shape": [')
        yield f"input of {dtype}", Case(text, "x", *values)
    mean, padded = ["global_average_pooling1d", {"dense": UNITS}], {"input_dim": 9, "output_dim": 2}
    text = spec([3], [{"embedding": {**padded, "mask_zero": True}}, *mean])
    yield "padding of an embedding", Case(text, "x", [[1, 0, 2], [0, 0, 8]], [[0, 0, 0], 9])
    text = spec([2, 3], [{"masking": -1.0}, *mean])
    yield "padding by masking", Case(text, "x", [-1, 2.5, 0, 0.5], [[-1, -1, -1]])
    for word, (arguments, *found) in LAYERS.items():
        rest = ["flatten"] if "embedding" in word else []
        rest += [{"rescaling": 0.1}, {"dense": UNITS}]
        for before in ([], [{"reshape": [2]}]):
            for dtype in ("float32", "int32"):
                text = spec([2], [*before, {word: arguments}, *rest])
                text = text.replace('"shape": [', f'"dtype": "{dtype}", "shape": [', 1)
                yield f"layer {word} after {len(before)} of {dtype}", Case(text, "x", *found)


CASES = dict(cases())


@cache
def programs(text: str) -> dict[str, str]:
    """Return the programs of a spec by their names."""
    result = specc.compile(text)
    assert result.ok, [d.render() for d in result.diagnostics]
    return result.files


@cache
def readers(text: str, target: str) -> tuple[Any, dict[str, Any]]:
    """Return `read_arrays` of a program and its table of shapes, without its framework."""
    tree = ast.parse(programs(text)[f"model_{target}.py"])
    kept = [
        node
        for node in tree.body
        if (isinstance(node, ast.Import) and node.names[0].name in ("numpy", "csv"))
        or (isinstance(node, ast.FunctionDef) and node.name in READERS)
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in TABLES)
    ]
    names: dict[str, Any] = {}
    exec(compile(ast.Module(kept, []), f"<{target}>", "exec"), names)
    return names["read_arrays"], names["SHAPES"]


TABLES = {"SHAPES", "RANGES", "EXPECTED"}


def arrays(case: Case, shapes: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return arrays that fit, made of the right values one after the other."""
    found = {}
    for name in ("x_train", "y_train", "x_test", "y_test"):
        sizes = [3 if size is None else size for size in shapes[name[0]][0]]
        values = case.right if name[0] == case.kind else OTHER[case.text, name[0]]
        found[name] = np.resize(np.array(values, float), (ROWS, *sizes))
    return found


class _Other(dict[tuple[str, str], list[Any]]):
    """Values that fit what a case is not about."""

    def __missing__(self, key: tuple[str, str]) -> list[Any]:
        text, _ = key
        return [0, 1] if '"embedding"' not in text else [0]


OTHER = _Other()


def refusals(case: Case, name: str, array: np.ndarray, path: Path) -> set[str]:
    """Return how both programs refuse an array in the place of one that fits."""
    found = set()
    for target in TARGETS:
        read, shapes = readers(case.text, target)
        np.savez(path, **{**arrays(case, shapes), name: array})
        with pytest.raises(ValueError, match=name) as caught:
            read(str(path))
        found.add(str(caught.value))
    return found


def test_every_word_has_a_case() -> None:
    losses, metrics = ({load(f, w).word for w in CATALOGUE[f]} for f in ("loss", "metric"))
    assert set(LOSSES) == losses
    assert {*METRICS, "io_u", "mean_io_u"} == metrics


@pytest.mark.parametrize("name", CASES)
def test_right_values_are_read(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    for target in TARGETS:
        read, shapes = readers(case.text, target)
        given = arrays(case, shapes)
        np.savez(tmp_path / "d.npz", **given)
        found = read(str(tmp_path / "d.npz"))
        assert all((found[key] == value).all() for key, value in given.items())


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore:Creating an ndarray from")
def test_wrong_values_are_refused(name: str, tmp_path: Path) -> None:
    case, path = CASES[name], tmp_path / "d.npz"
    random = np.random.default_rng(len(name))
    for value in [*case.wrong, *NEVER]:
        array_name = f"{case.kind}_{random.choice(['train', 'test'])}"
        row = int(random.integers(0, ROWS))
        array = arrays(case, readers(case.text, "torch")[1])[array_name]
        if isinstance(value, list):
            array[row] = value
        else:
            place = (row, *(random.integers(0, size) for size in array.shape[1:]))
            array[place] = value
        (message,) = refusals(case, array_name, array, path)
        assert "\n" not in message
        assert message.startswith(f"{path}: {array_name}[")
        mixed = "hinge" in name and np.isscalar(value) and value in (0, -1)
        if not mixed:  # of 0 beside -1, any may be meant
            assert message.startswith(f"{path}: {array_name}[{row}"), (value, message)


@pytest.mark.parametrize("name", ["loss mean_squared_error finite", "input of uint8"])
def test_what_is_no_number_is_refused(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    good = arrays(case, readers(case.text, "torch")[1])[f"{case.kind}_test"]
    for kind in (str, bytes, complex, "datetime64[s]", [("a", float)]):
        array = np.zeros(good.shape, kind)
        (message,) = refusals(case, f"{case.kind}_test", array, tmp_path / "d.npz")
        assert message.endswith(f"holds {array.dtype}, expected numbers")
    np.savez(tmp_path / "d.npz", x_train=np.array([{}, None]))
    for target in TARGETS:
        with pytest.raises(ValueError, match="expected an npz file of numbers"):
            readers(case.text, target)[0](str(tmp_path / "d.npz"))


def test_whole_numbers_in_any_type_are_read(tmp_path: Path) -> None:
    case = CASES["loss sparse_categorical_crossentropy classes"]
    for target in TARGETS:
        read, shapes = readers(case.text, target)
        for kind in "?bBhHiIqQefd":
            given = {k: (v > 0).astype(kind) for k, v in arrays(case, shapes).items()}
            np.savez(tmp_path / "d.npz", **given)
            assert (read(str(tmp_path / "d.npz"))["y_test"] == given["y_test"]).all()


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_infinity_of_any_type_is_refused(kind: str, tmp_path: Path) -> None:
    case = CASES["loss mean_squared_error finite"]
    array = np.zeros((ROWS, UNITS), kind)
    array[2, 1] = -np.inf
    (message,) = refusals(case, "y_train", array, tmp_path / "d.npz")
    assert message.endswith("y_train[2, 1] is -inf, expected finite numbers")


def test_there_are_enough_combinations() -> None:
    assert sum(len([*case.wrong, *NEVER]) * len(TARGETS) for case in CASES.values()) > 1000
