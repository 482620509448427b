"""Settings of all tests."""

import gc
import os
import sys
from collections.abc import Iterator

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Those kernels depend on the machine, and some of them are wrong, see specc/verify/frameworks.py.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


def pytest_collection_finish() -> None:
    """Have the garbage collector pass over what was imported, which stays to the end.

    The frameworks are millions of objects; looking at all of them again and again took a tenth of
    the time of the tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(autouse=True)
def _single_precision() -> Iterator[None]:
    """Undo what a pair in float64 sets in Keras, so that no test depends on the one before it."""
    yield
    keras = sys.modules.get("keras")
    if keras is not None:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
