"""Both programs of a spec, imported, with the same weights."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np
import torch
from torch.nn.modules.dropout import _DropoutNd

from specc.pipeline import Compilation
from specc.program import Program
from specc.spec.variables import Variable
from specc.targets.torch.weights import Weight
from specc.verify.inputs import LABELS, inputs, targets


def load_module(path: Path) -> ModuleType:
    """Return a program as a module, without running its `main`."""
    name = f"{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class Programs:
    """Both programs of a spec with the same weights.

    Attributes:
        program: The resolved model.
        files: The programs' texts.
        notes: What the build told.
        weights: The map of weights.
        keras: The Keras model, compiled where the spec says how to train.
        torch: The PyTorch module.
        kind: NumPy's type of what both compute with.
        labels: What targets of two classes hold.
    """

    def __init__(
        self, compilation: Compilation, folder: Path, seed: int = 0, double: bool = False
    ) -> None:
        """Write both programs into a folder, import them, and carry random weights over.

        Arguments:
            compilation: A spec that was compiled for all targets, without errors.
            seed: What weights and samples are drawn from.
            double: Whether to compute in float64.
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
        self.random = np.random.default_rng(seed)
        self.kind: Any = np.float64 if double else np.float32
        self.labels = LABELS
        keras.config.set_floatx(self.kind.__name__)
        keras.config.set_dtype_policy(self.kind.__name__)
        keras.utils.set_random_seed(seed)
        self.keras: Any = self.keras_module.build_model()
        if self.program.fit is not None:
            self.keras_module.compile_model(self.keras)
        torch.manual_seed(seed)
        model = getattr(self.torch_module, self.program.class_name)()
        self.torch: Any = model.double() if double else model
        self._scatter()
        self.carry()
        self.still()

    def _scatter(self) -> None:
        # Biases of 0 and scales of 1 would hide much.
        for variable in self.keras.variables:
            if "seed" in variable.path:
                continue
            value = np.asarray(variable)
            noise = self.random.normal(size=value.shape) * 0.1
            positive = variable.name in ("moving_variance",)
            variable.assign(
                (np.abs(value + noise) if positive else value + noise).astype(value.dtype)
            )

    def keras_variable(self, variable: Variable) -> Any:
        """Return Keras' weight, found by the attributes that lead to the layer that holds it."""
        name, *attributes = variable.owner
        holder: Any = self.keras.get_layer(name)
        for attribute in attributes:
            found = attribute.isdigit()
            holder = holder[int(attribute)] if found else getattr(holder, attribute)
        (weight,) = (w for w in holder.weights if w.name == variable.name)
        return weight

    def mapped(self) -> list[tuple[str, Any, Any, Weight | None]]:
        """Return each weight: its name, Keras' variable, PyTorch's tensor, the map's entry.

        Custom layers are in no map: their weights are matched in order and must have equal shapes.
        """
        state = {**dict(self.torch.named_parameters()), **dict(self.torch.named_buffers())}
        state = {k: v for k, v in state.items() if k in self.torch.state_dict()}
        state = {k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}
        left = [w for w in self.keras.weights if "seed" not in w.path]
        found: list[tuple[str, Any, Any, Weight | None]] = []
        for weight in self.weights:
            variable = self.keras_variable(weight.variable)
            left = [w for w in left if w is not variable]
            found.append((weight.variable.path, variable, state.pop(weight.parameter), weight))
        for variable, (name, tensor) in zip(left, state.items(), strict=True):
            assert variable.path.split("/")[1] == name.split(".")[0]
            found.append((f"{name.split('.')[0]}.{variable.name}", variable, tensor, None))
        return found

    @staticmethod
    def turned(value: Any, weight: Weight | None) -> Any:
        """Return a Keras weight as PyTorch holds it."""
        array = np.asarray(value)
        return array if weight is None else np.ascontiguousarray(weight.transform.to_torch(array))

    def carry(self) -> None:
        """Copy Keras' weights to PyTorch."""
        with torch.no_grad():
            for name, variable, tensor, weight in self.mapped():
                value = self.turned(variable, weight)
                assert value.shape == tuple(tensor.shape), name
                tensor.copy_(torch.from_numpy(value))

    def still(self) -> None:
        """Switch dropout and noise off, whose draws can never agree."""
        for layer in self.keras._flatten_layers():
            if isinstance(layer, keras.layers.Dropout):
                layer.rate = 0.0
            if isinstance(layer, keras.layers.GaussianDropout | keras.layers.AlphaDropout):
                layer.rate = 0.0
            if isinstance(layer, keras.layers.GaussianNoise):
                layer.stddev = 0.0
        for module in self.torch.modules():
            if isinstance(module, _DropoutNd) or type(module).__name__ == "GaussianDropout":
                module.p = 0.0
            if type(module).__name__ == "GaussianNoise":
                module.std = 0.0

    def inputs(self, samples: int) -> Any:
        """Return random inputs of the spec's shape and type, in Keras' axes."""
        return inputs(self.program, self.random, samples, self.kind)

    def targets(self, samples: int, form: int = 0) -> Any:
        """Return random targets in one of the shapes that the loss takes."""
        return targets(self.program, self.random, samples, self.kind, form, self.labels)
