"""The frameworks that run programs: whether they are here, and settings that make runs repeat."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

# The package to import, what people call it, and specc's extra that installs it.
_NEEDED = {
    "torch": ("PyTorch", "torch"),
    "tensorflow": ("TensorFlow", "keras"),
    "keras": ("Keras", "keras"),
    "tqdm": ("tqdm", "torch"),
}


def missing_frameworks() -> str | None:
    """Return what is not installed and how to get it, or None."""
    lacking = [name for name in _NEEDED if find_spec(name) is None]
    if not lacking:
        return None
    names = " and ".join(_NEEDED[name][0] for name in lacking)
    extras = ",".join(sorted({_NEEDED[name][1] for name in lacking}))
    verb = "is" if len(lacking) == 1 else "are"
    return (
        f"this runs both programs, and {names} {verb} not installed; get what is missing with "
        f"pip install 'specc[{extras}]', or in a clone of specc with pip install -e '.[{extras}]'"
    )


@contextmanager
def settled() -> Iterator[None]:
    """Import the frameworks and run them as if no user had set anything, on the CPU.

    Keras runs on TensorFlow, whose programs are the reference. Settings of Keras and the states of
    random generators are as before afterwards.

    Errors:
        RuntimeError: Keras was imported before, on another backend.
    """
    _prepare()
    with _without_stderr():
        import keras
        import numpy as np
        import tensorflow as tf
        import torch
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"expected Keras on TensorFlow, found it imported on {keras.backend.backend()}; set "
            "KERAS_BACKEND=tensorflow before it is imported"
        )
    config: Any = keras.config
    floatx, policy = config.floatx(), config.dtype_policy()
    axes, epsilon = config.image_data_format(), config.epsilon()
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    tf.config.set_soft_device_placement(True)
    config.set_image_data_format("channels_last")
    config.set_epsilon(1e-7)
    try:
        with torch.device("cpu"):
            yield
    finally:
        config.set_floatx(floatx)
        config.set_dtype_policy(policy)
        config.set_image_data_format(axes)
        config.set_epsilon(epsilon)
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])


def _prepare() -> None:
    if "tensorflow" not in sys.modules:
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # a GPU rounds otherwise
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "tensorflow"


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
