"""Custom layers with kernels: weights are matched by name and shape, or it is said why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specc.cli import main
from specc.pipeline import compile_bytes
from specc.verify import VerifyError, convert, verify
from specc.verify.custom import Held, UnmatchedError, matched

KERNEL, BIAS = Held("kernel", (3, 3, 2, 8)), Held("bias", (8,))
SQUARE = Held("kernel", (4, 4))


@pytest.mark.parametrize(
    ("theirs", "ours", "given", "expected"),
    [
        # One order of axes alone makes one shape of the other.
        ([Held("a", (3, 5))], [Held("b", (5, 3))], {}, [("a", "b", (1, 0))]),
        ([Held("a", (3, 5))], [Held("b", (3, 5))], {}, [("a", "b", (0, 1))]),
        # A kernel of a convolution has two axes of one size; what both frameworks call alike.
        (
            [KERNEL, BIAS],
            [Held("bias", (8,)), Held("weight", (8, 2, 3, 3))],
            {"kernel": (3, 2, 0, 1)},
            [("kernel", "weight", (3, 2, 0, 1)), ("bias", "bias", (0,))],
        ),
        # The same name: as it is, where the shape is the same, and turned where it is not.
        ([SQUARE], [SQUARE], {}, [("kernel", "kernel", (0, 1))]),
        ([SQUARE], [SQUARE], {"kernel": (1, 0)}, [("kernel", "kernel", (1, 0))]),
        ([Held("w", (3, 4))], [Held("w", (4, 3))], {}, [("w", "w", (1, 0))]),
        # Two of one shape, by their names.
        (
            [Held("gamma", (4,)), Held("beta", (4,))],
            [Held("bias", (4,)), Held("weight", (4,))],
            {},
            [("gamma", "weight", (0,)), ("beta", "bias", (0,))],
        ),
        # Within layers, in a map by the last part of the name or by all of it.
        *(
            (
                [Held("a.kernel", (4, 4)), Held("b.w", (4, 4))],
                [Held("b.w", (4, 4)), Held("a.weight", (4, 4))],
                {key: (1, 0)},
                [("a.kernel", "a.weight", (1, 0)), ("b.w", "b.w", (0, 1))],
            )
            for key in ("kernel", "a/kernel")
        ),
        # What fits one other alone leaves the rest for those that fit more.
        (
            [Held("a", (3, 5)), Held("b", (5, 3))],
            [Held("c", (5, 3)), Held("d", (3, 5))],
            {"a": (1, 0), "b": (1, 0)},
            [("a", "c", (1, 0)), ("b", "d", (1, 0))],
        ),
    ],
)
def test_weights_are_matched(
    theirs: list[Held], ours: list[Held], given: dict[str, Any], expected: list[Any]
) -> None:
    assert list(matched(theirs, ours, given)) == expected


@pytest.mark.parametrize(
    ("theirs", "ours", "given", "message"),
    [
        (
            [SQUARE],
            [Held("weight", (4, 4))],
            {},
            "Keras' kernel [4, 4] may become PyTorch's weight [4, 4] in 2 ways; write weights: "
            "{kernel: [1, 0]} in custom, its axes in the order of PyTorch's tensor",
        ),
        (
            [KERNEL],
            [Held("weight", (8, 2, 3, 3))],
            {},
            "Keras' kernel [3, 3, 2, 8] may become PyTorch's weight [8, 2, 3, 3] in 2 ways; write "
            "weights: {kernel: [3, 2, 0, 1]} in custom, its axes in the order of PyTorch's tensor",
        ),
        (
            [Held("a", (4,)), Held("b", (4,))],
            [Held("c", (4,)), Held("d", (4,))],
            {},
            "a [4], b [4] of Keras may each be c [4], d [4] of PyTorch; give both classes the same "
            "names for them",
        ),
        (
            [Held("w", (3, 4))],
            [Held("w", (3, 5))],
            {},
            "Keras' w [3, 4] cannot become PyTorch's w [3, 5]; write weights: {w: [1, 0]} in "
            "custom, its axes in the order of PyTorch's tensor",
        ),
        ([BIAS], [], {}, "Keras has bias [8], which no weight of the other class can be"),
        (
            [Held("a", (3,))],
            [Held("b", (4,))],
            {},
            "Keras has a [3] and PyTorch has b [4], which no weight of the other class can be",
        ),
        (
            [KERNEL],
            [KERNEL],
            {"kernl": (0, 1, 2, 3)},
            "weights names 'kernl', a weight that is not in the Keras class, which has kernel "
            "[3, 3, 2, 8]",
        ),
        (
            [Held("a.w", (4,)), Held("b.w", (4,))],
            [],
            {"w": (0,)},
            "weights names 'w', several weights of the Keras class, which has a.w [4], b.w [4]",
        ),
        (
            [KERNEL],
            [KERNEL],
            {"kernel": (1, 0)},
            "weights gives [1, 0] for kernel [3, 3, 2, 8], which has 4 axes",
        ),
        # All in one run.
        (
            [SQUARE, BIAS],
            [Held("weight", (4, 4)), Held("bias", (9,))],
            {},
            "Keras' bias [8] cannot become PyTorch's bias [9]; Keras' kernel [4, 4] may become "
            "PyTorch's weight [4, 4] in 2 ways; write weights: {kernel: [1, 0]} in custom, its "
            "axes in the order of PyTorch's tensor",
        ),
    ],
)
def test_what_is_left_open_is_named(
    theirs: list[Held], ours: list[Held], given: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnmatchedError) as error:
        matched(theirs, ours, given)
    assert str(error.value) == message


# In programs

KERAS = """\
import keras


