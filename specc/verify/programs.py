"""Both programs of a spec, imported, and the way of weights from one to the other."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import keras
import numpy as np
import torch
from torch.nn import functional
from torch.nn.modules.dropout import _DropoutNd

from specc.pipeline import Compilation
from specc.program import Program
from specc.shapes import UNKNOWN, Shape
from specc.spec.initializers import Zeros
from specc.spec.layers.augmentation import Augmentation
from specc.spec.layers.core import Custom
from specc.spec.variables import Variable
from specc.targets.torch.weights import Transform, Weight
from specc.verify.custom import Held, Match, UnmatchedError, matched
from specc.verify.frameworks import Array, Model, VerifyError
from specc.verify.inputs import LABELS, SIZE, closed, input_shape, inputs, targets
from specc.verify.single import keep_constants, rank_in_single, resize_in_single
from specc.verify.volumes import pool_by_planes


def load_module(path: Path) -> ModuleType:
    """Return a program as a module, without running its `main`.

    Errors:
        VerifyError: it cannot be imported.
    """
    name = f"{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise VerifyError(f"{path.name} cannot be imported: {error}") from error
    return module


class CarryError(Exception):
    """The weights of one program are not those of the other."""


def _expect(condition: bool, message: str) -> None:
    if not condition:
        raise CarryError(message)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def random_layers(program: Program) -> list[str]:
    """Return the names of the layers that draw random numbers in training."""
    return [node.name for node in program.graph.nodes if any(_draws(n.layer) for n in node.walk())]


def _draws(layer: Model) -> bool:
    fields = type(layer).model_fields
    rates = [
        getattr(layer, n) for n in ("rate", "stddev", "dropout", "recurrent_dropout") if n in fields
    ]
    return "seed" in fields and (any(rates) or not rates)


class _Still:
    """torch.nn.functional without dropout."""

    def __getattr__(self, name: str) -> Any:
        return getattr(functional, name)

    @staticmethod
    def dropout(x: Array, *_: Any) -> Array:
        """Return `x`."""
        return x


def _in_double(model: torch.nn.Module) -> torch.nn.Module:
    """Return a model in float64, which takes what it makes in float32, such as categories."""

    def cast(_: torch.nn.Module, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        single = [isinstance(a, torch.Tensor) and a.dtype == torch.float32 for a in arguments]
        return tuple(a.double() if s else a for a, s in zip(arguments, single, strict=True))

    for module in model.modules():
        if list(module.parameters(recurse=False)):
            module.register_forward_pre_hook(cast)
    return model.double()


class Unmatched(NamedTuple):
    """Why the weights of a custom layer could not be matched.

    Attributes:
        reason: What is wrong, and what to write.
        numbers: How many PyTorch's hold.
    """

    reason: str
    numbers: int


def custom_layers(program: Program) -> dict[str, Custom]:
    """Return the custom layers by the names of the model's layers that are or hold them."""
    return {
        str(node.name): inner.layer
        for node in program.graph.nodes
        for inner in node.walk()
        if isinstance(inner.layer, Custom)
    }


def weights_by_name(layer: Model) -> dict[str, Array]:
    """Return the weights of a Keras layer by name, as `kernel`, or `dense.kernel` of one within.

    Layers within have the names of the attributes that hold them, or their places in a list: Keras'
    own names are numbered, and the numbers differ from run to run.
    """
    found: dict[str, Array] = {}
    for name, value in _attributes(layer):
        if isinstance(value, keras.layers.Layer):
            found |= {f"{name}.{inner}": w for inner, w in weights_by_name(value).items()}
        elif isinstance(value, keras.Variable):
            unnamed = re.fullmatch(r"variable(_\d+)?", value.name) or value.name in found
            found[name if unnamed else value.name] = value
    known = set(map(id, found.values()))
    for weight in layer.weights:  # what private attributes hold
        if id(weight) not in known:
            taken = weight.name in found
            found[weight.path.replace("/", ".") if taken else weight.name] = weight
    return {name: w for name, w in found.items() if "seed" not in w.path}


def _attributes(layer: Model) -> Iterator[tuple[str, Any]]:
    """Yield what a Keras layer holds in public attributes, and in lists there, with its name."""
    if isinstance(layer, keras.Sequential):
        yield from ((str(number), inner) for number, inner in enumerate(layer.layers))
    for name, value in vars(layer).items():
        if not name.startswith("_"):
            several = isinstance(value, (list, tuple))
            yield from (
                ((f"{name}.{n}", v) for n, v in enumerate(value)) if several else [(name, value)]
            )


