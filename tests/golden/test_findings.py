"""What `specc check` finds: tests/findings/<code>_<name>/ with spec.yaml, stderr.txt and near.yaml.

The spec has the finding, stderr.txt is what is told of it, and in near.yaml, which is nearly the
same, nothing is found. `SPECC_UPDATE=1 pytest tests/golden/test_findings.py` writes the messages
anew; read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from specc.check import WARNINGS, check
from specc.codes import CODES
from specc.explain import explain
from specc.review.advice import ADVICE

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "findings").iterdir())
SPECS = sorted((ROOT / "specs").glob("*.yaml"))


def told(path: Path) -> str:
    """Return what a check tells of a file."""
    return "".join(found.render() + "\n" for found in check(path.read_bytes(), path.name))


def codes(text: str) -> set[str]:
    """Return the codes of the warnings that a check finds in a text."""
    found = check(text.encode(), "spec.yaml")
    assert not [d for d in found if d.severity == "error"], [d.render() for d in found]
    return {d.code for d in found if d.severity == "warning"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_finding_is_the_committed_one(case: Path) -> None:
    expected, found = case / "stderr.txt", told(case / "spec.yaml")
    if os.environ.get("SPECC_UPDATE") == "1":
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")
    # A case is about its finding and nothing else.
    assert set(re.findall(r"(?:error|warning|note) (\w+):", found)) == {case.name[:4]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_near_is_not_found(case: Path) -> None:
    assert told(case / "near.yaml") == ""


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_good_specs_have_no_findings(path: Path) -> None:
    assert codes(path.read_text(encoding="utf-8")) == set()


def test_every_warning_has_a_case_and_advice() -> None:
    assert {case.name[:4] for case in CASES} == WARNINGS == set(ADVICE)
    assert {code for code in CODES if code.startswith("W")} == WARNINGS


@pytest.mark.parametrize("code", sorted(ADVICE))
def test_advice_is_whole(code: str) -> None:
    advice = ADVICE[code]
    for text in (advice.reason, advice.fix):
        assert text.endswith(".")
        assert text[0].isupper() or text.startswith(("`", "selu"))
    assert advice.source
    assert advice.url.startswith("https://")
    told = str(explain(code))
    assert told.startswith(f"{code}: {CODES[code]}\n")
    words = " ".join(told.split())
    for text in (advice.reason, advice.fix, advice.source, advice.url):
        assert " ".join(text.split()) in words


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_advice_shows_what_the_case_has(case: Path) -> None:
    """What `specc explain` shows is a part of the specs that are tested above."""
    advice = ADVICE[case.name[:4]]
    for shown, file in ((advice.shows, "spec.yaml"), (advice.instead, "near.yaml")):
        text = (case / file).read_text(encoding="utf-8")
        for block in re.split(r"^(?=\w)", shown.strip("\n"), flags=re.MULTILINE):
            assert block.strip() in text


# Where nothing is to be found, or only something else

SPEC = """\
name: example
input: {shape: [64]}
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 10, activation: softmax}
optimizer: adam
loss: sparse_categorical_crossentropy
training: {epochs: 20}
"""
HIDDEN = "dense: {units: 64, activation: relu}"
LAST = "  - dense: {units: 10, activation: softmax}\n"


CLASSES = SPEC.replace(LAST, "  - dense: 10\n")
LOGITS = ": {sparse_categorical_crossentropy: {from_logits: true}}"
TRAINED = SPEC[SPEC.index("optimizer") :]
PIXELS = """\
name: example
input: {shape: [28, 28, 1]}
layers:
  - conv2d: {filters: 8, kernel_size: 3, activation: relu}
  - dense: 10
"""
SEQUENCES = """\
name: example
input: {shape: [12, 8]}
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 10, activation: softmax}
optimizer: adam
loss: ctc
"""
ALIASED = """\
name: example
input: {{shape: [64]}}
layers:
  - {layer}
  - {again}
  - dense: {{units: 10, activation: softmax}}
"""
WRAPPED = """\
name: example
input: {{shape: [12, 8]}}
layers:
  - {layer}
  - time_distributed: {{layer: *a}}
  - lstm: 8
