"""What `specc diff` tells: tests/diff/<name>/ with old.yaml, new.yaml, terminal.txt and report.md.

`SPECC_UPDATE=1 pytest tests/golden/test_diff.py` writes the reports anew; read the difference.
"""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from writing import spec

from specc.changes.comparison import Comparison, compare
from specc.changes.data import to_json
from specc.changes.markdown import markdown
from specc.changes.reading import Report, report
from specc.changes.terminal import terminal
from specc.cli import main
from specc.diagnostics import Source
from specc.revisions import Versions

ROOT = Path(__file__).parents[2]
CASES = sorted(path.parent for path in (ROOT / "tests" / "diff").glob("*/old.yaml"))
SPECS = sorted((ROOT / "specs").glob("*.yaml"))
# What is only another text; every other case is a change of meaning.
SAME = {"defaults_written_out", "description", "only_text"}


def report_of(old: str | bytes, new: str | bytes, code: bool = False) -> Report:
    """Return the report about two texts of a spec."""
    texts = [text.encode() if isinstance(text, str) else text for text in (old, new)]
    return report(Versions("spec.yaml", *texts, "HEAD:spec.yaml", "spec.yaml"), code)


def comparison_of(old: str, new: str) -> Comparison:
    """Return the comparison of two texts of a spec."""
    return compare(Source("old.yaml", old), Source("new.yaml", new))


def read(path: Path) -> str:
    """Return the text of a file."""
    return path.read_text(encoding="utf-8")


def case(folder: Path) -> Report:
    """Return the report of a case."""
    return report_of(read(folder / "old.yaml"), read(folder / "new.yaml"))


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_report_is_the_committed_one(folder: Path) -> None:
    found = case(folder)
    for name, text in (("terminal.txt", terminal([found])), ("report.md", markdown([found]))):
        if os.environ.get("SPECC_UPDATE") == "1":
            (folder / name).write_text(text + "\n", encoding="utf-8")
        assert text + "\n" == read(folder / name)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_only_a_change_of_meaning_counts(folder: Path) -> None:
    assert case(folder).meaningful == (folder.name not in SAME)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_json_tells_the_same(folder: Path) -> None:
    found = case(folder)
    (told,) = json.loads(to_json([found]))["specs"]
    assert told["summary"] == list(found.summary)
    assert [x["after"] or x["before"] for x in told["layers"]] or not found.comparison.changed  # type: ignore[union-attr]


# Properties


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_spec_does_not_differ_from_itself(path: Path) -> None:
    found = report_of(read(path), read(path), code=True)
    assert found.status == "same"
    assert [sentence[:9] for sentence in found.summary] == ["No change"]
    assert not found.sections
    assert not found.costs
    assert not found.code


@pytest.mark.parametrize("paths", list(pairwise([*SPECS, *SPECS[::3], *SPECS[::5]])), ids=str)
def test_weights_are_told_once_and_fit(paths: tuple[Path, Path]) -> None:
    """Whatever became of a model: what is kept fits, and no weight is forgotten or twice there."""
    found = comparison_of(read(paths[0]), read(paths[1]))
    for weight in found.weights:
        if weight.fate == "kept":
            assert weight.before is not None
            assert weight.after is not None
            assert weight.before.shape == weight.after.shape
    for program, side in ((found.old, "before"), (found.new, "after")):
        told = [getattr(w, side).path for w in found.weights if getattr(w, side) is not None]
        assert sorted(told) == sorted(
            v.path for node in program.graph.nodes for v in node.variables
        )


# What is told


def dense(units: int, **more: Any) -> dict[str, Any]:
    """Return a dense layer."""
    return {"dense": {"units": units, **more}}


def fates(found: Comparison) -> dict[str, set[str]]:
    """Return for each layer with weights what becomes of them."""
    return {layer.name: {w.fate for w in layer.weights} for layer in found.layers if layer.weights}


def test_a_layer_in_between_does_not_make_those_behind_it_others() -> None:
    layers = [dense(8, activation="relu"), dense(8, activation="tanh"), dense(3)]
    more = [layers[0], dense(8, activation="elu"), *layers[1:]]
    found = comparison_of(spec([4], layers), spec([4], more))
    assert fates(found) == {
        "dense_1": {"kept"},
        "dense_2": {"anew"},
        "dense_3": {"kept"},
        "dense_4": {"kept"},
    }
    assert [layer.kind for layer in found.layers] == ["same", "added", "same", "same"]
    text = terminal([report_of(spec([4], layers), spec([4], more))])
    assert "was called dense_2" in text
    assert "the same weights under another name" in text


def test_equal_shapes_do_not_hide_another_order_of_inputs() -> None:
    old = spec([4, 4], ["flatten", dense(3)])
    new = spec([4, 4], [{"permute": [2, 1]}, "flatten", dense(3)])
    kernel, bias = (w for layer in comparison_of(old, new).layers for w in layer.weights)
    assert (kernel.fate, bias.fate) == ("anew", "kept")
    assert "order" in kernel.reason


