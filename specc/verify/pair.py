"""How far both programs of a spec differ: outputs, loss, gradients, updates, figures.

Reference: Keras on TensorFlow. Differences are relative to the largest entry where that is above 1.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import torch
from keras.src.trainers.data_adapters.data_adapter_utils import class_weight_to_sample_weights
from torch.utils.data import DataLoader, TensorDataset

from specc.pipeline import Compilation
from specc.spec.layers.image import CenterCrop, Resizing
from specc.spec.layers.reshaping import UpSampling2D
from specc.spec.rare_optimizers import Muon
from specc.targets.torch.layout import KERAS, outside
from specc.verify.frameworks import Array
from specc.verify.lent import lend
from specc.verify.programs import Programs


def _is_rounding(gradient: Array) -> bool:
    """Tell whether a gradient of Keras is 0 but for rounding in float64."""
    dense = gradient is not None and not isinstance(gradient, tf.IndexedSlices)
    return dense and float(np.abs(np.asarray(gradient)).max(initial=0.0)) < 1e-12


class NotFiniteError(ArithmeticError):
    """Keras' values, the reference, are not all finite."""


def output_of(returned: Array | tuple[Array, ...]) -> Array:
    """Return the output that is, or comes first in, what `forward` of a PyTorch model returns."""
    return returned[0] if isinstance(returned, tuple) else returned


def difference(left: Array, right: Array) -> float:
    """Return the largest difference, relative to the largest entry where that is above 1.

    Errors:
        NotFiniteError: a value of `left` is not finite.
    """
    left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
    assert left.shape == right.shape, (left.shape, right.shape)
    if left.size == 0:
        return 0.0
    if not np.isfinite(left).all():
        theirs = "nor are PyTorch's" if not np.isfinite(right).all() else "PyTorch's are"
        raise NotFiniteError(f"Keras' values are not all finite, {theirs}")
    return float(np.abs(left - right).max() / max(1.0, np.abs(left).max()))