"""


def layers(*lines: str) -> str:
    """Return the spec with these layers in place of the hidden one."""
    return SPEC.replace(f"  - {HIDDEN}\n", "".join(f"  - {line}\n" for line in lines))


_CONV = "conv2d: {filters: 8, kernel_size: 3, padding: same, activation: relu}"


def of_image(shape: str, layer: str) -> str:
    """Return the spec with a layer of images, and how it ends."""
    text = layers(layer, "global_average_pooling2d")
    return text.replace("{shape: [64]}", shape)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SPEC, set()),
        # W314: whatever the loss is, unless it takes logits, and after one unit a sigmoid is meant.
        (CLASSES.replace("sparse_categorical_crossentropy", "kl_divergence"), {"W314"}),
        (
            CLASSES.replace("dense: 10", "dense: 1").replace("sparse_categorical", "binary"),
            {"W314"},
        ),
        (CLASSES.replace("dense: 10", "dense: {units: 10, activation: linear}"), {"W314"}),
        (
            CLASSES.replace(": sparse_categorical_crossentropy", LOGITS),
            set(),
        ),
        (CLASSES.replace("sparse_categorical_crossentropy", "mse"), set()),
        (CLASSES.split("optimizer")[0], set()),
        (SEQUENCES, {"W314"}),
        (SEQUENCES.replace(", activation: softmax", ""), set()),
        # W315: of a layer of its own, and along another axis, but not of one with more entries.
        (CLASSES.split("optimizer")[0] + "  - softmax\n", set()),
        (
            CLASSES.split("optimizer")[0].replace("dense: 10", "dense: 1") + "  - softmax\n",
            {"W315"},
        ),
        (
            layers("reshape: [1, 64]", "dense: 4", "softmax: {axis: 1}").split("  - dense: {")[0],
            {"W315"},
        ),
        (
            PIXELS.replace(
                "dense: 10",
                "time_distributed: {layer: {dense: {units: 1, " "activation: softmax}}}",
            ),
            {"W315", "W334"},
        ),
        # W337: once, also within time_distributed; at the end it may be meant, without classes.
        (PIXELS, set()),
        (PIXELS + "  - dense: 3\n  - dense: 3\n", {"W320", "W337"}),
        (
            PIXELS + "  - reshape: [1, 26, 26, 10]\n  - time_distributed: {layer: {dense: 2}}\n"
            "  - time_distributed: flatten\n",
            {"W334", "W337"},
        ),
        (PIXELS.replace("10", "{units: 10, activation: softmax}") + TRAINED, {"W337"}),
        # W338: also of layers within layers; not of ones without weights, nor of arguments.
        (ALIASED.format(layer="&a {prelu: {}}", again="*a"), {"W327", "W338"}),
        (ALIASED.format(layer="&a {flatten: {}}", again="*a"), {"W329"}),
        (ALIASED.format(layer="dense: {units: 64, activation: &a relu}", again="*a"), {"W327"}),
        (ALIASED.format(layer="dense: &a {units: 64, activation: relu}", again="dense: *a"), set()),
        (
            WRAPPED.format(layer="time_distributed: {layer: &a {dense: {units: 8}}}"),
            {"W334", "W338"},
        ),
        (ALIASED.format(layer="&a {custom: {keras: 'a:B', torch: 'a:B'}}", again="*a"), set()),
        (
            ALIASED.format(
                layer="&a {custom: {keras: 'a:B', torch: 'a:B', weights: {w: [0]}}}", again="*a"
            ),
            {"W338"},
        ),
        # W361: whatever is there beside it; a model alone is a model.
        (SPEC.replace("optimizer: adam\n", ""), {"W361"}),
        (SPEC.split("loss")[0], {"W361"}),
        (SPEC.split("optimizer")[0] + "metrics: [mae]\n", {"W361"}),
        (SPEC.split("optimizer")[0] + "training: {}\n", {"W361"}),
        (SPEC.split("optimizer")[0], set()),
        (SPEC.replace("training: {epochs: 20}\n", ""), set()),
        # W320: through layers that change no values' kind, but not where linear is said.
        (layers("dense: 64", "dropout: 0.2"), {"W320"}),
        (layers("dense: {units: 64, activation: null}"), set()),
        (layers("dense: {units: 64, trainable: false}"), set()),
        (layers("dense: 64", "prelu"), set()),
        (layers("dense: 64", "layer_normalization"), set()),
        # W321: a bias that is written is meant; one that another layer is between is not lost.
        (layers("dense: {units: 64, use_bias: true}", "batch_normalization", "relu"), set()),
        (layers("dense: {units: 64, activation: relu}", "batch_normalization"), set()),
        (layers("dense: {units: 64, trainable: false}", "batch_normalization", "relu"), set()),
        # W322: the activation behind it belongs to the last layer.
        (SPEC.replace(LAST, "  - dense: 10\n  - dropout: 0.1\n  - softmax\n"), {"W322"}),
        (SPEC.replace(LAST, LAST + "  - gaussian_noise: 0.1\n"), set()),
        # W325: of layers within layers, and of recurrent ones.
        (layers("reshape: [8, 8]", "lstm: {units: 8, dropout: 0.9}"), {"W325"}),
        (layers("dropout: 0.79", HIDDEN), set()),
        # W362: where each step is taken by itself, and a square image has its channels in front.
        (SPEC.replace("[64]", "[null, 64]"), {"W362"}),
        (layers("lstm: 8").replace("[64]", "[null, 64]"), set()),
        (SPEC.replace("[64]", "[5, 64]"), set()),
        (of_image("[1, 28, 28]", _CONV), {"W331", "W362"}),
        (of_image("[4, 28, 28]", _CONV), {"W362"}),
        (of_image("[2, 28, 28]", _CONV), set()),
        (of_image("[3, 28, 30]", _CONV), set()),
        (of_image("[3, 4, 4]", _CONV), set()),
        (of_image("[null, 28, 28]", _CONV), set()),
        (of_image("[3, 28, 28]", _CONV.replace("3,", "[1, 3],")), set()),
        (
            of_image("[3, 28, 28]", _CONV.replace("kernel", "data_format: channels_first, kernel")),
            set(),
        ),
        # W327: a recurrent layer has an activation for its state.
        (layers("reshape: [8, 8]", "lstm: 8", "relu"), set()),
        # W329: a pool of 2 by steps of 1 keeps the shape and changes the values.
        (
            layers(
                "reshape: [8, 8]",
                "max_pooling1d: {pool_size: 2, strides: 1, padding: same}",
                "flatten",
            ),
            set(),
        ),
        (layers("reshape: [8, 8]", "permute: [1, 2]", "flatten"), {"W329"}),
        # W333: the end of a model may have one unit.
        (
            SPEC.replace("units: 10, activation: softmax", "units: 1, activation: sigmoid").replace(
                "sparse_categorical_crossentropy", "binary_crossentropy"
            ),
            set(),
        ),
        # W340: not where something normalizes.
        (layers(*[HIDDEN] * 16), {"W340"}),
        (layers(*[HIDDEN] * 16, "layer_normalization"), set()),
        (layers(*[HIDDEN] * 8), set()),
        (layers(*["dense: {units: 64, kernel_initializer: glorot_normal}", "relu"] * 16), {"W340"}),
        # W344: biases that differ make units differ.
        (
            layers(
                "dense: {units: 8, activation: relu, kernel_initializer: ones, "
                "bias_initializer: random_normal}"
            ),
            set(),
        ),
        # W347: adamw's decay is a default, and 0 turns it off.
        (
            layers("dense: {units: 64, activation: relu, kernel_regularizer: l2}").replace(
                "adam\n", "{adamw: {weight_decay: 0.0}}\n"
            ),
            set(),
        ),
        # W350: the largest rate of a schedule counts, and Keras' own default too.
        (SPEC.replace("adam\n", "adadelta\n"), {"W350"}),
        (SPEC.replace("adam\n", "{sgd: 0.00001}\n"), {"W350"}),
        (SPEC.replace("adam\n", "{sgd: {learning_rate: 1e-4, momentum: 0.9}}\n"), set()),
        (
            SPEC.replace(
                "adam\n",
                "{adam: {learning_rate: {cosine_decay: {initial_learning_rate: 0.0, "
                "decay_steps: 100, warmup_target: 0.5, warmup_steps: 10}}}}\n",
            ),
            {"W350"},
        ),
        # W357: a checkpoint keeps the best one.
        (
            SPEC.replace(
                "{epochs: 20}",
                "{epochs: 20, validation_split: 0.1, callbacks: [{early_stopping: {patience: 3}}, "
                "{model_checkpoint: {filepath: a.keras, save_best_only: true}}]}",
            ),
            set(),
        ),
    ],
)
def test_findings_are_precise(text: str, expected: set[str]) -> None:
    assert codes(text) == expected


def test_a_model_without_training_is_reviewed_too() -> None:
    text = layers("dense: 64").split("optimizer")[0]
    assert codes(text) == {"W320"}


def test_warnings_do_not_hide_errors() -> None:
    found = check(layers("dense: 64", "dens: 3").encode(), "spec.yaml")
    assert [d.code for d in found] == ["E201"]
