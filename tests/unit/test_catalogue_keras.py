"""The catalogue against the installed Keras, and names against the installed PyTorch."""

from __future__ import annotations

import inspect
import os
import re
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from specc.explain import Status, statuses
from specc.shapes import ShapeError
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.document import Training
from specc.spec.layers.augmentation import Augmentation
from specc.spec.refused import REFUSED
from specc.spec.word import Metric, Word

pytestmark = pytest.mark.frameworks

NAMESPACES = {
    "layer": "layers",
    "activation": "activations",
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
    "optimizer": "optimizers",
    "schedule": "optimizers.schedules",
    "loss": "losses",
    "metric": "metrics",
    "callback": "callbacks",
}

# Public names that are no words: bases, helpers and functions about objects.
NO_WORDS = {
    "layer": {"Layer", "Wrapper", "InputSpec", "serialize", "deserialize"},
    "activation": {"get", "serialize", "deserialize"},
    "initializer": {"Initializer", "get", "serialize", "deserialize"},
    "regularizer": {"Regularizer", "get", "serialize", "deserialize"},
    "optimizer": {
        *("Optimizer", "OptimizerMap", "legacy", "schedules"),
        *("get", "serialize", "deserialize"),
    },
    "constraint": {"Constraint", "get", "serialize", "deserialize"},
    "schedule": {"LearningRateSchedule", "serialize", "deserialize"},
    "loss": {"Loss", "get", "serialize", "deserialize"},
    "metric": {"Metric", "MeanMetricWrapper", "get", "serialize", "deserialize"},
    "callback": {"Callback", "CallbackList"},
}

# Words of specc that are no object of Keras.
OWN = {("layer", "custom")}

WORDS = [
    (family, word)
    for family in (*NAMESPACES, "cell")
    for word in CATALOGUE[family]
    if (family, word) not in OWN
]


def keras_object(family: str, word: str) -> Any:
    """Return the class of Keras, or the function for an activation, that a word names."""
    import keras

    cls = load(family, word)
    assert cls is not None
    namespace = attrgetter(NAMESPACES.get(family, "layers"))(keras)
    if family == "activation":
        return getattr(namespace, cls.word)
    names = {
        name.lower(): name for name in dir(namespace) if inspect.isclass(getattr(namespace, name))
    }
    return getattr(namespace, names[cls.word.replace("_", "")])


def signature(family: str, word: str) -> dict[str, inspect.Parameter]:
    """Return the arguments of Keras by name, those that a spec can have."""
    parameters = dict(inspect.signature(keras_object(family, word)).parameters)
    hidden = {"x", "kwargs"} | ({"fn"} if family == "metric" else set())
    if family in ("layer", "cell") and "kwargs" in parameters:
        # Every layer takes it, some through `**kwargs`.
        activity = inspect.Parameter("activity_regularizer", inspect.Parameter.KEYWORD_ONLY)
        parameters.setdefault("activity_regularizer", activity.replace(default=None))
    return {name: p for name, p in parameters.items() if name not in hidden}


def field_default(cls: type[Word], name: str) -> Any:
    """Return a field's default as Keras writes it."""
    field = cls.model_fields[name]
    if field.is_required():
        return inspect.Parameter.empty
    return field.get_default(call_default_factory=True)


def same_default(ours: Any, theirs: Any) -> bool:
    """Tell whether two defaults mean the same; Keras names words by strings."""
    if isinstance(ours, Word):
        return isinstance(theirs, str) and load(ours.family, theirs.lower()) is type(ours)
    if ours is None or isinstance(ours, bool):
        return ours is theirs
    if isinstance(ours, tuple) and isinstance(theirs, int):
        return set(ours) == {theirs} or set(ours) == {(theirs, theirs)}
    if isinstance(ours, tuple) and len(ours) == 1 and isinstance(theirs, tuple):
        return bool(ours[0] == theirs)  # the sides of the only axis
    if isinstance(ours, tuple) and isinstance(theirs, tuple):
        return len(ours) == len(theirs) and all(map(same_default, ours, theirs))
    return bool(ours == theirs)


@pytest.mark.parametrize(("family", "word"), WORDS)
def test_arguments_are_those_of_keras(family: str, word: str) -> None:
    cls = load(family, word)
    assert cls is not None
    theirs = [name for name in signature(family, word) if name not in ("name", "dtype")]
    ours = cls.parameters()
    assert [name for name in theirs if name in ours] == ours
    base = {"trainable", "dtype"} | ({"activity_regularizer"} if family == "layer" else set())
    assert set(cls.refused) - base <= set(theirs)
    accepted_through_kwargs = {"activity_regularizer", "lora_rank", "lora_alpha"}
    assert set(theirs) - set(ours) - set(cls.refused) <= accepted_through_kwargs


