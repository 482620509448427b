"""Runs generated programs one after the other in one process, to import the framework once.

With the option `--quick`, Keras' training is built before its graph is made, and TensorFlow does
not optimize the graph: the same steps of the same program, without what costs more than two epochs
of a dozen samples.

Standard input is a JSON list of jobs: `path`, `arguments`, `folder`, `saved`, `class_name`. A job
may have a `limit`, the most bytes that a file may have, and `interrupt`, after how many seconds
someone presses Ctrl-C. The results are a JSON list of what each printed on both streams, or `error`
with what went wrong; `left` is the status with which a program left before its end.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import resource
import runpy
import signal
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Import a program, run it, load what it saved; return what it printed."""
    os.chdir(job["folder"])
    printed, told, left = io.StringIO(), io.StringIO(), None
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(told):
            namespace = runpy.run_path(job["path"], run_name="imported")
            if printed.getvalue():
                return {"error": "importing it printed something"}
            sys.argv = [job["path"], *job["arguments"]]
            with disturbed(job.get("limit"), job.get("interrupt")):
                left = status_of(job["path"])
            if job["saved"]:
                load(job, namespace)
    except (Exception, SystemExit, KeyboardInterrupt):
        return {"error": traceback.format_exc()}
    return {"printed": printed.getvalue(), "told": told.getvalue(), "left": left}


def status_of(path: str) -> Any:
    """Run a program; return the status with which it leaves, None where it comes to its end."""
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit as error:
        return error.code
    return None


@contextlib.contextmanager
def disturbed(limit: int | None, seconds: float | None) -> Iterator[None]:
    """Have files that become too large fail, as on a full disk, and press Ctrl-C after a time."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, seconds or 0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit or before[0], before[1]))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def load(job: dict[str, Any], namespace: dict[str, Any]) -> None:
    """Load what a program saved."""
    if job["saved"].endswith(".pt"):
        import torch

        namespace[job["class_name"]]().load_state_dict(torch.load(job["saved"]))
    else:
        import keras

        keras.models.load_model(job["saved"])


def build_before_graphs() -> None:
    """Have Keras build the states of optimizer and metrics before it makes the graph of a step.

    It makes that graph twice otherwise, the first time for the variables that it creates therein.
    With a strategy of distribution Keras itself builds them so.
    """
    import keras

    def build(model: Any, iterator: Any = None, data_batch: Any = None) -> None:
        if model.optimizer is not None and not model.run_eagerly:
            model._symbolic_build(iterator=iterator, data_batch=data_batch)

    assert callable(keras.Model._maybe_symbolic_build)
    keras.Model._maybe_symbolic_build = build


def leave_graphs() -> None:
    """Have TensorFlow run graphs as they are made."""
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def import_keras() -> None:
    """Import Keras; what it and TensorFlow warn about in their own code is not programs' fault."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras  # noqa: F401
    warnings.filterwarnings("ignore", module=r"(keras|tensorflow)\.")


def main() -> None:
    """Run all jobs; the arguments are the target and where to write what they printed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("results", type=Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.target == "keras":
        import_keras()
        if options.quick:
            build_before_graphs()
            leave_graphs()
    gc.freeze()  # the framework stays, so that nobody need look through it for garbage
    found = [run(job) for job in json.load(sys.stdin)]
    options.results.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
