"""Trained weights from one program to the other, by the map of weights that the build made."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import h5py
import numpy as np
import torch

from specc.pipeline import Compilation
from specc.targets.torch.weights import Weight, to_keras
from specc.verify.frameworks import Array, VerifyError, settled
from specc.verify.programs import CarryError, Programs

KERAS, TORCH = (".keras", ".weights.h5"), (".pt", ".safetensors")
_SHOWN = 8  # of the weights that do not fit
_COUNTER = "num_batches_tracked"  # which a state of PyTorch may lack, and Keras has not


def convert_file(compilation: Compilation, source: Path, target: Path) -> int:
    """Write the weights of one file as another; see `specc.verify.convert`."""
    _check_ending(source)
    _check_ending(target)
    with settled(), tempfile.TemporaryDirectory(prefix="specc_") as folder:
        programs = Programs(compilation, Path(folder))
        try:
            programs.mapped()
            for layer, (reason, _) in programs.unmatched.items():
                raise VerifyError(f"cannot carry the weights of {layer} over: {reason}")
            from_keras = _read(programs, source)
            if from_keras:
                programs.carry()
            else:
                _carry_back(programs)
        except CarryError as error:
            raise VerifyError(f"{source}: {error}") from None
        _write(programs, target)
        return int(programs.keras.count_params())


def _check_ending(path: Path) -> None:
    if not path.name.endswith((*KERAS, *TORCH)):
        endings = f"{', '.join(KERAS)} of Keras, {', '.join(TORCH)} of PyTorch"
        raise VerifyError(f"expected a file that ends in {endings}, found {path}")
    if path.name.endswith(".safetensors") and find_spec("safetensors") is None:
        raise VerifyError(f"{path} needs safetensors, get it with pip install safetensors")


def _carry_back(programs: Programs) -> None:
    """Copy PyTorch's weights to Keras."""
    parts: dict[int, list[tuple[Weight, Array]]] = {}
    variables: dict[int, Array] = {}
    for _, variable, tensor, weight in programs.mapped():
        variables[id(variable)] = variable
        parts.setdefault(id(variable), []).append((weight, tensor.detach().numpy()))
    for key, variable in variables.items():
        variable.assign(to_keras(parts[key]))


# Reading


def _read(programs: Programs, path: Path) -> bool:
    """Load a file into its program; return whether that is Keras'."""
    try:
        if path.name.endswith(KERAS):
            _read_keras(programs, path)
            return True
        state = _read_torch(path)
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        reason = getattr(error, "strerror", None) or str(error).split("\n")[0]
        raise VerifyError(f"cannot read {path}: {reason}") from None
    _load_torch(programs, path, state)
    return False


def _read_keras(programs: Programs, path: Path) -> None:
    """Load a file into the Keras model, weight by weight: its own way takes the optimizer along."""
    weights = {id(v): (w.variable.path, v) for _, v, _, w in programs.mapped()}
    named = list(weights.values())
    with tempfile.TemporaryDirectory(prefix="specc_") as folder:
        own = Path(folder) / "own.weights.h5"
        # Each weight is filled with its number, which tells where Keras puts it in a file.
        for number, (_, variable) in enumerate(named):
            variable.assign(np.full(variable.shape, number))
        programs.keras.save_weights(own)
        with h5py.File(own) as file:
            expected = _arrays(file)
    with _h5(path) as file:
        found = _arrays(file)
    numbers = {key: int(value.flat[0]) for key, value in expected.items()}
    names = {key: named[number][0] for key, number in numbers.items()}
    _compare(path, _facts(expected, names), _facts(found, names))
    for key, number in numbers.items():
        named[number][1].assign(found[key])


def _h5(path: Path) -> Any:
    if path.name.endswith(".weights.h5"):
        return h5py.File(path)
    with zipfile.ZipFile(path) as archive:
        return h5py.File(io.BytesIO(archive.read("model.weights.h5")))


def _arrays(file: Any) -> dict[str, Array]:
    """Return the weights in a file of Keras, by where they stand; no state of anything else."""
    found: dict[str, Array] = {}

    def visit(key: str, item: Any) -> None:
        state = key.startswith(("optimizer/", "metrics/")) or "seed_generator" in key
        if isinstance(item, h5py.Dataset) and not state:
            found[key] = item[()]

    file.visititems(visit)
    return found


def _read_torch(path: Path) -> dict[str, Array]:
    """Return the state of a PyTorch model, also of a checkpoint with more in it."""
    if path.name.endswith(".safetensors"):
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return dict(load_file(path))
        except SafetensorError as error:
            raise VerifyError(f"cannot read {path}: {error}") from None
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError) as error:
        reason = "it is no file of weights alone, as torch.save writes of a state_dict"
        raise VerifyError(f"cannot read {path}: {reason}") from error
    if isinstance(found, dict) and isinstance(found.get("model"), dict):
        found = found["model"]  # as the programs' checkpoints
    if not isinstance(found, dict) or not all(map(torch.is_tensor, found.values())):
        raise VerifyError(f"cannot read {path}: expected a state_dict, a mapping of tensors")
    return dict(found)


def _load_torch(programs: Programs, path: Path, state: dict[str, Array]) -> None:
    own = programs.torch.state_dict()
    counters = {name: value for name, value in own.items() if name.endswith(_COUNTER)}
    state = counters | state
    _compare(path, _facts(own), _facts(state))
    programs.torch.load_state_dict(state)


def _facts(arrays: dict[str, Array], names: dict[str, str] | None = None) -> dict[str, str]:
    """Return type and shape of each array, as messages name them."""
    return {
        (names or {}).get(key, key): f"{str(value.dtype).removeprefix('torch.')} {(*value.shape,)}"
        for key, value in arrays.items()
    }


def _compare(path: Path, expected: dict[str, str], found: dict[str, str]) -> None:
    wrong = [f"no {name}" for name in expected if name not in found]
    wrong += [f"{name}, which the model does not have" for name in found if name not in expected]
    wrong += [
        f"{name} of {found[name]}, expected {facts}"
        for name, facts in expected.items()
        if name in found and found[name] != facts
    ]
    if wrong:
        raise VerifyError(f"{path} does not hold this model's weights: {_listed(wrong)}")


def _listed(messages: Iterable[str]) -> str:
    found = list(messages)
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return "; ".join([*found[:_SHOWN], *more])


# Writing


def _write(programs: Programs, path: Path) -> None:
    ending = next(e for e in (*KERAS, *TORCH) if path.name.endswith(e))
    beside = path.with_name(f".specc_{os.urandom(6).hex()}{ending}")
    try:
        if ending == ".keras":
            # A compiled model is loaded with the variables of its optimizer, here those of a start.
            if programs.program.fit is not None:
                programs.keras.optimizer.build(programs.keras.trainable_variables)
            programs.keras.save(beside)
        elif ending == ".weights.h5":
            programs.keras.save_weights(beside)
        elif ending == ".pt":
            torch.save(programs.torch.state_dict(), beside)
        else:
            from safetensors.torch import save_file

            state = programs.torch.state_dict()
            save_file({name: tensor.contiguous() for name, tensor in state.items()}, beside)
        os.replace(beside, path)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error).split("\n")[0]
        raise VerifyError(f"cannot write {path}: {reason}") from None
    finally:
        beside.unlink(missing_ok=True)
