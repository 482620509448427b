"""`specc verify`: what is equal passes, and what is broken is found where it is."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from writing import spec

from specc.cli import main
from specc.cli import verify as cli
from specc.cli.verify import _Rows
from specc.pipeline import Compilation, compile_bytes
from specc.targets.torch.weights import Transform
from specc.verify import VerifyError, frameworks, missing_frameworks, verify
from specc.verify.report import Check, Place, Report, percent

SMALL = [{"dense": {"units": 4, "activation": "tanh"}}, {"dense": 4}, {"dense": 3}]
IMAGES = [
    {"conv2d": {"filters": 3, "kernel_size": 2, "activation": "relu"}},
    "batch_normalization",
    {"activation": "tanh"},
    "flatten",
    {"dropout": 0.3},
    {"dense": {"units": 4, "activation": "softmax"}},
]


def both(text: str) -> tuple[Compilation, Compilation]:
    """Return a spec compiled as it is, and exactly."""
    found = compile_bytes(text.encode(), "spec.yaml")
    assert found.ok
    return found, compile_bytes(text.encode(), "spec.yaml", exact=True)


def broken(compilation: Compilation, before: str, after: str) -> Compilation:
    """Return a compilation whose PyTorch program has other text."""
    (name,) = (name for name in compilation.files if name.endswith("_torch.py"))
    code = compilation.files[name]
    assert code.count(before) == 1, code
    return replace(compilation, files={**compilation.files, name: code.replace(before, after)})


def wrong(report: Report) -> set[str]:
    """Return the names of the checks that do not hold."""
    return {check.name for check in report.checks if not check.ok}


# Reports


REPORT = Report(
    name="net",
    versions={"Keras": "3", "PyTorch": "2"},
    samples="random samples",
    seed=0,
    checks=(
        Check("parameters", 0, 0, "equal", "12 in both"),
        Check("loss", 0.5, 1e-5, "differs", None, {"loss": 0.5}),
        Check("one step", float("nan"), 1e-6, "differs", None, {"a": float("nan"), "b": 0.0}),
        Check("evaluation", None, 1e-5, "fails", "ValueError: no"),
    ),
    first=Place("dense_2", 0.25, True),
    still=("dropout",),
)


def test_a_table_has_a_row_for_each_check() -> None:
    assert REPORT.to_table().splitlines() == [
        "net: Keras 3, PyTorch 2; random samples, seed 0",
        "",
        "check       measured  allowed  verdict",
        "parameters         0        0  equal: 12 in both",
        "loss         5.0e-01  1.0e-05  differs",
        "one step         nan  1.0e-06  differs",
        "evaluation         -  1.0e-05  fails: ValueError: no",
        "",
        "switched off, as their draws can never agree: dropout",
        "loss differs in loss 5.0e-01",
        "one step differs in a nan",
        "the first layer whose output differs is dense_2: by 2.5e-01 in training mode",
        "3 of 4 checks failed",
    ]


NOTED = replace(
    REPORT,
    checks=(
        Check("one step", 0.004, 0.5, "noted", "N201: 0.4% ...", notes=("N201",), share=0.004),
        Check("20 steps", 0.42, 0.5, "noted", "N201: 42% ...", notes=("N201",), share=0.42),
        Check("20 steps, fidelity: exact", 0.0, 1e-5, "equal"),
    ),
    first=None,
)


def test_the_verdict_says_how_far_training_differs() -> None:
    sentence = (
        "the programs are the same model; their training differs by 42% of its movement "
        "after 20 steps, see N201"
    )
    assert NOTED.to_table().splitlines()[-1] == NOTED.verdict() == sentence
    found = json.loads(NOTED.to_json())
    assert (found["equal"], found["verdict"]) == (True, sentence)
    differs = {"check": "20 steps", "share": 0.42, "notes": ["N201"]}
    assert found["training_differs"] == differs
    assert [check["share"] for check in found["checks"]] == [0.004, 0.42, None]
    equal = replace(NOTED, checks=NOTED.checks[2:])
    assert equal.verdict() == "the programs are the same model"
    assert json.loads(equal.to_json())["training_differs"] is None
    failed = replace(NOTED, checks=(*NOTED.checks, *REPORT.checks[3:]))
    assert failed.verdict() == "1 of 4 checks failed"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.42, "42%"),
        (0.004, "0.4%"),
        (1e-9, "less than 0.01%"),
        (3.0, "300%"),
        (float("inf"), "more than all"),
    ],
)
def test_shares_are_percents(share: float, text: str) -> None:
    assert percent(share) == text


def test_rows_appear_on_a_terminal_as_they_are_made() -> None:
    stream = io.StringIO()
    rows = _Rows(20, stream)
    seen = []
    for count in range(len(REPORT.checks) + 1):
        rows(replace(REPORT, checks=REPORT.checks[:count]))
        seen.append(stream.getvalue().splitlines())
    assert list(map(len, seen)) == [3, 4, 5, 6, 7]
    assert seen[-1][:3] == [
        "net: Keras 3, PyTorch 2; random samples, seed 0",
        "",
        "check                      measured  allowed  verdict",
    ]
    # The rows of the whole table, in columns of fixed widths.
    whole = REPORT.to_table().splitlines()
    assert [line.split() for line in seen[-1] + REPORT.closing()] == [
        line.split() for line in whole
    ]
    assert {len(line[:36].rstrip()) for line in seen[-1][3:]} == {35}


def test_json_says_the_same() -> None:
    found = json.loads(REPORT.to_json(), parse_constant=lambda name: pytest.fail(name))
    assert found["equal"] is False
    assert [c["verdict"] for c in found["checks"]] == ["equal", "differs", "differs", "fails"]
    assert found["checks"][2]["measured"] is None  # JSON has no NaN
    assert found["first_layer"] == {"layer": "dense_2", "measured": 0.25, "mode": "training"}
    assert found["switched_off"] == ["dropout"]


# The command


def test_a_wrong_spec_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(spec([3], ["dens"]))
    assert main(["verify", str(path)]) == 1
    output, told = capsys.readouterr()
    assert output == ""
    assert "error E201" in told


def test_a_missing_framework_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(frameworks, "find_spec", lambda name: None if name == "torch" else name)
    assert main(["verify", "a.yaml"]) == 2
    told = capsys.readouterr().err
    assert "PyTorch is not installed" in told
    assert "pip install 'specc[torch]'" in told
    monkeypatch.setattr(frameworks, "find_spec", lambda name: None)
    assert "specc[keras,torch]" in str(missing_frameworks())


@pytest.mark.parametrize("arguments", [["missing.yaml"], ["a.yaml", "--seed", "-1"]])
def test_wrong_calls(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main(["verify", *arguments])
    except SystemExit as error:
        status = int(str(error))
    assert status == 2
    assert arguments[-1] in capsys.readouterr().err


@pytest.mark.frameworks
def test_data_of_the_spec(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(9, 3)), random.integers(0, 4, size=9)
    arrays = {"x_train": x, "y_train": y, "x_test": x, "y_test": y}
    np.savez(tmp_path / "good.npz", **arrays)
    np.savez(tmp_path / "bad.npz", **{**arrays, "x_train": x[:, :2]})
    path, layers = tmp_path / "a.yaml", [{"dense": {"units": 4, "activation": "softmax"}}]
    path.write_text(spec([3], layers, loss="sparse_categorical_crossentropy"))
    before = frameworks.random.getstate(), np.random.get_state()[1].tolist()
    data = str(tmp_path / "good.npz")
    assert main(["verify", str(path), "--data", data, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    with monkeypatch.context() as patched:
        patched.setattr(cli, "is_terminal", lambda stream: stream is sys.stdout)
        assert main(["verify", str(path), "--data", data]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:25].rstrip() for line in lines[3:-2]] == [c["name"] for c in found["checks"]]
    assert lines[-1] == found["verdict"] == "the programs are the same model"
    assert found["samples"] == f"samples of {data}"
    assert {check["verdict"] for check in found["checks"]} == {"equal"}
    assert (frameworks.random.getstate(), np.random.get_state()[1].tolist()) == before
    assert main(["verify", str(path), "--data", str(tmp_path / "bad.npz")]) == 2
    assert "x_train has shape (9, 2)" in capsys.readouterr().err
    x[4, 1] = np.nan
    np.savez(tmp_path / "nan.npz", **arrays)
    assert main(["verify", str(path), "--data", str(tmp_path / "nan.npz")]) == 2
    told = capsys.readouterr().err
    assert "the data are wrong, not the programs: " in told
    assert "nan.npz: x_train[4, 1] is nan, expected finite numbers" in told


@pytest.mark.frameworks
def test_a_custom_layer_from_elsewhere() -> None:
    layer = {"custom": {"keras": "nowhere.k:A", "torch": "nowhere.t:A"}}
    with pytest.raises(
        VerifyError, match=r"model_keras.py cannot be imported: No module .*nowhere"
    ):
        verify(*both(spec([3], [layer])))


# Proofs


@pytest.mark.frameworks
def test_equal_but_for_what_a_note_tells() -> None:
    import keras

    text = spec([5, 4, 2], IMAGES, optimizer="adam", loss="categorical_crossentropy")
    report = verify(*both(text), seed=3)
    assert report.ok, report.to_table()
    assert report.first is None
    assert report.still == ("dropout",)
    verdicts = {check.name: check.verdict for check in report.checks}
    assert verdicts["one step"] == verdicts["20 steps"] == "noted"
    assert verdicts["one step, fidelity: exact"] == verdicts["20 steps, fidelity: exact"] == "equal"
    assert verdicts["loss"] == verdicts["gradients of 6 weights"] == "equal"
    assert " of the movement, see N201 and N203" in report.to_table()
    assert "same model; their training differs by " in report.verdict()
    assert report.verdict().endswith(", see N201 and N203")
    assert report.noted is not None
    assert report.noted.share == max(check.measured or 0 for check in report.checks[5:8:2])
    assert keras.config.floatx() == "float32"


@pytest.mark.frameworks
def test_values_that_are_not_finite() -> None:
    layers = ["exponential"] * 5
    report = verify(*both(spec([3], [{"dense": 3}, *({"activation": a} for a in layers)])))
    checks = {check.name: check for check in report.checks}
    outputs = checks["outputs in inference mode"]
    assert (outputs.measured, outputs.verdict) == (None, "fails")
    assert outputs.detail == "Keras' values are not all finite, nor are PyTorch's"
    last = "the first layer whose output is not finite in Keras is activation_4"
    assert last in report.to_table()


# What a broken program is found by: its text, the first layer, the mode.
BROKEN: dict[str, tuple[str, str, str | None, bool]] = {
    "convolution": ("F.relu(self.conv2d(x))", "F.gelu(self.conv2d(x))", "conv2d", False),
    "epsilon": ("eps=0.001", "eps=0.01", "batch_normalization", False),
    "activation": (
        "self.activation = nn.Tanh()",
        "self.activation = nn.ReLU()",
        "activation",
        False,
    ),
    "statistics": (
        "x = self.batch_normalization(x)",
        "x = self.batch_normalization(x) * (1 + self.training)",
        "batch_normalization",
        True,
    ),
    "end": ("F.softmax(self.dense(x)", "F.softmax(2 * self.dense(x)", "dense", False),
}


@pytest.mark.frameworks
@pytest.mark.parametrize("name", BROKEN)
def test_the_first_layer_that_differs(name: str) -> None:
    before, after, layer, training = BROKEN[name]
    text = spec([5, 4, 2], IMAGES, optimizer=None)
    compilation, exact = both(text)
    report = verify(broken(compilation, before, after), exact)
    assert report.first is not None
    assert (report.first.layer, report.first.training) == (layer, training)
    expected = {"outputs in training mode"} | (set() if training else {"outputs in inference mode"})
    assert wrong(report) == expected


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("lr=LEARNING_RATE", "lr=1.1 * LEARNING_RATE", {"one step", "20 steps"}),
        ("F.mse_loss(outputs, targets)", "F.l1_loss(outputs, targets)", None),
        ("model.train()", "model.eval(", {"one step", "20 steps"}),
    ],
    ids=["learning-rate", "loss", "crash"],
)
def test_a_broken_training(before: str, after: str, expected: set[str] | None) -> None:
    compilation, exact = both(spec([4], SMALL))
    if after.endswith("("):
        after = "raise ValueError('broken')"
    report = verify(broken(compilation, before, after), exact)
    assert report.first is None
    everything = {"loss", "gradients of 6 weights", "one step", "20 steps", "evaluation"}
    assert wrong(report) == (expected or everything), report.to_table()
    verdict = "fails" if "raise" in after else "differs"
    assert {check.verdict for check in report.checks if not check.ok} == {verdict}


@pytest.mark.frameworks
def test_a_wrong_learning_rate_is_more_than_a_note() -> None:
    compilation, exact = both(spec([4], SMALL, optimizer={"adam": {"learning_rate": 0.01}}))
    report = verify(broken(compilation, "lr=LEARNING_RATE", "lr=2 * LEARNING_RATE"), exact)
    assert wrong(report) == {"one step", "20 steps"}


@pytest.mark.frameworks
@pytest.mark.parametrize("factor", ["", "2 * "])
def test_what_notes_tell_of_is_taken_away_where_it_is_much(factor: str) -> None:
    """Gradients are about as small as epsilon, so its place decides how far a step goes."""
    layers = [{"rescaling": 1e-6}, {"dense": {"units": 8, "use_bias": False}}]
    text = spec([4], layers, optimizer={"adam": {"learning_rate": 0.01}})
    compilation, exact = both(text)
    if factor:
        compilation = broken(compilation, "lr=LEARNING_RATE", f"lr={factor}LEARNING_RATE")
    report = verify(compilation, exact)
    (step,) = [check for check in report.checks if check.name == "one step"]
    assert step.verdict == ("differs" if factor else "noted"), report.to_table()
    if not factor:
        assert "with a small epsilon" in step.detail
        assert step.measured is not None
        assert step.measured < 0.05


@pytest.mark.frameworks
@pytest.mark.parametrize("optimizer", ["lion", "lamb"])
def test_weights_that_rounding_alone_moves_are_held(optimizer: str) -> None:
    """The mean of the normalization takes the bias off, and such steps are whole ones."""
    layers = [{"dense": 6}, "batch_normalization", {"activation": "tanh"}, {"dense": 2}]
    compilation, exact = both(spec([5], layers, optimizer=optimizer))
    report = verify(compilation, exact)
    assert report.ok, report.to_table()
    assert report.held == ("dense_1.bias",)
    assert "held, as rounding alone moves them: dense_1.bias" in report.to_table()
    assert json.loads(report.to_json())["held"] == ["dense_1.bias"]


@pytest.mark.frameworks
def test_notes_that_hold_in_any_fidelity_are_hints() -> None:
    conv = {"filters": 3, "kernel_size": 3, "padding": "same", "data_format": "channels_first"}
    report = verify(*both(spec([5, 8, 3], [{"conv2d": conv}])))
    assert not report.ok
    assert "notes of the build that may explain it: N106" in report.to_table()
    assert json.loads(report.to_json())["hints"] == ["N106"]


@pytest.mark.frameworks
def test_penalties_of_activations_are_no_obstacle_to_averages() -> None:
    layers = [{"dense": 3}, {"activity_regularization": {"l1": 0.002}}, "prelu"]
    average = {"adamw": {"use_ema": True}}
    report = verify(*both(spec([7], layers, optimizer=average, fidelity="exact")))
    assert report.ok, report.to_table()
    with_kinks = verify(*both(spec([7], [*layers, "relu"], optimizer=average)), seed=3)
    assert not [check for check in with_kinks.checks if check.verdict == "fails"]


@pytest.mark.frameworks
def test_a_wrong_map_of_weights() -> None:
    compilation, exact = both(spec([4], SMALL, optimizer=None))

    def with_map(index: int, **changes: Any) -> Compilation:
        weights = list(compilation.weights["torch"])
        weights[index] = replace(weights[index], **changes)
        return replace(compilation, weights={**compilation.weights, "torch": tuple(weights)})

    square = verify(with_map(2, transform=Transform()), exact)
    assert square.first is not None
    assert square.first.layer == "dense_2"
    for changed, reason in (
        (
            with_map(4, transform=Transform()),
            "dense_3.kernel becomes (4, 3), but PyTorch's is (3, 4)",
        ),
        (with_map(0, attribute="wait"), "the PyTorch program has no dense_1.wait"),
    ):
        report = verify(changed, exact)
        (check,) = report.checks
        assert (check.name, check.verdict, check.detail) == ("weights", "fails", reason)


TRAINED: dict[str, tuple[list[int], list[Any], str | None]] = {
    "windows-of-volumes": ([5, 4, 6, 2], [{"dense": 4}, {"max_pooling3d": [2, 1, 2]}], None),
    "averages-of-volumes": (
        [5, 4, 6, 2],
        [
            {"dense": 4},
            {"average_pooling3d": {"pool_size": [2, 3, 2], "strides": 1, "padding": "same"}},
            {"adaptive_average_pooling3d": [2, 3, 4]},
        ],
        None,
    ),
    "volumes": ([5, 4, 6, 2], [{"dense": 4}, {"adaptive_max_pooling3d": [2, 3, 4]}], None),
    "images": ([6, 5, 2], [{"dense": 4}, {"resizing": {"height": 4, "width": 7}}], None),
    "smooth-images": (
        [6, 5, 2],
        [{"dense": 4}, {"resizing": {"height": 3, "width": 4, "antialias": True}}],
        None,
    ),
    "bins": ([4], [{"discretization": {"bin_boundaries": [0.1], "output_mode": "one_hot"}}], None),
    "words": (
        [3],
        [{"integer_lookup": {"vocabulary": [0, 3, 1]}}, {"category_encoding": 5}],
        "int32",
    ),
}


@pytest.mark.frameworks
@pytest.mark.parametrize("name", TRAINED)
def test_what_works_in_single_precision_alone(name: str) -> None:
    """A training is compared in float64, also of what TensorFlow or a program has in float32."""
    shape, layers, dtype = TRAINED[name]
    more = {"input": {"shape": shape, "dtype": dtype}} if dtype else {}
    text = spec(shape, [*layers, {"dense": 3}], optimizer="sgd", **more)
    report = verify(*both(text), steps=5)
    assert report.ok, report.to_table()
    assert {"one step", "5 steps", "evaluation"} <= {check.name for check in report.checks}