@pytest.mark.parametrize(("family", "word"), WORDS)
def test_defaults_are_those_of_keras(family: str, word: str) -> None:
    cls = load(family, word)
    assert cls is not None
    parameters = signature(family, word)
    wrong = {
        name: (field_default(cls, name), parameters[name].default)
        for name in cls.parameters()
        if not same_default(field_default(cls, name), parameters[name].default)
    }
    assert wrong == {}


def counts(family: str) -> tuple[int, int, int, int]:
    """Return how many objects Keras has in a family; how many of them specc has, notes, refuses."""
    import keras

    namespace = attrgetter(NAMESPACES[family])(keras)
    public = {n for n in dir(namespace) if not n.startswith("_")} - NO_WORDS[family]
    found: dict[str, Status] = {}
    # To Keras a cell is a layer, too.
    for status in (*statuses(family), *(statuses("cell") if family == "layer" else ())):
        for word in (status.word, *status.aliases):
            found[word.replace("_", "")] = status
    # Keras has objects under several names, and losses as classes and as functions.
    kinds = {}
    for name in public:
        status = found[name.lower().replace("_", "")]
        refused = status.kind == "refused"
        kinds[id(getattr(namespace, name)) if refused else status.word] = status.kind
    refused, noted = (list(kinds.values()).count(kind) for kind in ("refused", "noted"))
    return len(kinds), len(kinds) - refused, noted, refused


def test_the_page_of_the_language_counts_words() -> None:
    """`SPECC_UPDATE=1` writes the counts anew."""
    rows = [
        "| family | in Keras | supported | of these with a note | refused |",
        "|---|---|---|---|---|",
    ]
    for family in NAMESPACES:
        total, supported, noted, refused = counts(family)
        rows.append(f"| {family} | {total} | {supported} | {noted} | {refused} |")
    block = "<!-- counts -->\n" + "\n".join(rows) + "\n<!-- end of counts -->"
    path = Path(__file__).parents[2] / "docs" / "language.md"
    text = path.read_text(encoding="utf-8")
    fresh = re.sub(r"<!-- counts -->.*<!-- end of counts -->", block, text, flags=re.DOTALL)
    if os.environ.get("SPECC_UPDATE") == "1":
        path.write_text(fresh, encoding="utf-8")
    assert block in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("family", NAMESPACES)
def test_every_name_of_keras_is_known_or_refused(family: str) -> None:
    import keras

    public = {
        name for name in dir(attrgetter(NAMESPACES[family])(keras)) if not name.startswith("_")
    }
    known = {*CATALOGUE[family], *REFUSED.get(family, {})}
    folded = {name.replace("_", "") for name in known}
    assert NO_WORDS[family] <= public
    missing = {n for n in public - NO_WORDS[family] if n.lower().replace("_", "") not in folded}
    assert missing == set()


def test_every_family_is_compared() -> None:
    # Data sources are no objects of Keras.
    assert set(CATALOGUE) == {"data", *(family for family, _ in WORDS)}
    assert set(REFUSED) <= set(CATALOGUE)


def test_what_prepares_data_is_refused_with_a_reason_of_its_own() -> None:
    import keras

    layers = {name: cls for name, cls in vars(keras.layers).items() if inspect.isclass(cls)}
    prepare = {
        name.lower()
        for name, cls in layers.items()
        if cls.__module__.startswith("keras.src.layers.preprocessing")
    }
    refused = {w: r for w, r in REFUSED["layer"].items() if w.replace("_", "") in prepare}
    assert len(prepare) > 35
    assert len(refused) > 15
    assert [word for word, reason in refused.items() if "this version" in reason] == []
    # Nothing stands in both, and nothing is refused that Keras does not have.
    for family, words in REFUSED.items():
        assert set(words) & set(CATALOGUE[family]) == set()


def test_training_takes_the_arguments_of_fit() -> None:
    import keras

    parameters = inspect.signature(keras.Model.fit).parameters
    theirs = {name: p.default for name, p in parameters.items() if name not in ("self", "x", "y")}
    assert set(theirs) == {*Training.model_fields, *Training.refused}
    differ = {n for n in Training.model_fields if field_default(Training, n) != theirs[n]}
    # None means 32 and no callbacks.
    assert differ == {"batch_size", "callbacks"}