class Programs:
    """Both programs of a spec, imported.

    Attributes:
        program: The resolved model.
        files: The programs' texts.
        notes: What the build told.
        weights: The map of weights.
        keras: The Keras model, compiled where the spec says how to train.
        torch: The PyTorch module.
        kind: NumPy's type of what both compute with.
        labels: What targets of two classes hold.
        data: Inputs and targets to take samples from, or None for random ones.
        size: Length of the first axis of the input that the spec leaves open.
        unmatched: The custom layers whose weights could not be matched, once `mapped` was asked.
    """

    def __init__(
        self, compilation: Compilation, folder: Path, seed: int = 0, double: bool = False
    ) -> None:
        """Write both programs into a folder, import them, and construct both models.

        Arguments:
            compilation: A spec that was compiled for all targets, without errors.
            seed: What weights and samples are drawn from.
            double: Whether to compute in float64.

        Errors:
            VerifyError: a program cannot be imported.
        """
        assert compilation.program is not None
        self.program: Program = compilation.program
        self.files, self.notes = compilation.files, compilation.diagnostics
        self.weights: tuple[Weight, ...] = compilation.weights["torch"]
        for name, code in compilation.files.items():
            (folder / name).write_text(code, encoding="utf-8")
        name = self.program.name
        self.keras_module: Any = load_module(folder / f"{name}_keras.py")
        self.torch_module: Any = load_module(folder / f"{name}_torch.py")
        vars(self.torch_module)["tqdm"] = lambda batches, **_: batches  # no bar
        self.random = np.random.default_rng(seed)
        self.kind: Any = np.float64 if double else np.float32
        self.labels, self.size = LABELS, SIZE
        self.data: tuple[Array, Array] | None = None
        self._rows: Any = None
        self.unmatched: dict[str, Unmatched] = {}
        self._matches: dict[str, tuple[Match, ...]] = {}
        self.settle()
        keras.utils.set_random_seed(seed)
        self.keras: Any = self.keras_module.build_model()
        if self.program.fit is not None:
            self.keras_module.compile_model(self.keras)
        if double:
            pool_by_planes(self.keras)
            keep_constants()
            rank_in_single()
            resize_in_single(self.keras)
        torch.manual_seed(seed)
        model = getattr(self.torch_module, self.program.class_name)()
        self.torch: Any = _in_double(model) if double else model

    def settle(self) -> None:
        """Have Keras compute in this pair's precision, where another pair was used before."""
        keras.config.set_floatx(self.kind.__name__)
        keras.config.set_dtype_policy(self.kind.__name__)

    def scatter(self) -> None:
        """Move Keras' weights: biases of 0 and scales of 1 hide much, large ones hide the rest."""
        for variable in self.keras.variables:
            if "seed" in variable.path:
                continue
            value = np.asarray(variable)
            noise = self.random.normal(size=value.shape) * 0.1 * (value.std() or 1.0)
            positive = variable.name in ("moving_variance",)
            variable.assign(
                (np.abs(value + noise) if positive else value + noise).astype(value.dtype)
            )

    def keras_variable(self, variable: Variable) -> Array:
        """Return Keras' weight, found by the attributes that lead to the layer that holds it."""
        name, *attributes = variable.owner
        holder: Model = self.keras.get_layer(name)
        for attribute in attributes:
            found = attribute.isdigit()
            holder = holder[int(attribute)] if found else getattr(holder, attribute)
        weights = [w for w in holder.weights if w.name == variable.name]
        _expect(len(weights) == 1, f"the Keras program has no weight {variable.path}")
        return weights[0]

    def mapped(self) -> list[tuple[str, Array, Array, Weight]]:
        """Return each weight: its name, Keras' variable, PyTorch's tensor, the map's entry.

        Custom layers are in no map: their weights are matched, see `specc.verify.custom`. Those of
        layers that are `unmatched` are left out.
        """
        state = {**dict(self.torch.named_parameters()), **dict(self.torch.named_buffers())}
        state = {k: v for k, v in state.items() if k in self.torch.state_dict()}
        state = {k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}
        left = [w for w in self.keras.weights if "seed" not in w.path]
        found: list[tuple[str, Array, Array, Weight]] = []
        for weight in self.weights:
            path, variable = weight.variable.path, self.keras_variable(weight.variable)
            _expect(weight.parameter in state, f"the PyTorch program has no {weight.parameter}")
            left = [w for w in left if w is not variable]
            name = weight.parameter if weight.row is not None or weight.frozen else path
            found.append((name, variable, state.pop(weight.parameter), weight))
        customs = custom_layers(self.program)
        held = {id(w): layer.name for layer in self.keras.layers for w in layer.weights}
        strangers = [w.path for w in left if held[id(w)] not in customs]
        more = [name for name in state if name.partition(".")[0] not in customs]
        _expect(
            not strangers and not more,
            f"weights beside the map: {_listed(strangers)} in Keras and {_listed(more)} in PyTorch",
        )
        for name, layer in customs.items():
            ours = {n.partition(".")[2]: t for n, t in state.items() if n.partition(".")[0] == name}
            found += self._of_custom(name, layer, ours)
        return found

    def _of_custom(
        self, name: str, layer: Custom, ours: dict[str, Array]
    ) -> list[tuple[str, Array, Array, Weight]]:
        """Return the weights of a custom layer; none where they cannot be matched."""
        if name in self.unmatched:
            return []
        theirs = weights_by_name(self.keras_custom(name))
        if name not in self._matches:
            try:
                self._matches[name] = matched(
                    [Held(n, tuple(v.shape)) for n, v in theirs.items()],
                    [Held(n, tuple(t.shape)) for n, t in ours.items()],
                    layer.weights,
                )
            except UnmatchedError as error:
                count = sum(tensor.numel() for tensor in ours.values())
                self.unmatched[name] = Unmatched(str(error), count)
                return []
        found = []
        for match in self._matches[name]:
            variable, tensor = theirs[match.keras], ours[match.torch]
            kept = Variable(match.keras, tuple(variable.shape), Zeros(), owner=(name,))
            entry = Weight(name, kept, match.torch, Transform(axes=match.axes))
            found.append((kept.path, variable, tensor, entry))
        return found

    def keras_custom(self, name: str) -> Any:
        """Return the custom layer of the Keras model that is, or is within, the one of a name."""
        layer = self.keras.get_layer(name)
        node = next(node for node in self.program.graph.nodes if node.name == name)
        while not isinstance(node.layer, Custom):
            node, layer = node.nested[0], layer.layer
        return layer

    @staticmethod
    def turned(value: Array, weight: Weight) -> Array:
        """Return a Keras weight as PyTorch holds it."""
        return np.ascontiguousarray(weight.to_torch(np.asarray(value)))

    def carry(self) -> None:
        """Copy Keras' weights to PyTorch.

        Errors:
            CarryError: the weights of one program are not those of the other.
        """
        with torch.no_grad():
            for name, variable, tensor, weight in self.mapped():
                value = self.turned(variable, weight)
                theirs, ours = value.shape, tuple(tensor.shape)
                _expect(theirs == ours, f"{name} becomes {theirs}, but PyTorch's is {ours}")
                tensor.copy_(torch.from_numpy(value))

    def still(self) -> None:
        """Switch dropout, noise and augmentation off, whose draws can never agree."""
        nodes = self.program.graph.walk()
        augments = {type(n.layer).__name__ for n in nodes if isinstance(n.layer, Augmentation)}
        for layer in self.keras._flatten_layers():
            if isinstance(layer, keras.layers.Dropout):
                layer.rate = 0.0
            if isinstance(layer, keras.layers.GaussianDropout | keras.layers.AlphaDropout):
                layer.rate = 0.0
            if isinstance(layer, keras.layers.GaussianNoise):
                layer.stddev = 0.0
            for cell in layer._flatten_layers():
                if hasattr(cell, "get_dropout_mask"):
                    cell.dropout = cell.recurrent_dropout = 0.0
            if type(layer).__name__ in augments:
                layer.get_random_transformation = lambda *_, **__: None
                layer.transform_images = lambda images, **_: keras.ops.cast(images, self.kind)
        for module in self.torch.modules():
            if isinstance(module, _DropoutNd) or type(module).__name__ == "GaussianDropout":
                module.p = 0.0
            if type(module).__name__ == "GaussianNoise":
                module.std = 0.0
            if isinstance(getattr(module, "recurrent_dropout", None), float):
                module.dropout = module.recurrent_dropout = 0.0
            if type(module).__name__ in augments:
                module.forward = torch.nn.Identity().forward
        if hasattr(self.torch_module, "F"):
            self.torch_module.F = _Still()

    def inputs(self, samples: int) -> Array:
        """Return inputs in Keras' axes: random ones, or the next ones of `data`."""
        if self.data is None:
            return inputs(self.program, self.random, samples, self.kind, self.size)
        start = 0 if self._rows is None else self._rows[-1] + 1
        self._rows = np.arange(start, start + samples) % len(self.data[0])
        given = self.program.input
        kind = given.dtype if given.holds_integers() else self.kind
        return self.data[0][self._rows].astype(kind)

    def targets(self, samples: int, form: int = 0) -> Array:
        """Return targets in one of the shapes that the loss takes, those of the last inputs."""
        if self.data is None:
            output, kind = self._output_shape(samples), self.kind
            return targets(self.program, self.random, samples, kind, output, form, self.labels)
        fit = self.program.fit
        assert fit is not None
        chosen = self.data[1][self._rows]
        chosen = chosen.reshape(-1, *closed(fit.head.target_shapes[form], chosen.shape[1:]))
        return chosen.astype(np.int64 if fit.head.classes is not None else self.kind)

    def _output_shape(self, samples: int) -> Shape:
        """Return the shape of a sample's output, each size known."""
        if UNKNOWN not in self.program.graph.output.shape:
            return self.program.graph.output.shape
        whole = self.keras.compute_output_shape((samples, *input_shape(self.program, self.size)))
        return tuple(whole[1:])

    def keras_values(self) -> dict[str, Array]:
        """Return copies of Keras' weights by the names of `mapped`."""
        return {name: np.asarray(variable).copy() for name, variable, *_ in self.mapped()}
