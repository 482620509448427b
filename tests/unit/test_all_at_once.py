"""One run tells all mistakes of a spec, and nothing that follows from them alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from specc.diagnostics import Diagnostic, Source, SpeccError
from specc.examples import example, written
from specc.overrides import parse
from specc.pipeline import compile_source, front
from specc.source import Mapping, Sequence, Tree, load, plain
from specc.spec.catalogue import CATALOGUE
from specc.spec.catalogue import load as load_word

ROOT = Path(__file__).parents[2]
SPECS = sorted([*ROOT.glob("specs/*.yaml"), *ROOT.glob("tests/cases/*/spec.yaml")])
SEEDS = 4  # how often each spec gets its mistakes

Step = str | int
Document = dict[str, Any]


def errors_of(text: str) -> list[Diagnostic]:
    """Return the errors in a text."""
    try:
        front(Source("spec.yaml", text))
    except SpeccError as error:
        return [found for found in error.diagnostics if found.severity == "error"]
    return []


def data_of(path: Path) -> Document:
    """Return the data of a spec."""
    found: Document = _lists(plain(load(Source("spec.yaml", path.read_text(encoding="utf-8")))))
    return found


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(inner) for key, inner in value.items()}
    return list(map(_lists, value)) if isinstance(value, tuple) else value


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump(document: Document) -> str:
    """Return a document as YAML, each scalar in a line of its own."""
    return yaml.dump(document, Dumper=_Plain, sort_keys=False, width=10_000, allow_unicode=True)


def line_of(text: str, path: tuple[Step, ...]) -> int:
    """Return the line of the key or the item at the end of a path."""
    tree: Tree = load(Source("spec.yaml", text.replace(str(10**30), "1")))
    line = 0
    for step in path:
        if isinstance(tree, Mapping):
            key, tree = next((k, v) for k, v in tree.entries if k.value == step)
            line = key.span.line
        else:
            assert isinstance(tree, Sequence)
            assert isinstance(step, int)
            tree = tree.items[step]
            line = tree.span.line
    return line


class Planter:
    """Puts mistakes into a document, each into a part of its own.

    Attributes:
        paths: Where they are.
    """

    def __init__(self, document: Document, seed: str) -> None:
        self.document, self.random = document, random.Random(seed)
        self.paths: list[tuple[Step, ...]] = []
        self.wrong_from = 0  # the first layer of which nothing may be sure

    def plant(self, number: int) -> list[int]:
        """Put in that many mistakes, and return their lines."""
        parts: list[Callable[[], bool]] = [
            self.shape,
            self.name,
            self.optimizer,
            self.loss,
            self.metrics,
            self.training,
            self.data,
            self.layer_before,
            self.layer_behind,
            self.layer_behind,
        ]
        self.random.shuffle(parts)
        parts.sort(key=lambda part: part != self.shape)  # others go by where it is
        planted = 0
        for part in parts:
            planted += part()
            if planted == number:
                break
        text = dump(self.document)
        return sorted(line_of(text, path) for path in self.paths)

    def word(self, holder: Any, key: Step, *path: Step) -> bool:
        """Put a mistake into a word."""
        value = holder[key]
        name = value if isinstance(value, str) else next(iter(value))
        arguments = value[name] if isinstance(value, dict) else None
        kind = self.random.choice(["word", "field", "number"])
        if kind == "word":
            holder[key] = {f"{name}_qqq": arguments} if isinstance(value, dict) else f"{name}_qqq"
            self.paths.append((*path, f"{name}_qqq") if isinstance(value, dict) else path)
        elif kind == "field" or not isinstance(arguments, dict):
            arguments = arguments if isinstance(arguments, dict) else {}
            holder[key] = {name: {**arguments, "qqq": 3}}
            self.paths.append((*path, name, "qqq"))
            if not isinstance(value, dict) or not isinstance(value[name], dict):
                holder[key] = {f"{name}_qqq": None}
                self.paths[-1] = (*path, f"{name}_qqq")
        else:
            field = self.random.choice(sorted(arguments))
            holder[key] = {name: {**arguments, field: 10**30}}
            self.paths.append((*path, name, field))
        return True

    def name(self) -> bool:
        """Give the spec a name that none can have."""
        self.document["name"] = self.random.choice(["class", "a-b", "1st", "value_error", 3])
        self.paths.append(("name",))
        return True

    def shape(self) -> bool:
        """Put in a layer that cannot take what it gets."""
        layers = self.document["layers"]
        at = self.random.randrange(len(layers) + 1)
        if None in self.document_shape() or any(_is_open(layer) for layer in layers[:at]):
            return False
        layers.insert(at, {"reshape": {"target_shape": [7919, 7907]}})
        self.paths.append(("layers", at, "reshape", "target_shape", 0))
        self.wrong_from = at
        return True

    def document_shape(self) -> list[int | None]:
        """Return the shape of the input."""
        given = self.document["input"]
        shape: list[int | None] = given["shape"] if isinstance(given, dict) else given
        return shape

    def layer_before(self) -> bool:
        """Put a mistake that no shape depends on into a layer before the first that is wrong."""
        layers = self.document["layers"]
        fitting = [n for n in range(self.wrong_from) if isinstance(layers[n], dict)]
        fitting = [n for n in fitting if isinstance(next(iter(layers[n].values())), dict)]
        if not fitting:
            return False
        at = self.random.choice(fitting)
        word, arguments = next(iter(layers[at].items()))
        cls = load_word("layer", word)
        assert cls is not None
        wrong = {"name": "forward", "trainable": 3, "dtype": "float16"}
        if "activation" in cls.model_fields and word != "activation" and "_cell" not in word:
            wrong["activation"] = "qqq"
        if "cell" in str(arguments) or "layer" in arguments or word in _RECURRENT:
            wrong = {"name": "forward"}  # the layers within ask for the rest
        field = self.random.choice(sorted(wrong))
        layers[at] = {word: {**arguments, field: wrong[field]}}
        self.paths.append(("layers", at, word, field))
        return True

    def layer_behind(self) -> bool:
        """Put a mistake into a layer behind the one that does not fit, or anywhere without one."""
        layers = self.document["layers"]
        told = {path[1] for path in self.paths if path[0] == "layers"}
        fitting = [n for n in range(self.wrong_from, len(layers)) if n not in told]
        if not fitting or not told:
            return False
        at = self.random.choice(fitting)
        return self.word(layers, at, "layers", at)

    def optimizer(self) -> bool:
        """Put a mistake into the optimizer."""
        if not self.document.get("optimizer"):
            return False
        if self.random.random() < 0.5:
            return self.word(self.document, "optimizer", "optimizer")
        self.document["optimizer"] = {"adam": {"clipnorm": 1.0, "clipvalue": 1.0}}
        self.paths.append(("optimizer", "adam", "clipvalue"))
        return True

    def loss(self) -> bool:
        """Put a mistake into the loss."""
        return bool(self.document.get("loss")) and self.word(self.document, "loss", "loss")

    def metrics(self) -> bool:
        """Put a mistake into a metric."""
        metrics = self.document.get("metrics")
        if not metrics:
            return False
        at = self.random.randrange(len(metrics))
        return self.word(metrics, at, "metrics", at)

    def training(self) -> bool:
        """Put a mistake into how the model is trained."""
        training = self.document.get("training")
        trains = self.document.get("loss") and self.document.get("optimizer")
        if training is None or not trains:
            return False
        kind = self.random.choice(["epochs", "qqq", "monitor", "path", "callback"])
        if kind in ("epochs", "qqq"):
            training[kind] = -3
            self.paths.append(("training", kind))
            return True
        training.pop("validation_split", None)
        training["callbacks"] = [
            {
                "monitor": {"early_stopping": {"monitor": "val_loss"}},
                "path": {"model_checkpoint": {"filepath": "best.pt", "monitor": "loss"}},
                "callback": "early_stop_qqq",
            }[kind]
        ]
        end: tuple[Step, ...] = {
            "monitor": ("early_stopping", "monitor"),
            "path": ("model_checkpoint", "filepath"),
            "callback": (),
        }[kind]
        self.paths.append(("training", "callbacks", 0, *end))
        return True

    def data(self) -> bool:
        """Put a mistake into where the arrays are."""
        if not self.document.get("data"):
            return False
        self.document["data"] = "qqq"
        self.paths.append(("data",))
        return True


_RECURRENT = ("lstm", "gru", "simple_rnn", "conv_lstm1d", "conv_lstm2d", "conv_lstm3d")


def _is_open(layer: Any) -> bool:
    """Tell whether a layer may give what a reshape of any size can take, or must be the last."""
    return "custom" in str(layer) or "'glu'" in str(layer)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_mistakes_of_all_steps_are_told_in_one_run(path: Path) -> None:
    for seed in range(SEEDS):
        for number in (1, 5):
            planter = Planter(data_of(path), f"{path.parent.name} {seed} {number}")
            lines = planter.plant(number)
            text = dump(planter.document)
            found = errors_of(text)
            assert sorted({d.span.line for d in found}) == sorted(set(lines)), "\n".join(
                [text, *(d.render() for d in found), str(planter.paths)]
            )
            assert len(found) == len(lines)
            assert not any("UNSURE" in d.render() for d in found)


def test_most_specs_get_five_mistakes() -> None:
    numbers = []
    for path in SPECS:
        planter = Planter(data_of(path), path.parent.name)
        planter.plant(5)
        numbers.append(len(planter.paths))
    assert sum(number == 5 for number in numbers) > len(SPECS) * 0.7


LEFT = """\
name: net
input: [28, 28, 1]
layers:
  - conv2d: {filters: 4, kernel_size: 3, activation: rellu}
  - max_pooling2d: {pool_size: 40}
  - Dropout: {rate: 0.2}
  - flatten
  - dense: {units: 64, kernel_initializer: he}
  - dense: {units: 4}
  - reshape: [3, 2]