def test_another_vocabulary_makes_the_rows_of_an_embedding_others() -> None:
    def text(vocabulary: list[int]) -> str:
        lookup = {"integer_lookup": {"vocabulary": vocabulary}}
        embedding = {"embedding": {"input_dim": 4, "output_dim": 2}}
        layers = [lookup, embedding, "flatten", dense(1)]
        return spec([3], layers, input={"shape": [3], "dtype": "int32"})

    found = comparison_of(text([5, 6, 7]), text([6, 5, 7]))
    assert fates(found) == {"embedding": {"anew"}, "dense": {"kept"}}


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ({"activation": "relu"}, {"activation": "tanh"}, "FUNCTION"),
        ({"kernel_initializer": "zeros"}, {}, "TRAINING"),
        ({"kernel_regularizer": {"l2": 0.1}}, {}, "TRAINING"),
        ({"trainable": False}, {}, "TRAINING"),
        ({"activation": "linear"}, {}, None),
        ({"use_bias": True}, {}, None),
    ],
)
def test_how_far_a_change_reaches(
    before: dict[str, Any], after: dict[str, Any], effect: str | None
) -> None:
    both = (spec([4], [dense(2, **more), dense(1)]) for more in (before, after))
    found = comparison_of(*both)
    assert found.meaningful == (effect is not None)
    assert found.effect.name == (effect or "NOTHING")
    assert all(w.fate == "kept" for w in found.weights)


def test_the_code_of_both_programs_without_their_headers() -> None:
    found = report_of(spec([4], [dense(2)]), spec([4], [dense(3)]), code=True)
    assert set(found.code) == {"torch", "keras"}
    for lines in found.code.values():
        changed = [line for line in lines[2:] if line[0] in "+-"]
        assert changed
        assert not [line for line in changed if "digest" in line or "specc" in line]


# Wrong specs, and what would steer whoever reads a report


def test_a_new_version_with_mistakes_is_told_as_by_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = write(tmp_path, spec([4], [dense(2)]), spec([4], [dense(0)]))
    assert main(["diff", *paths]) == 1
    printed = capsys.readouterr()
    assert "new.yaml:" in printed.err
    assert "error E211" in printed.err
    assert "does not compile" in printed.out


def test_an_old_version_with_mistakes_is_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = write(tmp_path, spec([4], [dense(0)]), spec([4], [dense(2)]))
    assert main(["diff", *paths]) == 0
    printed = capsys.readouterr()
    assert "The version before does not compile: 1 error" in printed.out
    assert "10 parameters" in printed.out
    assert printed.err == ""


@pytest.mark.parametrize(
    "hostile",
    [b"\xff\xfe", b"", b"a: &a [*a]", b"- 1", b"name: [", b"\0", b"name: x\ninput: 3\nlayers: 5\n"],
)
@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
def test_hostile_bytes_are_no_fault(hostile: bytes, form: str, tmp_path: Path) -> None:
    good = spec([4], [dense(2)]).encode()
    for pair in ((good, hostile), (hostile, good), (hostile, hostile)):
        paths = write(tmp_path, *pair)
        assert main(["diff", *paths, "--format", form, "--code"]) == (pair[1] == hostile)


def test_nothing_from_a_spec_is_a_mark_of_markdown_or_steers_a_terminal() -> None:
    path = "x`\x1b[2J**b** [c](http://d) @e <img> | #1.npz"
    old, new = (spec([4], [dense(2)], data={"npz": p}) for p in ("a.npz", path))
    found = report_of(old, new)
    assert "\x1b" not in terminal([found]) + markdown([found])
    told = next(line for line in markdown([found]).split("\n") if line.startswith("- `data`"))
    for mark in ("**b", " [c]", " @e", " <img", " |", " #1"):
        assert mark not in told


def write(folder: Path, old: str | bytes, new: str | bytes) -> list[str]:
    """Write two versions of a spec and return their paths."""
    paths = []
    for name, text in (("old.yaml", old), ("new.yaml", new)):
        data = text.encode() if isinstance(text, str) else text
        (folder / name).write_bytes(data)
        paths.append(str(folder / name))
    return paths


# The verb


@pytest.mark.parametrize(("units", "status"), [(2, 0), (3, 1)])
def test_exit_code(units: int, status: int, tmp_path: Path) -> None:
    paths = write(tmp_path, spec([4], [dense(2)]), "# more\n" + spec([4], [dense(units)]))
    assert main(["diff", *paths]) == 0
    assert main(["diff", *paths, "--exit-code"]) == status


def test_a_file_that_is_not_there_is_a_wrong_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert main(["diff", "old.yaml", "new.yaml"]) == 2
    assert "expected two files, or revisions of a repository" in capsys.readouterr().err


