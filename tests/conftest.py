"""Settings of all tests."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Those kernels depend on the machine, and some of them are wrong, see specc/verify/frameworks.py.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