optimizer: {adam: {lr: 0.1, clipnorm: 1.0, clipvalue: 1.0}}
loss: sparse_categorical_crossentropy
metrics: [categorical_accuracy, acuracy]
training: {epochs: 0, callbacks: [early_stopping: {monitor: val_loss, patience: -1}]}
data: {npz: 3}
"""


def test_each_step_goes_on_with_what_is_sure() -> None:
    found = [(d.code, d.span.line) for d in errors_of(LEFT)]
    assert found == [
        ("E201", 4),
        ("E401", 5),
        ("E205", 6),
        ("E201", 8),
        ("E401", 10),  # known again behind flatten and dense
        ("E207", 11),
        ("E504", 11),
        ("E502", 13),
        ("E201", 13),
        ("E211", 14),
        ("E503", 14),
        ("E211", 14),
        ("E210", 15),
    ]


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        # What is behind flatten, pooling over all places or a recurrent layer is a vector.
        ("  - dens: 3\n  - flatten\n  - conv1d: {filters: 2, kernel_size: 1}\n", ["E201", "E401"]),
        ("  - dens: 3\n  - global_max_pooling1d\n  - lstm: 3\n", ["E201", "E401"]),
        ("  - dens: 3\n  - lstm: 4\n  - lstm: 4\n", ["E201", "E401"]),
        ("  - dens: 3\n  - dense: 4\n  - flatten\n  - lstm: 4\n", ["E201", "E401"]),
        # Whether it fits depends on what the first is.
        ("  - dens: 3\n  - lstm: {units: 4, return_sequences: true}\n", ["E201"]),
        ("  - dens: 3\n  - conv1d: {filters: 2, kernel_size: 9}\n", ["E201"]),
        # A layer that does not fit has no output: another one may come in its place.
        ("  - conv2d: {filters: 2, kernel_size: 3}\n  - lstm: 3\n", ["E401"]),
        # What may be meant by a field that does not exist is any that is left out.
        ("  - max_pooling1d: {pool: 2, strides: 1}\n  - reshape: [2, 99]\n", ["E207"]),
        ("  - dense: {units: 3, activatio: relu}\n  - reshape: [2, 99]\n", ["E207", "E401"]),
        ("  - lstm: {units: 3, return_sequence: true}\n  - lstm: 3\n", ["E207"]),
        # The layers within others.
        ("  - time_distributed: {layer: {dense: {units: 0}}}\n  - reshape: [2]\n", ["E211"]),
        (
            "  - time_distributed: {layer: {dense: {units: 3, name: 1x}}}\n  - reshape: [2]\n",
            ["E301", "E401"],
        ),
        ("  - bidirectional: {layer: {lstm: {units: 3, dropot: 0.1}}}\n  - flatten\n", ["E207"]),
        # Integers and masks.
        ("  - dens: 3\n  - embedding: {input_dim: 3, output_dim: 4}\n", ["E201"]),
        (
            "  - masking: {mask: 0}\n  - conv_lstm2d: {filters: 2, kernel_size: 2}\n",
            ["E207", "E401"],
        ),
    ],
)
def test_shapes_behind_a_mistake(layers: str, told: list[str]) -> None:
    text = f"name: net\ninput: [5, 3]\nlayers:\n{layers}"
    assert [found.code for found in errors_of(text)] == told


def test_a_change_of_what_a_mistake_hides() -> None:
    text = f"name: net\ninput: [4]\nlayers: [dense: {10**30}]\nloss: !!str mse\n"
    found = compile_source(Source("spec.yaml", text), changes=[parse("layers.dense.units=3")])
    assert [d.code for d in found.diagnostics] == ["E109", "E108"]


WRONG: tuple[Any, ...] = ([[[]]], {"qqq": 1}, "qqq", 10**30)


@pytest.mark.parametrize("family", CATALOGUE)
def test_a_mistake_in_one_argument_is_one_error(family: str) -> None:
    for word in CATALOGUE[family]:
        cls = load_word(family, word)
        assert cls is not None
        use = written(family, word)
        given = use[word] if isinstance(use, dict) else {}
        if cls.word != word:
            continue
        cases = [(field, value) for field in cls.model_fields for value in WRONG]
        for field, value in [*cases, ("qqq", 1)]:
            text = dump(example(family, word, {word: {**given, field: value}}))
            found = errors_of(text)
            assert len(found) <= 1, "\n".join([text, *(d.render() for d in found)])
            assert found or value == "qqq" or (word, field) == ("custom", "arguments"), text