def test_options_may_stand_anywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = write(tmp_path, spec([4], [dense(2)]), spec([4], [dense(3)]))
    for words in ([old, "--exit-code", new], ["--exit-code", "--", old, new]):
        assert main(["diff", *words]) == 1
    with pytest.raises(SystemExit, match="2"):
        main(["diff", old, new, "--unknown"])
    assert "unrecognized arguments: --unknown" in capsys.readouterr().err


def test_a_file_that_is_missing_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, spec([4], [dense(2)]), "")
    assert main(["diff", "old.yaml", "other.yaml"]) == 2
    assert "expected a file, found no other.yaml" in capsys.readouterr().err


# Sentences


def summary_of(old: str, new: str) -> str:
    """Return the summary of a change."""
    return " ".join(report_of(old, new).summary)


def test_what_stays_is_not_said_to_be_trained_anew() -> None:
    old, new = spec([4], [dense(2), dense(1)]), spec([4], [dense(2), dense(3)])
    assert "dense_2: 9 parameters of 19 must be retrained; all others carry over." in summary_of(
        old, new
    )
    everything = summary_of(spec([4], [dense(2)]), spec([4], [dense(3)]))
    assert "All 15 parameters must be retrained." in everything


def test_the_input_is_named_before_what_layers_change() -> None:
    old, new = spec([4], [dense(2)]), spec([5], [{"dropout": 0.5}, dense(2)])
    assert "The model changes: input [4] -> [5] and dropout (added)." in summary_of(old, new)


def test_sizes_that_are_opened_change_no_input() -> None:
    old, new = (spec([steps, 4], [{"lstm": 3}, dense(1)]) for steps in (7, None))  # type: ignore[list-item]
    found = comparison_of(old, new)
    assert not any(layer.behind for layer in found.layers)
    assert [setting.meaning for setting in found.interface] == ["existing data still fits"]


def test_weights_of_custom_layers_are_not_known() -> None:
    custom = {"custom": {"keras": "a:B", "torch": "a:B"}}
    old, new = (spec([4], [dense(units), custom, dense(1)]) for units in (2, 3))
    assert "Whether weights of custom layers carry over is unknown" in summary_of(old, new)
    assert not comparison_of(old, new).files


def test_new_warnings_are_told_unless_they_are_ignored() -> None:
    layers = [dense(2, kernel_regularizer="l2"), dense(1)]
    old, new = (spec([4], layers, optimizer=rule) for rule in ("adam", "adamw"))
    assert "New warnings of specc check: W347." in summary_of(old, new)
    assert "New warnings" not in summary_of(new, old)
    sides = ("old.yaml", "new.yaml")
    ignored = Versions("s", old.encode(), new.encode(), *sides, ignore=frozenset({"W347"}))
    assert not [sentence for sentence in report(ignored).summary if "W347" in sentence]


def test_a_comment_is_not_longer_than_github_takes() -> None:
    old, new = (spec([4], [dense(units)] * 300) for units in (4, 5))
    reports = [report_of(old, new, code=True)] * 40
    assert len(markdown(reports)) < 65_536
    assert "and 240 more" in markdown(reports[:1])
    assert "The details are too long for a comment" in markdown(reports)


# Files of weights


def files_of(old: list[Any], new: list[Any], shape: tuple[int, ...] = (4,)) -> dict[str, str]:
    """Return what is told of files of weights, "" where they load."""
    found = comparison_of(spec(list(shape), old), spec(list(shape), new))
    return {file.target: "" if file.loads else file.what for file in found.files}


def test_files_load_where_neither_names_nor_order_change() -> None:
    layers = [dense(4, activation="relu"), dense(1)]
    told = files_of(layers, [dense(4), {"dropout": 0.5}, dense(1)])
    assert told == {"torch": "", "keras": ""}


def test_pytorch_finds_weights_by_name_and_keras_by_order() -> None:
    told = files_of([dense(4), dense(1)], [dense(4), dense(1, name="output")])
    assert "rename dense_2.weight as output.weight" in told["torch"]
    assert told["keras"] == ""


def test_weights_that_would_load_into_another_layer_are_told() -> None:
    more = [dense(4, activation="relu"), dense(4), dense(1)]
    told = files_of([dense(4, activation="tanh"), dense(4), dense(1)], [more[0], *more])
    assert "dense_2.weight" in told["torch"]
    assert "without an error" in told["keras"]


def test_a_kernel_of_the_same_shape_in_another_order_does_not_load() -> None:
    told = files_of(["flatten", dense(3)], [{"permute": [2, 1]}, "flatten", dense(3)], (4, 4))
    assert "dense.weight would fit, but means something else now" in told["torch"]
    assert "give dense weights that are not meant for it" in told["keras"]


