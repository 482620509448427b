"""`--set`: a change is a spec that says something else, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specc.cli import main
from specc.diagnostics import Source, SpeccError
from specc.overrides import Change, ChangeError, apply, parse
from specc.pipeline import compile_source
from specc.source import load, plain

SPEC = """\
name: small
input: [4]
layers:
  - dense: 8
  - dropout: 0.4
  - relu
  - dense: {units: 8, kernel_regularizer: {l2: 0.1}, name: middle}
  - time_distributed: {layer: {dense: {units: 2}}}
  - dense: {units: 3, activation: softmax}
optimizer: adam
loss: sparse_categorical_crossentropy
metrics: [accuracy]
training:
  validation_split: 0.1
  callbacks:
    - early_stopping: val_loss
"""


def changed(*texts: str, spec: str = SPEC) -> dict[str, object]:
    """Return the data of a spec with changes."""
    found: dict[str, object] = plain(
        apply([parse(text) for text in texts], load(Source("spec.yaml", spec)))
    )
    return found


@pytest.mark.parametrize(
    ("text", "keys", "value"),
    [
        ("name=other", ["name"], "other"),
        ("description=Hello, world", ["description"], "Hello, world"),
        ("seed=7", ["seed"], 7),
        ("seed=null", ["seed"], None),
        ("loss=mse", ["loss"], "mse"),
        ("input.shape=[5, 6]", ["input"], {"shape": (5, 6)}),
        ("input.dtype=int32", ["input"], {"shape": (4,), "dtype": "int32"}),
        ("layers.dense_1.units=20", ["layers", 0], {"dense": {"units": 20}}),
        (
            "layers.dense_1.activation=relu",
            ["layers", 0, "dense"],
            {"units": 8, "activation": "relu"},
        ),
        ("layers.dropout.rate=1e-1", ["layers", 1], {"dropout": {"rate": 0.1}}),
        ("layers.dropout.seed=3", ["layers", 1], {"dropout": {"rate": 0.4, "seed": 3}}),
        ("layers.relu.max_value=6", ["layers", 2], {"relu": {"max_value": 6}}),
        ("layers.middle.units=9", ["layers", 3, "dense", "units"], 9),
        (
            "layers.middle.kernel_regularizer.l2.l2=0.2",
            ["layers", 3, "dense", "kernel_regularizer"],
            {"l2": {"l2": 0.2}},
        ),
        (
            "layers.middle.kernel_regularizer=null",
            ["layers", 3, "dense", "kernel_regularizer"],
            None,
        ),
        ("layers.middle={dense: 1}", ["layers", 3], {"dense": 1}),
        (
            "layers.time_distributed.layer.dense.units=5",
            ["layers", 4, "time_distributed", "layer"],
            {"dense": {"units": 5}},
        ),
        ("layers.dense_3.units=4", ["layers", 5, "dense", "units"], 4),
        ("optimizer.adam.learning_rate=3e-4", ["optimizer"], {"adam": {"learning_rate": 3e-4}}),
        ("optimizer={sgd: 0.1}", ["optimizer"], {"sgd": 0.1}),
        ("optimizer.sgd=0.1", ["optimizer"], {"sgd": 0.1}),
        (
            "optimizer.adam.learning_rate.exponential_decay.decay_rate=0.5",
            ["optimizer", "adam", "learning_rate"],
            {"exponential_decay": {"decay_rate": 0.5}},
        ),
        ("training.epochs=5", ["training", "epochs"], 5),
        ("training.class_weight.1=2.0", ["training", "class_weight"], {1: 2.0}),
        (
            "training.callbacks.early_stopping.patience=3",
            ["training", "callbacks", 0],
            {"early_stopping": {"monitor": "val_loss", "patience": 3}},
        ),
        ("metrics=[]", ["metrics"], ()),
        ("data.npz.path=a.npz", ["data"], {"npz": {"path": "a.npz"}}),
    ],
)
def test_a_change(text: str, keys: list[object], value: object) -> None:
    found: object = changed(text)
    for key in keys:
        found = found[key]  # type: ignore[index]
    assert found == value
    rest, before = changed(text), changed()
    for data in (rest, before):
        data.pop(str(keys[0]), None)
    assert rest == before


def test_changes_follow_each_other() -> None:
    found = changed("optimizer.sgd=0.1", "optimizer.sgd.momentum=0.9", "training.epochs=1")
    assert found["optimizer"] == {"sgd": {"learning_rate": 0.1, "momentum": 0.9}}


def test_what_an_alias_shares_is_changed_once() -> None:
    spec = SPEC.replace("- dense: 8", "- dense: &d {units: 8}").replace("{units: 2}", "*d")
    found = changed("layers.dense_1.units=1", spec=spec)
    assert found["layers"][0] == {"dense": {"units": 1}}  # type: ignore[index]
    assert found["layers"][4]["time_distributed"]["layer"] == {"dense": {"units": 8}}  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed", "expected --set KEY.KEY=VALUE, found 'seed'"),
        ("=1", "expected --set KEY.KEY=VALUE"),
        ("seed=", "expected --set KEY.KEY=VALUE"),
        ("a..b=1", "expected --set KEY.KEY=VALUE"),
        ("seed=1\nname: x", "in one line"),
        ("x=1", "expected a key of the spec"),
        ("sed=1", "unknown field 'sed' in the spec; did you mean 'seed'?"),
        ("layers.middel.units=1", "there is no 'middel' in layers; did you mean 'middle'?"),
        (
            "layers.x_y.units=1",
            "there are dense_1, dropout, relu, middle, time_distributed, dense_3",
        ),
        ("layers.dense.units=1", "there is no 'dense' in layers"),
        ("layers.middle.unit=1", "unknown field 'unit' in dense; did you mean 'units'?"),
        ("optimizer.sgd.momentum=1", "the optimizer of the spec is adam, not sgd"),
        ("optimizer.learning_rate=1", "unknown optimizer 'learning_rate'"),
        ("name.first=1", "expected a mapping with the key 'first', found the string 'small'"),
        ("metrics.auc.curve=PR", "there is no 'auc' in metrics"),
    ],
)
def test_mistakes(text: str, message: str) -> None:
    with pytest.raises(ChangeError) as raised:
        changed(text)
    assert message in str(raised.value)


def test_a_wrong_value_is_told_at_its_place() -> None:
    text = "layers.middle.units=many"
    found, *_ = compile_source(Source("a.yaml", SPEC), changes=[parse(text)]).diagnostics
    assert found.render() == (
        "--set:1:21: error E210: units of dense expects an integer, found the string 'many'\n"
        f"    1 | {text}\n" + " " * 28 + "^^^^"
    )


@pytest.mark.parametrize("value", ["[1", "{a: 1", "'x", "*a", "!!python/name:os.system x"])
def test_a_value_that_is_no_yaml(value: str) -> None:
    with pytest.raises(SpeccError) as raised:
        parse(f"seed={value}")
    assert raised.value.diagnostics[0].span.source.name == "--set"


SWEPT = SPEC.replace("  - time_distributed: {layer: {dense: {units: 2}}}\n", "")


def test_the_program_is_that_of_the_changed_spec_and_says_so() -> None:
    texts = ["layers.dense_3.units=20", "optimizer.adam.learning_rate=3e-4"]
    found = compile_source(Source("a.yaml", SWEPT), changes=[parse(text) for text in texts])
    written = SWEPT.replace("units: 3", "units: 20").replace("adam", "{adam: 3e-4}")
    expected = compile_source(Source("a.yaml", written))
    assert found.files
    for name, text in found.files.items():
        assert text.split("\n")[2:] == expected.files[name].split("\n")[2:]
        first = text.split("\n")[0]
        assert first.endswith(" from a.yaml, " + ", ".join(f"set {text}" for text in texts))


def test_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(SWEPT)
    command = ["build", "a.yaml", "-o", "out", "--set", "training.epochs=3"]
    assert main(command) == 0
    assert "EPOCHS = 3" in Path("out/small_torch.py").read_text()
    capsys.readouterr()
    assert main(command) == 0
    assert capsys.readouterr().out.startswith("unchanged ")
    assert main(["build", "a.yaml", "-o", "out", "--check"]) == 1  # without the change it is stale
    assert main([*command, "--set", "x.y=1"]) == 2
    assert main([*command, "--set", "training.epochs=x"]) == 1
    assert main([*command, "--set", "training.epochs=["]) == 1
    assert main(["build", "a.yaml", "b.yaml", "--set", "seed=1"]) == 2
    assert main(["build", "--set", "seed=1"]) == 2


@given(st.text(st.sampled_from("abels.=_[]{}:,#'\"\n 1\x00\x85"), max_size=30))
def test_any_text(text: str) -> None:
    """A change is carried out or told about, and never gets out of its comment."""
    try:
        change = parse("description=" + text)
    except (ChangeError, SpeccError):
        return
    assert isinstance(change, Change)
    found = compile_source(Source("a.yaml", SWEPT), changes=[change])
    for program in found.files.values():
        assert program.split("\n")[1].startswith("# Change the spec, not this file.")