class Pair(Programs):
    """Both programs of a spec with the same weights, and how far they differ.

    Attributes:
        epsilon: What to train with in place of the optimizers' epsilon, or None.
        held: Names of weights that a training held, see `holding`.
    """

    epsilon: float | None = None

    def __init__(
        self, compilation: Compilation, folder: Path, seed: int = 0, double: bool = False
    ) -> None:
        """Import both programs, see `Programs`, and carry random weights over.

        Errors:
            CarryError: the weights of one program are not those of the other.
            VerifyError: a program cannot be imported.
        """
        super().__init__(compilation, folder, seed, double)
        self.held: set[str] = set()
        self.scatter()
        self.carry()
        self.still()
        lend(self)

    def to_torch(self, array: Array) -> Array:
        """Return an input as a user of the PyTorch program holds it."""
        tensor = torch.from_numpy(array)
        first = outside(self.program, self.program.input.shape) != KERAS
        return tensor.movedim(-1, 1) if first else tensor

    def dataset(self, x: Array, y: Array) -> Any:
        """Return samples as the PyTorch program itself makes them, in the precision of now."""
        made = self.torch_module.to_dataset(x, y)
        if self.kind is np.float32:
            return made
        tensors = [t.double() if t.is_floating_point() else t for t in made.tensors]
        if tensors[0].is_floating_point():
            tensors[0] = self.to_torch(x)
        return TensorDataset(*tensors)

    def compile(self, steps: int = 1) -> None:
        """Compile the Keras model anew: a compiled one takes targets of one shape alone.

        Arguments:
            steps: How many steps it will train; for few of them a graph is not worth its making.
        """
        self.keras_module.compile_model(self.keras)
        self.keras.run_eagerly = steps < 10 and not self._needs_graph()
        self.keras.jit_compile = self._needs_graph() and self._takes_xla()

    def in_tensorflow(self, function: Callable[[], Array]) -> Array:
        """Call a function of the Keras model."""
        graph = tf.function(function, jit_compile=self._takes_xla())
        return graph() if self._needs_graph() else function()

    def _needs_graph(self) -> bool:
        """Tell whether a layer has channels first: on CPU TensorFlow convolves so in XLA alone."""
        nodes = self.program.graph.walk()
        return any(getattr(n.layer, "data_format", None) == "channels_first" for n in nodes)

    def _takes_xla(self) -> bool:
        """Tell whether XLA computes as TensorFlow; its bilinear resizing is right for 2 alone."""
        return not any(
            isinstance(n.layer, (UpSampling2D, Resizing, CenterCrop))
            and getattr(n.layer, "interpolation", "bilinear") in ("bilinear", "bicubic")
            for n in self.program.graph.walk()
        )

    @contextmanager
    def restored(self) -> Iterator[None]:
        """Give both models the weights and statistics back that they had."""
        before = self.keras.get_weights()
        state = {k: v.clone() for k, v in self.torch.state_dict().items()}
        try:
            yield
        finally:
            self.keras.set_weights(before)
            self.torch.load_state_dict(state)

    def torch_outputs(self, x: Array, training: bool) -> Array:
        """Return what the PyTorch model makes of inputs, both in Keras' axes."""
        self.torch.train(training)
        with torch.no_grad():
            function = getattr(self.torch, "probabilities", self.torch)
            ours = output_of(function(self.to_torch(x)))
        if outside(self.program, self.program.graph.output.shape) != KERAS:
            ours = ours.movedim(1, -1)
        return ours.numpy()

    def output_difference(self, samples: int = 5, training: bool = False) -> float:
        """Return how far the outputs are apart; the model's statistics stay as they are."""
        x = self.inputs(samples)
        with self.restored():
            theirs = self.in_tensorflow(lambda: self.keras(x, training=training)).numpy()
            return difference(theirs, self.torch_outputs(x, training))

    def loss_differences(self, samples: int = 5, form: int = 0) -> dict[str, float]:
        """Return how far loss and gradients are apart, penalties included.

        L2 that the optimizer applies as weight decay counts to the gradient.
        """
        x, y = self.inputs(samples), self.targets(samples, form)
        with self.restored():
            loss, gradients = self._keras_gradients(x, y)
            ours = self.torch_loss(*self.dataset(x, y).tensors)
            self.torch.zero_grad()
            ours.backward()
            found = {"loss": difference(loss, ours.detach())}
            for name, variable, tensor, weight in self.mapped():
                gradient = gradients.get(id(variable))
                if gradient is not None:
                    grad = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
                    found[f"d/d {name}"] = difference(self.turned(gradient, weight), grad)
        self.torch.zero_grad()
        return found

    def _keras_gradients(self, x: Array, y: Array) -> tuple[Array, dict[int, Array]]:
        """Return Keras' loss, and its gradients by the id of the variable."""
        variables = self.keras.trainable_variables
        weights = self._sample_weights(y)

        def differentiate() -> tuple[Array, list[Array]]:
            with tf.GradientTape() as tape:
                predicted = self.keras(x, training=True)
                loss = self.keras.compute_loss(x, y, predicted, weights, training=True)
            found = tape.gradient(loss, [v.value for v in variables])
            return loss, [None if g is None else tf.convert_to_tensor(g) for g in found]

        loss, tensors = self.in_tensorflow(differentiate)
        return loss, dict(zip(map(id, variables), tensors, strict=True))

    def _sample_weights(self, y: Array) -> Array:
        """Return what Keras' `fit` makes of the weights of classes, None where there are none."""
        assert self.program.fit is not None
        given = self.program.fit.training.class_weight
        return None if given is None else class_weight_to_sample_weights(y, given)

    def torch_loss(self, x: Array, y: Array) -> Array:
        """Return the loss of the PyTorch program with every penalty in its gradient."""
        module = self.torch_module
        self.torch.train()
        returned = self.torch(x)
        outputs, *beside = returned if isinstance(returned, tuple) else (returned,)
        mask = beside[:1] if self.program.graph.output.masked else ()
        loss = getattr(module, "weighted_loss_fn", module.loss_fn)(outputs, y, *mask)
        if hasattr(module, "penalty"):
            loss = loss + module.penalty(self.torch)
        if hasattr(module, "l2_penalty"):
            loss = loss + module.l2_penalty.__wrapped__(self.torch)
        for activity_penalty in beside[len(mask) :]:
            loss = loss + activity_penalty
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
        self.compile(steps)
        if self.epsilon is not None:
            self.keras.optimizer.epsilon = self.epsilon
        self.torch.zero_grad()  # what a run before has not added up yet
        samples = steps * batch - (batch - last if last else 0)
        x, y = self.inputs(samples), self.targets(samples, form)
        optimizer = module.build_optimizer(self.torch)
        if self.epsilon is not None:
            for group in optimizer.param_groups:
                group["eps"] = self.epsilon
        more = self._more_for_training(optimizer)
        loader, weights = (
            DataLoader(self.dataset(x, y), batch_size=batch),
            fit.training.class_weight,
        )
        with self.holding(x[:batch], y[:batch]):
            history = self.keras.fit(
                x, y, batch_size=batch, shuffle=False, verbose=0, class_weight=weights
            ).history
            figures = module.train_one_epoch(
                self.torch, loader, optimizer, torch.device("cpu"), **more
            )
        if "average" in more:
            module.use_average(self.torch, more["average"])
        assert set(figures) == set(history), (figures, history)
        found = {f"figure {k}": difference(history[k][0], v) for k, v in figures.items()}
        return found | self.weight_differences()

    @contextmanager
    def holding(self, x: Array, y: Array) -> Iterator[None]:
        """Hold weights whose gradient is 0 but for rounding, such as a bias that a mean takes off.

        Some optimizers make whole steps of it, into any direction.
        """
        fit = self.program.fit
        if fit is None or not (fit.optimizer.whole_steps or isinstance(fit.optimizer, Muon)):
            yield
            return
        with self.restored():
            _, gradients = self._keras_gradients(x, y)
        idle = [entry for entry in self.mapped() if _is_rounding(gradients.get(id(entry[1])))]
        self.held |= {name for name, *_ in idle}
        variables = {id(variable) for _, variable, *_ in idle}
        optimizer, apply = self.keras.optimizer, self.keras.optimizer.apply

        def applied(given: Array, updated: Array = None) -> Any:
            pairs = zip(given, updated or self.keras.trainable_variables, strict=True)
            return apply([tf.zeros_like(g) if id(v) in variables else g for g, v in pairs], updated)

        optimizer.apply = applied
        hooks = [
            tensor.register_hook(torch.zeros_like) for *_, tensor, _ in idle if tensor.requires_grad
        ]
        try:
            yield
        finally:
            del optimizer.apply
            for hook in hooks:
                hook.remove()

    def _more_for_training(self, optimizer: torch.optim.Optimizer) -> dict[str, Array]:
        """Return what the program's `train_one_epoch` takes beside model, data and optimizer."""
        module, fit = self.torch_module, self.program.fit
        assert fit is not None
        names = inspect.signature(module.train_one_epoch).parameters
        more: dict[str, Array] = {"epoch": 0} if "epoch" in names else {}
        if "scheduler" in names:
            more["scheduler"] = module.build_scheduler(optimizer)
        if "average" in names:
            momentum = fit.optimizer.ema_momentum
            more["average"] = module.AveragedModel(
                self.torch, multi_avg_fn=module.get_ema_multi_avg_fn(momentum)
            )
        return more

    def weight_differences(self) -> dict[str, float]:
        """Return how far each weight is apart."""
        return {
            name: difference(self.turned(variable, weight), tensor.detach())
            for name, variable, tensor, weight in self.mapped()
        }

    def share_of_movement(self, before: dict[str, Array]) -> float:
        """Return how far the weights are apart, as a share of how far Keras' have moved.

        Arguments:
            before: Keras' weights at the start.
        """
        apart = moved = 0.0
        for name, variable, tensor, weight in self.mapped():
            now = np.asarray(variable).astype(np.float64)
            moved += float(np.square(now - before[name]).sum())
            ours = tensor.detach().double().numpy()
            apart += float(np.square(self.turned(now, weight) - ours).sum())
        return math.sqrt(apart / moved) if moved else math.inf if apart else 0.0

    def train_in_step(self, steps: int, batch: int = 8) -> dict[str, float]:
        """Train both programs side by side; return the largest differences after any one step.

        Before each step PyTorch gets Keras' weights, while each optimizer keeps its own state: what
        a kink makes of a rounding then does not grow, and each step is held by itself.
        """
        self.compile(steps)
        self.torch.zero_grad()
        module = self.torch_module
        optimizer = module.build_optimizer(self.torch)
        more = self._more_for_training(optimizer)
        found: dict[str, float] = {}
        for step in range(steps):
            x, y = self.inputs(batch), self.targets(batch)
            more |= {"epoch": step} if "epoch" in more else {}
            loader = DataLoader(self.dataset(x, y), batch_size=batch)
            with self.holding(x, y):
                self.keras.train_on_batch(x, y)
                module.train_one_epoch(self.torch, loader, optimizer, torch.device("cpu"), **more)
            for name, measured in self.weight_differences().items():
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