def test_a_state_whose_entries_pytorch_held_in_another_order_does_not_load() -> None:
    image = [{"conv2d": {"filters": 3, "kernel_size": 1}}, "flatten"]
    told = files_of([*image, dense(2)], [*image, {"reshape": [72]}, dense(2)], (4, 6, 2))
    assert "dense.weight held the entries in another order" in told["torch"]
    assert told["keras"] == ""


# Which layer is which


def kinds(old: list[Any], new: list[Any]) -> list[tuple[str, str, bool]]:
    """Return name, kind and whether it moved of each layer."""
    found = comparison_of(spec([4], old), spec([4], new)).layers
    return [(layer.name, layer.kind, layer.pair.moved) for layer in found]


def test_names_count_more_than_what_layers_are() -> None:
    named, other = dense(8, activation="relu", name="a"), dense(8, activation="relu")
    changed = dense(3, activation="tanh", name="a")
    assert kinds([named, dense(1)], [other, changed, dense(1)]) == [
        ("dense_1", "added", False),
        ("a", "changed", False),
        ("dense_3", "same", False),
    ]
    assert kinds([named, dense(9), dense(9)], [dense(9), dense(9), named])[-1] == (
        "a",
        "same",
        True,
    )
    assert kinds([named, dense(9)], [dense(9), named])[-1] == ("a", "same", False)


def test_layers_that_trade_places() -> None:
    told = kinds([dense(4), "relu", "softmax", dense(1)], [dense(4), "softmax", "relu", dense(1)])
    assert sorted(told) == [
        ("dense_1", "same", False),
        ("dense_2", "same", False),
        *sorted([("relu", "same", False), ("softmax", "same", True)]),
    ]


def test_a_long_model_is_aligned_in_windows() -> None:
    layers = [dense(4, activation=("relu", "tanh", "elu")[n % 3]) for n in range(700)]
    more = [dense(4, activation="selu"), *layers[:300], dense(4), *layers[300:], dense(4)]
    found = comparison_of(spec([4], [dense(5), *layers, dense(5)]), spec([4], more)).layers
    assert sum(layer.kind == "same" and not layer.anew for layer in found) > 690
    assert sum(layer.kind == "added" for layer in found) < 4


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"max_pooling1d": 2}, {"max_pooling1d": {"pool_size": 2, "strides": 2}}),
        ({"max_pooling1d": 2}, {"max_pooling1d": {"pool_size": 2, "data_format": "channels_last"}}),
    ],
)
def test_what_a_default_stands_for_is_the_same_written_out(before: Any, after: Any) -> None:
    old, new = (spec([8, 2], [layer, "flatten", dense(1)]) for layer in (before, after))
    assert not comparison_of(old, new).meaningful


def test_a_frozen_layer_without_trained_weights_is_told() -> None:
    layers = [dense(3, trainable=False), dense(1)]
    text = terminal([report_of(spec([4], layers), spec([5], layers))])
    assert "it is frozen: what is not loaded stays as it is drawn" in text


# Training


@pytest.mark.parametrize(
    ("before", "after", "meaning"),
    [
        ({"sgd": {"learning_rate": 0.1}}, {"sgd": {"learning_rate": 0.01}}, "10 times smaller"),
        (
            "sgd",
            {"sgd": {"momentum": 0.9}},
            "the optimizer's saved state does not carry over",
        ),
        ({"sgd": {"momentum": 0.8}}, {"sgd": {"momentum": 0.9}}, ""),
        ("adam", "adamw", "its saved state does not carry over"),
    ],
)
def test_what_a_change_of_the_optimizer_means(before: Any, after: Any, meaning: str) -> None:
    old, new = (spec([4], [dense(1)], optimizer=rule) for rule in (before, after))
    assert comparison_of(old, new).training[0].meaning == meaning


def test_a_change_of_the_targets_is_told() -> None:
    losses = ("sparse_categorical_crossentropy", "categorical_crossentropy")
    layers = [dense(3, activation="softmax")]
    found = comparison_of(*(spec([4], layers, loss=loss) for loss in losses))
    told = {setting.name: (setting.before, setting.after) for setting in found.interface}
    assert told == {"targets": ("integers below 3", "numbers [3]")}


# New specs


def test_a_new_spec_is_described() -> None:
    custom = {"custom": {"keras": "a:B", "torch": "a:B"}}
    layers = ([dense(2)], [dense(2), custom])
    found = [report(Versions("s", None, spec([4], held).encode(), "", "s.yaml")) for held in layers]
    assert [one.status for one in found] == ["added", "added"]
    assert "in 1 layer with 10 parameters, trained by sgd" in " ".join(found[0].summary)
    assert "in 2 layers with at least 10 parameters" in " ".join(found[1].summary)
    assert terminal(found).startswith("2 specs: 2 added.")
