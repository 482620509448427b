"""The frameworks that run programs: whether they are here, and settings that make runs repeat."""

from __future__ import annotations

import logging
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, TypeAlias

# To read the frameworks' own types costs minutes, so that these names say what is meant.
Array: TypeAlias = Any  # of NumPy, TensorFlow or PyTorch
Model: TypeAlias = Any  # of Keras or PyTorch, or a layer


class VerifyError(Exception):
    """Nothing can be compared, for a reason outside of both programs."""


# The package to import, what people call it, and specc's extra that installs it.
_NEEDED = {
    "torch": ("PyTorch", "torch"),
    "tensorflow": ("TensorFlow", "keras"),
    "keras": ("Keras", "keras"),
    "tqdm": ("tqdm", "torch"),
}


def missing_frameworks(reference: bool = True) -> str | None:
    """Return what is not installed and how to get it, or None.

    Arguments:
        reference: Whether Keras has to run on TensorFlow.
    """
    needed = [name for name in _NEEDED if reference or name != "tensorflow"]
    lacking = [name for name in needed if find_spec(name) is None]
    if not lacking:
        return None
    names = " and ".join(_NEEDED[name][0] for name in lacking)
    extras = ",".join(sorted({_NEEDED[name][1] for name in lacking}))
    verb = "is" if len(lacking) == 1 else "are"
    return (
        f"it imports both programs, and {names} {verb} not installed; get what is missing with "
        f"pip install 'specc[{extras}]', or in a clone of specc with pip install -e '.[{extras}]'"
    )


def import_frameworks(reference: bool = True) -> None:
    """Import the frameworks without their chatter: Keras on TensorFlow, both on the CPU.

    That is the reference; a GPU rounds otherwise. What is imported already stays as it is.
    oneDNN is off: TensorFlow takes its kernels on some processors alone, where its pooling of
    volumes over windows of one kills the process.

    Arguments:
        reference: Whether Keras has to run on TensorFlow, else on PyTorch where that is missing.

    Errors:
        VerifyError: Keras was imported before, on another backend.
    """
    tensorflow = reference or find_spec("tensorflow") is not None
    if "tensorflow" not in sys.modules:
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
        os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "tensorflow" if tensorflow else "torch"
    state = random.getstate()  # from which the imports draw
    with _without_stderr():
        import keras
        import torch  # noqa: F401
    random.setstate(state)
    backend = keras.backend.backend()
    if reference and backend != "tensorflow":
        raise VerifyError(
            f"expected Keras on TensorFlow, found it imported on {backend}; set "
            "KERAS_BACKEND=tensorflow before"
        )


@contextmanager
def settled() -> Iterator[None]:
    """Run programs as if the user had set nothing of Keras, custom layers from the current folder.

    Settings and the states of random generators are as before afterwards.
    """
    import keras
    import numpy as np
    import torch

    config: Any = keras.config
    floatx, policy = config.floatx(), config.dtype_policy()
    axes, epsilon = config.image_data_format(), config.epsilon()
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    config.set_image_data_format("channels_last")
    config.set_epsilon(1e-7)
    log = logging.getLogger("tensorflow")  # which advises on how often graphs are made
    level = log.level
    log.setLevel(logging.ERROR)
    paths, sys.path = sys.path, [os.getcwd(), *sys.path]
    try:
        yield
    finally:
        sys.path = paths
        log.setLevel(level)
        config.set_floatx(floatx)
        config.set_dtype_policy(policy)
        config.set_image_data_format(axes)
        config.set_epsilon(epsilon)
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])


@contextmanager
def _without_stderr() -> Iterator[None]:
    """Drop what is written to standard error, also by TensorFlow's own code in C++."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:
        yield  # there is none
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def versions() -> dict[str, str]:
    """Return the versions of the imported frameworks."""
    import keras
    import tensorflow as tf
    import torch

    return {"Keras": keras.__version__, "TensorFlow": tf.__version__, "PyTorch": torch.__version__}
