"""Runs generated programs one after the other in one process, to import the framework once.

Standard input is a JSON list of jobs: `path`, `arguments`, `folder`, `saved`, `class_name`.
The results are a JSON list of what each printed, or `error` with what went wrong.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any


def run(job: dict[str, Any]) -> dict[str, str]:
    """Import a program, run it, load what it saved; return what it printed."""
    os.chdir(job["folder"])
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            namespace = runpy.run_path(job["path"], run_name="imported")
            if printed.getvalue():
                return {"error": "importing it printed something"}
            sys.argv = [job["path"], *job["arguments"]]
            runpy.run_path(job["path"], run_name="__main__")
            if job["saved"]:
                load(job, namespace)
    except (Exception, SystemExit):
        return {"error": traceback.format_exc()}
    return {"printed": printed.getvalue()}


def load(job: dict[str, Any], namespace: dict[str, Any]) -> None:
    """Load what a program saved."""
    if job["saved"].endswith(".pt"):
        import torch

        namespace[job["class_name"]]().load_state_dict(torch.load(job["saved"]))
    else:
        import keras

        keras.models.load_model(job["saved"])


def main() -> None:
    """Run all jobs; the arguments are the target and where to write what they printed."""
    target, results = sys.argv[1:]
    if target == "keras":
        # What Keras and TensorFlow warn about in their own code is not the programs' fault.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import keras  # noqa: F401
        warnings.filterwarnings("ignore", module=r"(keras|tensorflow)\.")
    found = [run(job) for job in json.load(sys.stdin)]
    Path(results).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
