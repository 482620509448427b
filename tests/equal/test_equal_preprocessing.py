"""Layers that prepare inputs are equal in both programs, each in every combination that counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equality import Pair, difference
from writing import spec

import specc

pytestmark = pytest.mark.frameworks

TOLERANCE = 1e-5

# The input, its type, the layer's arguments. A dense layer, or an embedding, follows where it can.
NORMALIZATION: dict[str, tuple[list[int], Any]] = {
    "scalars": ([5], {"mean": 1, "variance": 4}),
    "scalar-0": ([5], {"mean": 0.0, "variance": 2.0}),
    "no-variance": ([3], {"mean": [1, 2, 3], "variance": [0.25, 0.0, 4]}),
    "scalar-no-variance": ([3], {"axis": None, "mean": -2.0, "variance": 0.0}),
    "last": ([4, 3], {"mean": [1, 2, -3], "variance": [0.25, 1, 4]}),
    "first": ([4, 3], {"axis": 1, "mean": [1, 2, -3, 0.5], "variance": [0.25, 1, 4, 2]}),
    "both": ([2, 3], {"axis": [1, 2], "mean": [[1, 2, 3], [4, 5, 6]], "variance": [[1] * 3] * 2}),
    "wide": ([2, 3], {"axis": [2, 1], "mean": [[1, 2, 3]], "variance": [[4, 5, 6]]}),
    "fewer": ([2, 3], {"axis": [1, -1], "mean": [1, 2, 3], "variance": [4, 5, 6]}),
    "invert": ([4, 3], {"mean": [1, 2, -3], "variance": [0.25, 1, 4], "invert": True}),
    "invert-scalars": ([5], {"mean": -1.5, "variance": 4, "invert": True}),
    "image": ([4, 5, 3], {"mean": [1, 2, -3], "variance": [0.25, 1, 4]}),
    "image-rows": ([4, 5, 3], {"axis": 1, "mean": [1, 2, 3, 4], "variance": [1, 2, 3, 4]}),
    "image-two": (
        [2, 5, 3],
        {"axis": [1, 3], "mean": [[1, 2, 3], [4, 5, 6]], "variance": [[1] * 3, [2] * 3]},
    ),
}
CATEGORIES: dict[str, tuple[list[int], str, Any]] = {
    **{
        f"encoding-{mode}-{size}-{kind}": (
            [size],
            kind,
            {"category_encoding": {"num_tokens": 4, "output_mode": mode}},
        )
        for mode in ("one_hot", "multi_hot", "count")
        for size in (1, 3)
        for kind in ("int32", "int64", "float32")
    },
    **{
        f"encoding-one_hot-{shape}".replace(" ", ""): (
            shape,
            "int32",
            {"category_encoding": {"num_tokens": 4, "output_mode": "one_hot"}},
        )
        for shape in ([2, 3], [2, 1], [2, 3, 2])
    },
    **{
        f"bins-{mode}-{shape}-{kind}".replace(" ", ""): (
            shape,
            kind,
            {"discretization": {"bin_boundaries": [-1.0, 0.0, 0.5], "output_mode": mode}},
        )
        for mode in ("int", "one_hot", "multi_hot", "count")
        for shape, kind in (
            ([3], "float32"),
            ([1], "int32"),
            ([2, 3], "float32"),
            ([2, 1], "int64"),
        )
    },
    **{
        f"lookup-{mode}-{size}-{name}": (
            [size],
            "int64",
            {"integer_lookup": {"vocabulary": [9, 5, 7], "output_mode": mode, **more}},
        )
        for mode in ("int", "one_hot", "multi_hot", "count")
        for size in (1, 4)
        for name, more in {
            "plain": {},
            "no-unknown": {"num_oov_indices": 0},
            "two": {"num_oov_indices": 2},
            "mask": {"mask_token": 0},
            "mask-two": {"mask_token": -3, "num_oov_indices": 2},
            "padded": {"max_tokens": 7, "pad_to_max_tokens": True},
        }.items()
    },
    "lookup-special": ([3], "int32", {"integer_lookup": {"vocabulary": [-1, 5, 7]}}),
    "lookup-specials": (
        [3],
        "float32",
        {"integer_lookup": {"vocabulary": [0, -1, 5, 7], "mask_token": 0}},
    ),
    "lookup-invert": ([4], "int64", {"integer_lookup": {"vocabulary": [9, 5, 7], "invert": True}}),
    "lookup-invert-mask": (
        [4],
        "int64",
        {"integer_lookup": {"vocabulary": [9, 5], "invert": True, "mask_token": 3, "oov_token": 8}},
    ),
    "lookup-image": ([2, 3, 2], "int64", {"integer_lookup": {"vocabulary": [9, 5, 7]}}),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("programs")


def pair(shape: list[int], layers: list[Any], folder: Path, kind: str = "float32") -> Pair:
    """Return both programs of a model without training."""
    text = spec(shape, layers, optimizer=None, loss=None, input={"shape": shape, "dtype": kind})
    return Pair(text, folder)


@pytest.mark.parametrize("name", NORMALIZATION)
def test_normalization(name: str, folder: Path) -> None:
    shape, arguments = NORMALIZATION[name]
    after = [{"conv2d": {"filters": 2, "kernel_size": 2}}, "flatten"] if len(shape) == 3 else []
    made = pair(shape, [{"normalization": arguments}, *after, {"dense": 2}], folder)
    assert made.output_difference() < TOLERANCE
    made = pair(shape, [{"normalization": arguments}], folder, "int32")
    assert made.output_difference() < TOLERANCE


@pytest.mark.parametrize("name", CATEGORIES)
def test_categories(name: str, folder: Path) -> None:
    shape, kind, layer = CATEGORIES[name]
    made = pair(shape, [layer], folder, kind)
    assert made.output_difference(samples=7) == 0


def test_normalization_behind_weights(folder: Path) -> None:
    layers: list[Any] = [
        {"conv2d": {"filters": 2, "kernel_size": 2}},
        {"normalization": {"mean": [1, 2], "variance": [4, 1]}},
        {"conv2d": {"filters": 3, "kernel_size": 2}},
        "flatten",
        {"normalization": {"mean": 0.5, "variance": 4, "invert": True}},
        {"normalization": {"mean": [*range(12)], "variance": [*range(1, 13)]}},
        {"dense": 2},
    ]
    made = Pair(spec([4, 4, 1], layers), folder)
    assert made.output_difference() < TOLERANCE
    assert max(made.loss_differences().values()) < TOLERANCE
    assert max(made.train(4).values()) < TOLERANCE


def test_categories_into_embedding_and_dense(folder: Path) -> None:
    layers: list[Any] = [
        {"discretization": {"bin_boundaries": [-1.0, 0.0, 1.0]}},
        {"integer_lookup": {"vocabulary": [0, 2, 3]}},
        {"embedding": {"input_dim": 4, "output_dim": 3, "trainable": False}},
        "flatten",
        {"dense": {"units": 2, "trainable": False}},
        {"discretization": {"bin_boundaries": [-1, 1], "output_mode": "one_hot"}},
        {"category_encoding": {"num_tokens": 2, "output_mode": "one_hot"}},
        "flatten",
        {"dense": 2},
    ]
    made = Pair(spec([3], layers), folder)
    assert made.output_difference() < TOLERANCE
    assert max(made.loss_differences().values()) < TOLERANCE


@pytest.mark.parametrize(
    "value", [-1.0, 0.0, 0.5, np.nan, np.inf, np.nextafter(np.float32(0.5), -1)]
)
def test_bins_at_their_boundaries(value: float, folder: Path) -> None:
    made = pair([1], [{"discretization": {"bin_boundaries": [-1, 0, 0.5]}}], folder)
    x = np.full((2, 1), value, np.float32)
    assert difference(made.keras(x), made.torch(made.to_torch(x))) == 0


def test_what_is_no_category(folder: Path) -> None:
    for mode in ("one_hot", "multi_hot", "count"):
        layer = {"category_encoding": {"num_tokens": 3, "output_mode": mode}}
        made = pair([4], [layer], folder, "int32")
        x = np.array([[0, 7, 2, 2]], np.int32)
        assert difference(made.keras(x), made.torch(made.to_torch(x))) == 0
        made = pair([4], [layer], folder)
        x = np.array([[0, 1.7, 2, 9]], np.float32)
        assert difference(made.keras(x), made.torch(made.to_torch(x))) == 0


def test_what_no_vocabulary_holds_is_an_error(folder: Path) -> None:
    layer = {"integer_lookup": {"vocabulary": [5, 7], "num_oov_indices": 0}}
    made = pair([2], [layer], folder, "int64")
    x = np.array([[5, 8]])
    with pytest.raises(Exception, match="in vocabulary"):
        made.keras(x)
    with pytest.raises(ValueError, match=r"not in the vocabulary: \[8\]"):
        made.torch(made.to_torch(x))


def test_integers_are_told_by_their_layer() -> None:
    layers: list[Any] = [{"discretization": {"bin_boundaries": [0.0]}}, "flatten", {"dense": 2}]
    errors = [d.message for d in specc.compile(spec([3], layers)).diagnostics]
    assert errors == ["dense expects floating-point numbers, found the integers of discretization"]
