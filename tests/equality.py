"""Builds both programs of a spec, carries the weights over, and measures how far they differ.

Reference: Keras on TensorFlow. Differences are relative to the largest entry where that is above 1.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
import torch
from torch import nn
from torch.nn.modules.dropout import _DropoutNd
from torch.utils.data import DataLoader, TensorDataset

import specc
from specc.program import Program
from specc.spec.layers.core import Embedding
from specc.targets.torch.layout import KERAS, outside
from specc.targets.torch.weights import Weight

torch.set_num_threads(1)


def difference(left: Any, right: Any) -> float:
    """Return the largest difference, relative to the largest entry where that is above 1."""
    left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
    assert left.shape == right.shape, (left.shape, right.shape)
    if left.size == 0:
        return 0.0
    assert np.isfinite(left).all(), "the reference is not finite"
    return float(np.abs(left - right).max() / max(1.0, np.abs(left).max()))


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


class Pair:
    """Both programs of a spec with the same weights."""

    def __init__(self, text: str, folder: Path, seed: int = 0, double: bool = False) -> None:
        result = specc.compile(text if "\n" in text else text + "\n")
        assert result.ok, "\n".join(d.render() for d in result.diagnostics)
        assert result.program is not None
        self.program: Program = result.program
        self.files, self.notes = result.files, result.diagnostics
        self.weights: tuple[Weight, ...] = result.weights["torch"]
        for name, code in result.files.items():
            (folder / name).write_text(code)
        name = self.program.name
        self.keras_module = load_module(folder / f"{name}_keras.py")
        self.torch_module = load_module(folder / f"{name}_torch.py")
        self.random = np.random.default_rng(seed)
        self.kind = np.float64 if double else np.float32
        self.labels = [0.0, 1.0]  # what targets of two classes hold
        keras.config.set_floatx(self.kind.__name__)
        keras.config.set_dtype_policy(self.kind.__name__)
        keras.utils.set_random_seed(seed)
        self.keras: keras.Sequential = self.keras_module.build_model()
        if self.program.fit is not None:
            self.keras_module.compile_model(self.keras)
        torch.manual_seed(seed)
        model: nn.Module = getattr(self.torch_module, self.program.class_name)()
        self.torch = model.double() if double else model
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

    def keras_variables(self) -> dict[str, Any]:
        """Return Keras' weights by `layer.variable`."""
        return {
            f"{layer.name}.{variable.name}": variable
            for layer in self.keras.layers
            for variable in layer.weights
            if "seed" not in variable.path
        }

    def mapped(self) -> list[tuple[str, Any, torch.Tensor, Weight | None]]:
        """Return each weight: its name, Keras' variable, PyTorch's tensor, the map's entry.

        Custom layers are in no map: their weights are matched in order and must have equal shapes.
        """
        state = {**dict(self.torch.named_parameters()), **dict(self.torch.named_buffers())}
        state = {k: v for k, v in state.items() if k in self.torch.state_dict()}
        state = {k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}
        left = self.keras_variables()
        found = []
        for weight in self.weights:
            name = f"{weight.layer}.{weight.variable.name}"
            found.append((name, left.pop(name), state.pop(weight.parameter), weight))
        for (name, variable), (other, tensor) in zip(left.items(), state.items(), strict=True):
            assert name.split(".")[0] == other.split(".")[0]
            found.append((name, variable, tensor, None))
        return found

    @staticmethod
    def turned(value: Any, weight: Weight | None) -> np.ndarray:
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
        for layer in self.keras.layers:
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

    def inputs(self, samples: int) -> np.ndarray:
        """Return random inputs of the spec's shape and type, in Keras' axes."""
        shape = (samples, *self.program.input.shape)
        tables = [n.layer.input_dim for n in self.program.nodes if isinstance(n.layer, Embedding)]
        if tables:
            kind = self.program.input.dtype if self.program.input.dtype != "float32" else self.kind
            return self.random.integers(0, tables[0], size=shape).astype(kind)
        return self.random.normal(size=shape).astype(self.kind)

    def targets(self, samples: int, form: int = 0) -> np.ndarray:
        """Return random targets in one of the shapes that the loss takes."""
        fit = self.program.fit
        assert fit is not None
        shape = (samples, *fit.target_shapes[form])
        if fit.classes is not None:
            return self.random.integers(0, fit.classes, size=shape).astype(np.int64)
        word, classes = fit.loss.word, self.program.output_shape[-1]
        if word.startswith("categorical"):
            return np.eye(classes, dtype=self.kind)[self.random.integers(0, classes, shape[:-1])]
        if word.startswith("binary") or word.endswith("hinge"):
            return self.random.choice(self.labels, size=shape).astype(self.kind)
        if word == "poisson":
            return self.random.poisson(2.0, size=shape).astype(self.kind)
        if word == "kl_divergence":
            flat = self.random.dirichlet([0.3] * classes, size=(samples, *shape[1:-1]))
            return flat.reshape(shape).astype(self.kind)
        return self.random.normal(size=shape).astype(self.kind)

    def to_torch(self, array: np.ndarray) -> torch.Tensor:
        """Return an input as a user of the PyTorch program holds it."""
        tensor = torch.from_numpy(array)
        first = outside(self.program, self.program.input.shape) != KERAS
        return tensor.movedim(-1, 1) if first else tensor

    def dataset(self, x: np.ndarray, y: np.ndarray) -> TensorDataset:
        """Return samples as the PyTorch program itself makes them, in the precision of now."""
        made = self.torch_module.to_dataset(x, y)
        if self.kind is np.float32:
            return made
        tensors = [t.double() if t.is_floating_point() else t for t in made.tensors]
        if tensors[0].is_floating_point():
            tensors[0] = self.to_torch(x)
        return TensorDataset(*tensors)

    def compile(self) -> None:
        """Compile the Keras model anew: a compiled one takes targets of one shape alone."""
        self.keras_module.compile_model(self.keras)

    def in_tensorflow(self, function: Callable[[], Any]) -> Any:
        """Call a function of the Keras model.

        TensorFlow has channels-first convolutions on CPU in graphs alone. XLA's bilinear resizing
        is not TensorFlow's own: it is right for a factor of 2 alone.
        """
        resizes = any(
            getattr(n.layer, "interpolation", None) == "bilinear" for n in self.program.nodes
        )
        graph = any(
            getattr(n.layer, "data_format", None) == "channels_first" for n in self.program.nodes
        )
        return tf.function(function, jit_compile=not resizes)() if graph else function()

    def output_difference(self, samples: int = 5, training: bool = False) -> float:
        """Return how far the outputs are apart; the model's statistics stay as they are."""
        x = self.inputs(samples)
        before = self.keras.get_weights()
        state = {k: v.clone() for k, v in self.torch.state_dict().items()}
        theirs = self.in_tensorflow(lambda: self.keras(x, training=training)).numpy()
        self.torch.train(training)
        with torch.no_grad():
            function = getattr(self.torch, "probabilities", self.torch)
            ours = function(self.to_torch(x))
        self.keras.set_weights(before)
        self.torch.load_state_dict(state)
        if outside(self.program, self.program.output_shape) != KERAS:
            ours = ours.movedim(1, -1)
        return difference(theirs, ours.numpy())

    def loss_differences(self, samples: int = 5, form: int = 0) -> dict[str, float]:
        """Return how far loss and gradients are apart, penalties included.

        L2 that the optimizer applies as weight decay counts to the gradient.
        """
        x, y = self.inputs(samples), self.targets(samples, form)
        before = self.keras.get_weights()
        state = {k: v.clone() for k, v in self.torch.state_dict().items()}
        variables = self.keras.trainable_variables

        def differentiate() -> tuple[tf.Tensor, list[tf.Tensor]]:
            with tf.GradientTape() as tape:
                predicted = self.keras(x, training=True)
                loss = self.keras.compute_loss(x, y, predicted, training=True)
            found = tape.gradient(loss, [v.value for v in variables])
            return loss, [None if g is None else tf.convert_to_tensor(g) for g in found]

        loss, tensors = self.in_tensorflow(differentiate)
        gradients = dict(zip(map(id, variables), tensors, strict=True))
        ours = self.torch_loss(*self.dataset(x, y).tensors)
        self.torch.zero_grad()
        ours.backward()
        found = {"loss": difference(loss, ours.detach())}
        for name, variable, tensor, weight in self.mapped():
            gradient = gradients.get(id(variable))
            if gradient is not None:
                grad = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
                found[f"d/d {name}"] = difference(self.turned(gradient, weight), grad)
        self.keras.set_weights(before)
        self.torch.load_state_dict(state)
        self.torch.zero_grad()
        return found

    def torch_loss(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the loss of the PyTorch program with every penalty in its gradient."""
        module = self.torch_module
        self.torch.train()
        outputs = self.torch(x)
        loss = getattr(module, "weighted_loss_fn", module.loss_fn)(outputs, y)
        if hasattr(module, "penalty"):
            loss = loss + module.penalty(self.torch)
        if hasattr(module, "l2_penalty"):
            loss = loss + module.l2_penalty.__wrapped__(self.torch)
        if hasattr(self.torch, "activity_penalty"):
            loss = loss + self.torch.activity_penalty
        return loss

    def train(
        self, steps: int, batch: int = 8, form: int = 0, last: int | None = None
    ) -> dict[str, float]:
        """Train both programs by their own loops on the same batches; return all differences.

        Arguments:
            last: Size of the last batch where it is shorter.
        """
        module, fit = self.torch_module, self.program.fit
        assert fit is not None
        self.compile()
        samples = steps * batch - (batch - last if last else 0)
        x, y = self.inputs(samples), self.targets(samples, form)
        history = self.keras.fit(
            x, y, batch_size=batch, shuffle=False, verbose=0, class_weight=fit.training.class_weight
        ).history
        optimizer = module.build_optimizer(self.torch)
        names = inspect.signature(module.train_one_epoch).parameters
        more: dict[str, Any] = {"epoch": 0} if "epoch" in names else {}
        if "average" in names:
            momentum = fit.optimizer.ema_momentum
            more["average"] = module.AveragedModel(
                self.torch, multi_avg_fn=module.get_ema_multi_avg_fn(momentum)
            )
        loader = DataLoader(self.dataset(x, y), batch_size=batch)
        figures = module.train_one_epoch(self.torch, loader, optimizer, torch.device("cpu"), **more)
        if "average" in more:
            module.use_average(self.torch, more["average"])
        assert set(figures) == set(history), (figures, history)
        found = {f"figure {k}": difference(history[k][0], v) for k, v in figures.items()}
        for name, variable, tensor, weight in self.mapped():
            found[name] = difference(self.turned(variable, weight), tensor.detach())
        return found

    def train_in_step(self, steps: int, batch: int = 8) -> dict[str, float]:
        """Train both programs side by side; return the largest differences after any one step.

        Before each step PyTorch gets Keras' weights, while each optimizer keeps its own state: what
        a kink makes of a rounding then does not grow, and each step is held by itself.
        """
        self.compile()
        optimizer = self.torch_module.build_optimizer(self.torch)
        found: dict[str, float] = {}
        for _ in range(steps):
            x, y = self.inputs(batch), self.targets(batch)
            self.keras.train_on_batch(x, y)
            loader = DataLoader(self.dataset(x, y), batch_size=batch)
            self.torch_module.train_one_epoch(self.torch, loader, optimizer, torch.device("cpu"))
            for name, variable, tensor, weight in self.mapped():
                measured = difference(self.turned(variable, weight), tensor.detach())
                found[name] = max(found.get(name, 0.0), measured)
            self.carry()
        return found

    def evaluate(self, samples: int = 13, batch: int = 4, form: int = 0) -> dict[str, float]:
        """Return how far the figures of an evaluation are apart."""
        self.compile()
        x, y = self.inputs(samples), self.targets(samples, form)
        theirs = self.keras.evaluate(x, y, batch_size=batch, verbose=0, return_dict=True)
        loader = DataLoader(self.dataset(x, y), batch_size=batch)
        ours = self.torch_module.evaluate(self.torch, loader, torch.device("cpu"))
        assert set(ours) == set(theirs)
        return {name: difference(theirs[name], ours[name]) for name in ours}