class Conv(keras.layers.Layer):
    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters

    def build(self, shape):
        size = (3, 3, shape[-1], self.filters)
        self.kernel = self.add_weight(shape=size, name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), name="bias", initializer="zeros")

    def call(self, x):
        return keras.ops.conv(x, self.kernel, padding="same") + self.bias


class Mixed(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.parts = [keras.layers.Dense(units), keras.layers.Dense(units)]
        self.norm = keras.layers.LayerNormalization(epsilon=1e-3)

    def call(self, x):
        return self.norm(self.parts[0](x) * self.parts[1](x))
"""
TORCH = """\
import torch
from torch import nn


class Conv(nn.Module):
    def __init__(self, filters):
        super().__init__()
        self.conv = nn.Conv2d(4, filters, 3, padding="same")

    def forward(self, x):
        return self.conv(x)


class Mixed(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.parts = nn.ModuleList([nn.Linear(units, units), nn.Linear(units, units)])
        self.norm = nn.LayerNorm(units, eps=1e-3)

    def forward(self, x):
        return self.norm(self.parts[0](x) * self.parts[1](x))
"""
SPEC = """\
name: net
input: {shape: [6, 5, 3]}
layers:
  - conv2d: {filters: 4, kernel_size: 2, activation: tanh}
  - custom: {name: own, keras: "%(module)s_keras:Conv", torch: "%(module)s_torch:Conv",
      arguments: {filters: 7}, output_shape: [5, 4, 7]%(conv)s}
  - global_average_pooling2d
  - dense: 6
  - custom: {name: mixed, keras: "%(module)s_keras:Mixed", torch: "%(module)s_torch:Mixed",
      arguments: {units: 6}%(mixed)s}
  - dense: 1
optimizer: sgd
loss: mse
"""
AXES = {
    "conv": ", weights: {kernel: [3, 2, 0, 1]}",
    "mixed": ", weights: {parts/0/kernel: [1, 0], parts/1/kernel: [1, 0]}",
}


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the modules of custom layers in the current folder, without the target."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    name = f"own_{abs(hash(tmp_path))}"
    Path(f"{name}_keras.py").write_text(KERAS)
    Path(f"{name}_torch.py").write_text(TORCH)
    return name


def text_of(module: str, **axes: str) -> str:
    """Return the spec with some of the maps of axes."""
    return SPEC % {"module": module, "conv": "", "mixed": "", **axes}


@pytest.mark.frameworks
def test_kernels_of_custom_layers(layers: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.yaml").write_text(text_of(layers, **AXES))
    assert main(["verify", "a.yaml", "--steps", "3", "--format", "json"]) == 0
    checks = {c["name"]: c for c in json.loads(capsys.readouterr().out)["checks"]}
    gradients = checks["gradients of 14 weights"]["parts"]
    assert {"d/d own.kernel", "d/d mixed.parts.0.kernel", "d/d mixed.norm.gamma"} <= set(gradients)
    assert {"one step", "3 steps", "evaluation"} <= set(checks)

    # Files of weights go there and back.
    import torch

    found = compile_bytes(text_of(layers, **AXES).encode(), "a.yaml")
    namespace: dict[str, Any] = {"__name__": "made"}
    exec(found.files["net_torch.py"], namespace)
    state = namespace["Net"]().state_dict()
    torch.save(state, "a.pt")
    convert(found, Path("a.pt"), Path("b.weights.h5"))
    convert(found, Path("b.weights.h5"), Path("c.pt"))
    back = torch.load("c.pt", weights_only=True)
    for name, value in state.items():
        assert np.array_equal(value.numpy(), back[name].numpy()), name
    with pytest.raises(VerifyError, match=r"cannot carry the weights of own over: Keras' kernel"):
        convert(compile_bytes(text_of(layers).encode(), "a.yaml"), Path("a.pt"), Path("d.keras"))


@pytest.mark.frameworks
def test_a_layer_without_a_map_ends_no_other_check(layers: str) -> None:
    data = text_of(layers, conv=AXES["conv"]).encode()
    report = verify(compile_bytes(data, "a.yaml"), compile_bytes(data, "a.yaml", exact=True))
    checks = {check.name: check for check in report.checks}
    assert list(checks) == [
        *("parameters", "weights of mixed", "outputs in inference mode"),
        *("outputs in training mode", "loss", "gradients of 8 weights"),
    ]
    assert {name for name, check in checks.items() if not check.ok} == {"weights of mixed"}
    told = checks["weights of mixed"].detail
    assert told is not None
    for number in (0, 1):
        assert f"write weights: {{parts/{number}/kernel: [1, 0]}} in custom" in told
    assert report.first is None
    # What else is wrong is still found where it is.
    compilation = compile_bytes(data, "a.yaml")
    (name,) = (name for name in compilation.files if name.endswith("_torch.py"))
    code = compilation.files[name]
    assert code.count("F.tanh(") + code.count("torch.tanh(") == 1
    wrong = code.replace("F.tanh(", "F.relu(").replace("torch.tanh(", "torch.relu(")
    compilation.files[name] = wrong
    broken = verify(compilation, compilation)
    assert broken.first is not None
    assert broken.first.layer == "conv2d"


@pytest.mark.frameworks
def test_every_weight_of_a_keras_layer_has_a_name() -> None:
    import keras

    from specc.verify.programs import weights_by_name

    class Own(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.unnamed = self.add_weight(shape=(1,))
            self.first, self.second = (self.add_weight(shape=(2,), name="w") for _ in range(2))
            self.stack = keras.Sequential([keras.layers.ReLU(), keras.layers.Dense(3)])
            self._hidden = [keras.layers.Dense(4), keras.layers.Dense(5)]
            self.drop = keras.layers.Dropout(0.5, seed=1)
            for inner in (self.stack, *self._hidden):
                inner.build((None, 6))

    found = weights_by_name(Own())
    assert len(found) == 9
    assert {"unnamed", "w", "second", "stack.1.kernel", "stack.1.bias", "kernel", "bias"} < set(
        found
    )


# In specs


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("{kernel: [0, 2]}", "each axis of a weight once, counted from 0, as in {kernel: [1, 0]}"),
        ("{kernel: [1, 1]}", "each axis of a weight once"),
        ("{kernel: []}", "each axis of a weight once"),
        (
            "{kernel: transposed}",
            "a mapping of names of weights to axes, as {kernel: [3, 2, 0, 1]}",
        ),
        ("{kernel: [true, false]}", "a mapping of names of weights to axes"),
        ("{a b: [0]}", "a mapping of names of weights to axes"),
        ("[1, 0]", "a mapping"),
    ],
)
def test_a_map_is_one_of_axes(weights: str, message: str) -> None:
    text = text_of("own", mixed=f", weights: {weights}")
    (error,) = compile_bytes(text.encode(), "a.yaml").diagnostics
    assert error.severity == "error"
    assert message in error.message


def test_a_map_is_in_no_program() -> None:
    plain, told = (
        compile_bytes(text_of("own", **axes).encode(), "a.yaml").files for axes in ({}, AXES)
    )
    for name, code in plain.items():
        assert code.split("\n", 2)[2] == told[name].split("\n", 2)[2]
