"""Random samples of the shapes, types and ranges that a spec asks for, in Keras' axes."""

from __future__ import annotations

import csv
from itertools import count
from typing import Any, cast

import numpy as np
from numpy.typing import DTypeLike

from specc.limits import target_limits
from specc.program import Fit, Program
from specc.shapes import UNKNOWN, Shape
from specc.spec.layers.core import Embedding, Masking
from specc.spec.layers.preprocessing import CategoryEncoding, Discretization, IntegerLookup
from specc.spec.limits import Limits
from specc.spec.word import Loss
from specc.verify.frameworks import Array, VerifyError

LABELS = (0.0, 1.0)  # what targets of two classes hold
SIZE = 9  # of an axis that the spec leaves open


def input_shape(program: Program, size: int) -> Shape:
    """Return the shape of a sample; sizes that the spec leaves open are `size`, `size + 2`, ..."""
    steps = count(size, 2)
    return tuple(next(steps) if n is UNKNOWN else n for n in program.input.shape)


def closed(shape: Shape, sizes: Shape) -> Shape:
    """Return a shape with what `sizes` has for each size that the spec leaves open."""
    pairs = zip(shape, (*sizes, 1), strict=False)
    return tuple(found if size is UNKNOWN else size for size, found in pairs)


def inputs(
    program: Program,
    random: np.random.Generator,
    samples: int,
    kind: DTypeLike,
    size: int = SIZE,
) -> Array:
    """Return random inputs, some steps being padding where the first layer makes a mask of it.

    Arguments:
        kind: NumPy's type of numbers that are not integers.
        size: The first size that the spec leaves open.
    """
    shape = (samples, *input_shape(program, size))
    return _padded(program, random, _drawn(program, random, shape, kind))


def _drawn(program: Program, random: np.random.Generator, shape: Shape, kind: DTypeLike) -> Array:
    whole = program.input.holds_integers()
    values = _categories(program)
    if values:
        kind = program.input.dtype if whole else kind
        if isinstance(values, range):  # which may be long
            return random.integers(len(values), size=shape).astype(kind)
        return random.choice(values, size=shape).astype(kind)
    ranges = [getattr(node.layer, "value_range", None) for node in program.graph.walk()]
    low, high = next(filter(None, ranges), (-9, 9))
    if whole:
        return random.integers(int(low), int(high), size=shape).astype(program.input.dtype)
    if any(ranges):
        return random.uniform(low, high, size=shape).astype(kind)
    return random.normal(size=shape).astype(kind)


def _padded(program: Program, random: np.random.Generator, x: Array) -> Array:
    """Return inputs with padding at either end and between; no sample is padding alone."""
    users = program.graph.users(program.graph.input)
    layer = next((node.layer for node in users if node.made_mask is not None), None)
    if layer is None:
        return x
    steps = x.shape if isinstance(layer, Embedding) else x.shape[:-1]
    counts = random.random(steps) < 0.6
    if len(steps) > 1:
        np.put_along_axis(counts, random.integers(0, steps[-1], (*steps[:-1], 1)), True, axis=-1)
    if isinstance(layer, Embedding):
        return np.where(counts, np.maximum(x, 1), 0).astype(x.dtype)
    value = cast(Masking, layer).mask_value
    return np.where(counts[..., None], x, value).astype(x.dtype)


def _categories(program: Program) -> range | list[int]:
    """Return the integers that the first layer that computes takes; none where it takes numbers."""
    for node in program.graph.walk():
        layer = node.work.layer
        if isinstance(layer, Embedding):
            return range(layer.input_dim)
        if isinstance(layer, CategoryEncoding):
            return range(layer.num_tokens or 0)
        if isinstance(layer, IntegerLookup):
            return _lookups(layer)
        if not layer.returns_integers(True) or isinstance(layer, Discretization):
            return []
    return []


def _lookups(layer: IntegerLookup) -> list[int]:
    """Return what a vocabulary holds, its mask, and what it lacks where it may."""
    if layer.invert:
        return list(range(layer.depth() + 1))
    mask = () if layer.mask_token is None else (layer.mask_token,)
    known = [*layer.tokens(), *mask]
    return known + [max(known) + 1, max(known) + 2] * bool(layer.num_oov_indices)


def targets(
    program: Program,
    random: np.random.Generator,
    samples: int,
    kind: DTypeLike,
    output: Shape,
    form: int = 0,
    labels: tuple[float, ...] = LABELS,
) -> Array:
    """Return random targets that the program's loss can take.

    Arguments:
        kind: NumPy's type of targets that are no classes.
        output: Shape of a sample's output, each size known.
        form: Which of the shapes that the loss takes.
        labels: What targets of two classes hold.
    """
    fit = program.fit
    assert fit is not None
    shape = (samples, *closed(fit.head.target_shapes[form], output))
    if fit.head.loss.targets == "sequences":
        return _labels(random, samples, output)
    if fit.head.classes is not None:
        return random.integers(0, fit.head.classes, size=shape).astype(np.int64)
    if fit.head.integers:
        return random.integers(0, 3, size=shape).astype(np.int64)
    limits = target_limits(program, fit)
    found = _values(random, limits, fit.head.loss, shape, labels)
    if limits.high == 1 and limits.rule != "sums" and _correlates(fit):
        found[..., 0] = sum(labels) - found[..., -1]  # there is none in rows of one value
    return found.astype(kind)


def _correlates(fit: Fit) -> bool:
    return any(figure.metric.kind == "correlation" for figure in fit.figures)


def _values(
    random: np.random.Generator,
    limits: Limits,
    loss: Loss,
    shape: Shape,
    labels: tuple[float, ...],
) -> Array:
    """Return random targets of the output's shape."""
    classes = shape[-1]
    if limits.rule == "sums" and (limits.whole or loss.kind == "multiclass"):
        return np.eye(classes)[random.integers(0, classes, shape[:-1])]
    if limits.rule == "sums":
        return random.dirichlet([0.3] * classes, size=shape[:-1])
    if limits.whole and limits.high > 1:
        return random.integers(int(limits.low), int(limits.high) + 1, size=shape)
    if limits.high == 1:
        return random.choice(labels, size=shape)
    if limits.low == 0:
        return random.poisson(2.0, size=shape)
    return random.normal(size=shape)


def _labels(random: np.random.Generator, samples: int, output: Shape) -> Array:
    """Return labels for which the steps suffice, with 0 behind the last."""
    most = output[0] // 2
    found = random.integers(1, output[1], size=(samples, most))
    return np.where(np.arange(most) < random.integers(0, most + 1, (samples, 1)), found, 0)


def read_samples(program: Any, path: str) -> tuple[Array, Array]:
    """Return the training samples of a file, as a program reads them.

    Arguments:
        program: The module of a program.
        path: What the program takes by `--data`.

    Errors:
        VerifyError: the program takes none, or not these.
    """
    if not hasattr(program, "read_arrays"):
        raise VerifyError("the spec does not say how to train, so its programs read no data")
    try:
        found = program.read_arrays(path)
    except (OSError, ValueError, csv.Error) as error:
        raise VerifyError(f"the data are wrong, not the programs: {error}") from None
    return (found["x_train"], found["y_train"]) if isinstance(found, dict) else found
