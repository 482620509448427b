"""Settings of all tests."""

import os
import sys
from collections.abc import Iterator

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Those kernels depend on the machine, and some of them are wrong, see specc/verify/frameworks.py.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


@pytest.fixture(autouse=True)
def _single_precision() -> Iterator[None]:
    """Undo what a pair in float64 sets in Keras, so that no test depends on the one before it."""
    yield
    keras = sys.modules.get("keras")
    if keras is not None:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