@pytest.mark.parametrize("family", NAMESPACES)
def test_string_aliases_of_keras_are_words(family: str) -> None:
    from importlib import import_module

    module = import_module(f"keras.src.{NAMESPACES[family]}")
    tables = [t for n, t in vars(module).items() if n.startswith("ALL_OBJECTS_DICT")]
    known = {*CATALOGUE[family], *REFUSED.get(family, {})}
    folded = {name.replace("_", "") for name in known}
    helpers = {name.lower() for name in NO_WORDS[family]} | {"lossfunctionwrapper"}
    names = {name.lower().replace("_", "") for table in tables for name in table}
    assert names - folded - {name.replace("_", "") for name in helpers} == set()


def test_names_of_a_module_are_refused_as_layer_names() -> None:
    import torch

    from specc.targets.torch.names import ATTRIBUTES

    public = {name for name in dir(torch.nn.Module()) if not name.startswith("_")}
    assert public - ATTRIBUTES == set()


@pytest.mark.filterwarnings("ignore:.*does not support masking")
@pytest.mark.parametrize("word", [w for w in CATALOGUE["layer"] if w != "custom"])
def test_masks_go_on_as_in_keras(word: str) -> None:
    """A mask beside a layer's input is beside its output exactly where Keras has it there.

    In training and in evaluation alike; what makes a difference of that is refused.
    """
    from json import dumps

    import keras
    import numpy as np
    from keras.src.backend import get_keras_mask, set_keras_mask

    import specc
    from specc.examples import example

    result = specc.compile(dumps(example("layer", word)) + "\n")
    program = result.program
    assert program is not None
    scope: dict[str, Any] = {"__name__": word}
    node = program.graph.nodes[-1]
    exec(result.files["model_keras.py"], scope)
    layer = scope["build_model"]().layers[-1]
    x = keras.ops.convert_to_tensor(np.ones((2, *node.input_shape), "float32"))
    set_keras_mask(x, keras.ops.convert_to_tensor(np.ones((2, *node.input_shape[:-1]), bool)))
    if node.layer.word == "softmax":
        with pytest.raises(ValueError, match="broadcastable"):
            layer(x)
        return
    if node.layer.word.startswith("conv_lstm"):
        with pytest.raises(Exception, match=r"must be broadcastable|Incompatible shapes"):
            layer(x)
        return
    found = []
    for training in (True, False):
        more = {"training": training} if layer._call_has_training_arg else {}
        found.append(get_keras_mask(layer(x, **more)) is not None)
    if isinstance(node.layer, Augmentation):
        assert found == [False, True]
        with pytest.raises(ShapeError, match="in training, but passes it on in evaluation"):
            node.layer.check_mask(node.input_shape)
        return
    assert found == [node.layer.gives_mask(True)] * 2


@pytest.mark.parametrize("word", [w for w in CATALOGUE["layer"] if w != "custom"])
def test_what_may_be_frozen_is_frozen_in_keras(word: str) -> None:
    """`trainable: false` is taken where no weight of Keras' layer trains then, else refused."""
    from json import dumps

    import specc
    from specc.examples import example

    document = example("layer", word)
    written, cls = document["layers"][-1], load("layer", word)
    assert cls is not None
    if isinstance(written, str):
        written = {word: {}}
    elif not isinstance(written[word], dict):
        written = {word: {next(iter(cls.model_fields)): written[word]}}
    document["layers"][-1] = {word: {**written[word], "trainable": False}}
    result = specc.compile(dumps(document) + "\n")
    if not result.ok:
        (error,) = (d for d in result.diagnostics if d.severity == "error")
        assert "changes nothing in Keras" in error.message
        return
    scope: dict[str, Any] = {"__name__": word}
    exec(result.files["model_keras.py"], scope)
    assert scope["build_model"]().layers[-1].trainable_variables == []


@pytest.mark.parametrize("word", CATALOGUE["metric"])
def test_masks_weigh_metrics_as_in_keras(word: str) -> None:
    """Keras weighs the values of a mean by the mask of the output; what is no mean sees no mask."""
    import keras

    cls = load("metric", word)
    assert cls is not None
    assert issubclass(cls, Metric)
    weighs = issubclass(keras_object("metric", word), keras.metrics.MeanMetricWrapper)
    assert cls.is_mean == weighs
